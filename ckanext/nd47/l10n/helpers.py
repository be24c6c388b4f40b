"""Template helpers: Vietnamese dates, and facets in Vietnamese order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from flask_babel import get_locale

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError
from ckan.types import Context

from ckanext.nd47.l10n.uploads import ORIGINAL_NAME
from ckanext.nd47.lib.language.text import sort_key

__all__ = [
    "format_resource_items",
    "get_facet_items_dict",
    "nd47_did_you_mean",
    "nd47_translated",
    "render_datetime",
]

DATE = "%d/%m/%Y"
MINUTES = " %H:%M"
SECONDS = " %H:%M:%S"


@tk.chained_helper
def render_datetime(
    next_helper: Callable[..., str],
    datetime_: datetime | str | None,
    date_format: str | None = None,
    with_hours: bool = False,
    with_seconds: bool = False,
) -> str:
    """Render a date as 22/11/2026, with the time as 22/11/2026 15:04, in Vietnamese pages.

    CKAN's pattern gives "tháng 11 22, 2026, 15:04 (+0700)". Other languages and explicit formats
    are left to CKAN.

    Args:
        next_helper: CKAN's `render_datetime`, which converts to the portal's time zone.
        datetime_: a date, or its ISO text.
        date_format: a `strftime` pattern, empty for the default format of the language.
        with_hours: add hours and minutes.
        with_seconds: add hours, minutes and seconds.
    """
    if not date_format and str(get_locale()) == "vi":
        date_format = DATE + (SECONDS if with_seconds else MINUTES if with_hours else "")
    return next_helper(_naive(datetime_), date_format, with_hours, with_seconds)


def _naive(moment: datetime | str | None) -> datetime | str | None:
    """Return a moment with a time zone in UTC and without it: CKAN converts naive ones alone."""
    try:
        read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError:
        return moment
    if read is None or read.tzinfo is None:
        return moment
    return read.astimezone(timezone.utc).replace(tzinfo=None)


@tk.chained_helper
def format_resource_items(
    next_helper: Callable[..., list[tuple[str, Any]]], items: list[tuple[str, Any]]
) -> list[tuple[str, Any]]:
    """Leave the original name of the file out of the table of a resource's fields."""
    return next_helper([item for item in items if item[0] != ORIGINAL_NAME])


@tk.chained_helper
def get_facet_items_dict(
    next_helper: Callable[..., list[dict[str, Any]]],
    facet: str,
    search_facets: dict[str, dict[str, Any]],
    limit: int | None = None,
    exclude_active: bool = False,
) -> list[dict[str, Any]]:
    """Return the values of a facet, sorted by count, then in Vietnamese order.

    Args:
        next_helper: CKAN's helper, called without a limit, which is applied after sorting.
        facet: the field.
        search_facets: facets of a search; undefined if the search was refused.
        limit: maximum number of values; 0 for all, None for the limit of the page or the portal.
        exclude_active: leave out the selected values.
    """
    if not search_facets:
        return []
    items = next_helper(facet, search_facets, 0, exclude_active)
    items.sort(key=lambda item: (-item["count"], sort_key(item["display_name"])))
    if limit is None:
        limit = tk.h.get_param_int(f"_{facet}_limit", tk.config["search.facets.default"])
    return items[:limit] if limit else items


def nd47_translated(text: str) -> str:
    """Return the translation of a text that is known only at run time, to be escaped.

    The function `_` of templates returns markup and interprets `%`, so it is for literals only.
    """
    return tk._(text) if text else ""


FEW = 10
"""Number of datasets up to which other words are suggested for a query."""


def nd47_did_you_mean(query: str | None, count: int | None) -> list[dict[str, Any]]:
    """Return other words for a query that finds little, each with its address.

    Args:
        query: the query as typed.
        count: number of datasets that it finds; None if the search failed.
    """
    if not query or (count or 0) > FEW:
        return []
    try:
        corrections = tk.get_action("nd47_search_corrections")(Context(), {"q": query})
    except (tk.NotAuthorized, SearchError):
        return []
    return [
        {**correction, "url": tk.h.url_for("dataset.search", q=correction["text"])}
        for correction in corrections
    ]
