"""Tables in CSV and XLSX: read with suspicion, written so that no program runs what they hold."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import ckan.plugins.toolkit as tk

LARGEST_FILE = 10 * 2**20
LARGEST_UNPACKED = 100 * 2**20
MOST_PARTS = 500
MOST_ROWS = 20_000
MOST_COLUMNS = 100
LONGEST_CELL = 10_000

XLSX_SIGNATURE = b"PK\x03\x04"
OLD_EXCEL_SIGNATURE = b"\xd0\xcf\x11\xe0"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet program take a text for a formula."""

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
"""What Python's archive reader ends in on a broken, encrypted or unusual archive."""

PART = 2**16
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z0-9:]{1,40})"')

Row = tuple[int, list[str]]
"""Number of a row in the file, from 1, and its cells."""


class SheetError(ValueError):
    """A file that is not taken; the text says why, and where."""


def read(data: bytes) -> Iterator[Row]:
    """Read a table, whatever of CSV and XLSX it is.

    Raises:
        SheetError: it is broken, too large, or holds what has no place in a table of values.
    """
    if len(data) > LARGEST_FILE:
        raise SheetError(
            tk._("The file is larger than {limit} MB.").format(limit=LARGEST_FILE // 2**20)
        )
    if data.startswith(OLD_EXCEL_SIGNATURE):
        raise SheetError(tk._("Save the file as XLSX or CSV; the older XLS is not taken."))
    rows = _xlsx(data) if data.startswith(XLSX_SIGNATURE) else _csv(data)
    for count, (number, cells) in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise SheetError(
                tk._("The table has more than {limit} rows. Divide it.").format(limit=MOST_ROWS)
            )
        if any(cells):
            yield number, [_checked(number, place, cell) for place, cell in enumerate(cells)]


def column_name(place: int) -> str:
    """Return the letters of a column as spreadsheet programs show them, counted from 0."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as CSV with a byte order mark, without which Excel spoils Vietnamese."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[str]], title: str) -> bytes:
    """Return a table as XLSX; every cell is a text.

    Raises:
        SheetError: openpyxl is not installed.
    """
    openpyxl = _openpyxl()
    from openpyxl.cell import WriteOnlyCell

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(title[:31])
    for row in (header, *rows):
        cells = [WriteOnlyCell(sheet, value=text) for text in row]
        for cell in cells:
            # Without it openpyxl makes a formula of a text that starts with an equals sign.
            cell.data_type = "s"
        sheet.append(cells)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _checked(number: int, place: int, cell: str) -> str:
    if len(cell) > LONGEST_CELL:
        raise SheetError(
            tk._("Row {row}, column {column}: the cell holds more than {limit} characters.").format(
                row=number, column=column_name(place), limit=LONGEST_CELL
            )
        )
    if cell.startswith("'") and cell[1:].startswith(FORMULA):
        # As `write_csv` and spreadsheet programs mark a text that is no formula.
        cell = cell[1:]
    return cell.strip()


def _csv(data: bytes) -> Iterator[Row]:
    text = _decoded(data)
    if "\x00" in text:
        raise SheetError(tk._("This is neither CSV nor XLSX."))
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise SheetError(_too_wide(reader.line_num))
            yield reader.line_num, cells
    except csv.Error as error:
        raise SheetError(
            tk._("Row {row}: the quotation marks or cells of this row do not fit.").format(
                row=reader.line_num
            )
        ) from error


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        # What older Vietnamese Windows writes; it takes nearly any byte.
        return data.decode("cp1258")
    except UnicodeDecodeError as error:
        raise SheetError(
            tk._("The characters of the file cannot be read. Save it as CSV UTF-8.")
        ) from error


def _xlsx(data: bytes) -> Iterator[Row]:
    _inspect(data)
    openpyxl = _openpyxl()
    try:
        workbook = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=False, keep_links=False
        )
    except Exception as error:
        # openpyxl lets through whatever the parser, the archive or a broken part ended in.
        raise SheetError(tk._("The XLSX file is broken.")) from error
    try:
        yield from _sheet(workbook)
    finally:
        workbook.close()


def _sheet(workbook: Any) -> Iterator[Row]:
    if not workbook.worksheets:
        raise SheetError(tk._("The XLSX file has no sheet with cells."))
    sheet = workbook.worksheets[0]
    rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1)
    number = 0
    while True:
        try:
            cells = next(rows, None)
        except Exception as error:
            raise SheetError(
                tk._("Sheet “{sheet}”, after row {row}: the XLSX file is broken.").format(
                    sheet=sheet.title, row=number
                )
            ) from error
        if cells is None:
            return
        number += 1
        if len(cells) > MOST_COLUMNS and cells[MOST_COLUMNS].value is not None:
            raise SheetError(_too_wide(number))
        texts = [_cell(number, place, cell) for place, cell in enumerate(cells)]
        while texts and not texts[-1]:
            texts.pop()
        yield number, texts


def _cell(number: int, place: int, cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise SheetError(
            tk._("Row {row}, column {column}: a formula. Replace it by its value.").format(
                row=number, column=column_name(place)
            )
        )
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _inspect(data: bytes) -> None:
    """Look at an XLSX file as the archive that it is, before anything unpacks it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise SheetError(_bomb())
            for part in parts:
                _inspect_part(archive, part)
    except UNREADABLE as error:
        raise SheetError(tk._("The XLSX file is broken.")) from error


def _inspect_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    name = part.filename.lower()
    if "externallink" in name:
        raise SheetError(tk._("The XLSX file has links to other files. Replace them by values."))
    if "vbaproject" in name:
        raise SheetError(tk._("The XLSX file holds a program. Save it without macros."))
    if not name.endswith((".xml", ".rels")):
        return
    is_sheet, read_so_far, rest = "worksheets/" in name, 0, b""
    with archive.open(part) as stream:
        # What the directory of an archive says of a size need not be true.
        while chunk := stream.read(PART):
            read_so_far += len(chunk)
            if read_so_far > LARGEST_UNPACKED:
                raise SheetError(_bomb())
            window = rest + chunk
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise SheetError(tk._("The XLSX file is broken."))
            if is_sheet and (found := MERGED.search(window)):
                raise SheetError(
                    tk._("Cells {cells} are merged. Divide them.").format(cells=found[1].decode())
                )
            rest = window[-100:]


def _bomb() -> str:
    return tk._("The XLSX file unpacks to more than {limit} MB.").format(
        limit=LARGEST_UNPACKED // 2**20
    )


def _too_wide(number: int) -> str:
    return tk._("Row {row} has more than {limit} columns.").format(row=number, limit=MOST_COLUMNS)


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise SheetError(
            tk._("The portal cannot read or write XLSX: it needs `pip install {package}`.").format(
                package="ckanext-nd47[xlsx]"
            )
        ) from error
    return openpyxl
