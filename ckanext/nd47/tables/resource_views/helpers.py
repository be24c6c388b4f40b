"""Template helpers of the views."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.tables.resource_views.chart import words
from ckanext.nd47.tables.resource_views.chart.choice import PARAMETERS
from ckanext.nd47.tables.resource_views.defaults import Best, best

__all__ = ["nd47_best_view", "nd47_cell", "nd47_own_views", "nd47_view_arguments"]

_OWN = {
    "nd47_table": "nd47_tables",
    "nd47_map_view": "nd47_map_view",
    "nd47_chart_view": "nd47_chart_view",
    "nd47_document_view": "nd47_document_view",
}
"""Types of views that stand in the page itself, and their plugins."""


def nd47_own_views() -> frozenset[str]:
    """Return the types of views that stand in the page itself."""
    return frozenset(name for name, plugin in _OWN.items() if p.plugin_loaded(plugin))


def nd47_cell(value: Any) -> str:
    """Return a value of a place as people write it."""
    if isinstance(value, bool) or value is None:
        return {True: "✓", False: "–", None: ""}[value]
    return words.number(value) if isinstance(value, (int, float)) else str(value)


def nd47_view_arguments() -> dict[str, str]:
    """Return what the address of the request chooses for a view: columns, form, legend."""
    names = (*PARAMETERS, "legend")
    return {name: tk.request.args[name] for name in names if tk.request.args.get(name)}


def nd47_best_view(dataset: dict[str, Any]) -> Best | None:
    """Return the best view of the files of a dataset; None if there is none."""
    return best(dataset, nd47_own_views())
