"""Columns compared in any spelling, as `lib.language.text` compares texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ckanext.nd47.lib.language import text


def folded(column: Any) -> sa.ColumnElement[str]:
    """Return a column without diacritics, in lower case."""
    composed = sa.func.normalize(column, sa.text("NFC"))
    return sa.func.lower(sa.func.translate(composed, text.FOLDED_FROM, text.FOLDED_TO))


def common(column: Any) -> sa.ColumnElement[str]:
    """Return a column folded, with i for y where both are written."""
    pattern = r"\m(qu|[bcdfghjklmnpqrstvwxz]*)y\M"
    return sa.func.regexp_replace(folded(column), pattern, r"\1i", "g")


def contains(columns: Sequence[Any], typed: str) -> sa.ColumnElement[bool]:
    """Return the condition that one of the columns contains a query, in any spelling.

    The query is searched as it is written, and without the punctuation around its words.
    """
    plain, bare = text.fold(typed), " ".join(text.query_words(typed))
    return sa.or_(*(_contains(columns, phrase) for phrase in dict.fromkeys((plain, bare))))


def _contains(columns: Sequence[Any], plain: str) -> sa.ColumnElement[bool]:
    """Return the condition for a folded query.

    The last word may be incomplete, so its y equals i only if it is a complete word.
    """
    *complete, last = plain.split(" ")
    complete = [text.common(word) for word in complete]
    conditions = []
    for column in columns:
        conditions.append(folded(column).contains(plain, autoescape=True))
        if complete:
            unfinished = " ".join([*complete, last])
            conditions.append(common(column).contains(unfinished, autoescape=True))
        finished = " ".join([*complete, text.common(last), ""])
        conditions.append((common(column) + " ").contains(finished, autoescape=True))
    return sa.or_(*conditions)
