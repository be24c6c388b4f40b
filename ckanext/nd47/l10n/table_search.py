"""SQL conditions that search Vietnamese words in the tables of CKAN's DataStore.

A word without diacritics is found in every spelling. A word with diacritics is found in its own
spelling, whatever its Unicode form, its case, the position of the tone mark, and `i` or `y` at its
end. The last word of a search may be the start of a word, all others must be whole words.

PostgreSQL has no full-text search for Vietnamese, and its extension `unaccent` may not be
installed, so the conditions are regular expressions with all forms of each letter. They are ten
times as fast as folding the rows in SQL. They list all letters, so that they do not depend on the
locale of the database. A large table has an index of its words (`lib.database.table_words`), which
finds the rows by itself; only words with signs that the index does not have are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from typing import Any

from ckanext.nd47.lib.database import table_words
from ckanext.nd47.lib.database.table_words import WordIndex
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


@dataclass(frozen=True)
class Searched:
    """What is searched.

    Attributes:
        columns: names of the columns that are searched together.
        index: the index of the words of the table, None without one.
        types: the types of all columns of the table, by their names.
    """

    columns: Sequence[str]
    index: WordIndex | None = None
    types: Mapping[str, str] = field(default_factory=dict)


def clauses(search: str, searched: Searched, prefix: str) -> Iterator[Clause]:
    """Yield the conditions of a search, none for an empty search.

    Args:
        search: text that the user has typed.
        searched: where it is searched.
        prefix: prefix of the names of the parameters, different for each search of a statement.

    Raises:
        TooLongError: the search is too long.
    """
    if len(search) > MAX_SEARCH_LENGTH:
        raise TooLongError(search)
    row = _concatenated(searched.columns)
    words = text.words(search)
    if words:
        last = len(words) - 1
        lowered = [text.nfc(word.lower()) for word in words]
        asked, answered = _asked_of_index(lowered, searched)
        if asked and searched.index:
            name = f"{prefix}_words"
            yield f"{searched.index.expression} @@ CAST(:{name} AS tsquery)", {name: asked}
        patterns = {
            f"{prefix}_{number}": _word_pattern(word, is_prefix=number == last)
            for number, word in enumerate(lowered)
            if not answered[number]
        }
        if patterns:
            names = ", ".join(f":{name}" for name in patterns)
            yield f"{row} ~ ALL (ARRAY[{names}])", patterns
    elif signs := _CONTROL.sub("", text.nfc(search)).strip():
        yield f"strpos({row}, :{prefix}_signs) > 0", {f"{prefix}_signs": signs}


def _asked_of_index(words: Sequence[str], searched: Searched) -> tuple[str, list[bool]]:
    """Return what the index is asked for, empty if nothing, and which of the words it answers."""
    nothing = "", [False] * len(words)
    if searched.index is None:
        return nothing
    places = searched.index.places
    others = {searched.types.get(name, "") for name in searched.columns if name not in places}
    if others - table_words.WITHOUT_LETTERS:
        return nothing
    last = len(words) - 1
    asked = [
        table_words.Word(_spellings(word), text.tone_places(word) if number == last else ())
        for number, word in enumerate(words)
    ]
    known = [not others or not any(c.isdecimal() for c in word) for word in words]
    tsquery, answered = table_words.wanted(
        list(compress(asked, known)), [places[name] for name in searched.columns if name in places]
    )
    answers = iter(answered)
    return tsquery, [is_known and next(answers) for is_known in known]


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
