"""The groups of faults, the dimensions and the levels, from `schemas/quality-index.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from ckanext.nd47.lib.data import Labels, data_path, read_yaml

FILE = data_path("schemas", "quality-index.yaml")

Counted = Literal["cells", "rows", "file"]


@dataclass(frozen=True)
class Group:
    """A group of faults.

    Attributes:
        code: its name.
        label: its name for people.
        findings: for each finding of the check what its number counts.
        why: why it is not measured, None if it is.
    """

    code: str
    label: Labels
    findings: Mapping[str, Counted]
    why: Labels | None


@dataclass(frozen=True)
class Dimension:
    """A dimension of the index, with the groups of faults that lower it."""

    code: str
    label: Labels
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """A level, with the value from which on it holds."""

    code: str
    least: int
    label: Labels


@dataclass(frozen=True)
class Whole:
    """Codes that must all be right.

    Attributes:
        code: their name.
        label: their name for people.
        announced: what the headings of their columns announce.
        findings: what must not be found in such a column.
        why: why it is not measured, None if it is.
    """

    code: str
    label: Labels
    announced: frozenset[str]
    findings: frozenset[str]
    why: Labels | None


@dataclass(frozen=True)
class Method:
    """Everything in the file; the levels from the best on."""

    title: Labels
    source: Labels
    status: str
    levels: tuple[Level, ...]
    dimensions: tuple[Dimension, ...]
    groups: tuple[Group, ...]
    outside: frozenset[str]
    whole: tuple[Whole, ...]


@cache
def method() -> Method:
    """Return the method."""
    content = read_yaml(FILE)
    return Method(
        title=content["title"],
        source=content["source"],
        status=content["status"],
        levels=tuple(
            Level(level["code"], level["from"], level["label"]) for level in content["levels"]
        ),
        dimensions=tuple(
            Dimension(dimension["code"], dimension["label"], tuple(dimension["groups"]))
            for dimension in content["dimensions"]
        ),
        groups=tuple(
            Group(group["code"], group["label"], group["findings"], _why(group))
            for group in content["groups"]
        ),
        outside=frozenset(content["outside"]),
        whole=tuple(
            Whole(
                whole["code"],
                whole["label"],
                frozenset(whole.get("announced", ())),
                frozenset(whole.get("findings", ())),
                _why(whole),
            )
            for whole in content["whole"]
        ),
    )


def _why(entry: Mapping[str, Any]) -> Labels | None:
    return None if entry.get("measured", True) else entry["why"]
