"""Recognises the headings of columns and the rows that are no records, as offices write them.

Case, diacritics, line breaks, numbers in front and what stands in brackets make no difference. The
words are data, in `schemas/headings.yaml`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.language import text

IGNORED = "-"
"""Field of a known column that is not part of the table, such as a row number."""

IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
WORD = re.compile(r"[a-z0-9]+")
LONGEST_HEADING = 200

SIMILARITY = 0.8


@dataclass(frozen=True)
class Table:
    """A kind of table.

    Attributes:
        headings: the heading of each field, in the order of the columns.
        fields: fields by the key of their names and headings, as `key` returns it.
        required: fields of which a table must have at least one.
        keys: fields of which a record has at least one, even if it looks like a total.
        normalised: returns a cell of a field as the validators accept it.
    """

    headings: Mapping[str, str]
    fields: Mapping[str, str]
    required: frozenset[str]
    keys: frozenset[str]
    normalised: Callable[[str, str], str]

    def of_header(self, header: Iterable[str]) -> list[str]:
        """Return the field of each column of a header; empty for unknown ones."""
        return [self._field(cell) if cell else "" for cell in header]

    def similar_heading(self, heading: str) -> str:
        """Return the heading that is most similar to an unknown one, empty for none."""
        matches = difflib.get_close_matches(key(heading), self.fields, n=1, cutoff=SIMILARITY)
        return self.headings.get(self.fields[matches[0]], "") if matches else ""

    def _field(self, heading: str) -> str:
        for name in (key(heading), key(IN_BRACKETS.sub(" ", heading[:LONGEST_HEADING]))):
            field = self.fields.get(name) or self.fields.get(_without_ending(name))
            if field:
                return field
        return ""


def known_fields(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the fields by key, with the columns that no table needs.

    Args:
        names: names and the field of each; of several fields with one name, the last one counts.
    """
    known = {key(word): IGNORED for word in content()["aside"]}
    return known | {key(name): field for name, field in names}


@cache
def content() -> dict[str, Any]:
    """Return the content of the file of words."""
    return read_yaml(data_path("schemas", "headings.yaml"))


def key(heading: str) -> str:
    """Return the folded words of a heading without its number, as in `2. Tên cơ quan (*)`."""
    words = WORD.findall(text.fold(heading[:LONGEST_HEADING].replace("_", " ")))
    while len(words) > 1 and words[0].isdigit():
        words = words[1:]
    return " ".join(words) or heading.strip()[:1]


def row_kind(cell: str) -> str:
    """Return the kind of row that a text starts: `total`, `signature`, `section`, `example`."""
    folded = text.fold(cell[:LONGEST_HEADING])
    for kind, pattern in _rows().items():
        if pattern.fullmatch(folded):
            return kind
    return ""


def _without_ending(name: str) -> str:
    for ending in _endings():
        if name.endswith(f" {ending}"):
            return name.removesuffix(f" {ending}")
    return name


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(map(key, content()["endings"]), key=len, reverse=True))


@cache
def _rows() -> dict[str, re.Pattern[str]]:
    patterns = content()["rows"]
    return {
        kind: re.compile("|".join(f"(?:{part})" for part in patterns[kind])) for kind in patterns
    }
