"""Words searched in the rows of a table of CKAN's DataStore, whatever their spelling.

A word that was typed without diacritics is found in every spelling, one with diacritics as it is
spelled: Unicode form, place of the tone mark, case, and i or y in the end make no difference. Each
word has to begin a word of the row, and all but the last have to be whole.

Nothing but SQL of a plain PostgreSQL: its own full-text search has no Vietnamese, and `unaccent`
may not be there. The rows are compared as they are with a regular expression that has all forms of
each letter: to fold a hundred thousand rows takes PostgreSQL ten times as long. All letters are
listed, so the locale of the database does not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from ckanext.nd47.lib import text
from ckanext.nd47.lib.text import FOLDED_FROM, FOLDED_TO

LONGEST_SEARCH = 200
"""Characters of a search."""

Clause = tuple[str, dict[str, Any]]
"""A condition in SQL, and the values of its parameters."""

_MARKS = "\u0300-\u036f"
_PAIRS = tuple(zip(FOLDED_FROM, FOLDED_TO, strict=True))
_FORMS = {
    plain: "".join(dict.fromkeys([plain, plain.upper(), *(f for f, t in _PAIRS if t == plain)]))
    for plain in sorted(set(FOLDED_TO))
}
_LETTERS = f"0-9a-zA-Z{FOLDED_FROM}{_MARKS}"
_START = f"(?:^|[^{_LETTERS}])"
_END = f"(?:$|[^{_LETTERS}])"
_TONES = "".join(text.TONES)
_I_OR_Y = re.compile(rf"(qu|[^aeiouy\W\d{_TONES}]*)([iy])([{_TONES}]?)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_MOST_ARGUMENTS = 90
"""Of a function of PostgreSQL, which takes a hundred."""


class TooLongError(ValueError):
    """What was typed is longer than a search may be."""


def clauses(typed: str, columns: Sequence[str], prefix: str) -> Iterator[Clause]:
    """Make the conditions that a row has to meet, none where nothing was typed.

    Args:
        typed: the words of a person.
        columns: names of the columns that are searched together.
        prefix: begins the names of the parameters, so that two searches have different ones.

    Raises:
        TooLongError: more was typed than is looked for.
    """
    if len(typed) > LONGEST_SEARCH:
        raise TooLongError(typed)
    row = _joined(columns)
    words = text.words(typed)
    if words:
        last = len(words) - 1
        patterns = {
            f"{prefix}_{place}": _pattern(text.nfc(word.lower()), unfinished=place == last)
            for place, word in enumerate(words)
        }
        yield f"{row} ~ ALL (ARRAY[{', '.join(f':{name}' for name in patterns)}])", patterns
    elif signs := _CONTROL.sub("", text.nfc(typed)).strip():
        yield f"strpos({row}, :{prefix}_signs) > 0", {f"{prefix}_signs": signs}


def _joined(columns: Sequence[str]) -> str:
    """Return an expression for the texts of all columns, a blank between two."""
    parts = [f"concat_ws(' ', {', '.join(map(_name, some))})" for some in _batches(columns)]
    return parts[0] if len(parts) == 1 else f"concat_ws(' ', {', '.join(parts)})"


def _batches(columns: Sequence[str]) -> Iterator[Sequence[str]]:
    starts = range(0, len(columns), _MOST_ARGUMENTS)
    return (columns[start : start + _MOST_ARGUMENTS] for start in starts)


def _name(column: str) -> str:
    """Quote a column; a colon would begin a parameter of SQLAlchemy."""
    quoted = column.replace('"', '""').replace("\0", "").replace(":", "\\:")
    return f'"{quoted}"'


def _pattern(word: str, *, unfinished: bool) -> str:
    """Return a regular expression for a word in small composed letters."""
    placed = text.tone_places(word)
    whole = dict.fromkeys(chain(placed, *map(_with_other_i, placed)))
    letters = _any_spelling if word.isascii() else _this_spelling
    ended = f"(?:{'|'.join(map(letters, whole))}){_END}"
    return f"{_START}(?:{'|'.join(map(letters, placed))}|{ended})" if unfinished else _START + ended


def _any_spelling(word: str) -> str:
    return "".join(f"[{_FORMS[c]}][{_MARKS}]*" if c in _FORMS else _this_letter(c) for c in word)


def _this_spelling(word: str) -> str:
    return "".join(map(_this_letter, word))


def _this_letter(letter: str) -> str:
    """Return the forms of a letter: both cases, its marks apart or in one with it."""
    apart = unicodedata.normalize("NFD", letter)
    forms = {text.nfc(apart[:end]) + apart[end:] for end in range(1, len(apart) + 1)}
    # With two marks the tone may come last though it stands first in decomposed Unicode.
    forms |= {text.nfc(apart[0] + apart[-1]) + apart[1:-1]} if len(apart) > 1 else set()
    both = sorted(form for one in forms for form in {one, one.upper()})
    return f"(?:{'|'.join(both)})"


def _with_other_i(word: str) -> list[str]:
    """Return a word with y for i, or i for y, where both are written: kỹ and kĩ."""
    if not (found := _I_OR_Y.fullmatch(unicodedata.normalize("NFD", word))):
        return []
    start, letter, tone = found.groups()
    return [text.nfc(start + ("y" if letter == "i" else "i") + tone)]
