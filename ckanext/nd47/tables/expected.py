"""Compares the columns of a file with those of its version before."""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.nd47.lib import text
from ckanext.nd47.tables.check.report import ColumnDict, FindingDict, PartDict

_MOST_NAMED = 10
_NUMERIC = frozenset({"integer", "number"})


def compare(before: Sequence[PartDict], after: Sequence[PartDict]) -> list[FindingDict]:
    """Return what is different in the columns of the first table of a file.

    Args:
        before: the tables of the version before, none for the first one.
        after: those of the present version.
    """
    if not before or not after:
        return []
    old, new = _by_name(before[0]["columns"]), _by_name(after[0]["columns"])
    findings: list[FindingDict] = []
    if not old or not new:
        return findings
    for code, names in (
        ("missing-columns", [old[name]["name"] for name in old if name not in new]),
        ("new-columns", [new[name]["name"] for name in new if name not in old]),
        ("changed-types", [new[name]["name"] for name in new if _is_changed(old, new, name)]),
    ):
        if names:
            facts: dict[str, str | int] = {"columns": ", ".join(names[:_MOST_NAMED])}
            findings.append(
                FindingDict(code=code, column="", row=0, count=len(names), facts=facts, part="")
            )
    return findings


def _by_name(columns: Sequence[ColumnDict]) -> dict[str, ColumnDict]:
    return {text.fold(column["name"]): column for column in columns if column["name"]}


def _is_changed(old: dict[str, ColumnDict], new: dict[str, ColumnDict], name: str) -> bool:
    """Return whether a column has another type; a whole number may become another number."""
    types = {old[name]["type"], new[name]["type"]} if name in old else set()
    return len(types) > 1 and "empty" not in types and not types <= _NUMERIC
