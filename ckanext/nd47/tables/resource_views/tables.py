"""Reads tables of the DataStore: one read-only transaction with a limit of time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from ckanext.datastore.backend import postgres

SECONDS = 5.0
"""After which PostgreSQL ends a statement."""

_CANCELLED = "57014"


class TooLongError(Exception):
    """The statement would have taken longer than `SECONDS`."""


@contextmanager
def reading() -> Iterator[sa.Connection]:
    """Provide a connection to the DataStore that cannot write.

    Raises:
        TooLongError: a statement took too long.
    """
    try:
        with postgres.get_read_engine().connect() as connection, connection.begin():
            connection.execute(sa.text(f"SET LOCAL statement_timeout = {int(SECONDS * 1000)}"))
            yield connection
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", "") == _CANCELLED:
            raise TooLongError from error
        raise


def table(resource_id: str, names: list[str]) -> sa.TableClause:
    """Return a table of the DataStore with these columns."""
    return sa.table(resource_id, *(sa.column(name) for name in names))
