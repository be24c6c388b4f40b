"""Asks the DataStore for the rows of a table, as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.tables.datastore.dictionary.columns import TableColumn
from ckanext.nd47.tables.resource_views.table_view import query as queries
from ckanext.nd47.tables.resource_views.table_view.query import Query

AT_ONCE = 10_000
"""Rows of a download that are read with one statement."""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Rows of a page, and how many there are on all pages."""

    records: Sequence[Record]
    total: int


def page(context: Context, resource_id: str, query: Query, columns: Sequence[TableColumn]) -> Page:
    """Return the rows of a page; none for a query with errors.

    Raises:
        ckan.plugins.toolkit.NotAuthorized: the reader may not see the file.
        ckan.plugins.toolkit.ObjectNotFound: it has no table.
    """
    if query.errors:
        return Page((), 0)
    found = tk.get_action("datastore_search")(
        context,
        {
            "resource_id": resource_id,
            "limit": query.size,
            "offset": (query.page - 1) * query.size,
            **queries.search(query, columns),
        },
    )
    return Page(found["records"], found["total"])


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
        found = tk.get_action("datastore_search")(
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
        records = found["records"]
        yield from records
        # The portal may allow fewer rows at once.
        if len(records) < found["limit"]:
            return
        offset += len(records)
        after = found.get("next_page") or {}
