"""The ZIP with data files that is sent along with a spreadsheet: read without trust.

Nothing is ever unpacked to a path: an entry is read as a stream, counted while it is read, and
known by its name alone.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import ckan.plugins.toolkit as tk
from ckan.lib.munge import munge_filename

from ckanext.nd47.lib.language import text

MOST_ENTRIES = 10_000
LARGEST_ARCHIVE = 200 * 2**20
LARGEST_UNPACKED = 1024 * 2**20
MEGABYTE = 2**20
CHUNK = MEGABYTE

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
"""What `zipfile` raises for a broken, encrypted or unusual archive."""
LEFT_OUT = ("__MACOSX", "Thumbs.db", ".DS_Store", "desktop.ini")
"""What file managers add to archives."""
UTF_8 = 0x800
"""Flag of an entry whose name is in UTF-8."""


class ArchiveError(ValueError):
    """An archive or entry that is refused; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A file in the archive.

    Attributes:
        info: where it is.
        name: its name without folders, as it will be stored.
    """

    info: zipfile.ZipInfo
    name: str


class Archive:
    """An archive with data files.

    Args:
        file: the archive.

    Raises:
        ArchiveError: it is broken, encrypted or too large.
    """

    def __init__(self, file: IO[bytes]) -> None:
        """Open an archive and look at the names in it."""
        file.seek(0, io.SEEK_END)
        if file.tell() > LARGEST_ARCHIVE:
            raise ArchiveError(
                tk._("The ZIP file is larger than {limit} MB.").format(
                    limit=LARGEST_ARCHIVE // MEGABYTE
                )
            )
        file.seek(0)
        try:
            self._zip = zipfile.ZipFile(file)
        except UNREADABLE as error:
            raise ArchiveError(tk._("The ZIP file is broken.")) from error
        entries = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(entries) > MOST_ENTRIES:
            raise ArchiveError(
                tk._("The ZIP file has more than {limit} files.").format(limit=MOST_ENTRIES)
            )
        if sum(info.file_size for info in entries) > LARGEST_UNPACKED:
            raise _too_much()
        self._remaining = LARGEST_UNPACKED
        self._by_path: dict[str, Entry] = {}
        self._by_name: dict[str, list[Entry]] = {}
        for info in entries:
            path = _path(info)
            name = path.rpartition("/")[2]
            if name in LEFT_OUT or path.split("/")[0] in LEFT_OUT:
                continue
            entry = Entry(info, stored_name(name))
            self._by_path[_key(path)] = entry
            self._by_name.setdefault(_key(name), []).append(entry)

    def find(self, written: str) -> Entry | None:
        """Return the entry that a cell names, with or without its folder; None if there is none.

        Raises:
            ArchiveError: several files in different folders have this name.
        """
        path = written.replace("\\", "/").strip("/ ")
        if entry := self._by_path.get(_key(path)):
            return entry
        named = self._by_name.get(_key(path), [])
        if len(named) > 1:
            raise ArchiveError(
                tk._("Several files in the ZIP are called “{name}”. Give the folder, too.").format(
                    name=written[:80]
                )
            )
        return named[0] if named else None

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Yield the content of an entry.

        Raises:
            ArchiveError: it is broken, encrypted, or larger than a file of the portal may be.
        """
        limit = tk.config["ckan.max_resource_size"] * MEGABYTE
        size = 0
        try:
            with self._zip.open(entry.info) as stream:
                # The size in the directory of an archive may be wrong.
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > limit:
                        break
                    yield chunk
        except UNREADABLE as error:
            raise ArchiveError(
                tk._("“{name}” in the ZIP is broken or has a password.").format(name=entry.name)
            ) from error
        if size > limit:
            raise ArchiveError(
                tk._("“{name}” is larger than {limit} MB.").format(
                    name=entry.name, limit=limit // MEGABYTE
                )
            )

    def measure(self, entry: Entry) -> tuple[int, str]:
        """Return size and SHA-256 of an entry, counted against the limit of the archive.

        Raises:
            ArchiveError: as for `chunks`, or all entries together are too large.
        """
        digest, size = hashlib.sha256(), 0
        for chunk in self.chunks(entry):
            digest.update(chunk)
            size += len(chunk)
            self._remaining -= len(chunk)
            if self._remaining < 0:
                raise _too_much()
        return size, digest.hexdigest()


def stored_name(name: str) -> str:
    """Return the name under which CKAN stores a file, without diacritics, which CKAN drops."""
    return munge_filename(text.without_marks(name))


def _path(info: zipfile.ZipInfo) -> str:
    """Return the path of an entry; older programs write UTF-8 without saying so."""
    name = info.filename
    if not info.flag_bits & UTF_8:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/")


def _key(name: str) -> str:
    return text.nfc(name).casefold()


def _too_much() -> ArchiveError:
    return ArchiveError(
        tk._("The ZIP file unpacks to more than {limit} MB.").format(
            limit=LARGEST_UNPACKED // MEGABYTE
        )
    )
