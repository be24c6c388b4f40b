"""Writes a repaired copy of a table: CSV in UTF-8, one row of headings, dates as in ISO 8601."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from ckanext.nd47.lib.files import encoding
from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.check import structure
from ckanext.nd47.tables.check.cells import DATES, Cell, Row, Table, date_of, shape, written
from ckanext.nd47.tables.check.examine import Options
from ckanext.nd47.tables.check.readers import kinds, records, texts, workbooks
from ckanext.nd47.tables.check.report import FileError, Report

_SAMPLE = 2_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def repair(source: Path, options: Options, target: Path) -> None:
    """Write the repaired copy of the first table of a file.

    Raises:
        FileError: the file has no table, or cannot be read.
    """
    # Kept until the end: a workbook is closed with the iterator of its sheets.
    tables = _tables(source, options)
    table = next(tables, None)
    if table is None:
        raise FileError("empty")
    first = list(islice(table.rows, _SAMPLE))
    head = structure.head(first[: structure.FIRST_ROWS])
    old = encoding.restore(_texts(first))[1]
    dated = _dated(first[head.first :], len(head.headings))
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_row(_headings(head.headings), (), old))
        for _, cells in _records(chain(first[head.first :], table.rows)):
            writer.writerow(_row(cells, dated, old))


def _tables(source: Path, options: Options) -> Iterator[Table]:
    name = kinds.named(options.name) or kinds.named(options.format)
    content = kinds.of_content(source, name)
    report = Report()
    if content in {"CSV", "TSV"}:
        yield texts.table(source, report)
    elif content == "JSON" and (table := records.table(source)):
        yield table
    elif content == "XLSX":
        yield from workbooks.xlsx(source, report)
    elif content in {"XLS", "ODS"}:
        yield from workbooks.calamine(source, report, content)
    else:
        raise FileError("unknown-format")


def _headings(headings: Sequence[str]) -> list[Cell]:
    """Return headings that are all there and all different."""
    seen: Counter[str] = Counter()
    result: list[Cell] = []
    for place, heading in enumerate(headings, start=1):
        name = heading or f"cột {place}"
        seen[name.casefold()] += 1
        times = seen[name.casefold()]
        result.append(name if times == 1 else f"{name} {times}")
    return result


def _records(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the rows up to the next table, without empty ones and totals."""
    for number, cells in rows:
        if all(shape(cell) == "blank" for cell in cells) or structure.is_total(cells):
            continue
        yield number, cells


def _dated(rows: Sequence[Row], width: int) -> frozenset[int]:
    """Return the places of the columns that mostly have dates."""
    counts: Counter[int] = Counter()
    filled: Counter[int] = Counter()
    for _, cells in rows:
        for place, cell in enumerate(cells[:width]):
            kind = shape(cell)
            counts[place] += kind in DATES
            filled[place] += kind != "blank"
    return frozenset(place for place in counts if counts[place] > filled[place] / 2)


def _texts(rows: Sequence[Row]) -> list[str]:
    return [cell for _, cells in rows for cell in cells if isinstance(cell, str)]


def _row(cells: Sequence[Cell], dated: Sequence[int] | frozenset[int], old: str) -> list[str]:
    row = []
    for place, cell in enumerate(cells):
        shown = text.nfc(written(cell))
        if place in dated:
            shown = _iso(shown)
        row.append(shown)
    restored = encoding.restore(row)[0] if old else row
    return [_harmless(shown, cell) for shown, cell in zip(restored, cells, strict=True)]


def _iso(shown: str) -> str:
    try:
        day = date_of(shown) if shape(shown) in DATES and ":" not in shown else None
    except ValueError:
        return shown
    return day.isoformat() if day else shown


def _harmless(shown: str, cell: Cell) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    is_text = isinstance(cell, str) and shape(cell) == "text"
    return f"'{shown}" if is_text and shown.startswith(_FORMULA) and len(shown) > 1 else shown
