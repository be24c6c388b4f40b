"""Functions of the templates."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.bulk import selection

__all__ = ["nd47_spreadsheet_address"]


def nd47_spreadsheet_address() -> str:
    """Return the address where all that the page of a search finds can be downloaded."""
    search = selection.search_of(tk.request.args.items(multi=True))
    return selection.address("nd47_spreadsheet.index", selection.as_parameters(search))
