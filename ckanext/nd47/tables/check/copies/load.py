"""Writes the first table of a file as PostgreSQL reads it: CSV with the types that were found."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TypedDict

from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.check import limits, structure
from ckanext.nd47.tables.check.cells import Cell, Row, is_blank
from ckanext.nd47.tables.check.columns import storage
from ckanext.nd47.tables.check.columns.storage import MisfitError, Storage, StoredType
from ckanext.nd47.tables.check.examine import LOADED, Options, tables
from ckanext.nd47.tables.check.readers import kinds
from ckanext.nd47.tables.check.report import FileError, Report
from ckanext.nd47.tables.check.table import Layout

_CHECKED_ROWS = 10_000

_CHOSEN: Mapping[str, StoredType] = {
    "number": "numeric",
    "date": "date",
    "timestamp": "timestamp",
}


class LoadedColumn(TypedDict):
    """A column for the DataStore.

    `misfits` cells, the first in `row`, keep it from having the type `meant`; otherwise they are 0.
    """

    name: str
    heading: str
    type: StoredType
    meant: StoredType
    misfits: int
    row: int


class LoadedTable(TypedDict):
    """The table that was written."""

    rows: int
    columns: list[LoadedColumn]


@dataclass
class _MisfitError(Exception):
    place: int
    row: int


def write(
    source: Path, options: Options, layout: Layout, target: Path, chosen: Sequence[str] = ()
) -> LoadedTable:
    """Write the first table of a file.

    Args:
        source: the file.
        options: what is known besides.
        layout: where its records are; from `examine`.
        target: gets CSV in UTF-8 without headings; empty cells have no quotation marks.
        chosen: for each column the type that somebody has chosen (`text`, `number`, `date` or
            `timestamp`), or empty. A column with a cell that does not fit is text all the same.

    Raises:
        FileError: the file cannot be read, or has too many columns.
    """
    if len(layout.headings) >= limits.MOST_COLUMNS:
        raise FileError("too-many-columns", limit=limits.MOST_COLUMNS)
    storages = list(layout.storages)
    for place, kind in enumerate(chosen[: len(storages)]):
        if kind == "text":
            storages[place] = storage.TEXT
        elif kind and storages[place].type == "text":
            storages[place] = Storage(_CHOSEN[kind])
    while True:
        # A cell that was no misfit in the examination may be one for PostgreSQL, such as 25:61.
        try:
            rows = _write(source, options, layout, storages, target)
        except _MisfitError as misfit:  # noqa: PERF203 - once for each such column
            before = storages[misfit.place]
            storages[misfit.place] = replace(
                storage.TEXT, misfits=1, row=misfit.row, meant=before.type
            )
        else:
            return LoadedTable(rows=rows, columns=_columns(layout.headings, storages))


def _columns(headings: Sequence[str], storages: Sequence[Storage]) -> list[LoadedColumn]:
    names = structure.column_names(headings)
    return [
        LoadedColumn(
            name=name,
            heading=heading[:200],
            type=how.type,
            meant=how.meant if how.misfits else how.type,
            misfits=how.misfits,
            row=how.row,
        )
        for name, heading, how in zip(names, headings, storages, strict=True)
    ]


def _write(
    source: Path, options: Options, layout: Layout, storages: Sequence[Storage], target: Path
) -> int:
    width = len(storages)
    count = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        for number, cells in _records(source, options, layout):
            row = [
                _value(cell, storages[place], place, number)
                for place, cell in enumerate(cells[:width])
            ]
            row += [None] * (width - len(row))
            writer.writerow(row)
            count += 1
            if not count % _CHECKED_ROWS and file.tell() > limits.LARGEST_LOADED:
                raise FileError("too-large", limit=f"{limits.LARGEST_LOADED // 2**30} GB")
    return count


def _value(cell: Cell, how: Storage, place: int, row: int) -> str | None:
    try:
        value = storage.value(cell, how)
    except MisfitError as error:
        raise _MisfitError(place, row) from error
    return text.nfc(value) if value and how.type == "text" and not value.isascii() else value


def _records(source: Path, options: Options, layout: Layout) -> Iterator[Row]:
    """Yield the records: no headings, no empty rows, totals or notes, no further table."""
    name = kinds.named(options.name) or kinds.named(options.format)
    content = kinds.of_content(source, name)
    if content not in LOADED:
        raise FileError("unknown-format")
    # Kept until the end: a workbook is closed with the iterator of its sheets.
    file_tables = tables(source, content, Report())
    table = next(file_tables, None)
    if table is None:
        raise FileError("empty")
    first = list(islice(table.rows, structure.FIRST_ROWS))
    if all(is_blank(cells) for _, cells in first):
        first += list(islice(table.rows, limits.MOST_FILES))
    for number, cells in chain(first[layout.head.first :], table.rows):
        if layout.end and number >= layout.end:
            return
        if number not in layout.left_out and not is_blank(cells):
            yield number, cells
