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
from typing import Any

import yaml

from ckanext.nd47.lib import config, text
from ckanext.nd47.lib.data import data_path, read_yaml

log = logging.getLogger(__name__)

Words = tuple[str, ...]


class AbbreviationsError(ValueError):
    """A file of abbreviations cannot be used; the message names the file."""

    def __init__(self, path: Path, problem: object) -> None:
        super().__init__(f"{path}: {problem}")


@dataclass(frozen=True)
class Entry:
    """One thing with several names.

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

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self._by_first: dict[str, list[tuple[Words, Entry]]] = {}
        for row in rows:
            full = tuple(text.words(row["full"].lower()))
            written_out = (row["full"], *row.get("also", ()))
            for alias, short in (
                *((name, False) for name in written_out),
                *((name, True) for name in row.get("short", ())),
            ):
                words = tuple(text.common(word) for word in text.words(alias))
                same = self._by_first.setdefault(words[0], [])
                same.append((words, Entry(full, short, len(words))))
        for same in self._by_first.values():
            same.sort(key=lambda pair: -len(pair[0]))

    def at(self, words: Sequence[str], place: int) -> Entry | None:
        """Return the longest entry that the folded words bear at a place."""
        for alias, entry in self._by_first.get(words[place], ()):
            if entry.length == 1 or tuple(words[place : place + entry.length]) == alias:
                return entry
        return None

    def among(self, words: Sequence[str]) -> Iterator[tuple[int, Entry]]:
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
        AbbreviationsError: a file is missing or malformed.
    """
    try:
        return _load(tuple((path, path.stat().st_mtime_ns) for path in paths))
    except OSError as error:
        raise AbbreviationsError(paths[-1], error) from error


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[Path, int], ...]) -> Abbreviations:
    rows: dict[Words, dict[str, Any]] = {}
    for path, _changed in files:
        for row in read(path):
            rows[tuple(text.words(row["full"].lower()))] = row
    return Abbreviations(rows.values())


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file.

    Raises:
        AbbreviationsError: it is not YAML of the agreed form; the message names the row.
    """
    try:
        content = read_yaml(path)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AbbreviationsError(path, error) from error
    rows = content.get("abbreviations") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise AbbreviationsError(path, "`abbreviations` must be a list")
    for row in rows:
        _check(path, row)
    return rows


def _check(path: Path, row: Any) -> None:
    fault = AbbreviationsError(path, f"{row!r} must have `full`, and `short` or `also` as lists")
    if not isinstance(row, dict) or not isinstance(row.get("full"), str):
        raise fault
    names = [row.get("short", []), row.get("also", [])]
    if not all(isinstance(one, list) for one in names) or not any(names):
        raise fault
    for name in (row["full"], *names[0], *names[1]):
        if not isinstance(name, str) or not text.words(name):
            raise fault


def in_use() -> Abbreviations:
    """Return the abbreviations of the package, with those of the portal.

    A broken file of the portal is left out and logged: search must go on.
    """
    standard = data_path("schemas", "abbreviations.yaml")
    own = config.abbreviations()
    if own is not None:
        try:
            return load(standard, own)
        except AbbreviationsError as error:
            log.error("Abbreviations of the portal are not used: %s", error)  # noqa: TRY400 - told
    return load(standard)
