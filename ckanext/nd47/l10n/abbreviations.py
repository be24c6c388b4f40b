"""Abbreviations and their full names, as sequences of folded words.

`UBND`, `ubnd` and `Ủy ban nhân dân` have the same meaning. Queries and indexed texts are expanded
by the same list, so that they match. Does not import CKAN.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from ckanext.nd47.lib import config, text
from ckanext.nd47.lib.data import DataFileError, Entry, cached_until_changed, data_path, read_entry

log = logging.getLogger(__name__)

Words = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A row of a file of abbreviations.

    Attributes:
        full: the full name.
        short: its abbreviations.
        also: other spellings of the full name.
    """

    full: str
    short: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A name that occurs in a text.

    Attributes:
        full: words of the full name, with diacritics.
        short: whether the text has an abbreviation, rather than another spelling.
        length: number of words in the text.
    """

    full: Words
    short: bool
    length: int

    @cached_property
    def common(self) -> Words:
        """Folded words of the full name."""
        return tuple(text.common(word) for word in self.full)


class Abbreviations:
    """All names, indexed by their first word."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by_first: dict[str, list[tuple[Words, Match]]] = {}
        for row in rows:
            full = tuple(text.words(row.full.lower()))
            for alias, short in (
                *((name, False) for name in (row.full, *row.also)),
                *((name, True) for name in row.short),
            ):
                words = tuple(text.common(word) for word in text.words(alias))
                candidates = self._by_first.setdefault(words[0], [])
                candidates.append((words, Match(full, short, len(words))))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))

    def find_at(self, words: Sequence[str], position: int) -> Match | None:
        """Return the longest name at a position of folded words."""
        for alias, match in self._by_first.get(words[position], ()):
            if match.length == 1 or tuple(words[position : position + match.length]) == alias:
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


def load(*paths: Path) -> Abbreviations:
    """Return the abbreviations of files; rows of a file replace those of files before it.

    Files are read again when they change.

    Raises:
        DataFileError: a file is missing or malformed.
    """
    rows: dict[str, Row] = {}
    try:
        for path in paths:
            rows |= {row.full.lower(): row for row in _read(path)}
    except OSError as error:
        raise DataFileError(str(error)) from error
    return _abbreviations(tuple(rows.values()))


def read(path: Path) -> tuple[Row, ...]:
    """Read the rows of a file.

    Raises:
        DataFileError: the file is not valid; the message names the row.
    """
    return tuple(map(_row, read_entry(path).rows("abbreviations", "full")))


_read = cached_until_changed(read)


def _row(entry: Entry) -> Row:
    short, also = (entry.optional(key, entry.texts, ()) for key in ("short", "also"))
    row = Row(entry.text("full"), short, also)
    if not short and not also:
        entry.fail("short or also must list a name")
    for name in (row.full, *short, *also):
        if not text.words(name):
            entry.fail(f"{name!r} has no letter or digit")
    return row


@lru_cache(maxsize=4)
def _abbreviations(rows: tuple[Row, ...]) -> Abbreviations:
    return Abbreviations(rows)


def in_use() -> Abbreviations:
    """Return the abbreviations of this package and of the portal.

    An invalid file of the portal is ignored and logged, so that search still works.
    """
    package_file = data_path("schemas", "abbreviations.yaml")
    portal_file = config.abbreviations()
    if portal_file is not None:
        try:
            return load(package_file, portal_file)
        except DataFileError as error:
            log.error("Abbreviations of the portal are not used: %s", error)  # noqa: TRY400 - the message says enough
    return load(package_file)
