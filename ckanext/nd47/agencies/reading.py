"""Finds the table in a file: its sheet, its headings, its records, and what is none.

Nothing is left out in silence: a `Reading` names all that it did not take.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import cells, columns, headings, spreadsheet
from ckanext.nd47.agencies.spreadsheet import Sheet, SheetError, column_name

FIRST_ROWS = 40
"""Rows in which the headings are looked for."""

NUMBERING = re.compile(r"\(?(?:\d{1,2}|[A-Za-z])\)?")
"""What numbers the columns below their headings."""
ORDINAL = re.compile(r"[\dIVXivx.)( ]*")


@dataclass(frozen=True)
class Column:
    """A column of the file.

    Attributes:
        column: its letters.
        heading: what stands above it, on one line.
        field: the field that it is; empty where it is not understood, `-` where it is left aside.
        meant: the heading that was perhaps meant.
    """

    column: str
    heading: str
    field: str
    meant: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A row that is no record.

    Attributes:
        row: its number.
        text: its first text.
        reason: `above`, `headings`, `numbering`, `example`, `total`, `signature`, `section`,
            `below` or `empty`.
    """

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Note:
    """A cell that is not read as it stands.

    Attributes:
        row: number of its row.
        field: field of its column.
        written: what stands there.
        read: what it was read as.
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
        refused: why a cell is not taken, by field.
    """

    row: int
    cells: dict[str, str]
    refused: dict[str, str] = field(default_factory=dict)


@dataclass
class Reading:
    """What was recognised in a file.

    Attributes:
        encoding: name of the encoding; empty for XLSX in Unicode.
        sheet: name of the sheet; empty for CSV.
        heading_row: number of the row with the headings.
        columns: its columns.
        left_out: rows that are no records.
        notes: cells that are not read as they stand.
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

    def as_dict(self) -> dict[str, Any]:
        """Return it as an action gives it, without the records."""
        told = asdict(self)
        del told["records"]
        return told


def of(kind: str, data: bytes) -> Reading:
    """Read a file.

    Raises:
        SheetError: it is not taken, or no row of it has the headings of this table.
    """
    book = spreadsheet.read(data)
    found = [(sheet, place) for sheet in book.sheets if (place := _place(kind, sheet)) is not None]
    if not found:
        raise SheetError(_unknown(kind, book.sheets))
    sheet, place = found[0]
    number, header = sheet.rows[place]
    fields = columns.of_header(kind, header)
    _refuse_twice(kind, number, header, fields)
    reading = Reading(
        book.encoding,
        sheet.name,
        number,
        [_column(kind, *one) for one in enumerate(zip(header, fields, strict=True)) if one[1][0]],
        other_sheets=[other.name for other, _ in found[1:]],
    )
    for above, row in sheet.rows[:place]:
        reading.left_out.append(LeftOut(above, _first(row), "above"))
    _take_records(kind, sheet, place, fields, reading)
    return reading


def _place(kind: str, sheet: Sheet) -> int | None:
    """Return the place of the row with the most headings, None where those needed are missing."""
    best, most = None, 0
    for place, (_, row) in enumerate(sheet.rows[:FIRST_ROWS]):
        known = set(columns.of_header(kind, row)) - {"", headings.ASIDE}
        if len(known) > most and known & columns.NEEDED[kind]:
            best, most = place, len(known)
    return best


def _column(kind: str, place: int, told: tuple[str, str]) -> Column:
    heading, name = told
    meant = "" if name else columns.meant(kind, heading)
    return Column(column_name(place), " ".join(heading.split())[:200], name, meant)


def _unknown(kind: str, sheets: list[Sheet]) -> str:
    """Return what is said of a file without the headings: which of its own are not known."""
    rows = [row for sheet in sheets for row in sheet.rows[:FIRST_ROWS]]
    # Headings are the first row that fills as many columns as any.
    number, header = max(rows, key=lambda row: len([*filter(None, row[1])]), default=(1, []))
    fields = columns.of_header(kind, header)
    mine = [
        f"“{' '.join(cell.split())[:80]}”"
        for cell, name in zip(header, fields, strict=True)
        if cell and not name
    ]
    known = columns.HEADINGS[kind]
    return tk._(
        "Row {row}: these are not the columns of this table: {unknown}. "
        "One of these must be there: {needed}. Known are: {expected}."
    ).format(
        row=number,
        unknown=", ".join(mine) or "–",
        needed=", ".join(known[name] for name in known if name in columns.NEEDED[kind]),
        expected=", ".join(known.values()),
    )


def _refuse_twice(kind: str, number: int, header: list[str], fields: list[str]) -> None:
    for name in columns.HEADINGS[kind]:
        places = [place for place, one in enumerate(fields) if one == name]
        if len(places) > 1:
            told = [f"{column_name(place)} “{' '.join(header[place].split())}”" for place in places]
            raise SheetError(
                tk._("Row {row}: the column “{column}” is there twice: {columns}.").format(
                    row=number, column=columns.HEADINGS[kind][name], columns=", ".join(told)
                )
            )


def _take_records(kind: str, sheet: Sheet, place: int, fields: list[str], reading: Reading) -> None:
    header = sheet.rows[place][1]
    is_signed = False
    for after, (number, row) in enumerate(sheet.rows[place + 1 :]):
        given = {
            name: cell
            for name, cell in zip(fields, row, strict=False)
            if name and name != headings.ASIDE
        }
        refused = {
            name: words
            for column, name in enumerate(fields)
            if name and name != headings.ASIDE and (words := sheet.refused.get((number, column)))
        }
        is_wide = number in sheet.wide
        reason = _no_record(kind, row, given, is_wide=is_wide, is_signed=is_signed)
        if row == header:
            reason = "headings"
        elif not after and _numbers_columns(row):
            reason = "numbering"
        if reason and not refused:
            is_signed = is_signed or reason == "signature"
            reading.left_out.append(LeftOut(number, _first(row), reason))
            continue
        read = {name: cells.read(name, cell) for name, cell in given.items()}
        reading.notes += [
            Note(number, name, given[name], text)
            for name, text in read.items()
            if text != " ".join(given[name].split()) and text != given[name]
        ]
        reading.records.append(Record(number, read, refused))


def _no_record(
    kind: str, row: list[str], given: dict[str, str], *, is_wide: bool, is_signed: bool
) -> str:
    """Return why a row is no record, empty for one that is."""
    if not any(given.values()):
        return "empty"
    if "example" in map(headings.kind_of_row, given.values()):
        return "example"
    found = headings.kind_of_row(_first(row)) or headings.kind_of_row(max(row, key=len, default=""))
    if any(given.get(name) for name in columns.KEYS[kind]):
        return ""
    if found in {"total", "signature"}:
        return found
    if is_signed:
        return "below"
    is_alone = len([*filter(None, given.values())]) == 1
    return "section" if is_alone and (found or is_wide) else ""


def _numbers_columns(row: list[str]) -> bool:
    filled = [cell for cell in row if cell]
    return len(filled) > 1 and all(map(NUMBERING.fullmatch, filled))


def _first(row: list[str]) -> str:
    """Return the first text of a row that is more than its number."""
    texts = [cell for cell in row if cell] or [""]
    first = next((one for one in texts if not ORDINAL.fullmatch(one)), texts[0])
    return " ".join(first.split())[:200]
