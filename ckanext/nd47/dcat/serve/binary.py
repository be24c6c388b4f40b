"""Large values as the database has them.

psycopg2 asks for text alone: a page of N-Triples would be brought to text by PostgreSQL, to a `str`
by psycopg2 and to bytes again, in 16 ms where COPY in its binary format takes 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ckan import model

_BUFFER = 1 << 20
_SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
"""Behind it come flags and the length of what else the header has."""

_TWO, _FOUR = struct.Struct("!h"), struct.Struct("!i")
_END = -1

Content = bytes | memoryview
"""What was fetched, where it came to lie: to take it out would copy it."""

_DIALECT: Any = postgresql.dialect(paramstyle="pyformat")


class _Messages(list[bytes]):
    """What the database sends, as it comes: one message for each row."""

    write = list[bytes].append


def rows(statement: sa.TextClause, values: Mapping[str, Any]) -> list[tuple[Content, ...]]:
    """Return the rows of a statement, in the transaction of CKAN's session.

    Args:
        statement: selects columns of type `bytea` or `text` alone, none of them NULL.
        values: of its parameters.
    """
    cursor: Any = model.Session.connection().connection.cursor()
    messages = _Messages()
    try:
        text = cursor.mogrify(_compiled(statement), values).decode()
        cursor.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT binary)", messages, _BUFFER)
    finally:
        cursor.close()
    return [row for message in messages for row in _tuples(message)]


@lru_cache(maxsize=64)
def _compiled(statement: sa.TextClause) -> str:
    return str(statement.compile(dialect=_DIALECT))


def _tuples(message: bytes) -> Iterator[tuple[Content, ...]]:
    """Read the binary format (manual of PostgreSQL, COPY, "Binary Format").

    A message of the server holds whole rows (manual, "COPY Operations"); the header comes with the
    first of them, the end in one of its own or with the last.
    """
    content = memoryview(message)
    place = 0
    if message.startswith(_SIGNATURE):
        place = len(_SIGNATURE) + _FOUR.size
        place += _FOUR.size + _FOUR.unpack_from(content, place)[0]
    while place < len(content) and (fields := _TWO.unpack_from(content, place)[0]) != _END:
        place += _TWO.size
        found = []
        for _ in range(fields):
            start = place + _FOUR.size
            place = start + _FOUR.unpack_from(content, place)[0]
            found.append(content[start:place])
        yield tuple(found)
