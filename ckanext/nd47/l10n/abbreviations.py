"""Abbreviations and synonyms with their full names, as sequences of folded words.

`UBND`, `ubnd` and `Ủy ban nhân dân` have the same meaning, and so have `xe bus` and `xe buýt`.
Queries and indexed texts are expanded by the same lists, so that they match. Does not import CKAN.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import DataFileError, Entry, cached_until_changed, data_path, read_entry
from ckanext.nd47.lib.language import text

log = logging.getLogger(__name__)

Words = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A row of a file of abbreviations or synonyms.

    Attributes:
        full: the full name.
        short: its abbreviations.
        also: other spellings of the full name, or other words for it.
    """

    full: str
    short: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A name that occurs in a text.

    Attributes:
        full: words of the full name, with diacritics.
        short: whether the text has an abbreviation, rather than another spelling or word.
        alias: folded words of the name in the text.
    """

    full: Words
    short: bool
    alias: Words

    @property
    def length(self) -> int:
        """Number of words in the text."""
        return len(self.alias)

    @cached_property
    def common(self) -> Words:
        """Folded words of the full name."""
        return tuple(text.common(word) for word in self.full)

    def words_for(self, typed: Sequence[str]) -> Sequence[str]:
        """Return the full name for words that were typed, or these if they are the full name."""
        return typed if self.alias == self.common else self.full

    def is_at(self, words: Sequence[str], position: int) -> bool:
        """Tell whether the name is at a position of folded words."""
        length = len(self.alias)
        return length == 1 or tuple(words[position : position + length]) == self.alias


class Abbreviations:
    """All names, indexed by their first word."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by_first: dict[str, list[Match]] = {}
        for row in rows:
            full = tuple(text.words(row.full.lower()))
            for alias, short in (
                *((name, False) for name in (row.full, *row.also)),
                *((name, True) for name in row.short),
            ):
                words = tuple(text.common(word) for word in text.words(alias))
                self._by_first.setdefault(words[0], []).append(Match(full, short, words))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda match: -match.length)

    def find_nested(self, words: Sequence[str]) -> Iterator[Match]:
        """Yield all names in folded words that are not abbreviations, also inside each other."""
        for position, word in enumerate(words):
            for match in self._by_first.get(word, ()):
                if not match.short and match.is_at(words, position):
                    yield match

    def find_at(self, words: Sequence[str], position: int) -> Match | None:
        """Return the longest name at a position of folded words."""
        for match in self._by_first.get(words[position], ()):
            if match.is_at(words, position):
                return match
        return None

    def find_all(self, words: Sequence[str]) -> Iterator[tuple[int, Match]]:
        """Yield the names in folded words with their positions, without overlaps."""
        end = 0
        for position, word in enumerate(words):
            if position < end or word not in self._by_first:
                continue
            match = self.find_at(words, position)
            if match is not None:
                yield position, match
                end = position + match.length


def load(*paths: Path, synonyms: Sequence[Path] = ()) -> Abbreviations:
    """Return the names of files; rows of a file replace those of files of its kind before it.

    Files are read again when they change.

    Args:
        paths: files of abbreviations.
        synonyms: files of synonyms.

    Raises:
        DataFileError: a file is missing or malformed.
    """
    rows: dict[str, Row] = {}
    equal_words: dict[str, Row] = {}
    try:
        for path in paths:
            rows |= {row.full.lower(): row for row in _read(path)}
        for path in synonyms:
            equal_words |= {row.full.lower(): row for row in _read_synonyms(path)}
    except OSError as error:
        raise DataFileError(str(error)) from error
    return _abbreviations((*rows.values(), *equal_words.values()))


def read(path: Path) -> tuple[Row, ...]:
    """Read the rows of a file of abbreviations.

    Raises:
        DataFileError: the file is not valid; the message names the row.
    """
    return tuple(map(_row, read_entry(path).rows("abbreviations", "full")))


def read_synonyms(path: Path) -> tuple[Row, ...]:
    """Read the rows of a file of synonyms.

    Raises:
        DataFileError: the file is not valid; the message names the row.
    """
    return tuple(map(_synonyms, read_entry(path).rows("synonyms", "word")))


_read = cached_until_changed(read)
_read_synonyms = cached_until_changed(read_synonyms)


def _row(entry: Entry) -> Row:
    short, also = (entry.optional(key, entry.texts, ()) for key in ("short", "also"))
    row = Row(entry.text("full"), short, also)
    if not short and not also:
        entry.fail("short or also must list a name")
    _require_words(entry, row)
    return row


def _synonyms(entry: Entry) -> Row:
    row = Row(entry.text("word"), (), entry.texts("also"))
    if not row.also:
        entry.fail("also must list a word")
    _require_words(entry, row)
    return row


def _require_words(entry: Entry, row: Row) -> None:
    for name in (row.full, *row.short, *row.also):
        if not text.words(name):
            entry.fail(f"{name!r} has no letter or digit")


@lru_cache(maxsize=4)
def _abbreviations(rows: tuple[Row, ...]) -> Abbreviations:
    return Abbreviations(rows)


def in_use() -> Abbreviations:
    """Return the abbreviations and synonyms of this package and of the portal.

    An invalid file of the portal is ignored and logged, so that search still works.
    """
    files = (data_path("schemas", "abbreviations.yaml"), *_sound(config.abbreviations(), _read))
    synonyms = (data_path("schemas", "synonyms.yaml"), *_sound(config.synonyms(), _read_synonyms))
    return load(*files, synonyms=synonyms)


def _sound(path: Path | None, reader: Callable[[Path], object]) -> tuple[Path, ...]:
    """Return the portal's own file if there is one and it can be read."""
    if path is None:
        return ()
    try:
        reader(path)
    except (DataFileError, OSError) as error:
        log.error("%s of the portal is not used: %s", path, error)  # noqa: TRY400 - the message says enough
        return ()
    return (path,)
