"""Functions of the templates."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.bulk import editable, selection
from ckanext.nd47.lib.web import http

__all__ = ["nd47_change_many_address", "nd47_may_change_many"]


def nd47_may_change_many() -> bool:
    """Return whether the account of the request edits the datasets of any agency."""
    if not tk.g.get("user"):
        return False
    seen = editable.of(http.user_context())
    return seen.everything or bool(seen.edits)


def nd47_change_many_address() -> str:
    """Return the address where all that the page of a search finds can be changed."""
    search = selection.search_of(tk.request.args.items(multi=True))
    return selection.address("nd47_desk_bulk.datasets", selection.as_parameters(search))
