"""Actions of the plugin `nd47`."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Action, Context, DataDict

from ckanext.nd47 import inputs
from ckanext.nd47.metadata import form, settings
from ckanext.nd47.metadata.logic.rule_action import (
    bulk_update_public,
    nd47_rule_check,
    nd47_rule_list,
    resource_create,
    resource_delete,
    resource_update,
)
from ckanext.nd47.metadata.rules import saving

__all__ = [
    "bulk_update_public",
    "nd47_rule_check",
    "nd47_rule_list",
    "nd47_settings_reset",
    "package_create",
    "package_patch",
    "package_update",
    "resource_create",
    "resource_delete",
    "resource_update",
]


@tk.chained_action
def package_create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset from input that was put in order, unless it may not be published."""
    inputs.need_access("package_create", context, data_dict)
    return saving.create(next_action, context, form.new(data_dict))


@tk.chained_action
def package_update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset from input that was put in order, unless it may not be published."""
    inputs.need_access("package_update", context, data_dict)
    return saving.update(next_action, context, form.change(data_dict))


@tk.chained_action
def package_patch(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Patch a dataset, from input that was put in order."""
    inputs.need_access("package_patch", context, data_dict)
    return next_action(context, form.change(data_dict))


def nd47_settings_reset(context: Context, data_dict: DataDict) -> list[str]:
    """Forget the options of the suite that were changed at run time.

    :returns: the options that follow the configuration file again
    :rtype: list of strings
    """
    tk.check_access("config_option_update", context, data_dict)
    return settings.reset()
