"""What a row of the spreadsheet would change in its dataset, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.lookup.names import AgencyIndex, AmbiguousError
from ckanext.nd47.desk.spreadsheet.fields import cells
from ckanext.nd47.desk.spreadsheet.fields.column import Column
from ckanext.nd47.desk.spreadsheet.fields.columns import DATASETS, PUBLICATION, identifier
from ckanext.nd47.lib.fields import splitting

Stored = Mapping[str, Any]
"""A dataset or resource as stored: fields at the top level, lists perhaps as JSON."""

NOT_CLEARED = frozenset({"name", "title", "owner_org", PUBLICATION})
"""Columns in which, as in the identifier, an empty cell changes nothing."""

PUBLIC, PRIVATE, DRAFT = "public", "private", "draft"
LONGEST_SHOWN = 300


class Change(TypedDict):
    """A field that changes.

    Attributes:
        sheet: `datasets` or `files`.
        row: number of the row.
        path: path of the column.
        old: the value before, as a cell shows it; empty for a new dataset or file.
        new: the value after.
    """

    sheet: str
    row: int
    path: str
    old: str
    new: str


@dataclass
class Comparison:
    """What a row changes.

    Attributes:
        values: the fields that change, as CKAN's actions take them.
        changes: the same for people.
        errors: messages by path of the column.
    """

    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


class Comparer:
    """Compares the rows of one sheet.

    Args:
        sheet: `datasets` or `files`.
        columns: the columns of the table by path.
        agencies: the agencies of the portal.
    """

    def __init__(self, sheet: str, columns: Mapping[str, Column], agencies: AgencyIndex) -> None:
        """Compare rows of a sheet."""
        self.sheet, self.columns, self.agencies = sheet, columns, agencies
        self.not_cleared = NOT_CLEARED | ({identifier()} if sheet == DATASETS else set[str]())

    def compare(self, row: int, written: Mapping[str, str], stored: Stored | None) -> Comparison:
        """Return what a row changes.

        Args:
            row: its number.
            written: its cells by path.
            stored: the dataset or resource, None for a new one.
        """
        result = Comparison()
        groups: dict[str, dict[str, str]] = {}
        for path, cell in written.items():
            column = self.columns.get(path)
            if column is None:
                self._whole_group(row, path, cell, stored, result)
            elif column.group:
                groups.setdefault(column.group, {})[column.subfield] = cell
            else:
                self._field(row, column, cell, stored, result)
        for name, subfields in groups.items():
            self._group(row, name, subfields, stored, result)
        return result

    def _field(
        self, row: int, column: Column, cell: str, stored: Stored | None, result: Comparison
    ) -> None:
        if not cell and (stored is None or column.path in self.not_cleared):
            return
        old = stored_value(column, stored)
        if column.kind == "agency":
            value: cells.Value = self._agency(column, cell, result)
            is_same = value == old
        else:
            value = cells.read(column, cell)
            # As read from a cell, so that nothing of an exported table counts as changed.
            is_same = value == cells.read(column, cells.show(column, old))
        if is_same or column.path in result.errors:
            return
        if unknown := column.unknown(value):
            result.errors[column.path] = not_in_list(column, unknown)
            return
        result.values |= _as_input(column, value)
        self._note(row, column, old, value, result)

    def _agency(self, column: Column, cell: str, result: Comparison) -> str:
        if not cell:
            return ""
        try:
            agency_id = self.agencies.find(cell)
        except AmbiguousError as error:
            result.errors[column.path] = str(error)
            return ""
        if agency_id is None:
            result.errors[column.path] = tk._("There is no agency with this code or name.")
        return agency_id or ""

    def _group(
        self,
        row: int,
        name: str,
        written: Mapping[str, str],
        stored: Stored | None,
        result: Comparison,
    ) -> None:
        before = groups_of(stored, name)
        lines = {
            subfield: _lines(self.columns[f"{name}.{subfield}"], cell)
            for subfield, cell in written.items()
        }
        count = max(map(len, lines.values()))
        if before and count < len(before) and not self._names_all(name, written):
            # The columns of the table are a part of the group: the rest of it stays.
            count = len(before)
        after: list[dict[str, Any]] = []
        for place in range(count):
            group = dict(before[place]) if place < len(before) else {}
            for subfield, values in lines.items():
                value = values[place] if place < len(values) else ""
                column = self.columns[f"{name}.{subfield}"]
                if value == _read_back(column, group.get(subfield)):
                    continue
                group[subfield] = value
                if unknown := column.unknown(value):
                    result.errors[column.path] = not_in_list(column, unknown)
            after.append({key: value for key, value in group.items() if value not in ("", [])})
        after = [group for group in after if group]
        if after == [{k: v for k, v in group.items() if v not in ("", [])} for group in before]:
            return
        result.values[name] = after
        for subfield in written:
            column = self.columns[f"{name}.{subfield}"]
            old = [group.get(subfield, "") for group in before]
            new = [group.get(subfield, "") for group in after]
            if old != new:
                self._note(row, column, old, new, result)

    def _names_all(self, name: str, written: Mapping[str, str]) -> bool:
        """Return whether a table has every column of a group."""
        known = {column.subfield for column in self.columns.values() if column.group == name}
        return known <= written.keys()

    def _whole_group(
        self, row: int, path: str, cell: str, stored: Stored | None, result: Comparison
    ) -> None:
        """Read a group of subfields from one cell, as in `2020-2024`."""
        split = splitting.SPLITTERS.get(path)
        if split is None or (not cell and stored is None):
            return
        group = split(cell) if cell else {}
        if cell and not group:
            result.errors[path] = tk._(
                "“{value}” cannot be split into the parts of the field."
            ).format(value=cell[:80])
            return
        before = groups_of(stored, path)
        after = [{**(before[0] if before else {}), **group}] if group else []
        if after == before[: len(after)] and (after or not before):
            return
        result.values[path] = after
        result.changes.append(
            Change(
                sheet=self.sheet, row=row, path=path, old=_in_words(before), new=_in_words(after)
            )
        )

    def _note(self, row: int, column: Column, old: Any, new: Any, result: Comparison) -> None:
        result.changes.append(
            Change(
                sheet=self.sheet,
                row=row,
                path=column.path,
                old=shown(column, old)[:LONGEST_SHOWN],
                new=shown(column, new)[:LONGEST_SHOWN],
            )
        )


def shown(column: Column, value: Any) -> str:
    """Return a value as people read it; agencies by their titles."""
    if column.kind == "agency" and value:
        agency = directory.get(str(value))
        return directory.display_title(agency) if agency else str(value)
    if column.group:
        return cells.show_lines(column, value)
    return cells.show(column, value)


def publication(stored: Stored) -> str:
    """Return whether a stored dataset is public, private or a draft."""
    if stored.get("state") == DRAFT:
        return DRAFT
    return PRIVATE if stored.get("private") else PUBLIC


def not_in_list(column: Column, value: str) -> str:
    """Return the message about a value that is none of the list of a column."""
    return tk._("“{value}” is not in the list “{list}”. Choose a value from the list.").format(
        value=value[:80], list=column.heading
    )


def _as_input(column: Column, value: Any) -> dict[str, Any]:
    if column.kind == "tags":
        return {"tags": [{"name": name} for name in value]}
    if column.path != PUBLICATION:
        return {column.path: value}
    if value == DRAFT:
        return {"state": DRAFT}
    return {"state": model.State.ACTIVE, "private": value == PRIVATE}


def _read_back(column: Column, value: Any) -> cells.Value:
    """Return a stored value as it would be read from a cell that shows it."""
    return cells.read(column, cells.show(column, value))


def _lines(column: Column, cell: str) -> list[Any]:
    """Return the values of a subfield: of each group, where there may be several."""
    if column.several:
        return list(cells.read_lines(column, cell))
    return [cells.read(column, cell)] if cell else []


def stored_value(column: Column, stored: Stored | None) -> cells.Value:
    """Return the stored value of a plain column: a text, or several."""
    if stored is None:
        return [] if column.kind in _SEVERAL else ""
    if column.path == PUBLICATION:
        return publication(stored)
    if column.kind == "tags":
        return sorted(tag["name"] for tag in stored.get("tags") or ())
    if column.kind in _SEVERAL:
        return list_of(stored, column.path)
    value = stored.get(column.path)
    return "" if value is None else str(value)


_SEVERAL = frozenset({"choices", "lines", "tags"})


def list_of(stored: Stored | None, path: str) -> list[str]:
    """Return the values of a stored list."""
    value = _parsed((stored or {}).get(path))
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value)] if value else []


def groups_of(stored: Stored | None, name: str) -> list[dict[str, Any]]:
    """Return the groups of subfields of a stored field."""
    value = _parsed((stored or {}).get(name))
    groups = [value] if isinstance(value, Mapping) else value
    return [dict(group) for group in groups or () if isinstance(group, Mapping)]


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _in_words(groups: list[dict[str, Any]]) -> str:
    return "\n".join(", ".join(map(str, group.values())) for group in groups)[:LONGEST_SHOWN]
