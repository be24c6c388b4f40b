"""The DataStore's own action, so that both ways to describe columns are one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Action, Context, DataDict

from ckanext.nd47.tables.datastore.dictionary import update

__all__ = ["datastore_create"]


@tk.chained_action
def datastore_create(original_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Write what a call says about columns into the data dictionary of the resource as well."""
    fields = data_dict.get("fields")
    field_list: list[Any] = fields if isinstance(fields, list) else []
    changes = update.of_infos([field for field in field_list if isinstance(field, Mapping)])
    result = original_action(context, data_dict)
    resource_id = result.get("resource_id") if result else None
    if changes and resource_id and not context.get(update.FROM_DICTIONARY):
        # The action has found that the account may edit the resource.
        allowed = tk.fresh_context(context, ignore_auth=True)
        resource = tk.get_action("resource_show")(allowed, {"id": resource_id})
        update.save(allowed, resource, changes)
    return result
