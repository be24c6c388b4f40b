"""Chained actions that normalise datasets, organisations and groups when they are saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.l10n import spelling
from ckanext.nd47.lib import inputs

__all__ = [
    "group_create",
    "group_update",
    "organization_create",
    "organization_update",
    "package_create",
    "package_update",
]

Action = Callable[[Context, DataDict], Any]


def _create(original_action: Action, context: Context, data_dict: DataDict, kind: str) -> Any:
    inputs.require_access(f"{kind}_create", context, data_dict)
    record = _normalised(data_dict if kind == "package" else inputs.group_input(data_dict))
    table = model.Package if kind == "package" else model.Group
    return original_action(context, spelling.with_name(record, table))


def _update(original_action: Action, context: Context, data_dict: DataDict, kind: str) -> Any:
    inputs.require_access(f"{kind}_update", context, data_dict)
    record = _normalised(data_dict if kind == "package" else inputs.group_input(data_dict))
    return original_action(context, record)


def _normalised(data_dict: DataDict) -> dict[str, Any]:
    try:
        return spelling.normalised(data_dict)
    except spelling.TooManyTagsError as error:
        message = tk._("There are too many keywords: at most {limit}.").format(
            limit=spelling.MAX_TAGS
        )
        raise tk.ValidationError({"tags": [{"name": [message]}]}) from error


@tk.chained_action
def package_create(original_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset; if it has no name, it gets one from its title."""
    return _create(original_action, context, data_dict, "package")


@tk.chained_action
def package_update(original_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset."""
    return _update(original_action, context, data_dict, "package")


@tk.chained_action
def organization_create(original_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create an organisation; if it has no name, it gets one from its title."""
    return _create(original_action, context, data_dict, "organization")


@tk.chained_action
def organization_update(original_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update an organisation."""
    return _update(original_action, context, data_dict, "organization")


@tk.chained_action
def group_create(original_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a group; if it has no name, it gets one from its title."""
    return _create(original_action, context, data_dict, "group")


@tk.chained_action
def group_update(original_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a group."""
    return _update(original_action, context, data_dict, "group")
