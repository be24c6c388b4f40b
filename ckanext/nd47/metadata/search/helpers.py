"""Template helpers for lists of datasets and their facets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dominate import tags
from markupsafe import Markup

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page

from ckanext.nd47.agencies import directory
from ckanext.nd47.metadata import dataset_reader, dataset_show, update_state
from ckanext.nd47.metadata.pages.helpers import covered_periods, nd47_day
from ckanext.nd47.metadata.search import facets, index

__all__ = [
    "nd47_facet_label",
    "nd47_filter_labels",
    "nd47_listed",
    "nd47_pager",
    "nd47_sorting",
]


def nd47_facet_label(item: Mapping[str, Any]) -> str:
    """Return the label of a facet value in full, since names of agencies differ at their end."""
    return item["display_name"]


def nd47_filter_labels(filters: Mapping[str, list[str]] | None) -> dict[tuple[str, str], str]:
    """Return the labels of the active filters of a list of datasets."""
    return facets.labels(filters or {})


def nd47_listed(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list shows of a dataset, without a query for each dataset."""
    agency = dataset.get("organization") or {}
    provider = directory.get(dataset.get("owner_org")) if agency else None
    return {
        "agency": directory.display_title(provider) if provider else agency.get("title") or "",
        "agency_name": agency.get("name") or "",
        "updated": nd47_day(dataset_reader.updated(dataset)),
        "period": covered_periods(dataset),
        "state": dataset.get(dataset_show.UPDATE_STATE) or update_state.of(dataset),
        "files": len(dataset.get("resources") or []),
    }


def nd47_sorting(query: str) -> list[tuple[str, str]]:
    """Return the sort orders of a list of datasets; by relevance only with search terms."""
    orders = [
        (tk._("Date of the data, newest first"), f"{index.DATA_DATE} desc"),
        (tk._("Name Ascending"), "title_string asc"),
        (tk._("Name Descending"), "title_string desc"),
        (tk._("Last Modified"), "metadata_modified desc"),
    ]
    relevance = (tk._("Relevance"), "score desc, metadata_modified desc")
    most_used = (tk._("Most used"), "views_recent desc")
    return [
        *([relevance] if query else []),
        *orders,
        *([most_used] if p.plugin_loaded("tracking") else []),
    ]


def nd47_pager(page: Page, **query: Any) -> Markup:
    """Return CKAN's pagination with accessible names for the two arrows."""
    return page.pager(
        symbol_previous=_arrow("left", tk._("Previous page")),
        symbol_next=_arrow("right", tk._("Next page")),
        **query,
    )


def _arrow(direction: str, name: str) -> Any:  # dominate types its tags as decorators too
    arrow = tags.i(cls=f"fa-solid fa-chevron-{direction}", aria_hidden="true")
    return tags.span(arrow, tags.span(name, cls="visually-hidden"))
