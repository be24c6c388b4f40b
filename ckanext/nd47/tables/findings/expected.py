"""Compares the columns of a file with those of its version before, and with those stated.

Columns are stated by the data dictionary of the file, and by rooms that answer `asked`, such as the
catalogue that lists the dataset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.check.report import ColumnDict, FindingDict, PartDict

asked = tk.signals.ckanext.signal("nd47:expected_columns")
"""Sent with the id of a dataset; receivers return a list of tables, each a list of columns, and for
each column the names that it may have, the usual one first."""

Names = Sequence[str]

_MOST_NAMED = 10
_NUMERIC = frozenset({"integer", "number"})


_LEAST_SHARE = 0.6
"""Share of the stated columns that a file must have: otherwise the text is no list of columns."""

_FEWEST = 2
_LONGEST = 400
"""Characters of a line that are read."""

_BULLETS = " \t-*•+"
_LINE = re.compile(r"([^:–—=\t]{1,80}?)(?:[:–—=\t]|\s-\s)(.+)", re.DOTALL)
"""A line of a data dictionary: a column and its meaning."""


def dictionary(text_value: str) -> list[tuple[str, str]]:
    """Return the columns and their meanings that a data dictionary in words states."""
    matches = (_LINE.match(line[:_LONGEST].strip(_BULLETS)) for line in text_value.splitlines())
    pairs = ((match[1].strip(), match[2].strip()) for match in matches if match)
    return [(name, meaning) for name, meaning in pairs if name and meaning]


def missing_stated(text_value: str, headings: Sequence[str]) -> list[str]:
    """Return the columns that a data dictionary states and a table lacks.

    None if the text is no list of the columns of the table, such as an address.
    """
    stated = [name for name, _ in dictionary(text_value)]
    there = {_plain(heading) for heading in headings}
    missing = [name for name in stated if _plain(name) not in there]
    are_columns = len(stated) >= _FEWEST and len(missing) <= len(stated) * (1 - _LEAST_SHARE)
    return missing if are_columns else []


def against_dictionary(text_value: str, parts: Sequence[PartDict]) -> list[FindingDict]:
    """Return the finding about stated columns that the first table of a file lacks."""
    headings = [column["name"] for column in parts[0]["columns"]] if parts else []
    missing = missing_stated(text_value, headings) if headings else []
    if not missing:
        return []
    facts: dict[str, str | int] = {"columns": ", ".join(missing[:_MOST_NAMED])}
    return [
        FindingDict(
            code="stated-columns", column="", row=0, count=len(missing), facts=facts, part=""
        )
    ]


def of_dataset(dataset_id: str) -> list[Sequence[Names]]:
    """Return the columns that other rooms expect in the files of a dataset."""
    answers: Iterable[tuple[object, list[Sequence[Names]]]] = asked.send(dataset_id)
    return [table for _receiver, tables in answers for table in tables if table]


def against_expected(
    tables: Sequence[Sequence[Names]], parts: Sequence[PartDict]
) -> list[FindingDict]:
    """Return the finding about columns that the first table of a file should have and lacks.

    A table with less than half of them is another one.
    """
    there = {_plain(column["name"]) for part in parts[:1] for column in part["columns"]}
    missing: dict[str, None] = {}
    for table in tables:
        lacking = [names[0] for names in table if not there & set(map(_plain, names))]
        if len(lacking) <= len(table) / 2:
            missing |= dict.fromkeys(lacking)
    if not missing:
        return []
    facts: dict[str, str | int] = {"columns": ", ".join(list(missing)[:_MOST_NAMED])}
    return [
        FindingDict(
            code="expected-columns", column="", row=0, count=len(missing), facts=facts, part=""
        )
    ]


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.fold(name)))


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
