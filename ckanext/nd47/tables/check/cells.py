"""Cells of tables: what a text looks like."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ckanext.nd47.lib.language import text

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | None
Row = tuple[int, list[Cell]]
"""Number of a row, from 1, and its cells."""


@dataclass
class Table:
    """A table that is read once, from its first row on.

    Attributes:
        rows: its rows, empty ones included.
        name: of its sheet or file.
        merged: number of merged cells.
        is_ragged: whether a row of another length is a fault: blank cells at its end count.
        errors: number of cells by the error that they show, complete once all rows are read.
    """

    rows: Iterator[Row]
    name: str = ""
    merged: int = 0
    is_ragged: bool = False
    errors: dict[str, int] = field(default_factory=dict)


_SHAPE = re.compile(
    r"""
      (?P<zero_led>0\d+)
    | (?P<integer>[+-]?\d{1,3})
    | (?P<long>[+-]?\d{4,})
    | (?P<dots>[+-]?[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?|[+-]?[1-9]\d{0,2}\.\d{3},\d+)
    | (?P<commas>[+-]?[1-9]\d{0,2}(?:,\d{3}){2,}(?:\.\d+)?|[+-]?[1-9]\d{0,2},\d{3}\.\d+)
    | (?P<dot3>[+-]?[1-9]\d{0,2}\.\d{3})
    | (?P<comma3>[+-]?[1-9]\d{0,2},\d{3})
    | (?P<decimal>[+-]?\d*\.\d+(?:[eE][+-]?\d{1,3})?)
    | (?P<decimal_comma>[+-]?\d+,\d+)
    | (?P<iso>\d{4}-\d{2}-\d{2})
    | (?P<iso_time>\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)
    | (?P<day_first>\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})(?:\s\d{1,2}:\d{2}(?::\d{2})?)?)
    | (?P<words>(?:ngày\s+)?\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4})
    """,
    re.VERBOSE | re.IGNORECASE,
)

NUMBERS = frozenset(
    {"integer", "long", "dots", "commas", "dot3", "comma3", "decimal", "decimal_comma", "number"}
)
WHOLE = frozenset({"integer", "long"})
"""Numbers without a sign between their digits; `long` ones have four digits or more."""
DATES = frozenset({"iso", "iso_time", "day_first", "words", "date"})
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?=\s|$)")
_WORDS = re.compile(r"(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")

_LONG = 1_000
_CENTURY = 100
_THIS_CENTURY = 50
"""Years of two digits below this one are of this century."""


def shape(cell: Cell) -> str:
    """Return what a cell looks like: `blank`, `text`, or a group of the pattern above.

    Cells that a workbook stores as a number or a date are `number`, `integer` or `date`.
    """
    if isinstance(cell, str):
        return _shape(cell.strip())
    if cell is None:
        return "blank"
    if isinstance(cell, bool):
        return "truth"
    if isinstance(cell, (int, float)):
        if isinstance(cell, float) and not cell.is_integer():
            return "number"
        return "integer" if abs(cell) < _LONG else "long"
    # A time of a workbook is no date.
    return "date" if isinstance(cell, dt.date) else "text"


def _shape(written: str) -> str:
    if not written:
        return "blank"
    first = written[0]
    if first.isalpha() and first not in "nN":
        # Most cells: no number or date begins with a letter, but `ngày 1 tháng 7 năm 2025`.
        return "text"
    match = _SHAPE.fullmatch(written)
    return str(match.lastgroup) if match else "text"


def is_blank(cells: list[Cell]) -> bool:
    """Return whether a row has no cell with content."""
    return not any(
        cell is not None and not (isinstance(cell, str) and (not cell or cell.isspace()))
        for cell in cells
    )


def written(cell: Cell) -> str:
    """Return the text of a cell, without blanks around it."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat() if cell.time() != dt.time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (dt.date, dt.time)) else str(cell)


def date_of(shown: str) -> dt.date | None:
    """Return the day that a text of one of the shapes of dates means.

    Raises:
        ValueError: there is no such day.
    """
    if match := _ISO.match(shown):
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.match(shown) or _WORDS.search(shown):
        year = int(match[3])
        if year < _CENTURY:
            year += 2000 if year < _THIS_CENTURY else 1900
        return dt.date(year, int(match[2]), int(match[1]))
    return None


def number_of(cell: Cell) -> float | None:
    """Return the number of a cell, also if it is written the Vietnamese way; None without one."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    kind = shape(cell)
    if kind not in NUMBERS:
        return None
    shown = written(cell)
    if kind in {"dots", "decimal_comma"}:
        shown = shown.replace(".", "").replace(",", ".")
    elif kind in {"commas", "comma3"}:
        shown = shown.replace(",", "") if kind == "commas" else shown.replace(",", ".")
    return float(shown)


@lru_cache(maxsize=4096)
def heading_words(heading: str) -> str:
    """Return a heading for comparison: no diacritics, no signs, blanks around it.

    `so_dien_thoai` and `Số điện thoại` both give ` so dien thoai `.
    """
    words = re.findall(r"[a-z]+|\d+", text.fold(heading.replace("_", " ")))
    return f" {' '.join(words)} "
