"""Examines a table while its rows pass, without holding them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest

from ckanext.nd47.lib.files import encoding
from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.check import limits, structure
from ckanext.nd47.tables.check.cells import NUMBERS, Cell, Row, Table, is_blank, shape
from ckanext.nd47.tables.check.columns import storage
from ckanext.nd47.tables.check.columns.column import Column
from ckanext.nd47.tables.check.columns.storage import Storage
from ckanext.nd47.tables.check.geography import Extent
from ckanext.nd47.tables.check.personal_data import NAME
from ckanext.nd47.tables.check.report import Finding, PartDict, Report


@dataclass(frozen=True)
class Layout:
    """Where the records of a table are, and how its columns are stored.

    Attributes:
        head: its headings; the records begin below them.
        storages: for each column how it is stored.
        headings: one for each column, empty where there is none.
        left_out: numbers of the rows that are no records, such as totals and notes.
        end: number of the first row behind the table, 0 if it ends with the file.
    """

    head: structure.Head
    storages: list[Storage]
    headings: list[str]
    left_out: frozenset[int]
    end: int


_CELLS_AT_ONCE = 100_000
_MOST_ROWS_AT_ONCE = 2_000
_NOTES_OF_WIDTH = 0.4
_READ_WRONGLY = re.compile(r"á[º»]|Ã[¡-¿]|Æ°|Ä‘|Ä\x90")
_FEW = 3


class Examination:
    """Of one table.

    Args:
        table: the table.
        report: what it is reported to.
        extent: surroundings of the province.
        deadline: processor time of the process after which the rest is not read.
    """

    def __init__(
        self, table: Table, report: Report, extent: Extent | None, deadline: float
    ) -> None:
        self._table, self._report = table, report
        self._extent, self._deadline = extent, deadline
        self._columns: list[Column] = []
        self._head = structure.Head()
        self._count = self._last = 0
        self._totals: list[Row] = []
        self._notes: list[int] = []
        self._ragged: list[int] = [0, 0]
        self._other_table = 0
        self._seen: set[int] = set()
        self._duplicates: list[int] = [0, 0]

    def run(self) -> None:
        """Read the table and report it."""
        first = list(islice(self._table.rows, structure.FIRST_ROWS))
        if not any(shape(cell) != "blank" for _, cells in first for cell in cells):
            first += list(islice(self._table.rows, limits.MOST_FILES))
        self._head = structure.head(first)
        headings = self._head.headings
        self._columns = [Column(name, self._extent) for name in headings[: limits.MOST_COLUMNS]]
        for chunk in self._chunks(chain(first[self._head.first :], self._table.rows)):
            self._add(chunk)
        if not structure.are_totals([n for n, _ in self._totals], self._last, self._count):
            self._add(self._totals)
            self._totals = []
        self._count -= len(self._totals)
        self._report_part()

    def _chunks(self, rows: Iterator[Row]) -> Iterator[list[Row]]:
        """Yield records in batches of bounded size."""
        chunk: list[Row] = []
        most = self._rows_at_once()
        was_empty = False
        for number, cells in rows:
            if is_blank(cells):
                was_empty = True
                continue
            if was_empty and self._count and self._is_beyond(number, cells, chunk):
                if self._other_table:
                    break
                continue
            was_empty = False
            self._count += 1
            self._last = number
            if structure.is_total(cells):
                self._totals.append((number, cells))
                continue
            chunk.append((number, cells))
            if len(chunk) >= most:
                yield chunk
                chunk = []
                if time.process_time() > self._deadline:
                    self._report.whole = False
                    break
        yield chunk

    def _rows_at_once(self) -> int:
        return max(1, min(_MOST_ROWS_AT_ONCE, _CELLS_AT_ONCE // max(len(self._columns), 1)))

    def _is_beyond(self, number: int, cells: list[Cell], chunk: list[Row]) -> bool:
        """Return whether a row after an empty one is not of this table any more."""
        filled = sum(1 for cell in cells if not is_blank([cell]))
        if filled <= max(1, len(self._columns) * _NOTES_OF_WIDTH) and len(self._columns) > 1:
            self._notes.append(number)
            return True
        self._add(chunk)
        chunk.clear()
        numeric = [any(column.shapes[kind] for kind in NUMBERS) for column in self._columns]
        if structure.begins_another_table(cells, numeric):
            self._other_table = number
            return True
        return False

    def _add(self, chunk: Sequence[Row]) -> None:
        if not chunk:
            return
        numbers = [number for number, _ in chunk]
        by_column = islice(zip_longest(*(cells for _, cells in chunk)), limits.MOST_COLUMNS)
        for place, cells in enumerate(by_column):
            if place == len(self._columns):
                self._columns.append(Column("", self._extent))
            self._columns[place].add(cells, numbers)
        width = self._head.width
        for number, cells in chunk:
            if len(cells) != width:
                self._ragged[0] += 1
                self._ragged[1] = self._ragged[1] or number
            if len(self._seen) < limits.MOST_COMPARED_ROWS:
                key = hash(tuple(cells))
                if key in self._seen:
                    self._duplicates[0] += 1
                    self._duplicates[1] = self._duplicates[1] or number
                self._seen.add(key)

    def layout(self) -> Layout:
        """Return where the records are, after the table was read."""
        return Layout(
            head=self._head,
            storages=[storage.of_column(column) for column in self._columns],
            headings=[column.heading for column in self._columns],
            left_out=frozenset([number for number, _ in self._totals] + self._notes),
            end=self._other_table,
        )

    # What is reported

    def _report_part(self) -> None:
        columns = self._columns
        used = [column for column in columns if column.heading or column.filled]
        self._report.parts.append(
            PartDict(
                name=self._table.name,
                rows=max(self._count, 0),
                columns=[column.as_dict() for column in used],
            )
        )
        findings = [*self._structure(), *self._texts()]
        personal = []
        for column in columns:
            own = list(column.findings())
            personal += [finding for finding in own if column.is_personal]
            findings += own
        if any(finding.code != NAME for finding in personal):
            findings += [finding for column in columns for finding in column.names()]
        self._report.findings += [replace(finding, part=self._table.name) for finding in findings]

    def _structure(self) -> Iterator[Finding]:
        head = self._head
        if not self._count:
            yield Finding("empty")
            return
        if head.above:
            yield Finding("title-rows", row=1, count=head.above, facts={"heading": head.row})
        if not head.depth:
            yield Finding("no-heading", row=1)
        if head.depth > 1:
            yield Finding("two-row-heading", row=head.row)
        if head.numbering:
            yield Finding("numbering-row", row=head.numbering)
        if self._table.merged:
            yield Finding("merged-cells", count=self._table.merged)
        yield from self._headings()
        yield from self._rows()

    def _rows(self) -> Iterator[Finding]:
        if self._totals:
            yield Finding("total-row", row=self._totals[0][0], count=len(self._totals))
        if self._notes:
            yield Finding("notes-below", row=self._notes[0], count=len(self._notes))
        if self._other_table:
            yield Finding("several-tables", row=self._other_table)
        if self._table.is_ragged and self._ragged[0]:
            yield Finding("ragged-rows", row=self._ragged[1], count=self._ragged[0],
                          facts={"width": self._head.width})  # fmt: skip
        if self._duplicates[0]:
            yield Finding("duplicate-rows", row=self._duplicates[1], count=self._duplicates[0])
        for error, count in self._table.errors.items():
            yield Finding("formula-errors", count=count, facts={"example": error})

    def _headings(self) -> Iterator[Finding]:
        headings = self._head.headings
        if len(headings) > limits.MOST_COLUMNS:
            yield Finding("too-many-columns", count=len(headings),
                          facts={"limit": limits.MOST_COLUMNS})  # fmt: skip
        if self._head.depth:
            empty = [column for column in self._columns if not column.heading and column.filled]
            if empty:
                yield Finding("empty-heading", row=self._head.row, count=len(empty))
        for heading in structure.repeated(headings)[:_FEW]:
            yield Finding("same-heading", heading[:200], self._head.row)
        too_long = [h for h in headings if len(h.encode()) > structure.LONGEST_HEADING]
        for heading in too_long[:_FEW]:
            yield Finding("long-heading", heading[:200], self._head.row,
                          facts={"limit": structure.LONGEST_HEADING})  # fmt: skip

    def _texts(self) -> Iterator[Finding]:
        """Yield what is wrong with the letters of the texts."""
        sample = [h for h in self._head.headings if not h.isascii()]
        sample += [shown for column in self._columns if not column.is_personal
                   for shown in column.sample]  # fmt: skip
        joined = "\n".join(sample)
        wrong = len(_READ_WRONGLY.findall(joined))
        if wrong >= _FEW:
            yield Finding("read-wrongly", count=wrong)
            return
        restored, label = encoding.restore(sample)
        if label:
            before, after = next(
                ((old, new) for old, new in zip(sample, restored, strict=True) if old != new),
                ("", ""),
            )
            yield Finding("old-font", facts={"encoding": label, "example": before[:60],
                                             "meant": after[:60]})  # fmt: skip
        if any(text.nfc(shown) != shown for shown in sample):
            count = sum(text.nfc(shown) != shown for shown in sample)
            yield Finding("decomposed", count=count)
        lost = joined.count(encoding.UNREADABLE)
        if lost:
            yield Finding("lost-letters", count=lost)
