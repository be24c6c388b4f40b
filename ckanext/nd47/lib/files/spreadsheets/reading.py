"""Finds the table in a file: its sheet, its headings and its records.

A `Reading` names everything that is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.files.spreadsheets import headings, spreadsheet
from ckanext.nd47.lib.files.spreadsheets.headings import IGNORED, Table
from ckanext.nd47.lib.files.spreadsheets.sheet import Sheet, SheetError, column_name

FIRST_ROWS = 40
"""Rows in which the headings are searched."""

NUMBERING = re.compile(r"\(?(?:\d{1,2}|[A-Za-z])\)?")
"""A column number, in the row below the headings."""
ORDINAL = re.compile(r"[\dIVXivx.)( ]*")


class Column(TypedDict):
    """A column of the file.

    Attributes:
        column: its letters.
        heading: its heading, on one line.
        field: its field; empty where it is unknown, `-` where it is ignored.
        meant: the most similar heading, for an unknown column.
    """

    column: str
    heading: str
    field: str
    meant: str


class LeftOut(TypedDict):
    """A row that is not a record.

    Attributes:
        row: its number.
        text: its first text.
        reason: `above`, `headings`, `numbering`, `example`, `total`, `signature`, `section`,
            `below` or `empty`.
    """

    row: int
    text: str
    reason: str


class Note(TypedDict):
    """A cell that is read differently from what is written.

    Attributes:
        row: number of its row.
        field: field of its column.
        written: the text of the cell.
        read: the value that was read.
    """

    row: int
    field: str
    written: str
    read: str


@dataclass(frozen=True)
class Record:
    """A row that is a record.

    Attributes:
        row: its number.
        cells: texts by field.
        refused: messages about refused cells, by field.
    """

    row: int
    cells: dict[str, str]
    refused: dict[str, str] = field(default_factory=dict)


class ReadingDict(TypedDict):
    """What was recognised in a file, as actions return it; see `Reading`."""

    encoding: str
    sheet: str
    heading_row: int
    columns: list[Column]
    left_out: list[LeftOut]
    notes: list[Note]
    other_sheets: list[str]


@dataclass
class Reading:
    """What was recognised in a file.

    Attributes:
        encoding: name of the encoding; empty for XLSX in Unicode.
        sheet: name of the sheet; empty for CSV.
        heading_row: number of the row with the headings.
        columns: its columns.
        left_out: rows that are not records.
        notes: cells that are read differently from what is written.
        other_sheets: sheets with a table of the same kind, which are not read.
        records: the records.
    """

    encoding: str
    sheet: str
    heading_row: int
    columns: list[Column]
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def as_dict(self) -> ReadingDict:
        """Return it as actions return it, without the records."""
        return {
            "encoding": self.encoding,
            "sheet": self.sheet,
            "heading_row": self.heading_row,
            "columns": self.columns,
            "left_out": self.left_out,
            "notes": self.notes,
            "other_sheets": self.other_sheets,
        }


def read(table: Table, data: bytes) -> Reading:
    """Read the table of a file.

    Raises:
        SheetError: the file is refused, or no row has the headings of this table.
    """
    book = spreadsheet.read(data)
    return read_sheets(table, book.sheets, book.encoding)


def read_sheets(table: Table, sheets: list[Sheet], encoding: str = "") -> Reading:
    """Read the table on the first of the sheets that has one.

    Args:
        table: the kind of table.
        sheets: the sheets of a file.
        encoding: name of the encoding of the file.

    Raises:
        SheetError: no row has the headings of this table.
    """
    tables = [(sheet, row) for sheet in sheets if (row := _header_row(table, sheet)) is not None]
    if not tables:
        raise SheetError(_no_headings(table, sheets))
    sheet, header_row = tables[0]
    number, header = sheet.rows[header_row]
    fields = table.of_header(header)
    _check_unique(table, number, header, fields)
    reading = Reading(
        encoding,
        sheet.name,
        number,
        [
            _column(table, index, heading, field)
            for index, (heading, field) in enumerate(zip(header, fields, strict=True))
            if heading
        ],
        other_sheets=[sheet_name.name for sheet_name, _ in tables[1:]],
    )
    for above, row in sheet.rows[:header_row]:
        reading.left_out.append(LeftOut(row=above, text=_first_text(row), reason="above"))
    _read_records(table, sheet, header_row, fields, reading)
    return reading


def recognised(table: Table, sheet: Sheet) -> int:
    """Return how many headings of a table the best row of a sheet has, 0 if it is none."""
    row = _header_row(table, sheet)
    return 0 if row is None else len(_known(table, sheet.rows[row][1]))


def _known(table: Table, row: list[str]) -> set[str]:
    return set(table.of_header(row)) - {"", IGNORED}


def _header_row(table: Table, sheet: Sheet) -> int | None:
    """Return the index of the row with most headings, None without any of the required ones."""
    best, most = None, 0
    for index, (_, row) in enumerate(sheet.rows[:FIRST_ROWS]):
        fields = _known(table, row)
        if len(fields) > most and fields & table.required:
            best, most = index, len(fields)
    return best


def _column(table: Table, index: int, heading: str, field_name: str) -> Column:
    meant = "" if field_name else table.similar_heading(heading)
    return Column(
        column=column_name(index),
        heading=" ".join(heading.split())[:200],
        field=field_name,
        meant=meant,
    )


def _no_headings(table: Table, sheets: list[Sheet]) -> str:
    """Return the message about a file without headings, with those that are unknown."""
    rows = [row for sheet in sheets for row in sheet.rows[:FIRST_ROWS]]
    # The first row with the most cells is probably the header.
    number, header = max(rows, key=lambda row: len([*filter(None, row[1])]), default=(1, []))
    fields = table.of_header(header)
    unknown = [
        f"“{' '.join(cell.split())[:80]}”"
        for cell, name in zip(header, fields, strict=True)
        if cell and not name
    ]
    return tk._(
        "Row {row}: these are not the columns of this table: {unknown}. "
        "One of these must be there: {needed}. Known are: {expected}."
    ).format(
        row=number,
        unknown=", ".join(unknown) or "–",
        needed=", ".join(
            heading for name, heading in table.headings.items() if name in table.required
        ),
        expected=", ".join(table.headings.values()),
    )


def _check_unique(table: Table, number: int, header: list[str], fields: list[str]) -> None:
    for name in table.headings:
        indexes = [index for index, field_name in enumerate(fields) if field_name == name]
        if len(indexes) > 1:
            same = [
                f"{column_name(index)} “{' '.join(header[index].split())}”" for index in indexes
            ]
            raise SheetError(
                tk._("Row {row}: the column “{column}” is there twice: {columns}.").format(
                    row=number, column=table.headings[name], columns=", ".join(same)
                )
            )


def _read_records(
    table: Table, sheet: Sheet, header_row: int, fields: list[str], reading: Reading
) -> None:
    header = sheet.rows[header_row][1]
    names_by_column = {
        index: name for index, name in enumerate(fields) if name not in {"", IGNORED}
    }
    is_signed = False
    for index, (number, row) in enumerate(sheet.rows[header_row + 1 :]):
        cells = {
            name: row[column] if column < len(row) else ""
            for column, name in names_by_column.items()
        }
        refused = {
            name: message
            for column, name in names_by_column.items()
            if (message := sheet.refused.get((number, column)))
        }
        is_merged = number in sheet.merged_rows
        reason = _no_record(table, row, cells, is_merged=is_merged, is_signed=is_signed)
        if row == header:
            reason = "headings"
        elif not index and _numbers_columns(row):
            reason = "numbering"
        if reason and not refused:
            is_signed = is_signed or reason == "signature"
            reading.left_out.append(LeftOut(row=number, text=_first_text(row), reason=reason))
            continue
        values = {name: table.normalised(name, cell) for name, cell in cells.items()}
        reading.notes += [
            Note(row=number, field=name, written=cells[name], read=value)
            for name, value in values.items()
            if value not in {cells[name], " ".join(cells[name].split())}
        ]
        reading.records.append(Record(number, values, refused))


def _no_record(
    table: Table, row: list[str], cells: dict[str, str], *, is_merged: bool, is_signed: bool
) -> str:
    """Return the reason why a row is not a record, empty for a record."""
    if not any(cells.values()):
        return "empty"
    if "example" in map(headings.row_kind, cells.values()):
        return "example"
    row_kind = headings.row_kind(_first_text(row)) or headings.row_kind(
        max(row, key=len, default="")
    )
    if any(cells.get(name) for name in table.keys):
        return ""
    if row_kind in {"total", "signature"}:
        return row_kind
    if is_signed:
        return "below"
    is_single = len([*filter(None, cells.values())]) == 1
    return "section" if is_single and (row_kind or is_merged) else ""


def _numbers_columns(row: list[str]) -> bool:
    filled = [cell for cell in row if cell]
    return len(filled) > 1 and all(map(NUMBERING.fullmatch, filled))


def _first_text(row: list[str]) -> str:
    """Return the first cell of a row that is more than a number."""
    texts = [cell for cell in row if cell] or [""]
    first = next((text for text in texts if not ORDINAL.fullmatch(text)), texts[0])
    return " ".join(first.split())[:200]
