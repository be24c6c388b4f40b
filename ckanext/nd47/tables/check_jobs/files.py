"""Finds the file of a resource: in the storage, or at its address."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import file_keeper as fk

from ckan import model
from ckan.lib import files, uploader

from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import process

UPLOAD = "upload"


@dataclass(frozen=True)
class LocalFile:
    """A file on this machine.

    Attributes:
        path: where it is.
        name: its name.
    """

    path: Path
    name: str


@contextmanager
def local(resource: model.Resource) -> Iterator[LocalFile]:
    """Provide the file of a resource while it is examined.

    Raises:
        FileError: it is missing, or could not be fetched.
        process.ProcessError: the process that fetches it ended in an unexpected way.
    """
    name = unquote(urlsplit(resource.url or "").path).rpartition("/")[2] or (resource.url or "")
    if resource.url_type and resource.url_type != UPLOAD:
        # Such as a table that is kept in the DataStore alone: there is no file.
        raise FileError("unknown-format")
    stored = _stored(resource) if resource.url_type == UPLOAD else None
    if stored:
        yield LocalFile(stored, name)
        return
    with tempfile.TemporaryDirectory(prefix="nd47-check-") as folder:
        path = Path(folder) / "file"
        if resource.url_type == UPLOAD:
            _copy(resource, path)
        else:
            process.fetch(resource.url or "", path)
        yield LocalFile(path, name)


def is_stored(resource: model.Resource) -> bool:
    """Return whether the storage has the file of an uploaded resource."""
    if _stored(resource) is not None:
        return True
    upload = uploader.get_resource_uploader({"id": resource.id, "url": resource.url})
    storage = getattr(upload, "storage", None)
    if not isinstance(storage, fk.Storage):
        return False
    try:
        return bool(storage.exists(files.FileData(files.Location(upload.get_path(resource.id)))))
    except files.exc.FilesError:
        return False


def _stored(resource: model.Resource) -> Path | None:
    """Return the path of an uploaded file, None if the storage is no folder."""
    upload = uploader.get_resource_uploader({"id": resource.id, "url": resource.url})
    location = upload.get_path(resource.id)
    storage = getattr(upload, "storage", None)
    if isinstance(storage, fk.Storage):
        try:
            whole = storage.full_path(files.Location(location))
        except (AttributeError, NotImplementedError, files.exc.FilesError):
            return None
        path = Path(whole)
    else:
        path = Path(location)
    return path if path.is_file() else None


def _copy(resource: model.Resource, target: Path) -> None:
    """Copy an uploaded file from a storage that is no folder.

    Raises:
        FileError: the storage does not have it.
    """
    upload = uploader.get_resource_uploader({"id": resource.id, "url": resource.url})
    storage = getattr(upload, "storage", None)
    if not isinstance(storage, fk.Storage):
        raise FileError("unreachable")
    location = files.Location(upload.get_path(resource.id))
    try:
        data = files.FileData(location, size=storage.size(location))
        with target.open("wb") as file:
            shutil.copyfileobj(_Chunks(storage.stream(data)), file)
    except files.exc.FilesError as error:
        raise FileError("unreachable") from error


class _Chunks:
    """A stream of bytes as a file to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)

    def read(self, _size: int = -1) -> bytes:
        return next(self._chunks, b"")
