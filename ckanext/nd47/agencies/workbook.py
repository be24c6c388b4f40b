"""XLSX files: looked at as the archives that they are, and only then read."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import sheet as bounds
from ckanext.nd47.agencies.sheet import Sheet, SheetError, column_name

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
"""What Python's archive reader ends in on a broken, encrypted or unusual archive."""

PIECE = 2**16
LONGEST_TAG = 200
"""Bytes of a tag that is looked for; one nearer to the end of a piece waits for the next."""

COUNTED = re.compile(rb"<(?:\w{1,20}:)?(row|c|si)[\s/>]")
MERGED = re.compile(
    rb'<(?:\w{1,20}:)?mergeCell\s[^<>]{0,80}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
MOST_MERGED = 20_000
MOST_TAGS = 200_000
"""Tags of a part that holds no cells, such as the styles."""
MOST_TAGS_OF_CELLS = 10 * bounds.MOST_CELLS
OF_CELLS = re.compile(r"xl/(?:worksheets/|sharedstrings)[^/]*\.xml", re.IGNORECASE)

DIGITS_ONLY = re.compile(r"[ ()-]*0[ ()-]*0[0 ()-]*")
"""A format of numbers that fills up with zeros, such as `0000 0000000`."""


class Merged(NamedTuple):
    """A rectangle of merged cells: rows from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


def sheets(data: bytes) -> list[Sheet]:
    """Return the visible sheets of an XLSX file.

    Raises:
        SheetError: it is broken, too large, or holds what has no place in a table of values.
    """
    merged = _inspect(data)
    openpyxl = installed()
    try:
        workbook = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=False, keep_links=False
        )
    except Exception as error:
        # openpyxl lets through whatever the parser, the archive or a broken part ended in.
        raise SheetError(tk._("The XLSX file is broken.")) from error
    try:
        visible = [one for one in workbook.worksheets if one.sheet_state == "visible"]
        if not visible:
            raise SheetError(tk._("The XLSX file has no sheet with cells."))
        return [
            _read(one, merged.get(one._worksheet_path, []))  # noqa: SLF001 - it has no other name
            for one in visible[: bounds.MOST_SHEETS]
        ]
    finally:
        workbook.close()


def installed() -> Any:
    """Return openpyxl.

    Raises:
        SheetError: it is not installed.
    """
    try:
        import openpyxl  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise SheetError(
            tk._("The portal cannot read or write XLSX: it needs `pip install {package}`.").format(
                package="ckanext-nd47[xlsx]"
            )
        ) from error
    return openpyxl


def _read(source: Any, merged: list[Merged]) -> Sheet:
    sheet = Sheet(source.title)
    grid: dict[int, list[str]] = {}
    rows = source.iter_rows(max_col=bounds.MOST_COLUMNS + 1)
    number = 0
    while (cells := _next(rows, sheet, number)) is not None:
        number += 1
        if number > bounds.MOST_ROWS:
            raise bounds.too_long(sheet.name)
        if len(cells) > bounds.MOST_COLUMNS and cells[bounds.MOST_COLUMNS].value is not None:
            raise bounds.too_wide(number, sheet.name)
        texts = [_cell(sheet, number, place, cell) for place, cell in enumerate(cells)]
        if any(texts) or any((number, place) in sheet.refused for place in range(len(texts))):
            grid[number] = texts
    _spread(sheet, grid, merged)
    sheet.rows = sorted(grid.items())
    return sheet


def _next(rows: Iterator[Any], sheet: Sheet, number: int) -> Any:
    try:
        return next(rows, None)
    except Exception as error:
        # As above: whatever the parser ended in.
        raise SheetError(
            tk._("Sheet “{sheet}”, after row {row}: the XLSX file is broken.").format(
                sheet=sheet.name, row=number
            )
        ) from error


def _spread(sheet: Sheet, grid: dict[int, list[str]], merged: list[Merged]) -> None:
    """Give what is merged down a column to all of its rows; across columns it stays one cell."""
    left = bounds.MOST_CELLS
    for one in merged:
        if one.right > one.left:
            sheet.wide.add(one.top)
            continue
        first = grid.get(one.top, [])
        text = first[one.left] if one.left < len(first) else ""
        if not text:
            continue
        for number in range(one.top + 1, min(one.bottom, bounds.MOST_ROWS) + 1):
            left -= 1
            if left < 0:
                raise SheetError(_too_much())
            # A merged cell alone makes no row.
            row = grid.get(number)
            if row is not None and one.left < len(row) and not row[one.left]:
                row[one.left] = text


def _cell(sheet: Sheet, number: int, place: int, cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    where = {"row": number, "column": column_name(place)}
    if cell.data_type == "f":
        message = tk._("Row {row}, column {column}: a formula. Replace it by its value.")
        sheet.refused[number, place] = message.format(**where)
        return ""
    if cell.data_type == "e":
        message = tk._("Row {row}, column {column}: the cell shows the error {error}.")
        sheet.refused[number, place] = message.format(**where, error=value)
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _as_shown(value, cell) if type(value) is int else str(value)


def _as_shown(value: int, cell: Any) -> str:
    """Return a whole number with the zeros that its format shows in front."""
    pattern = cell.number_format.replace('"', "").replace("\\", "")
    if value < 0 or not DIGITS_ONLY.fullmatch(pattern):
        return str(value)
    digits = list(str(value).zfill(pattern.count("0")))
    shown = [digits.pop() if one == "0" else one for one in reversed(pattern)]
    return "".join([*digits, *reversed(shown)]).strip()


def _inspect(data: bytes) -> dict[str, list[Merged]]:
    """Count what an archive holds before anything unpacks it; return the merged cells by part."""
    merged: dict[str, list[Merged]] = {}
    counts: Counter[str] = Counter()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > bounds.MOST_PARTS or unpacked > bounds.LARGEST_UNPACKED:
                raise SheetError(_too_much())
            for part in parts:
                merged[part.filename] = _inspect_part(archive, part, counts)
    except UNREADABLE as error:
        raise SheetError(tk._("The XLSX file is broken.")) from error
    return merged


def _inspect_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, counts: Counter[str]
) -> list[Merged]:
    name = part.filename.lower()
    if "externallink" in name:
        raise SheetError(tk._("The XLSX file has links to other files. Replace them by values."))
    if "vbaproject" in name:
        raise SheetError(tk._("The XLSX file holds a program. Save it without macros."))
    merged: list[Merged] = []
    most_tags = MOST_TAGS_OF_CELLS if OF_CELLS.fullmatch(name) else MOST_TAGS
    is_text = name.endswith((".xml", ".rels"))
    found: Counter[str] = Counter()
    for piece in _pieces(archive, part):
        # XML in UTF-16 would hide its tags from the counting; no spreadsheet program writes it.
        if is_text and b"\x00" in piece or b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
            raise SheetError(tk._("The XLSX file is broken."))
        found["tags"] += piece.count(b"<")
        if found["tags"] > most_tags:
            raise SheetError(_too_much())
        _count(piece, found, counts)
        merged += map(_rectangle, MERGED.findall(piece))
        if len(merged) > MOST_MERGED:
            raise SheetError(_too_much())
    return merged


def _count(piece: bytes, found: Counter[str], counts: Counter[str]) -> None:
    for tag in COUNTED.findall(piece):
        kind = tag.decode()
        found[kind] += 1
        counts[kind] += 1
    if found["row"] > bounds.MOST_ROWS:
        raise bounds.too_long()
    if max(counts["c"], counts["si"]) > bounds.MOST_CELLS:
        raise SheetError(
            tk._("The XLSX file has more than {limit} cells.").format(limit=bounds.MOST_CELLS)
        )


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a part, parted before a tag so that none is seen in two halves."""
    rest, read_so_far = b"", 0
    with archive.open(part) as stream:
        # What the directory of an archive says of a size need not be true.
        while chunk := stream.read(PIECE):
            read_so_far += len(chunk)
            if read_so_far > bounds.LARGEST_UNPACKED:
                raise SheetError(_too_much())
            window = rest + chunk
            end = window.rfind(b"<", max(0, len(window) - LONGEST_TAG))
            end = len(window) if end < 0 else end
            yield window[:end]
            rest = window[end:]
    yield rest


def _rectangle(found: tuple[bytes, bytes, bytes, bytes]) -> Merged:
    left, top, right, bottom = found
    return Merged(int(top), _place(left), int(bottom), _place(right))


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1


def _too_much() -> str:
    return tk._("The XLSX file unpacks to more than {limit} MB.").format(
        limit=bounds.LARGEST_UNPACKED // 2**20
    )
