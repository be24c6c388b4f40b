"""Finds the items in the tables that offices have: headings, groups of rows, cells.

What no field is for stays with the item, by its heading, so nothing of a table is lost.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypedDict

from ckanext.nd47.catalogue.records import fields
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.files.spreadsheets import headings, reading, spreadsheet
from ckanext.nd47.lib.files.spreadsheets.headings import IGNORED, Table
from ckanext.nd47.lib.files.spreadsheets.reading import LeftOut, Reading
from ckanext.nd47.lib.files.spreadsheets.sheet import (
    Limits,
    Sheet,
    SheetError,
    column_name,
    day_of_serial,
)
from ckanext.nd47.lib.language import text

LIMITS = Limits(rows=5_000, cells=200_000)
"""A catalogue of some thousand items."""

NAME = "name"
KEYS = frozenset({"code", "provider"})
ORDINAL = re.compile(r"(?:[IVXLC]{1,7}|[A-Z]|\d{1,2}(?:\.\d{1,2}){1,3})[.)]?")
"""Number of a group of rows: a Roman number, a letter, or `1.2`."""
DOTTED_DAY = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})")
FIRST_ROWS = 15
"""Rows among which the headings are searched where they are not recognised."""
MOST_OTHER = 50


class StoredSheet(TypedDict):
    """A sheet as it is stored with an import."""

    name: str
    rows: list[tuple[int, list[str]]]
    refused: list[tuple[int, int, str]]
    merged: list[int]


class HeadingDict(TypedDict):
    """A column of the file, for the screen: `field` is empty where it goes with the remarks."""

    column: str
    heading: str
    key: str
    field: str


@dataclass(frozen=True)
class ItemRow:
    """An item of a table.

    Attributes:
        row: number of its row.
        cells: texts by field, without empty ones.
        other: texts that no field is for, by heading.
        group: heading of the group of rows that it stands in.
        refused: messages about cells that could not be read, by field.
    """

    row: int
    cells: dict[str, str]
    other: dict[str, str] = field(default_factory=dict)
    group: str = ""
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ItemTable:
    """What was read in a file.

    Attributes:
        reading: what was recognised; None where no headings were.
        message: why nothing was read, empty otherwise.
        headings: the columns of the file.
        items: the items.
        left_out: rows that are neither an item nor a group.
        groups: texts of the groups of rows, by number of their row.
    """

    reading: Reading | None
    message: str
    headings: list[HeadingDict]
    items: list[ItemRow]
    left_out: list[LeftOut]
    groups: dict[int, str]


@cache
def content() -> Mapping[str, Any]:
    """Return the words of the file."""
    return read_yaml(data_path("schemas", "catalogue-headings.yaml"))


@cache
def group_words() -> tuple[re.Pattern[str], ...]:
    """Return what may stand in front of the name of a group."""
    return tuple(re.compile(pattern) for pattern in content()["groups"])


def sheets_of(data: bytes) -> tuple[list[StoredSheet], str]:
    """Return the sheets of an XLSX, CSV or DOCX file, and the name of its encoding.

    Raises:
        SheetError: it is refused; the message says why.
    """
    book = spreadsheet.read(data, LIMITS, documents=True)
    stored = [
        StoredSheet(
            name=sheet.name,
            rows=sheet.rows,
            refused=[(row, place, why) for (row, place), why in sheet.refused.items()],
            merged=sorted(sheet.merged_rows),
        )
        for sheet in book.sheets
    ]
    return stored, book.encoding


def read(
    stored: Sequence[StoredSheet], mapping: Mapping[str, str], number: int | None = None
) -> ItemTable:
    """Read the items.

    Args:
        stored: sheets as `sheets_of` returns them.
        mapping: fields that somebody chose, by key of the heading; `-` leaves a column out, and
            an empty one goes with the remarks.
        number: number of the sheet, from 0; None for the first one that fits.
    """
    chosen = stored if number is None else stored[number : number + 1]
    sheets = [
        Sheet(
            sheet["name"],
            [(int(row), list(cells)) for row, cells in sheet["rows"]],
            {(row, place): why for row, place, why in sheet["refused"]},
            set(sheet["merged"]),
        )
        for sheet in chosen
    ]
    table = _table(mapping)
    try:
        sheet_reading = reading.read_sheets(table, sheets)
    except SheetError as error:
        return ItemTable(None, str(error), _unknown_headings(table, sheets), [], [], {})
    sheet = next(sheet for sheet in sheets if sheet.name == sheet_reading.sheet)
    return _items(sheet_reading, sheet)


def _table(mapping: Mapping[str, str]) -> Table:
    known = fields.of_items()
    names = [
        (words, item_field.name)
        for item_field in known
        for words in (
            *content()["fields"].get(item_field.name, ()),
            *item_field.label.values(),
            item_field.name,
        )
    ]
    by_key = headings.known_fields(names) | {key: field or "" for key, field in mapping.items()}
    return Table(
        {item_field.name: item_field.title for item_field in known},
        {key: name for key, name in by_key.items() if name},
        frozenset({NAME}),
        KEYS,
        _normalised,
    )


def _normalised(name: str, cell: str) -> str:
    kind = fields.by_name()[name].kind
    cell = values.paragraphs(cell) if kind in {"text", "columns"} else " ".join(cell.split())
    if values.means_no_value(cell):
        return ""
    return _day(cell) if kind == "day" else cell


def _day(cell: str) -> str:
    """Return a day; of a month, a quarter or a year its last one; otherwise the text itself."""
    if serial := day_of_serial(cell):
        return serial
    if match := DOTTED_DAY.fullmatch(cell):
        day, month, year = match.groups()
        return f"{int(day):02d}/{int(month):02d}/{year}"
    try:
        dates.parse(cell)
    except ValueError:
        try:
            return dates.period_days(cell).last.isoformat()
        except ValueError:
            return cell
    return cell


def _unknown_headings(table: Table, sheets: Sequence[Sheet]) -> list[HeadingDict]:
    """Return the cells of the row that is probably the one with the headings."""
    rows = [cells for sheet in sheets for _, cells in sheet.rows[:FIRST_ROWS]]
    header = max(rows, key=lambda cells: len([*filter(None, cells)]), default=[])
    names = table.of_header(header)
    return [
        _heading(column_name(place), cell, name)
        for place, (cell, name) in enumerate(zip(header, names, strict=True))
        if cell
    ]


def _heading(column: str, heading: str, name: str) -> HeadingDict:
    shown = " ".join(heading.split())[:200]
    return HeadingDict(column=column, heading=shown, key=headings.key(heading), field=name)


def _items(sheet_reading: Reading, sheet: Sheet) -> ItemTable:
    raw = dict(sheet.rows)
    columns = [
        _heading(column["column"], column["heading"], column["field"])
        for column in sheet_reading.columns
    ]
    places = {column_name(place): place for place in range(len(raw[sheet_reading.heading_row]))}
    others = {
        places[column["column"]]: column["heading"] for column in columns if not column["field"]
    }
    ordinals = [places[column["column"]] for column in columns if column["field"] == IGNORED]
    groups = {
        row["row"]: row["text"]
        for row in sheet_reading.left_out
        if row["row"] > sheet_reading.heading_row and _is_heading(row, raw[row["row"]])
    }
    items: list[ItemRow] = []
    for record in sheet_reading.records:
        cells = {name: cell for name, cell in record.cells.items() if cell}
        row = raw[record.row]
        if set(cells) == {NAME} and not record.refused and _is_group(cells[NAME], row, ordinals):
            numbers = [_cell(row, place).rstrip(" .") for place in ordinals]
            groups[record.row] = ". ".join(filter(None, [*numbers, cells[NAME]]))
            continue
        other = {
            heading: _cell(row, place) for place, heading in others.items() if _cell(row, place)
        }
        kept = dict([*other.items()][:MOST_OTHER])
        items.append(ItemRow(record.row, cells, kept, "", dict(record.refused)))
    left_out = [row for row in sheet_reading.left_out if row["row"] not in groups]
    return ItemTable(sheet_reading, "", columns, _in_groups(items, groups), left_out, groups)


def _is_heading(left_out: LeftOut, row: Sequence[str]) -> bool:
    """Return whether a row that is no record is the heading of a group.

    One that is merged across the table stands in its first column, which is that of the numbers.
    """
    if left_out["reason"] == "section":
        return True
    written = left_out["text"]
    is_text = len(written.split()) > 1 and not headings.row_kind(written)
    return left_out["reason"] == "empty" and is_text and len([*filter(None, row)]) == 1


def _is_group(name: str, row: Sequence[str], ordinals: Sequence[int]) -> bool:
    """Return whether a row with nothing but a name is the heading of the rows below it."""
    number = next((_cell(row, place) for place in ordinals if _cell(row, place)), "")
    if number:
        return bool(ORDINAL.fullmatch(number))
    first = name.split(" ", 1)[0]
    return bool(ORDINAL.fullmatch(first)) or not ordinals and name.isupper()


def _in_groups(items: Sequence[ItemRow], groups: Mapping[int, str]) -> list[ItemRow]:
    starts = sorted(groups)
    placed = []
    for item in items:
        before = bisect_left(starts, item.row)
        group = groups[starts[before - 1]] if before else ""
        placed.append(ItemRow(item.row, item.cells, item.other, group, item.refused))
    return placed


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def group_name(group: str) -> str:
    """Return the folded name of a group without its number and words such as `Lĩnh vực`."""
    name = text.fold(group).strip()
    for pattern in group_words():
        if match := pattern.match(name):
            name = name[match.end() :]
    return name.strip(" .:")
