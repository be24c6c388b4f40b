"""Finds the file that a row is about, and says what would change in the files of a dataset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict
from uuid import uuid4

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.spreadsheet.comparison import Change, Comparer, Stored
from ckanext.nd47.desk.spreadsheet.fields import columns
from ckanext.nd47.desk.spreadsheet.fields.columns import FILE, FILE_ID, FILES
from ckanext.nd47.desk.spreadsheet.files.archive import Archive, ArchiveError, stored_name
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.files.spreadsheets.reading import Record
from ckanext.nd47.lib.language import text
from ckanext.nd47.metadata.files import recognise_format

OWN = frozenset({columns.DATASET, columns.AGENCY, FILE, FILE_ID})
"""Columns that are no fields of a resource."""

ADDRESS = ("http://", "https://", "ftp://", "ftps://", "sftp://", "file:", "//", "www.")
UPLOAD = "upload"


class FileError(TypedDict):
    """Why a row of a file is refused: its number, the path of the column, the message."""

    row: int
    path: str
    message: str


class UploadNote(TypedDict):
    """What is remembered of a file from the ZIP.

    Attributes:
        row: number of its row.
        name: its name as stored.
        entry: what the cell says.
        size: its bytes.
        sha256: its checksum.
        resource: id of its resource; empty for a new one that CKAN is to name.
        replaces: whether the resource has another file now.
    """

    row: int
    name: str
    entry: str
    size: int
    sha256: str
    resource: str
    replaces: bool


@dataclass
class Files:
    """The files of a dataset with the rows about them.

    Attributes:
        resources: all resources, as CKAN's actions take them; empty where nothing changes.
        changes: what changes, for people.
        errors: rows that are refused.
        uploads: files from the ZIP, by the position of their resource.
        rows: numbers of the rows, by the position of their resource.
    """

    resources: list[dict[str, Any]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)
    uploads: dict[str, UploadNote] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def refuse(self, row: int, path: str, message: str) -> None:
        """Refuse a row."""
        self.errors.append(FileError(row=row, path=path, message=message))


def merged(
    rows: Sequence[Record],
    stored: Sequence[Stored],
    archive: Archive | None,
    comparer: Comparer,
    *,
    is_new: bool,
) -> Files:
    """Return the files of a dataset as its rows would leave them; no file is removed.

    Args:
        rows: the rows about files of the dataset.
        stored: the resources that it has.
        archive: the ZIP that was sent along.
        comparer: compares rows of files.
        is_new: whether the dataset is new.
    """
    result = Files()
    merger = _Merger(archive, comparer, result, is_new)
    resources = [_as_input(resource) for resource in stored]
    seen: dict[int, int] = {}
    for row in rows:
        for path, message in row.refused.items():
            result.refuse(row.row, path, message)
        place = _place(row, resources, stored)
        if row.cells.get(FILE_ID) and place is None:
            result.refuse(row.row, FILE_ID, tk._("The dataset has no file with this ID."))
            continue
        if place is not None and place in seen:
            message = tk._("Row {row} is about the same file.").format(row=seen[place])
            result.refuse(row.row, FILE, message)
            continue
        before = resources[place] if place is not None else None
        if place is None:
            place = len(resources)
            resources.append({})
        seen[place] = row.row
        result.rows[str(place)] = row.row
        merger.bring_file(row, place, resources[place], before)
        merger.bring_fields(row, resources[place], before)
    if result.changes:
        result.resources = resources
    return result


@dataclass(frozen=True)
class _Merger:
    """Brings rows into resources."""

    archive: Archive | None
    comparer: Comparer
    result: Files
    is_new: bool

    def bring_fields(self, row: Record, resource: dict[str, Any], before: Stored | None) -> None:
        fields = {path: cell for path, cell in row.cells.items() if path not in OWN}
        compared = self.comparer.compare(row.row, fields, before)
        resource.update(compared.values)
        self.result.changes += compared.changes
        for path, message in compared.errors.items():
            self.result.refuse(row.row, path, message)
        if before is None and not resource.get("name"):
            written = row.cells.get(FILE, "").replace("\\", "/").rstrip("/").rpartition("/")[2]
            resource["name"] = (written.rpartition(".")[0] or written)[:500]

    def bring_file(
        self, row: Record, place: int, resource: dict[str, Any], before: Stored | None
    ) -> None:
        written = _as_stored(row.cells.get(FILE, ""))
        old = str((before or {}).get("url") or "")
        if not written:
            if before is None and FILE not in row.refused:
                self.result.refuse(row.row, FILE, tk._("Give a file or an address."))
        elif not written.lower().startswith(ADDRESS):
            self._bring_upload(row, place, resource, before)
        elif written != old:
            resource.update(url=written, url_type="")
            _note(row, old, written, self.result)

    def _bring_upload(
        self, row: Record, place: int, resource: dict[str, Any], before: Stored | None
    ) -> None:
        written, stored = row.cells[FILE], before or {}
        old = _file_name(str(stored.get("url") or ""))
        is_upload = stored.get("url_type") == UPLOAD
        try:
            entry = self.archive.find(written) if self.archive else None
            measured = self.archive.measure(entry) if self.archive and entry else None
        except ArchiveError as error:
            self.result.refuse(row.row, FILE, str(error))
            return
        if entry is None or measured is None:
            if not (is_upload and old == stored_name(written)):
                message = tk._("The file “{name}” is not in a ZIP that was sent along.")
                self.result.refuse(row.row, FILE, message.format(name=written[:80]))
            return
        size, sha256 = measured
        if is_upload and stored.get("checksum") == sha256:
            return
        resource.update(url=entry.name, url_type=UPLOAD, size=size, checksum=sha256)
        if self.is_new:
            # CKAN's action for new datasets takes no files, see `saving`, and guesses no format
            # for a resource that has an id.
            resource["id"] = str(uuid4())
            file_format = recognise_format(entry.name.rpartition(".")[2])
            resource["format"] = file_format.code if file_format else ""
        self.result.uploads[str(place)] = UploadNote(
            row=row.row,
            name=entry.name,
            entry=written,
            size=size,
            sha256=sha256,
            resource=str(resource.get("id") or ""),
            replaces=is_upload,
        )
        _note(row, old, entry.name, self.result)


def _as_stored(written: str) -> str:
    """Return a web address as it is stored, with `%20` for blanks; other texts unchanged."""
    try:
        return values.web_address(written)
    except ValueError:
        return written


def _note(row: Record, old: str, new: str, result: Files) -> None:
    result.changes.append(Change(sheet=FILES, row=row.row, path=FILE, old=old, new=new))


def _place(
    row: Record, resources: Sequence[Mapping[str, Any]], stored: Sequence[Stored]
) -> int | None:
    """Return the position of the resource that a row is about, None for a new one."""
    known = resources[: len(stored)]
    written, name = _as_stored(row.cells.get(FILE, "")), row.cells.get("name", "")
    if reference := row.cells.get(FILE_ID):
        return _first(known, lambda resource: resource.get("id") == reference)
    if written.lower().startswith(ADDRESS):
        position = _first(known, lambda resource: resource.get("url") == written)
    else:
        file_name = stored_name(written) if written else ""
        position = _first(
            known,
            lambda resource: (
                bool(file_name)
                and resource.get("url_type") == UPLOAD
                and _file_name(str(resource.get("url") or "")) == file_name
            ),
        )
    if position is not None or not name:
        return position
    folded = text.fold(name)
    return _first(known, lambda resource: text.fold(str(resource.get("name") or "")) == folded)


def _first(resources: Sequence[Mapping[str, Any]], matches: Any) -> int | None:
    return next((place for place, resource in enumerate(resources) if matches(resource)), None)


def _file_name(address: str) -> str:
    return address.rpartition("/")[2]


def _as_input(resource: Stored) -> dict[str, Any]:
    """Return a stored resource as CKAN's actions take it."""
    return {
        name: value.isoformat() if isinstance(value, (dt.datetime, dt.date)) else value
        for name, value in resource.items()
        if value is not None
    }
