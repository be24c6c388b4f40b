"""Inspects ZIP archives before anything is unpacked: workbooks are archives too."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.report import FileError, Report

UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)
_CHUNK = 2**16
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_HIGHEST_RATIO = 200
"""Times that a part unpacks to; texts of tables reach 30."""
_SMALL = 50 * limits.MEGABYTE


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose declared sizes are within the limits.

    Raises:
        FileError: it is broken, locked or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise FileError("locked")
            if len(parts) > limits.MOST_PARTS:
                raise FileError("too-large", limit=limits.MOST_PARTS)
            if sum(part.file_size for part in parts) > limits.LARGEST_UNPACKED:
                raise _too_large()
            for part in parts:
                ratio = part.file_size / max(part.compress_size, 1)
                if part.file_size > _SMALL and ratio > _HIGHEST_RATIO:
                    limit = f"{_SMALL // limits.MEGABYTE} MB, {_HIGHEST_RATIO} : 1"
                    raise FileError("too-large", limit=limit)
            yield archive
    except RuntimeError as error:
        raise FileError("locked") from error
    except UNREADABLE as error:
        raise FileError("broken") from error


def inspect_office(archive: zipfile.ZipFile, report: Report) -> None:
    """Report programs and links to other files in an Office document.

    Raises:
        FileError: it declares entities, which no such document does.
    """
    names = [part.filename.lower() for part in archive.infolist()]
    if any("vbaproject" in name or "/macros/" in name for name in names):
        report.add("program")
    links = sum("externallink" in name and name.endswith(".xml") for name in names)
    if links:
        report.add("external-links", count=links)
    for part in archive.infolist():
        if part.filename.lower().endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                if _DOCTYPE.search(stream.read(_CHUNK)):
                    raise FileError("broken")


def is_unsafe(name: str) -> bool:
    """Return whether a name within an archive leads out of its folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in path.parts[0] if path.parts else True


def unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, target: Path) -> None:
    """Unpack a part, whatever size it declares, up to the limit.

    Raises:
        FileError: it is larger than the limit.
    """
    written = 0
    with archive.open(part) as stream, target.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            written += len(chunk)
            if written > limits.LARGEST_PART:
                raise _too_large()
            file.write(chunk)


def _too_large() -> FileError:
    return FileError("too-large", limit=f"{limits.LARGEST_UNPACKED // limits.MEGABYTE} MB")
