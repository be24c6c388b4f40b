"""Folding inside PostgreSQL, without an extension: names and titles are searched there.

It gives what `text.fold` gives for Vietnamese and Western European letters.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ckanext.nd47.lib import text

_PLAIN = "aeiouydcnAEIOUYDCN"
_MARKS = ("", "\u0302", "\u0306", "\u031b", "\u0308", "\u030a", "\u0327")
_TONES = ("", *text.TONES)


def _letters() -> dict[str, str]:
    """Return every composed letter with the letter that it folds to."""
    found = {"đ": "d", "Đ": "d"}
    for plain, mark, tone in itertools.product(_PLAIN, _MARKS, _TONES):
        letter = unicodedata.normalize("NFC", plain + mark + tone)
        if len(letter) == 1:
            found[letter] = plain.lower()
    return found


FROM, TO = ("".join(letters) for letters in zip(*_letters().items(), strict=True))
"""For PostgreSQL's `translate`: composed letters, and the plain one in place of each."""


def folded(column: Any) -> sa.ColumnElement[str]:
    """Return a column without diacritics, in lower case."""
    composed = sa.func.normalize(column, sa.text("NFC"))
    return sa.func.lower(sa.func.translate(composed, FROM, TO))


def common(column: Any) -> sa.ColumnElement[str]:
    """Return a column folded, with i for y where both are written."""
    pattern = r"\m(qu|[bcdfghjklmnpqrstvwxz]*)y\M"
    return sa.func.regexp_replace(folded(column), pattern, r"\1i", "g")


def holds(columns: Sequence[Any], typed: str) -> sa.ColumnElement[bool]:
    """Return whether one of the columns holds what was typed, in any spelling.

    The last word may be unfinished, so its y is one with i only where it is a whole word.
    """
    plain = text.fold(typed)
    *whole, last = plain.split(" ")
    whole = [text.common(word) for word in whole]
    conditions = []
    for column in columns:
        conditions.append(folded(column).contains(plain, autoescape=True))
        if whole:
            unfinished = " ".join([*whole, last])
            conditions.append(common(column).contains(unfinished, autoescape=True))
        finished = " ".join([*whole, text.common(last), ""])
        conditions.append((common(column) + " ").contains(finished, autoescape=True))
    return sa.or_(*conditions)
