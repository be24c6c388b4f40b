"""Abbreviations and what they stand for, as sequences of folded words.

Free of CKAN. Whoever writes `UBND`, `ubnd` or `Ủy ban nhân dân` means one thing; a query and an
indexed text are brought to the same words by the same list.
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
        full: the name written out.
        short: its abbreviations.
        also: other ways to write it out.
    """

    full: str
    short: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A name that was found in a text.

    Attributes:
        full: its name written out, each word with its diacritics.
        short: whether it was met by an abbreviation, not written out in another way.
        length: words by which it was met.
    """

    full: Words
    short: bool
    length: int

    @cached_property
    def common(self) -> Words:
        """Its name written out, folded."""
        return tuple(text.common(word) for word in self.full)


class Abbreviations:
    """All names, found by their first word."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by_first: dict[str, list[tuple[Words, Match]]] = {}
        for row in rows:
            full = tuple(text.words(row.full.lower()))
            written_out = (row.full, *row.also)
            for alias, short in (
                *((name, False) for name in written_out),
                *((name, True) for name in row.short),
            ):
                words = tuple(text.common(word) for word in text.words(alias))
                same = self._by_first.setdefault(words[0], [])
                same.append((words, Match(full, short, len(words))))
        for same in self._by_first.values():
            same.sort(key=lambda pair: -len(pair[0]))

    def at(self, words: Sequence[str], place: int) -> Match | None:
        """Return the longest entry that the folded words bear at a place."""
        for alias, entry in self._by_first.get(words[place], ()):
            if entry.length == 1 or tuple(words[place : place + entry.length]) == alias:
                return entry
        return None

    def among(self, words: Sequence[str]) -> Iterator[tuple[int, Match]]:
        """Yield the entries in folded words with their places, none inside of another."""
        end = 0
        first = self._by_first
        for place in [number for number, word in enumerate(words) if word in first]:
            entry = self.at(words, place) if place >= end else None
            if entry is not None:
                yield place, entry
                end = place + entry.length


def load(*paths: Path) -> Abbreviations:
    """Return the abbreviations of files, a later one adding to and replacing those before it.

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
    """Return the rows of a file.

    Raises:
        DataFileError: it is not YAML of the agreed form; the message names the row.
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
    """Return the abbreviations of the package, with those of the portal.

    A broken file of the portal is left out and logged: search must go on.
    """
    standard = data_path("schemas", "abbreviations.yaml")
    own = config.abbreviations()
    if own is not None:
        try:
            return load(standard, own)
        except DataFileError as error:
            log.error("Abbreviations of the portal are not used: %s", error)  # noqa: TRY400 - told
    return load(standard)
