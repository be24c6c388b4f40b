"""Template helpers for lists of datasets and their facets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypedDict
from urllib.parse import quote_plus

from dominate import tags
from jinja2.utils import urlize
from markupsafe import Markup

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page

from ckanext.nd47.agencies import directory
from ckanext.nd47.metadata import dataset_reader, dataset_show, update_state
from ckanext.nd47.metadata.pages.helpers import covered_periods, nd47_day
from ckanext.nd47.metadata.search import agency_tree, facets, index

__all__ = [
    "markdown_extract",
    "nd47_facet",
    "nd47_facet_label",
    "nd47_filter_labels",
    "nd47_filter_titles",
    "nd47_linked",
    "nd47_listed",
    "nd47_pager",
    "nd47_sorting",
    "nd47_suggested_themes",
    "nd47_without_filters",
]


MOST_EXCERPTS = 1024
"""Excerpts that a process keeps; making one takes a third of what a row of a list takes."""

LONGEST_KEPT = 4_000
"""Maximum number of characters of a text whose excerpt is kept."""


class Facet(TypedDict):
    """A facet on a page.

    Attributes:
        items: the values with `name`, `display_name`, `count`, `active`, `href` of the page with
            the value added or removed, and `level` in the tree.
        has_more: whether there are values that the page does not show.
        is_cut: whether there are more values than a page ever shows.
        is_active: whether a value is chosen.
    """

    items: list[dict[str, Any]]
    has_more: bool
    is_cut: bool
    is_active: bool


def nd47_facet(name: str, search_facets: Mapping[str, Any], **address: Any) -> Facet:
    """Return the values of a facet in the order of the page, at most as many as it shows.

    The chosen values are always among them. Years come newest first, states with the most urgent
    first, agencies below their superior agencies, all others by their number of datasets.

    Args:
        name: the field.
        search_facets: facets of the search.
        **address: `extras` and `alternative_url` of CKAN's `h.add_url_param`.
    """
    values = tk.h.get_facet_items_dict(name, search_facets, 0)
    if name == index.YEAR:
        values.sort(key=lambda item: item["name"], reverse=True)
    elif name == facets.UPDATE_STATE:
        values.sort(key=lambda item: update_state.STATES.index(item["name"]))
    shown_at_first = tk.config["search.facets.default"]
    limit = tk.h.get_param_int(f"_{name}_limit", shown_at_first) or facets.MOST_VALUES
    limit = min(max(limit, 1), facets.MOST_VALUES)
    items = [item for place, item in enumerate(values) if place < limit or item["active"]]
    if name == facets.AGENCY:
        by_name = {item["name"]: item for item in items}
        arranged = agency_tree.read().arranged(by_name)
        items = [{**by_name[agency], "level": level} for agency, level in arranged]
    if items:
        # The address without the value is made once, not for each value.
        start = tk.h.add_url_param(new_params={name: ""}, **address)
        for item in items:
            chosen = item["active"]
            item["href"] = (
                tk.h.remove_url_param(name, item["name"], **address)
                if chosen
                else start + quote_plus(item["name"])
            )
    return Facet(
        items=items,
        has_more=len(values) > len(items) and limit < facets.MOST_VALUES,
        is_cut=limit == facets.MOST_VALUES <= len(values),
        is_active=any(item["active"] for item in items),
    )


def nd47_filter_titles(shown: Mapping[str, str] | None) -> dict[str, str]:
    """Return the titles of filters by Solr field, also of those that are no facet of the page."""
    return facets.titles_of_filters(shown or {})


def nd47_without_filters(fields: Mapping[str, Any]) -> str:
    """Return the address of the page without its filters, with the words and the order.

    Args:
        fields: titles of the facets, or values of the filters, by Solr field.
    """
    filters = sorted({*fields, facets.OWNER})
    return tk.h.remove_url_param([*filters, *(f"_{field}_limit" for field in filters)])


def nd47_facet_label(item: Mapping[str, Any]) -> str:
    """Return the label of a facet value in full, since names of agencies differ at their end."""
    return item["display_name"]


def nd47_filter_labels(filters: Mapping[str, list[str]] | None) -> dict[tuple[str, str], str]:
    """Return the labels of the active filters of a list of datasets."""
    return facets.labels(filters or {})


class ListedDataset(TypedDict):
    """What a list shows of a dataset.

    `agency` is the title of the provider, `agency_name` its name in URLs; `updated` and `period`
    are texts to show, `files` is the number of resources.
    """

    agency: str
    agency_name: str
    updated: str
    period: str
    state: update_state.State
    files: int


def nd47_listed(dataset: Mapping[str, Any]) -> ListedDataset:
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


@tk.chained_helper
def markdown_extract(next_helper: Callable[..., str], text: str, extract_length: int = 190) -> str:
    """Return the beginning of a text without Markdown; it is kept for the next page."""
    if not isinstance(text, str) or len(text) > LONGEST_KEPT:
        return next_helper(text, extract_length)
    return _excerpt(next_helper, text, extract_length)


@lru_cache(maxsize=MOST_EXCERPTS)
def _excerpt(next_helper: Callable[..., str], text: str, extract_length: int) -> str:
    return next_helper(text, extract_length)


@lru_cache(maxsize=MOST_EXCERPTS)
def nd47_linked(text: str) -> Markup:
    """Return an excerpt for a page, with its addresses as links, as the filter `urlize` does."""
    return Markup(urlize(text, rel="noopener"))  # noqa: S704 - urlize escapes the text


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


def nd47_suggested_themes(words: str, limit: int) -> list[dict[str, str]]:
    """Return title and address of fields whose label contains words, if they have datasets.

    For the suggestions of the plugin `nd47_l10n`. The datasets are those that the user may see.
    """
    return facets.suggested_themes(words, limit)


def nd47_pager(page: Page, **query: Any) -> Markup:
    """Return CKAN's pagination with accessible names for the two arrows; none beyond the end."""
    if not page.items:
        return Markup("")
    return page.pager(
        symbol_previous=_arrow("left", tk._("Previous page")),
        symbol_next=_arrow("right", tk._("Next page")),
        **query,
    )


def _arrow(direction: str, name: str) -> Any:  # dominate types its tags as decorators too
    arrow = tags.i(cls=f"fa-solid fa-chevron-{direction}", aria_hidden="true")
    return tags.span(arrow, tags.span(name, cls="visually-hidden"))
