"""Finds the index of the words of a table, and lets the database use it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ckanext.nd47.lib import table_words
from ckanext.nd47.lib.table_words import WordIndex

_EXISTS = sa.text("SELECT to_regclass(:name) IS NOT NULL")

# PostgreSQL takes the expression of the index for a tenth of its cost, and the words for evenly
# spread. It would compute the words of row after row in the order of the file, which takes half a
# minute where the words are at its end. The bitmap of a table of many million rows needs more than
# the usual memory.
_PREFER = sa.text(
    "SELECT set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true),"
    " set_config('cpu_operator_cost', '0.025', true), set_config('work_mem', '64MB', true)"
)


def find(connection: Connection, table: str, types: Mapping[str, str]) -> WordIndex | None:
    """Return the index of the words of a table, None without one.

    Args:
        connection: of the DataStore.
        table: name of the table.
        types: the types of its columns by their names, in the order of the table.
    """
    name = table_words.index_name(table, types)
    is_there = connection.execute(_EXISTS, {"name": name}).scalar()
    return table_words.of_columns(types) if is_there else None


def prefer(connection: Connection) -> None:
    """Let the statements of this transaction find rows by an index of words."""
    connection.execute(_PREFER)
