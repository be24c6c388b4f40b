"""What offices write in tables of the register: headings, labels, and rows that are no records.

The words are data, in `schemas/headings.yaml`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ckanext.nd47.lib import text
from ckanext.nd47.lib.data import data_path, read_yaml

ASIDE = "-"
"""Field of a column that is known and holds nothing for the register."""

IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
WORD = re.compile(r"[a-z0-9]+")
LONGEST = 200
"""Characters of a heading; a longer text is none."""

NEAR = 0.8


def field_of(kind: str, own: Mapping[str, str], heading: str) -> str:
    """Return the field that a heading names, empty for none.

    Args:
        kind: the table.
        own: headings that the software itself writes, by field.
        heading: as it stands in the file.
    """
    known = _known(kind, tuple(own.items()))
    for key in (_key(heading), _key(IN_BRACKETS.sub(" ", heading[:LONGEST]))):
        found = known.get(key) or known.get(_without_ending(key))
        if found:
            return found
    return ""


def nearest(kind: str, own: Mapping[str, str], heading: str) -> str:
    """Return the field whose heading may have been meant, empty for none."""
    known = _known(kind, tuple(own.items()))
    found = difflib.get_close_matches(_key(heading), known, n=1, cutoff=NEAR)
    field = known[found[0]] if found else ""
    return "" if field == ASIDE else field


def code_of(field: str, cell: str) -> str:
    """Return the code that the words of an office stand for, empty for none."""
    return _labels(field).get(text.fold(cell), "")


def kind_of_row(cell: str) -> str:
    """Return what a row is whose first text this is: `total`, `signature`, `section`, `example`."""
    folded = text.fold(cell[:LONGEST])
    for kind, pattern in _rows().items():
        if pattern.fullmatch(folded):
            return kind
    return ""


@cache
def _content() -> dict[str, Any]:
    return read_yaml(data_path("schemas", "headings.yaml"))


@cache
def _known(kind: str, own: tuple[tuple[str, str], ...]) -> dict[str, str]:
    known = {_key(word): ASIDE for word in _content()["aside"]}
    for name, others in _content()["headings"][kind].items():
        known |= {_key(one): name for one in others}
    known |= {_key(name): name for name, _ in own}
    return known | {_key(heading): name for name, heading in own}


def _key(heading: str) -> str:
    """Return the words of a heading without a number in front: `2. Tên cơ quan (*)`."""
    words = WORD.findall(text.fold(heading[:LONGEST].replace("_", " ")))
    while len(words) > 1 and words[0].isdigit():
        words = words[1:]
    return " ".join(words) or heading.strip()[:1]


def _without_ending(key: str) -> str:
    for ending in _endings():
        if key.endswith(f" {ending}"):
            return key.removesuffix(f" {ending}")
    return key


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(map(_key, _content()["endings"]), key=len, reverse=True))


@cache
def _labels(field: str) -> dict[str, str]:
    rows = _content()["labels"].get(field, {})
    return {text.fold(word): code for code, words in rows.items() for word in words}


@cache
def _rows() -> dict[str, re.Pattern[str]]:
    patterns = _content()["rows"]
    return {kind: re.compile("|".join(f"(?:{one})" for one in patterns[kind])) for kind in patterns}
