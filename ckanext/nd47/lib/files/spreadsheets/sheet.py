"""Sheets of an uploaded file, and the limits of what is read."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

import ckan.plugins.toolkit as tk

LARGEST_FILE = 10 * 2**20
MOST_PARTS = 500
MOST_SHEETS = 50
MOST_COLUMNS = 100


@dataclass(frozen=True)
class Limits:
    """How much of a file is read; more is refused.

    Attributes:
        file: bytes of the file.
        unpacked: bytes of an XLSX file when it is unpacked.
        rows: rows of a sheet.
        cells: cells of all sheets.
        cell: characters of a cell.
    """

    file: int = LARGEST_FILE
    unpacked: int = 2 * LARGEST_FILE
    rows: int = 20_000
    cells: int = 400_000
    cell: int = 10_000


USUAL = Limits()

SERIAL = re.compile(r"[2-7]\d{4}")
"""A date as the serial number of spreadsheet programs, from 1954 to 2118."""
SERIAL_START = dt.date(1899, 12, 30)

Row = tuple[int, list[str]]
"""Number of a row in the file, from 1, and its cells."""


class SheetError(ValueError):
    """A file that is refused; the message says why, and where."""


@dataclass
class Sheet:
    """One sheet of a file.

    Attributes:
        name: its name; empty in CSV.
        rows: its rows with at least one cell.
        refused: messages about refused cells, by row number and column index.
        merged_rows: numbers of the rows with cells merged across columns.
    """

    name: str = ""
    rows: list[Row] = field(default_factory=list)
    refused: dict[tuple[int, int], str] = field(default_factory=dict)
    merged_rows: set[int] = field(default_factory=set)


def day_of_serial(cell: str) -> str:
    """Return the ISO date of a serial number, empty for another text."""
    if not SERIAL.fullmatch(cell):
        return ""
    return (SERIAL_START + dt.timedelta(days=int(cell))).isoformat()


def column_name(place: int) -> str:
    """Return the letters of a column, counted from 0, as spreadsheet programs show them."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def too_long(limit: int, name: str = "") -> SheetError:
    """Return the error for too many rows."""
    message = tk._("The table has more than {limit} rows. Divide it, or delete empty rows.")
    return SheetError(_in_sheet(name) + message.format(limit=limit))


def too_wide(number: int, name: str = "") -> SheetError:
    """Return the error for a row with too many columns."""
    message = tk._("Row {row} has more than {limit} columns.")
    return SheetError(_in_sheet(name) + message.format(row=number, limit=MOST_COLUMNS))


def _in_sheet(name: str) -> str:
    return tk._("Sheet “{sheet}”: ").format(sheet=name) if name else ""
