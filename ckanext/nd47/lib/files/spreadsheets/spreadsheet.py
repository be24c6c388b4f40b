"""Reads CSV, XLSX and DOCX files that may be hostile, and writes tables without formulas."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.files import encoding
from ckanext.nd47.lib.files.spreadsheets import docx, xlsx
from ckanext.nd47.lib.files.spreadsheets.sheet import (
    MOST_COLUMNS,
    USUAL,
    Limits,
    Row,
    Sheet,
    SheetError,
    column_name,
    too_long,
    too_wide,
)

XLSX_SIGNATURE = b"PK\x03\x04"
OLD_EXCEL_SIGNATURE = b"\xd0\xcf\x11\xe0"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""Characters that start a formula in spreadsheet programs, also in full width."""

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XLSX cannot hold; they are replaced, so that the rest can be exported."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
INVISIBLE = " \xa0\u200b\u200c\u200d\u2060\ufeff\u3000"
"""Characters that spreadsheet programs skip before a formula."""

LONGEST_LINE = 1_000_000
DELIMITER_LINES = 50


@dataclass(frozen=True)
class Book:
    """A file with tables.

    Attributes:
        encoding: name of the encoding that it was read in; empty for XLSX in Unicode.
        sheets: its sheets.
    """

    encoding: str
    sheets: list[Sheet]


def read(data: bytes, limits: Limits = USUAL, *, documents: bool = False) -> Book:
    """Read the sheets of a CSV or XLSX file.

    Args:
        data: the file.
        limits: how much of it is read.
        documents: whether a DOCX file is read as well; each of its tables is a sheet.

    Raises:
        SheetError: it is broken, too large, or contains something other than values.
    """
    if len(data) > limits.file:
        raise SheetError(
            tk._("The file is larger than {limit} MB.").format(limit=limits.file // 2**20)
        )
    if data.startswith(OLD_EXCEL_SIGNATURE):
        raise SheetError(tk._("Save the file as XLSX or CSV; the older XLS is not taken."))
    if documents and data.startswith(XLSX_SIGNATURE) and docx.is_document(data):
        name, sheets = "", docx.sheets(data, limits)
    elif data.startswith(XLSX_SIGNATURE):
        name, sheets = "", xlsx.sheets(data, limits)
    else:
        decoded = _decoded(data)
        name, sheets = decoded.encoding, [Sheet(rows=list(_rows(decoded.text, limits)))]
    for sheet in sheets:
        sheet.rows = [
            (number, _checked(number, cells, limits.cell)) for number, cells in sheet.rows
        ]
    return Book(_restored(sheets) or name, sheets)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as CSV with a byte order mark, which Excel needs for Vietnamese."""
    target = io.StringIO(newline="")
    # Quoted, because a program with another delimiter would otherwise find formulas in a cell.
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[str]], title: str) -> bytes:
    """Return a table as XLSX with text cells only.

    Raises:
        SheetError: openpyxl is not installed.
    """
    openpyxl = xlsx.openpyxl()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in (header, *rows):
        cells = [
            openpyxl.cell.WriteOnlyCell(sheet, value=NOT_IN_XML.sub(REPLACEMENT, text))
            for text in row
        ]
        for cell in cells:
            # Otherwise openpyxl writes a text that starts with an equals sign as a formula.
            cell.data_type = "s"
        sheet.append(cells)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def harmless(text: str) -> str:
    """Return a text that spreadsheet programs do not take for a formula in CSV."""
    return f"'{text}" if text.lstrip(INVISIBLE).startswith(FORMULA) else text


def _checked(number: int, cells: list[str], longest: int) -> list[str]:
    checked = []
    for place, cell in enumerate(cells):
        if len(cell) > longest:
            raise SheetError(
                tk._(
                    "Row {row}, column {column}: the cell holds more than {limit} characters."
                ).format(row=number, column=column_name(place), limit=longest)
            )
        # The mark of `write_csv` and spreadsheet programs for a text that is not a formula.
        is_marked = cell.startswith("'") and cell[1:].lstrip(INVISIBLE).startswith(FORMULA)
        checked.append(cell[1:].strip() if is_marked else cell.strip())
    while checked and not checked[-1]:
        checked.pop()
    return checked


def _restored(sheets: list[Sheet]) -> str:
    """Convert texts typed for older fonts to Unicode, and return the name of the encoding."""
    cells = [cell for sheet in sheets for _, row in sheet.rows for cell in row]
    texts, name = encoding.restore(cells)
    following = iter(texts)
    for sheet in sheets:
        sheet.rows = [(number, [next(following) for _ in row]) for number, row in sheet.rows]
        for number, row in sheet.rows:
            for place, cell in enumerate(row):
                if encoding.UNREADABLE in cell:
                    sheet.refused[number, place] = tk._(
                        "Row {row}, column {column}: “{value}” has characters that cannot be read."
                    ).format(row=number, column=column_name(place), value=cell[:80])
    return name


def _rows(text: str, limits: Limits) -> Iterator[Row]:
    if "\x00" in text:
        raise SheetError(tk._("This is neither CSV nor XLSX."))
    reader = csv.reader(_lines(text), delimiter=_delimiter(text), strict=True)
    # Rows are numbered, not lines: a cell may contain several lines.
    number = filled = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > limits.rows:
                raise too_long(limits.rows)
            if len(cells) > MOST_COLUMNS:
                raise too_wide(number)
            filled += sum(map(bool, cells))
            if filled > limits.cells:
                raise SheetError(
                    tk._("The table has more than {limit} cells.").format(limit=limits.cells)
                )
            if any(cells):
                yield number, cells
    except csv.Error as error:
        raise SheetError(
            tk._("Row {row}: the quotation marks or cells of this row do not fit.").format(
                row=number + 1
            )
        ) from error


def _delimiter(text: str) -> str:
    """Return the delimiter that most lines contain equally often."""
    lines = text[:LONGEST_LINE].splitlines()[:DELIMITER_LINES]

    def evenness(delimiter: str) -> int:
        amounts = Counter(line.count(delimiter) for line in lines)
        return max((amount * count for amount, count in amounts.items()), default=0)

    return max(",;\t", key=evenness)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text; one that is too long for a table is refused."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > LONGEST_LINE:
            raise too_wide(number)
        yield line


def _decoded(data: bytes) -> encoding.Decoded:
    try:
        return encoding.decode(data)
    except UnicodeDecodeError as error:
        raise SheetError(
            tk._("The characters of the file cannot be read. Save it as CSV UTF-8.")
        ) from error
