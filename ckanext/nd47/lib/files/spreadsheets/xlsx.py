"""Reads XLSX files, after inspecting them as ZIP archives."""

from __future__ import annotations

import datetime as dt
import importlib
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.files.spreadsheets.sheet import (
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_SHEETS,
    USUAL,
    Limits,
    Sheet,
    SheetError,
    column_name,
    too_long,
    too_wide,
)

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
"""What `zipfile` raises for a broken, encrypted or unusual archive."""

CHUNK = 2**16
LONGEST_TAG = 200
"""Bytes of a tag that is searched for, at most."""

COUNTED = re.compile(rb"<(?:\w{1,20}:)?(row|c|si)[\s/>]")
MERGED = re.compile(
    rb'<(?:\w{1,20}:)?mergeCell\s[^<>]{0,80}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
MOST_MERGED = 20_000
MOST_TAGS = 200_000
"""Tags of a part without cells, such as the styles."""
CELL_TAGS = 10
"""Tags of a cell at most."""
CELL_PARTS = re.compile(r"xl/(?:worksheets/|sharedstrings)[^/]*\.xml", re.IGNORECASE)

NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]')
"""Texts, escaped characters and languages in a number format, which are not parts of a date."""

DIGITS_ONLY = re.compile(r"[ ()-]*0[ ()-]*0[0 ()-]*")
"""A number format with leading zeros, such as `0000 0000000`."""


class Merged(NamedTuple):
    """A rectangle of merged cells: rows from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


def sheets(data: bytes, limits: Limits = USUAL) -> list[Sheet]:
    """Return the visible sheets of an XLSX file.

    Args:
        data: the file.
        limits: how much of it is read.

    Raises:
        SheetError: it is broken, too large, or contains something other than values.
    """
    merged = _inspect(data, limits)
    library = openpyxl()
    try:
        workbook = library.load_workbook(
            io.BytesIO(data), read_only=True, data_only=False, keep_links=False
        )
    except Exception as error:
        # openpyxl raises errors of the parser, the archive and its own code.
        raise SheetError(tk._("The XLSX file is broken.")) from error
    try:
        visible = [tab for tab in workbook.worksheets if tab.sheet_state == "visible"]
        if not visible:
            raise SheetError(tk._("The XLSX file has no sheet with cells."))
        return [
            _read(tab, merged.get(tab._worksheet_path, []), limits)  # noqa: SLF001 - no public name
            for tab in visible[:MOST_SHEETS]
        ]
    finally:
        workbook.close()


def openpyxl() -> Any:
    """Return openpyxl.

    Raises:
        SheetError: it is not installed.
    """
    try:
        return importlib.import_module("openpyxl")
    except ImportError as error:
        raise SheetError(
            tk._("The portal cannot read or write XLSX: it needs `pip install {package}`.").format(
                package="ckanext-nd47[xlsx]"
            )
        ) from error


def _read(source: Any, merged: list[Merged], limits: Limits) -> Sheet:
    sheet = Sheet(source.title)
    grid: dict[int, list[str]] = {}
    rows = source.iter_rows(max_col=MOST_COLUMNS + 1)
    number = 0
    while (cells := _next(rows, sheet, number)) is not None:
        number += 1
        if number > limits.rows:
            raise too_long(limits.rows, sheet.name)
        if len(cells) > MOST_COLUMNS and cells[MOST_COLUMNS].value is not None:
            raise too_wide(number, sheet.name)
        texts = [_cell(sheet, number, place, cell) for place, cell in enumerate(cells)]
        if any(texts) or any((number, place) in sheet.refused for place in range(len(texts))):
            grid[number] = texts
    _fill_merged(sheet, grid, merged, limits)
    sheet.rows = sorted(grid.items())
    return sheet


def _next(rows: Iterator[Any], sheet: Sheet, number: int) -> Any:
    try:
        return next(rows, None)
    except Exception as error:
        # As above.
        raise SheetError(
            tk._("Sheet “{sheet}”, after row {row}: the XLSX file is broken.").format(
                sheet=sheet.name, row=number
            )
        ) from error


def _fill_merged(
    sheet: Sheet, grid: dict[int, list[str]], merged: list[Merged], limits: Limits
) -> None:
    """Repeat a cell that is merged down a column in all of its rows."""
    remaining = limits.cells
    for area in merged:
        if area.right > area.left:
            sheet.merged_rows.add(area.top)
            continue
        first = grid.get(area.top, [])
        text = first[area.left] if area.left < len(first) else ""
        if not text:
            continue
        for number in range(area.top + 1, min(area.bottom, limits.rows) + 1):
            remaining -= 1
            if remaining < 0:
                raise _too_much(limits)
            # A row with nothing except the merged cell stays empty.
            row = grid.get(number)
            if row is not None and area.left < len(row) and not row[area.left]:
                row[area.left] = text


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
        return _day_as_shown(value.date(), cell)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _as_shown(value, cell) if type(value) is int else str(value)


def _day_as_shown(day: dt.date, cell: Any) -> str:
    """Return a date in ISO form, only as precisely as its number format shows it.

    Spreadsheet programs make the first day of the month of a typed `12/2024`.
    """
    shown = NOT_SHOWN.sub("", cell.number_format.partition(";")[0]).lower()
    if "y" not in shown or "d" in shown or day.day != 1:
        return day.isoformat()
    if "m" in shown:
        return day.isoformat()[:7]
    return day.isoformat()[:4] if day.month == 1 else day.isoformat()


def _as_shown(value: int, cell: Any) -> str:
    """Return an integer with the leading zeros of its number format."""
    pattern = cell.number_format.replace('"', "").replace("\\", "")
    if value < 0 or not DIGITS_ONLY.fullmatch(pattern):
        return str(value)
    digits = list(str(value).zfill(pattern.count("0")))
    characters = [digits.pop() if char == "0" else char for char in reversed(pattern)]
    return "".join([*digits, *reversed(characters)]).strip()


def _inspect(data: bytes, limits: Limits) -> dict[str, list[Merged]]:
    """Count rows, cells and tags before unpacking; return the merged cells by part."""
    merged: dict[str, list[Merged]] = {}
    counts: Counter[str] = Counter()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > limits.unpacked:
                raise _too_much(limits)
            for part in parts:
                merged[part.filename] = _inspect_part(archive, part, counts, limits)
    except UNREADABLE as error:
        raise SheetError(tk._("The XLSX file is broken.")) from error
    return merged


def _inspect_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, counts: Counter[str], limits: Limits
) -> list[Merged]:
    name = part.filename.lower()
    if "externallink" in name:
        raise SheetError(tk._("The XLSX file has links to other files. Replace them by values."))
    if "vbaproject" in name:
        raise SheetError(tk._("The XLSX file holds a program. Save it without macros."))
    merged: list[Merged] = []
    most_tags = CELL_TAGS * limits.cells if CELL_PARTS.fullmatch(name) else MOST_TAGS
    is_text = name.endswith((".xml", ".rels"))
    part_counts: Counter[str] = Counter()
    for chunk in _chunks(archive, part, limits):
        # Tags in UTF-16 would not be counted; no spreadsheet program writes it.
        if is_text and b"\x00" in chunk or b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
            raise SheetError(tk._("The XLSX file is broken."))
        part_counts["tags"] += chunk.count(b"<")
        if part_counts["tags"] > most_tags:
            raise _too_much(limits)
        _count(chunk, part_counts, counts, limits)
        merged += map(_rectangle, MERGED.findall(chunk))
        if len(merged) > MOST_MERGED:
            raise _too_much(limits)
    return merged


def _count(chunk: bytes, part_counts: Counter[str], counts: Counter[str], limits: Limits) -> None:
    for tag in COUNTED.findall(chunk):
        kind = tag.decode()
        part_counts[kind] += 1
        counts[kind] += 1
    if part_counts["row"] > limits.rows:
        raise too_long(limits.rows)
    if max(counts["c"], counts["si"]) > limits.cells:
        raise SheetError(
            tk._("The XLSX file has more than {limit} cells.").format(limit=limits.cells)
        )


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    """Yield the bytes of a part, split before a tag so that every tag is in one chunk."""
    rest, read_so_far = b"", 0
    with archive.open(part) as stream:
        # The size in the directory of an archive may be wrong.
        while chunk := stream.read(CHUNK):
            read_so_far += len(chunk)
            if read_so_far > limits.unpacked:
                raise _too_much(limits)
            window = rest + chunk
            end = window.rfind(b"<", max(0, len(window) - LONGEST_TAG))
            end = len(window) if end < 0 else end
            yield window[:end]
            rest = window[end:]
    yield rest


def _rectangle(reference: tuple[bytes, bytes, bytes, bytes]) -> Merged:
    left, top, right, bottom = reference
    return Merged(int(top), _place(left), int(bottom), _place(right))


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1


def _too_much(limits: Limits) -> SheetError:
    return SheetError(
        tk._("The XLSX file unpacks to more than {limit} MB.").format(
            limit=limits.unpacked // 2**20
        )
    )
