"""Actions of the plugin `nd47`."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Action, Context, DataDict

from ckanext.nd47.metadata import form

__all__ = ["package_create", "package_patch", "package_update"]


@tk.chained_action
def package_create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset, from input whose groups of subfields were put in order."""
    return next_action(context, form.tidy(data_dict))


@tk.chained_action
def package_update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset, from input whose groups of subfields were put in order."""
    return next_action(context, form.tidy(data_dict))


@tk.chained_action
def package_patch(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Patch a dataset, from input whose groups of subfields were put in order."""
    return next_action(context, form.tidy(data_dict))
