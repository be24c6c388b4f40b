"""Reads the sheets of XLSX, XLS and ODS."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.cells import Cell, Row, Table
from ckanext.nd47.tables.check.readers import archives
from ckanext.nd47.tables.check.report import FileError, Report

_MERGED = re.compile(rb"<(?:\w{1,20}:)?mergeCell\s")
_ERROR = re.compile(r"#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
_CHUNK = 2**16


def xlsx(path: Path, report: Report) -> Iterator[Table]:
    """Yield the visible sheets of an XLSX file.

    Raises:
        FileError: it is broken, locked or too large.
    """
    with archives.opened(path) as archive:
        archives.inspect_office(archive, report)
        strings = next(
            (p for p in archive.infolist() if "sharedstrings" in p.filename.lower()), None
        )
        if strings and strings.file_size > limits.LARGEST_STRINGS:
            raise FileError("too-large", limit=f"{limits.LARGEST_STRINGS // limits.MEGABYTE} MB")
        merged = {part.filename: _merged(archive, part) for part in archive.infolist()
                  if part.filename.startswith("xl/worksheets/sheet")}  # fmt: skip
    # By its name, openpyxl refuses a file without an extension, as CKAN stores it.
    with path.open("rb") as file:
        book = _workbook(file)
        budget = [limits.MOST_CELLS]
        sheets = [tab for tab in book.worksheets if tab.sheet_state == "visible"]
        for tab in sheets[: limits.MOST_SHEETS]:
            part = str(tab._worksheet_path)  # noqa: SLF001 - no public name
            table = Table(iter(()), tab.title, merged.get(part.lstrip("/"), 0))
            table.rows = _bounded(_xlsx_rows(tab, table), budget, report)
            yield table
        book.close()


def _workbook(file: BinaryIO) -> Any:
    # With numpy: a quarter of the time that the check of a small table takes.
    from openpyxl import load_workbook  # noqa: PLC0415

    warnings.simplefilter("ignore")
    try:
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:
        # openpyxl raises errors of the parser, the archive and its own code.
        raise FileError("broken") from error


def calamine(path: Path, report: Report, name: str) -> Iterator[Table]:
    """Yield the visible sheets of an XLS or ODS file.

    Raises:
        FileError: it is broken, locked or too large.
    """
    if name == "ODS":
        with archives.opened(path) as archive:
            archives.inspect_office(archive, report)
            if any(part.file_size > limits.LARGEST_WHOLE for part in archive.infolist()):
                raise _too_large()
    elif path.stat().st_size > limits.LARGEST_WHOLE:
        raise _too_large()
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            budget = [limits.MOST_CELLS]
            visible = [sheet.name for sheet in book.sheets_metadata
                       if sheet.visible == SheetVisibleEnum.Visible]  # fmt: skip
            for title in visible[: limits.MOST_SHEETS]:
                sheet = book.get_sheet_by_name(title)
                table = Table(iter(()), title, len(sheet.merged_cell_ranges or ()))
                table.rows = _bounded(_calamine_rows(sheet, table), budget, report)
                yield table
    except CalamineError as error:
        raise FileError("locked" if "assword" in str(error) else "broken") from error


def _xlsx_rows(tab: Any, table: Table) -> Iterator[Row]:
    rows = tab.iter_rows(values_only=True)
    number = 0
    while True:
        try:
            cells = next(rows, None)
        except MemoryError:
            raise
        except Exception as error:
            # As above.
            raise FileError("broken") from error
        if cells is None:
            return
        number += 1
        yield number, _values(cells, table)


def _calamine_rows(sheet: Any, table: Table) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, _values(cells, table)


def _values(cells: Any, table: Table) -> list[Cell]:
    row = list(cells)
    while row and (row[-1] is None or row[-1] == ""):
        row.pop()
    for place, cell in enumerate(row):
        if isinstance(cell, str) and cell[:1] == "#" and _ERROR.fullmatch(cell):
            table.errors[cell] = table.errors.get(cell, 0) + 1
            row[place] = None
    return row


def _bounded(rows: Iterator[Row], budget: list[int], report: Report) -> Iterator[Row]:
    """Yield rows until the workbook has had all cells that are read."""
    for number, cells in rows:
        budget[0] -= len(cells) + 1
        if budget[0] < 0:
            report.whole = False
            return
        yield number, cells


def _merged(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Count the merged cells of a sheet, which follow its cells."""
    count, rest = 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            window = rest + chunk
            count += len(_MERGED.findall(window))
            rest = window[-30:] if not _MERGED.search(window[-30:]) else b""
    return count


def _too_large() -> FileError:
    return FileError("too-large", limit=f"{limits.LARGEST_WHOLE // limits.MEGABYTE} MB")
