"""What the beginning of a table states: lines above it, headings, dates and repeated values.

It is for proposals to the person who has the file before them; nothing of it is stored or logged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TypedDict

from ckanext.nd47.tables.check import structure
from ckanext.nd47.tables.check.cells import DATES, Cell, Table, date_of, shape, written

ROWS = 5_000
"""Rows that are looked at."""

MOST_VALUES = 200
"""Different texts of a column that are returned: more than any province has communes."""

LONGEST = 200
"""Characters of a line or a value that are returned."""


class ColumnSample(TypedDict):
    """A column: its heading, the first and last date in it, and its different texts, if few."""

    name: str
    first: str
    last: str
    values: list[str]


class Sample(TypedDict):
    """The beginning of a table: lines above the headings, and columns."""

    lines: list[str]
    columns: list[ColumnSample]


@dataclass
class _Column:
    name: str
    days: list[dt.date] = field(default_factory=list)
    values: dict[str, None] = field(default_factory=dict)
    is_full: bool = False

    def add(self, cell: Cell) -> None:
        kind = shape(cell)
        if kind == "blank":
            return
        shown = written(cell)
        if kind in DATES:
            self._add_day(shown)
        elif not self.is_full:
            self.values[shown[:LONGEST]] = None
            if len(self.values) > MOST_VALUES:
                self.is_full = True
                self.values.clear()

    def _add_day(self, shown: str) -> None:
        try:
            day = date_of(shown)
        except ValueError:
            return
        if day is None:
            return
        self.days = [min([day, *self.days]), max([day, *self.days])]

    def as_dict(self) -> ColumnSample:
        return ColumnSample(
            name=self.name,
            first=self.days[0].isoformat() if self.days else "",
            last=self.days[-1].isoformat() if self.days else "",
            values=list(self.values),
        )


def of_tables(tables: Iterator[Table]) -> Sample:
    """Return what the beginning of the first table states."""
    for table in tables:
        first = list(islice(table.rows, structure.FIRST_ROWS))
        if any(shape(cell) != "blank" for _, cells in first for cell in cells):
            return _of_table(table, first)
    return Sample(lines=[], columns=[])


def _of_table(table: Table, first: list[tuple[int, list[Cell]]]) -> Sample:
    head = structure.head(first)
    lines = [
        written(cell)[:LONGEST]
        for number, cells in first
        if number < head.row
        for cell in cells
        if shape(cell) == "text"
    ]
    columns = [_Column(name) for name in head.headings[:LONGEST]]
    for _, cells in islice(chain(first[head.first :], table.rows), ROWS):
        for column, cell in zip(columns, cells, strict=False):
            column.add(cell)
    return Sample(lines=lines, columns=[column.as_dict() for column in columns])


def empty() -> Sample:
    """Return the sample of a file without a table."""
    return Sample(lines=[], columns=[])


def beginning(path: Path, target: Path, size: int) -> bool:
    """Write whole lines from the beginning of a text file; return whether something is left out."""
    with path.open("rb") as source:
        content = source.read(size)
        is_part = bool(source.read(1))
    if is_part and (end := content.rfind(b"\n")) > 0:
        content = content[: end + 1]
    target.write_bytes(content)
    return is_part
