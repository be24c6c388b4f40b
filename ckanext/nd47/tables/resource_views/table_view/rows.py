"""Asks the DataStore for the rows of a table, as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.tables.datastore.dictionary.columns import ROW_NUMBER, TableColumn
from ckanext.nd47.tables.resource_views.table_view import counting
from ckanext.nd47.tables.resource_views.table_view import query as queries
from ckanext.nd47.tables.resource_views.table_view.query import Query

AT_ONCE = 10_000
"""Rows of a download that are read with one statement."""

MOST_FOUND = 10_000
"""Rows that a search has at least, if the page says only that there are more."""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Rows of a page.

    Attributes:
        records: the rows.
        total: how many there are on all pages.
        is_more: whether there are more than `total`, and nobody has counted them.
    """

    records: Sequence[Record]
    total: int
    is_more: bool = False


def page(context: Context, resource_id: str, query: Query, columns: Sequence[TableColumn]) -> Page:
    """Return the rows of a page; none for a query with errors.

    Raises:
        ckan.plugins.toolkit.NotAuthorized: the reader may not see the file.
        ckan.plugins.toolkit.ObjectNotFound: it has no table.
    """
    if query.errors:
        return Page((), 0)
    asked = queries.search(query, columns)
    if query.is_counted or not any(_conditions(asked).values()):
        # The DataStore keeps the number of all rows.
        result = _search(context, resource_id, query, asked, include_total=True)
        return Page(result["records"], result["total"])
    matching = counting.up_to(context, resource_id, _conditions(asked), MOST_FOUND)
    total, is_more = min(len(matching.ids), MOST_FOUND), matching.are_more
    if not matching.ids:
        return Page((), 0)
    if not query.sort:
        start = (query.page - 1) * query.size
        end = start + query.size
        if not is_more:
            ids = matching.ids[start:end]
            asked = {"filters": {ROW_NUMBER: ids}}
            result = _search(context, resource_id, replace(query, page=1), asked)
            return Page(result["records"], total)
        if end <= MOST_FOUND:
            # At least so many rows have no higher number, so the page is among them.
            filters = {**asked["filters"], ROW_NUMBER: {"lte": matching.ids[-1]}}
            asked = {**asked, "filters": filters}
    result = _search(context, resource_id, query, asked)
    return Page(result["records"], total, is_more)


def _search(
    context: Context,
    resource_id: str,
    query: Query,
    asked: Mapping[str, Any],
    *,
    include_total: bool = False,
) -> dict[str, Any]:
    return tk.get_action("datastore_search")(
        tk.fresh_context(context),
        {
            "resource_id": resource_id,
            "limit": query.size,
            "offset": (query.page - 1) * query.size,
            "include_total": include_total,
            **asked,
        },
    )


def are_more(
    context: Context, resource_id: str, query: Query, columns: Sequence[TableColumn], most: int
) -> bool:
    """Return whether a query without errors has more than a number of rows.

    Raises:
        ckan.plugins.toolkit.NotAuthorized: the reader may not see the file.
    """
    asked = _conditions(queries.search(query, columns))
    return counting.up_to(context, resource_id, asked, most).are_more


def _conditions(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name != "sort"}


def every(
    context: Context, resource_id: str, query: Query, columns: Sequence[TableColumn]
) -> Iterator[Record]:
    """Yield all rows of a query without errors, in its order.

    Raises:
        ckan.plugins.toolkit.NotAuthorized: the reader may not see the file.
        ckan.plugins.toolkit.ObjectNotFound: it has no table.
    """
    asked = queries.search(query, columns)
    filters = dict(asked.pop("filters"))
    offset = 0
    after: dict[str, Any] = {}
    while True:
        result = tk.get_action("datastore_search")(
            tk.fresh_context(context),
            {
                "resource_id": resource_id,
                "limit": AT_ONCE,
                "offset": 0 if after else offset,
                "include_total": False,
                "include_next_page": True,
                "filters": {**filters, **after},
                **asked,
            },
        )
        records = result["records"]
        yield from records
        # The portal may allow fewer rows at once.
        if len(records) < result["limit"]:
            return
        offset += len(records)
        after = result.get("next_page") or {}
