"""The action of CKAN that gives resources their views."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale

import ckan.plugins.toolkit as tk
from ckan.types import Action, Context, DataDict

from ckanext.nd47.tables.resource_views import defaults

__all__ = ["resource_create_default_resource_views"]


@tk.chained_action
def resource_create_default_resource_views(
    original: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Give a resource its default views, the best first, and a table with places its map."""
    # Titles are stored: they are in the language of the portal, also if a job makes them.
    with force_locale(tk.config["ckan.locale_default"]):
        created: list[dict[str, Any]] = original(context, data_dict)
        resource = data_dict["resource"]
        if tk.asbool(data_dict.get("create_datastore_views", False)):
            created += defaults.complete(context, resource, data_dict.get("package"))
    if created:
        defaults.arrange(resource["id"], [view["id"] for view in created])
    return created
