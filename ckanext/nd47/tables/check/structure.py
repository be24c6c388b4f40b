"""Finds the headings of a table, and rows that are not records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ckanext.nd47.tables.check.cells import Cell, Row, shape, written

FIRST_ROWS = 40
"""Rows in which the headings are searched."""

LONGEST_HEADING = 63
"""Bytes of a heading: PostgreSQL cuts longer names of columns."""

_MOST_OF_WIDTH = 0.6
_NARROW = 3
_YEAR = re.compile(r"(?:19|20)\d{2}")
_NUMBERING = re.compile(r"\(?(?:\d{1,2}|[A-Za-z])\)?(?:\s*=.{1,20})?")
_TOTAL = re.compile(
    r"(?:tổng(?:\s+(?:cộng|số|toàn\s+\w+))?|cộng|toàn\s+(?:tỉnh|huyện|xã|thành\s+phố)"
    r"|(?:grand\s+)?total)\s*[:.]?",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"(?<!\w):(?=\w)")
_TOTAL_INITIALS = frozenset("tTcCgG")
_MOST_TOTALS = 3


@dataclass
class Head:
    """The headings of a table.

    Attributes:
        headings: one for each column, empty where there is none.
        above: rows with a text above the headings.
        depth: rows of the headings, 0 where there are none.
        numbering: number of the row that numbers the columns, 0 without one.
        first: index of the first record among the first rows.
        width: number of cells of the row of the headings as it was read.
    """

    headings: list[str] = field(default_factory=list)
    above: int = 0
    row: int = 0
    depth: int = 1
    numbering: int = 0
    first: int = 0
    width: int = 0


def head(rows: Sequence[Row]) -> Head:
    """Return the headings among the first rows of a table."""
    counts = [sum(1 for cell in cells if shape(cell) != "blank") for _, cells in rows]
    width = _usual(counts)
    least = width if width <= _NARROW else width * _MOST_OF_WIDTH
    index = next(
        (
            place
            for place, (_, cells) in enumerate(rows)
            if counts[place] and counts[place] >= least and _is_heading(cells)
        ),
        None,
    )
    if index is None:
        first = next((place for place, count in enumerate(counts) if count >= least), 0)
        cells = rows[first][1] if rows else []
        above = sum(1 for count in counts[:first] if count)
        return Head([""] * len(cells), above, 0, 0, 0, first, len(cells))
    number, cells = rows[index]
    result = Head(_texts(cells), sum(1 for count in counts[:index] if count), number)
    result.width, result.first = len(cells), index + 1
    if index + 1 < len(rows) and _is_second(cells, rows[index + 1][1]):
        result.headings = _joined(cells, rows[index + 1][1])
        result.depth, result.first = 2, index + 2
    if result.first < len(rows) and _is_numbering(rows[result.first][1]):
        result.numbering = rows[result.first][0]
        result.first += 1
    while result.headings and not result.headings[-1] and not _is_used(rows, result):
        result.headings.pop()
    return result


def is_total(cells: Sequence[Cell]) -> bool:
    """Return whether a row adds up the others."""
    first = next((cell for cell in cells if isinstance(cell, str) and cell[:1].isalpha()), "")
    shown = str(first)
    return shown[:1] in _TOTAL_INITIALS and _TOTAL.fullmatch(shown.strip()) is not None


def are_totals(rows: Sequence[int], last: int, count: int) -> bool:
    """Return whether rows that look like totals are no category of the table itself.

    Args:
        rows: their numbers.
        last: number of the last row of the table.
        count: number of its rows.
    """
    return 0 < len(rows) <= min(_MOST_TOTALS, max(count // 2, 1)) and rows[-1] == last


def begins_another_table(cells: Sequence[Cell], numeric: Sequence[bool]) -> bool:
    """Return whether a row after an empty one is the heading of another table.

    Args:
        cells: the row.
        numeric: for each column whether it has had numbers so far.
    """
    filled = [place for place, cell in enumerate(cells) if shape(cell) != "blank"]
    if len(filled) < 2 or not all(shape(cells[place]) == "text" for place in filled):  # noqa: PLR2004
        return False
    return any(place < len(numeric) and numeric[place] for place in filled)


def repeated(headings: Sequence[str]) -> list[str]:
    """Return the headings that several columns have, without case."""
    counts = Counter(heading.casefold() for heading in headings if heading)
    return [heading for heading in dict.fromkeys(headings) if counts[heading.casefold()] > 1]


def column_names(headings: Sequence[str]) -> list[str]:
    """Return names of columns for a database: none is empty, too long, or there twice."""
    names: list[str] = []
    seen: set[str] = set()
    for place, heading in enumerate(headings, start=1):
        name = _column_name(heading) or f"cột {place}"
        number = 1
        while name.casefold() in seen:
            number += 1
            name = f"{_cut(_column_name(heading) or f'cột {place}', 8)} {number}"
        seen.add(name.casefold())
        names.append(name)
    return names


def _column_name(heading: str) -> str:
    """Return a heading as the DataStore takes it: no quotation mark, no `_` at its start."""
    plain = "".join(letter for letter in heading if letter.isprintable()).replace('"', "'")
    # CKAN's statements would take a colon before a word for a parameter.
    plain = _PARAMETER.sub(": ", plain)
    return _cut(" ".join(plain.split()).lstrip("_ "))


def _cut(name: str, less: int = 0) -> str:
    """Return a name with at most the bytes that PostgreSQL allows, and `less` fewer."""
    return name.encode()[: LONGEST_HEADING - less].decode(errors="ignore").strip()


def _usual(counts: Sequence[int]) -> int:
    """Return the usual number of filled cells of a row; of two as usual the larger one."""
    tally = Counter(count for count in counts if count)
    return max(tally, key=lambda count: (tally[count], count), default=0)


def _is_heading(cells: Sequence[Cell]) -> bool:
    shapes = [(shape(cell), cell) for cell in cells]
    texts = [kind for kind, _ in shapes if kind == "text"]
    return bool(texts) and all(
        kind in {"text", "blank"} or _YEAR.fullmatch(written(cell)) for kind, cell in shapes
    )


def _is_second(first: Sequence[Cell], second: Sequence[Cell]) -> bool:
    """Return whether a row divides the headings above it: `Dân số` into `Nam` and `Nữ`."""
    if not _is_heading(second):
        return False
    pairs = list(zip(first, [*second, *[None] * len(first)], strict=False))
    blanks = [(shape(above) == "blank", shape(below) == "blank") for above, below in pairs]
    return (True, False) in blanks and (False, True) in blanks


def _joined(first: Sequence[Cell], second: Sequence[Cell]) -> list[str]:
    joined, parent = [], ""
    below = [*second, *[None] * len(first)]
    for place in range(max(len(first), len(second))):
        above = written(first[place]) if place < len(first) else ""
        parent = above or (parent if written(below[place]) else "")
        parts = dict.fromkeys(filter(None, [parent, written(below[place])]))
        joined.append(" - ".join(" ".join(part.split()) for part in parts))
    return joined


def _is_numbering(cells: Sequence[Cell]) -> bool:
    filled = [written(cell) for cell in cells if shape(cell) != "blank"]
    if len(filled) < _NARROW or not all(map(_NUMBERING.fullmatch, filled)):
        return False
    numbers = [text.strip("()").split("=")[0].strip() for text in filled]
    whole = [int(text) for text in numbers if text.isdecimal()]
    return (
        len(whole) > 1 and whole == list(range(whole[0], whole[0] + len(whole))) and (whole[0] == 1)
    )


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [" ".join(written(cell).split()) for cell in cells]


def _is_used(rows: Sequence[Row], head_: Head) -> bool:
    """Return whether the last column has a cell below the headings."""
    place = len(head_.headings) - 1
    return any(
        place < len(cells) and shape(cells[place]) != "blank" for _, cells in rows[head_.first :]
    )
