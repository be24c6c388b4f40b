"""The headings and first lines of a table file, read with limits.

Of a CSV file only the beginning is read. Of an XLSX file all sheets within the limits of the
register's reader; what is larger has no known headings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import file_keeper as fk

from ckan.lib import files, uploader

from ckanext.nd47.lib.files.spreadsheets import sheet as limits
from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.language import text as spelling

BEGINNING = 64 * 1024
"""Bytes of a CSV file that are read."""

ROWS = 20
"""Rows among which the headings are looked for."""

FEWEST = 2
"""Cells of a row of headings at least: a title is one cell."""

NUMBER = re.compile(r"[\d.,%/ -]+")
TABLES = (".csv", ".tsv", ".xlsx")


class Stream(Protocol):
    """The methods of an open file that are used here."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> object:
        """Set the position in the file."""
        ...


@dataclass(frozen=True)
class Table:
    """The beginning of a table.

    Attributes:
        headings: names of the columns; empty if they are not known.
        lines: the texts above the headings, such as the title of the table.
    """

    headings: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


UNKNOWN = Table()


def of_stream(name: str, stream: Stream) -> Table:
    """Return the beginning of an open file; the position in the file is set to its start."""
    if not name.lower().endswith(TABLES):
        return UNKNOWN
    is_xlsx = name.lower().endswith(".xlsx")
    stream.seek(0)
    data = stream.read(limits.LARGEST_FILE + 1 if is_xlsx else BEGINNING)
    stream.seek(0)
    if not is_xlsx and len(data) == BEGINNING:
        data = data[: data.rfind(b"\n") + 1]
    try:
        book = spreadsheet.read(data)
    except limits.SheetError:
        return UNKNOWN
    rows = [cells for sheet in book.sheets[:1] for _, cells in sheet.rows[:ROWS]]
    return _table(rows)


def of_resource(resource: dict[str, Any]) -> Table:
    """Return the beginning of an uploaded file of a dataset, unknown if it cannot be read."""
    name = str(resource.get("url") or "").rpartition("/")[2]
    if resource.get("url_type") != "upload" or not name.lower().endswith(TABLES):
        return UNKNOWN
    upload = uploader.get_resource_uploader(dict(resource))
    path = upload.get_path(resource["id"])
    storage = getattr(upload, "storage", None)
    try:
        if isinstance(storage, fk.Storage):
            return of_stream(name, _Beginning(storage, path))
        with open(path, "rb") as stream:
            return of_stream(name, stream)
    except (OSError, files.exc.FilesError):
        return UNKNOWN


class _Beginning:
    """A file of a storage, of which only the beginning is fetched."""

    def __init__(self, storage: fk.Storage, path: str) -> None:
        location = files.Location(path)
        self.chunks = storage.stream(files.FileData(location, size=storage.size(location)))

    def read(self, size: int = -1, /) -> bytes:
        data = b""
        for chunk in self.chunks:
            data += chunk
            if 0 <= size <= len(data):
                break
        return data[:size] if size >= 0 else data

    def seek(self, _offset: int, _whence: int = 0, /) -> object:
        return 0


def compare(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the columns that are missing and those that are new, without regard to spelling.

    Both are empty if the headings of one of the files are not known.
    """
    if not before or not after:
        return [], []
    old = {spelling.fold(name): name for name in before}
    new = {spelling.fold(name): name for name in after}
    return (
        [name for key, name in old.items() if key not in new],
        [name for key, name in new.items() if key not in old],
    )


def _table(rows: list[list[str]]) -> Table:
    widest = max((sum(map(bool, cells)) for cells in rows), default=0)
    for number, cells in enumerate(rows):
        names = [cell for cell in cells if cell]
        is_wide = len(names) >= max(FEWEST, 0.6 * widest)
        if is_wide and not all(NUMBER.fullmatch(name) for name in names):
            above = [cell for row in rows[:number] for cell in row if cell]
            return Table(tuple(names), tuple(above))
    return Table((), tuple(cell for row in rows for cell in row if cell))
