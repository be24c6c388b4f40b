"""Reads the spreadsheet that somebody sends: XLSX, CSV, or a ZIP with two CSV files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.spreadsheet.fields import columns
from ckanext.nd47.desk.spreadsheet.fields.column import Column
from ckanext.nd47.desk.spreadsheet.fields.columns import DATASETS, FILES
from ckanext.nd47.desk.spreadsheet.files.archive import UNREADABLE
from ckanext.nd47.lib.files.spreadsheets import reading, spreadsheet
from ckanext.nd47.lib.files.spreadsheets.headings import IGNORED, Table
from ckanext.nd47.lib.files.spreadsheets.reading import Reading
from ckanext.nd47.lib.files.spreadsheets.sheet import Limits, Sheet, SheetError

LIMITS = Limits(file=20 * 2**20, unpacked=100 * 2**20, rows=50_000, cells=1_000_000, cell=32_767)
"""A spreadsheet of 10,000 datasets with 20,000 files."""

XLSX_PART = "[Content_Types].xml"
CSV = ".csv"
MOST_TABLES = 4
MOST_NAMED = 100
"""Rows and cells that the result names, of each sheet."""


@dataclass(frozen=True)
class Tables:
    """What a spreadsheet holds.

    Attributes:
        columns: the known columns by path, of each table.
        datasets: the table of the datasets, None without one.
        files: the table of the files, None without one.
    """

    columns: Mapping[str, Mapping[str, Column]]
    datasets: Reading | None
    files: Reading | None

    def about(self) -> dict[str, Any]:
        """Return what was recognised, in the form that a run stores."""
        return {
            kind: {
                **table.as_dict(),
                "left_out": table.left_out[:MOST_NAMED],
                "notes": table.notes[:MOST_NAMED],
                "more": max(0, len(table.left_out) - MOST_NAMED)
                + max(0, len(table.notes) - MOST_NAMED),
            }
            for kind, table in ((DATASETS, self.datasets), (FILES, self.files))
            if table
        }


def read(data: bytes) -> Tables:
    """Read a spreadsheet.

    Raises:
        SheetError: it is refused, or has none of the tables.
    """
    by_path = {
        kind: {column.path: column for column in columns.of(kind)} for kind in (DATASETS, FILES)
    }
    tables = {kind: columns.table(kind, list(by_path[kind].values())) for kind in by_path}
    sheets, encoding = _sheets(data)
    found: dict[str, list[Sheet]] = {DATASETS: [], FILES: []}
    for sheet in sheets:
        if kind := _kind(tables, sheet):
            found[kind].append(sheet)
    for kind, of_kind in found.items():
        # A sheet of instructions may have one heading or two.
        most = max((reading.recognised(tables[kind], sheet) for sheet in of_kind), default=0)
        of_kind[:] = [
            sheet for sheet in of_kind if 2 * reading.recognised(tables[kind], sheet) >= most
        ]
    if not found[DATASETS] and not found[FILES]:
        # Says which headings are needed.
        reading.read_sheets(tables[DATASETS], sheets, encoding)
    read_tables = {
        kind: reading.read_sheets(tables[kind], found[kind], encoding) if found[kind] else None
        for kind in found
    }
    return Tables(by_path, read_tables[DATASETS], read_tables[FILES])


def _kind(tables: Mapping[str, Table], sheet: Sheet) -> str:
    """Return which table a sheet has, by the number of its headings that are known."""
    of_datasets = reading.recognised(tables[DATASETS], sheet)
    of_files = reading.recognised(tables[FILES], sheet)
    if of_files > of_datasets:
        return FILES
    return DATASETS if of_datasets else ""


def _sheets(data: bytes) -> tuple[list[Sheet], str]:
    if not data.startswith(spreadsheet.XLSX_SIGNATURE):
        book = spreadsheet.read(data, LIMITS)
        return book.sheets, book.encoding
    if len(data) > LIMITS.file:
        raise SheetError(
            tk._("The file is larger than {limit} MB.").format(limit=LIMITS.file // 2**20)
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if XLSX_PART not in names and any(name.lower().endswith(CSV) for name in names):
                return _csv_files(archive)
    except UNREADABLE as error:
        if isinstance(error, SheetError):
            raise
        raise SheetError(tk._("The ZIP file is broken.")) from error
    book = spreadsheet.read(data, LIMITS)
    return book.sheets, book.encoding


def _csv_files(archive: zipfile.ZipFile) -> tuple[list[Sheet], str]:
    sheets: list[Sheet] = []
    encoding = ""
    tables = [info for info in archive.infolist() if info.filename.lower().endswith(CSV)]
    for info in tables[:MOST_TABLES]:
        with archive.open(info) as stream:
            book = spreadsheet.read(stream.read(LIMITS.file + 1), LIMITS)
        encoding = encoding or book.encoding
        for sheet in book.sheets:
            sheet.name = info.filename.rpartition("/")[2][:80]
            sheets.append(sheet)
    return sheets, encoding


def headings(tables: Tables) -> dict[str, dict[str, list[str]]]:
    """Return letters and heading of each column that is read, by table and path."""
    return {
        kind: {
            column["field"]: [column["column"], column["heading"]]
            for column in table.columns
            if column["field"] not in {"", IGNORED}
        }
        for kind, table in ((DATASETS, tables.datasets), (FILES, tables.files))
        if table
    }
