"""Reads the tables of DOCX files, after inspecting them as ZIP archives.

Texts outside of tables, deleted texts, pictures and embedded files are not read. Links to other
files are never followed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.files.spreadsheets.sheet import (
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_SHEETS,
    Limits,
    Sheet,
    SheetError,
    too_long,
    too_wide,
)

MAIN_PART = "word/document.xml"
WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT_WORDS = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
"""What `zipfile` raises for a broken, encrypted or unusual archive."""

COUNTED = re.compile(rb"<(?:\w{1,20}:)?(tr|tc)[\s/>]")
TAGS = 40
"""Tags of a cell at most, and of the rest of a document for each of its cells."""
DEEPEST = 200
"""Elements inside each other; word processors write some thirty."""
DIGITS = 4
CONTINUED = re.compile(r"\s*(\d{1,5}|[IVXLC]{1,7})[.)]?\s*")
"""First cell of a table that continues the one before it."""


def is_document(data: bytes) -> bool:
    """Return whether a ZIP archive is a DOCX file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return MAIN_PART in archive.namelist()
    except UNREADABLE:
        return False


def sheets(data: bytes, limits: Limits) -> list[Sheet]:
    """Return the tables of a DOCX file, each as a sheet.

    A table that Word has cut into several, with or without its headings, is one sheet. A cell
    merged down a column is repeated in all of its rows.

    Args:
        data: the file.
        limits: how much of it is read.

    Raises:
        SheetError: it is broken, too large, has a program, or no table.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _inspect(archive, limits)
            with archive.open(MAIN_PART) as stream:
                content = stream.read(limits.unpacked + 1)
    except UNREADABLE as error:
        raise _broken() from error
    _check_part(content, limits)
    reader = _Reader(limits)
    try:
        # It has no DTD, which is checked above.
        for event, element in ET.iterparse(io.BytesIO(content), events=("start", "end")):  # noqa: S314
            reader.read(event, element)
    except ET.ParseError as error:
        raise _broken() from error
    tables = _joined(reader.tables)
    if not tables:
        raise SheetError(tk._("The DOCX file has no table."))
    return tables[:MOST_SHEETS]


@dataclass
class _Cell:
    text: list[str] = field(default_factory=list)
    span: int = 1
    continues: bool = False


@dataclass
class _Table:
    number: int
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    merged_rows: set[int] = field(default_factory=set)
    width: int = 0
    count: int = 0


class _Reader:
    """Collects the outermost tables of a document, element by element."""

    def __init__(self, limits: Limits) -> None:
        self.tables: list[_Table] = []
        self._limits = limits
        self._depth = 0
        self._inside = 0
        self._ignored = 0
        self._above: list[str] = []
        self._cells: list[_Cell] = []

    def read(self, event: str, element: ET.Element) -> None:
        """Read the start or end of an element."""
        is_start = event == "start"
        self._depth += 1 if is_start else -1
        if self._depth > DEEPEST:
            raise _broken()
        tag = element.tag
        if tag == FALLBACK:
            # The same text for older programs.
            self._ignored += 1 if is_start else -1
            return
        name = _name(tag)
        if name == "tbl":
            self._table(is_start=is_start)
        elif self._inside == 1 and name == "tr":
            self._row(is_start=is_start)
            if not is_start:
                element.clear()
        elif self._inside == 1 and name == "tc" and is_start:
            self._cells.append(_Cell())
        elif self._inside == 1 and name == "gridBefore" and not is_start:
            self._cells.append(_Cell(span=max(1, _number(element))))
        elif self._cells and not is_start and not self._ignored:
            self._content(name, element)

    def _table(self, *, is_start: bool) -> None:
        self._inside += 1 if is_start else -1
        if is_start and self._inside == 1:
            self.tables.append(_Table(len(self.tables) + 1))
            self._above = []

    def _content(self, name: str, element: ET.Element) -> None:
        cell = self._cells[-1]
        if name == "t":
            cell.text.append(element.text or "")
        elif name == "tab":
            cell.text.append(" ")
        elif name in {"br", "p", "cr"}:
            cell.text.append("\n")
        elif name == "noBreakHyphen":
            cell.text.append("-")
        elif self._inside == 1 and name == "gridSpan":
            cell.span = max(1, _number(element))
        elif self._inside == 1 and name == "vMerge":
            cell.continues = _value(element) != "restart"

    def _row(self, *, is_start: bool) -> None:
        if is_start:
            self._cells = []
            return
        table = self.tables[-1]
        table.count += 1
        row: list[str] = []
        merged = False
        continued: list[int] = []
        for cell in self._cells:
            if len(row) + cell.span > MOST_COLUMNS:
                raise too_wide(table.count, _title(table))
            text = "\n".join(filter(None, map(str.strip, "".join(cell.text).split("\n"))))
            if cell.continues:
                continued.append(len(row))
            row += [text, *[""] * (cell.span - 1)]
            merged = merged or cell.span > 1
        is_filled = any(row)
        for place in continued:
            # A row with nothing except the merged cell stays empty.
            if is_filled and not row[place] and place < len(self._above):
                row[place] = self._above[place]
        if any(row):
            table.rows.append((table.count, row))
            self._above = row
        if merged:
            table.merged_rows.add(table.count)
        table.width = max(table.width, len(row))
        self._cells = []


def _joined(tables: list[_Table]) -> list[Sheet]:
    """Return the tables, those that belong together as one."""
    joined: list[_Table] = []
    for table in tables:
        if not table.rows:
            continue
        if joined and _continues(joined[-1], table):
            before = joined[-1]
            head = before.rows[0][1]
            shift = before.count
            before.rows += [(shift + number, row) for number, row in table.rows if row != head]
            before.merged_rows |= {shift + number for number in table.merged_rows}
            before.count += table.count
        else:
            joined.append(table)
    return [Sheet(_title(table), table.rows, merged_rows=table.merged_rows) for table in joined]


def _continues(before: _Table, table: _Table) -> bool:
    if table.width != before.width:
        return False
    first = table.rows[0][1]
    return first == before.rows[0][1] or bool(CONTINUED.fullmatch(first[0]))


def _title(table: _Table) -> str:
    return tk._("Table {number}").format(number=table.number)


def _name(tag: str) -> str:
    for namespace in (WORDS, STRICT_WORDS):
        if tag.startswith(namespace):
            return tag[len(namespace) :]
    return ""


def _value(element: ET.Element) -> str:
    return next((text for key, text in element.attrib.items() if key.endswith("}val")), "")


def _number(element: ET.Element) -> int:
    value = _value(element)
    is_short = value.isascii() and value.isdigit() and len(value) <= DIGITS
    return min(int(value), MOST_COLUMNS + 1) if is_short else 1


def _inspect(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > limits.unpacked:
        raise _too_much(limits)
    if any("vbaproject" in part.filename.lower() for part in parts):
        raise SheetError(tk._("The DOCX file holds a program. Save it without macros."))


def _check_part(content: bytes, limits: Limits) -> None:
    """Refuse a part that is too large or unusual, before it is parsed."""
    # The size in the directory of an archive may be wrong.
    if len(content) > limits.unpacked:
        raise _too_much(limits)
    # Tags in UTF-16 would not be counted; no word processor writes it.
    if b"\x00" in content or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _broken()
    counts = Counter(COUNTED.findall(content))
    if counts[b"tr"] > limits.rows:
        raise too_long(limits.rows)
    if counts[b"tc"] > limits.cells or content.count(b"<") > TAGS * limits.cells:
        raise SheetError(tk._("The table has more than {limit} cells.").format(limit=limits.cells))


def _broken() -> SheetError:
    return SheetError(tk._("The DOCX file is broken."))


def _too_much(limits: Limits) -> SheetError:
    return SheetError(
        tk._("The DOCX file unpacks to more than {limit} MB.").format(
            limit=limits.unpacked // 2**20
        )
    )
