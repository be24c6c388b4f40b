"""SQL conditions that search Vietnamese words in the tables of CKAN's DataStore.

A word without diacritics is found in every spelling. A word with diacritics is found in its own
spelling, whatever its Unicode form, its case, the position of the tone mark, and `i` or `y` at its
end. The last word of a search may be the start of a word, all others must be whole words.

PostgreSQL has no full-text search for Vietnamese, and its extension `unaccent` may not be
installed, so the conditions are regular expressions with all forms of each letter. They are ten
times as fast as folding the rows in SQL. They list all letters, so that they do not depend on the
locale of the database. A large table has an index of its words (`lib.database.table_words`), which
says which rows are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from ckanext.nd47.lib.database import table_words
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.language.text import FOLDED_FROM, FOLDED_TO

MAX_SEARCH_LENGTH = 200
"""Maximum number of characters of a search."""

Clause = tuple[str, dict[str, Any]]
"""An SQL condition and its parameters."""

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

_MAX_ARGUMENTS = 90
"""Arguments of a function call; PostgreSQL allows 100."""


class TooLongError(ValueError):
    """The search is too long."""


def clauses(
    search: str, columns: Sequence[str], prefix: str, index: str = "", *, is_whole: bool = False
) -> Iterator[Clause]:
    """Yield the conditions of a search, none for an empty search.

    Args:
        search: text that the user has typed.
        columns: names of the columns that are searched together.
        prefix: prefix of the names of the parameters, different for each search of a statement.
        index: the expression of the index of the words of the table; empty without one.
        is_whole: whether all columns are searched together, as in the index.

    Raises:
        TooLongError: the search is too long.
    """
    if len(search) > MAX_SEARCH_LENGTH:
        raise TooLongError(search)
    row = _concatenated(columns)
    words = text.words(search)
    if words:
        last = len(words) - 1
        lowered = [text.nfc(word.lower()) for word in words]
        candidates = table_words.wanted(map(_spellings, lowered), last_is_start=True)
        if index and candidates:
            yield f"{index} @@ CAST(:{prefix}_words AS tsquery)", {f"{prefix}_words": candidates}
            if is_whole and all(word.isascii() and word.isalpha() for word in lowered):
                # Every spelling is meant, and the index has the words of every spelling.
                return
        patterns = {
            f"{prefix}_{number}": _word_pattern(word, is_prefix=number == last)
            for number, word in enumerate(lowered)
        }
        yield f"{row} ~ ALL (ARRAY[{', '.join(f':{name}' for name in patterns)}])", patterns
    elif signs := _CONTROL.sub("", text.nfc(search)).strip():
        yield f"strpos({row}, :{prefix}_signs) > 0", {f"{prefix}_signs": signs}


def _concatenated(columns: Sequence[str]) -> str:
    """Return an SQL expression of the texts of all columns, separated by blanks."""
    parts = [
        f"concat_ws(' ', {', '.join(map(table_words.quoted, batch))})"
        for batch in _batches(columns)
    ]
    return parts[0] if len(parts) == 1 else f"concat_ws(' ', {', '.join(parts)})"


def _batches(columns: Sequence[str]) -> Iterator[Sequence[str]]:
    starts = range(0, len(columns), _MAX_ARGUMENTS)
    return (columns[start : start + _MAX_ARGUMENTS] for start in starts)


def _word_pattern(word: str, *, is_prefix: bool) -> str:
    """Return a regular expression for a word in lower case and composed Unicode."""
    spellings = text.tone_places(word)
    whole_words = _spellings(word)
    pattern = _any_diacritics if word.isascii() else _same_diacritics
    whole_word = f"(?:{'|'.join(map(pattern, whole_words))}){_END}"
    if not is_prefix:
        return _START + whole_word
    return f"{_START}(?:{'|'.join(map(pattern, spellings))}|{whole_word})"


def _spellings(word: str) -> list[str]:
    """Return all spellings of a whole word: hòa and hoà, kỹ and kĩ."""
    places = text.tone_places(word)
    return list(dict.fromkeys(chain(places, *map(_with_other_i, places))))


def _any_diacritics(word: str) -> str:
    return "".join(f"[{_FORMS[c]}][{_MARKS}]*" if c in _FORMS else _letter_forms(c) for c in word)


def _same_diacritics(word: str) -> str:
    return "".join(map(_letter_forms, word))


def _letter_forms(letter: str) -> str:
    """Return a pattern for a letter in both cases and in all Unicode forms of its diacritics."""
    decomposed = unicodedata.normalize("NFD", letter)
    forms = {text.nfc(decomposed[:end]) + decomposed[end:] for end in range(1, len(decomposed) + 1)}
    if len(decomposed) > 1:
        # The tone mark can be composed with the letter before the other mark.
        forms.add(text.nfc(decomposed[0] + decomposed[-1]) + decomposed[1:-1])
    both_cases = sorted({*forms, *map(str.upper, forms)})
    return f"(?:{'|'.join(both_cases)})"


def _with_other_i(word: str) -> list[str]:
    """Return a word with y for i or i for y, if both spellings are in use: kỹ and kĩ."""
    if not (match := _I_OR_Y.fullmatch(unicodedata.normalize("NFD", word))):
        return []
    start, letter, tone = match.groups()
    return [text.nfc(start + ("y" if letter == "i" else "i") + tone)]
