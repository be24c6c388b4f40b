"""An index of the words of a table in the DataStore, without extensions or functions of its own.

A search for words in any spelling compares the rows one by one, which takes seconds for a million
rows. The index finds the rows that have all words without their diacritics; the search then
compares only these. It is an index on an expression, so the table has no further column.

Only words of letters are looked up: numbers may stand in columns that are no text, whose form
depends on the settings of the database.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from ckanext.nd47.lib.language import text

LEAST_ROWS = 20_000
"""Rows from which on a table has the index; fewer are compared as fast."""

MOST_COLUMNS = 100
"""Columns of text of a table with the index."""

_LONGEST_ROW = 200_000
"""Characters of a row that are looked up: PostgreSQL has at most a megabyte of words."""

_SIGNS = "đĐ\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
_ALPHABETIC = re.compile(r"[a-z]{1,60}")


def expression(columns: Sequence[str]) -> str:
    """Return the SQL expression of the words of a row, as SQLAlchemy's `text` takes it.

    Args:
        columns: its columns of text, in the order of the table.
    """
    row = " || ' ' || ".join(f"coalesce({quoted(column)}, '')" for column in columns)
    # Decomposed, there are ten signs to replace, not two hundred letters: `translate` compares each
    # letter with all of them.
    letters = f"lower(translate(normalize({row}, NFD), '{_SIGNS}', 'dd'))"
    words = f"regexp_replace(left({letters}, {_LONGEST_ROW}), '[^a-z0-9]+', ' ', 'g')"
    return f"to_tsvector(CAST('simple' AS regconfig), {words})"


def index_name(table: str, columns: Sequence[str]) -> str:
    """Return the name of the index; it says which columns the index has."""
    digest = hashlib.sha256("\0".join((table, *columns)).encode()).hexdigest()
    return f"nd47_words_{digest[:40]}"


def wanted(words: Iterable[Iterable[str]], *, last_is_start: bool) -> str:
    """Return what the index is asked for, as a `tsquery`; empty if it cannot help.

    Args:
        words: for each word its spellings.
        last_is_start: whether the last word may be the start of one.
    """
    given = [sorted({text.without_marks(spelling) for spelling in word}) for word in words]
    parts = []
    for place, spellings in enumerate(given):
        if not all(map(_ALPHABETIC.fullmatch, spellings)):
            continue
        ending = ":*" if last_is_start and place == len(given) - 1 else ""
        parts.append("(" + " | ".join(f"'{one}'{ending}" for one in spellings) + ")")
    return " & ".join(parts)


def quoted(column: str) -> str:
    """Quote the name of a column; SQLAlchemy reads an unescaped colon as start of a parameter."""
    name = column.replace('"', '""').replace("\0", "").replace(":", "\\:")
    return f'"{name}"'
