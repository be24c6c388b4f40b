"""Finds the rows that a search has, up to a limit, before they are read.

`datastore_search` finds all of them twice, to sort and to count them, which takes a second where a
search has most of a million rows. Here they are found once, and no more of them than a page needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.datastore import interfaces
from ckanext.datastore.backend import DatastoreBackend, postgres

_SECONDS = 60
_LIMIT = "nd47_limit"


@dataclass(frozen=True)
class Found:
    """The rows of a search.

    Attributes:
        ids: values of `_id` in their order; if there are more rows than the limit, one more than it
            says, and not necessarily the first ones.
        most: the limit.
    """

    ids: Sequence[int]
    most: int

    @property
    def are_more(self) -> bool:
        """Whether there are more rows than the limit."""
        return len(self.ids) > self.most


def up_to(context: Context, resource_id: str, asked: Mapping[str, Any], most: int) -> Found:
    """Return the rows that a search has, as far as there are not more than `most`.

    Args:
        context: of who searches.
        resource_id: the resource of the table.
        asked: the parameters of `datastore_search` that choose rows.
        most: the limit.

    Raises:
        ckan.plugins.toolkit.NotAuthorized: the reader may not see the file.
        ckan.plugins.toolkit.ObjectNotFound: it has no table.
        ckan.plugins.toolkit.ValidationError: the table cannot be searched like this.
    """
    own: Any = tk.fresh_context(context)
    tk.check_access("datastore_search", own, {"resource_id": resource_id})
    if not DatastoreBackend.get_active_backend().resource_exists(resource_id):
        raise tk.ObjectNotFound
    data = {"resource_id": resource_id, "limit": 0, "records_format": "objects", **asked}
    engine = postgres.get_read_engine()
    postgres._cache_types(engine)  # noqa: SLF001 - as CKAN's search does  # pyright: ignore[reportPrivateUsage]
    try:
        with engine.connect() as connection:
            own["connection"] = connection
            connection.execute(sa.text(f"SET LOCAL statement_timeout = '{_SECONDS}s'"))
            return Found(sorted(_ids(own, data, most + 1)), most)
    except DBAPIError as error:
        raise tk.ValidationError(
            {"q": [tk._("The table cannot be searched like this.")]}
        ) from error


def _ids(context: Any, data: dict[str, Any], limit: int) -> list[int]:
    """Run the statement of CKAN's search without its columns and its order."""
    postgres.validate(context, data)
    resource_id = data["resource_id"]
    types = postgres._get_fields_types(context["connection"], resource_id)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    query: dict[str, Any] = {"select": [], "sort": [], "where": []}
    for plugin in p.PluginImplementations(interfaces.IDatastore):
        query = plugin.datastore_search(context, data, types, query)
    where, values = postgres._where(query["where"])  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    statement = (  # the conditions are CKAN's
        f"SELECT _id FROM {postgres.identifier(resource_id)} {query['ts_query']}"  # noqa: S608
        f" {where} LIMIT :{_LIMIT}"
    )
    result = postgres._execute_single_statement(context, statement, [*values, {_LIMIT: limit}])  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return list(result.scalars())
