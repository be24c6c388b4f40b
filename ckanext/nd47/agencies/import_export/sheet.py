"""Sheets of an uploaded file, and the limits of what is read."""

from __future__ import annotations

from dataclasses import dataclass, field

import ckan.plugins.toolkit as tk

LARGEST_FILE = 10 * 2**20
LARGEST_UNPACKED = 20 * 2**20
MOST_PARTS = 500
MOST_SHEETS = 50
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_CELLS = 20 * MOST_ROWS
LONGEST_CELL = 10_000

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


def column_name(place: int) -> str:
    """Return the letters of a column, counted from 0, as spreadsheet programs show them."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def too_long(name: str = "") -> SheetError:
    """Return the error for too many rows."""
    message = tk._("The table has more than {limit} rows. Divide it, or delete empty rows.")
    return SheetError(_in_sheet(name) + message.format(limit=MOST_ROWS))


def too_wide(number: int, name: str = "") -> SheetError:
    """Return the error for a row with too many columns."""
    message = tk._("Row {row} has more than {limit} columns.")
    return SheetError(_in_sheet(name) + message.format(row=number, limit=MOST_COLUMNS))


def _in_sheet(name: str) -> str:
    return tk._("Sheet “{sheet}”: ").format(sheet=name) if name else ""
