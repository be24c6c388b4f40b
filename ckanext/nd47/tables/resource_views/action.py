"""The action of CKAN that gives resources their views."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from flask import has_request_context
from flask_babel import force_locale

import ckan.plugins.toolkit as tk
from ckan.types import Action, Context, DataDict

from ckanext.nd47.lib.language import speaking
from ckanext.nd47.tables.resource_views import defaults

__all__ = ["resource_create_default_resource_views"]


@tk.chained_action
def resource_create_default_resource_views(
    original: Action, context: Context, data_dict: DataDict
) -> list[dict[str, Any]]:
    """Give a resource its default views, the best first, and a table with places its map."""
    if "resource" not in data_dict:
        # CKAN's action refuses this, in the language of the reader.
        refused: list[dict[str, Any]] = original(context, data_dict)
        return refused
    # Titles are stored: they are in the language of the portal, also if a job makes them.
    with _in_language_of_portal():
        created: list[dict[str, Any]] = original(context, data_dict)
        resource = data_dict["resource"]
        if tk.asbool(data_dict.get("create_datastore_views", False)):
            created += defaults.complete(context, resource, data_dict.get("package"))
    if created:
        defaults.arrange(resource["id"], [view["id"] for view in created])
    return created


def _in_language_of_portal() -> AbstractContextManager[None]:
    language = tk.config["ckan.locale_default"]
    # Without a request there is nothing whose language could be forced.
    return force_locale(language) if has_request_context() else speaking.in_language(language)
