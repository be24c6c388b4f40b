"""The files of a dataset: their checksums, and the names of file formats.

Decree 47/2020, Article 17(1)(a) required complete open data, as Law 20/2023/QH15, Article 43(2)
does: with a checksum anybody can verify a copy. It has a separate field, because CKAN's field
`hash` is used by xloader, which writes the MD5 of the loaded file minutes after the upload, and
loads the file again when it changes.

A name shared by several formats, such as Excel, Word or TAB, is recognised only if the extension of
the file's address decides between them; otherwise it remains unchanged.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from ckan import model

from ckanext.nd47.lib.vocabularies import vocabulary

CHECKSUM = "checksum"
UPLOAD = "upload"
BLOCK = 1 << 20


class File(Protocol):
    """The methods of an open file that are used here."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        ...

    def seek(self, offset: int, /) -> object:
        """Set the position in the file."""
        ...

    def tell(self) -> int:
        """Return the position in the file."""
        ...


def add_checksums(dataset: dict[str, Any]) -> None:
    """Set the checksum of every uploaded file in the input of a dataset.

    If an address replaces a file, the checksum of the file is removed.
    """
    for resource in dataset.get("resources") or []:
        if not isinstance(resource, dict):
            continue
        file = _file(resource.get(UPLOAD))
        if file is not None:
            resource[CHECKSUM] = sha256(file)
        elif resource.get(CHECKSUM) and _is_checksum_of_replaced_file(resource):
            resource[CHECKSUM] = ""


def sha256(file: File) -> str:
    """Return the SHA-256 of a file in hexadecimal digits; the position in the file is restored."""
    position = file.tell()
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    file.seek(position)
    return digest.hexdigest()


def _file(upload: Any) -> File | None:
    """Return the open file of an upload from Flask, a form or a program."""
    for candidate in (getattr(upload, "stream", None), getattr(upload, "file", None), upload):
        if all(hasattr(candidate, name) for name in ("read", "seek", "tell")):
            return cast("File", candidate)
    return None


def _is_checksum_of_replaced_file(resource: Mapping[str, Any]) -> bool:
    resource_id = resource.get("id")
    stored = model.Resource.get(resource_id) if isinstance(resource_id, str) else None
    return (
        stored is not None
        and stored.url_type == UPLOAD
        and resource.get("url_type") != UPLOAD
        and resource[CHECKSUM] == stored.extras.get(CHECKSUM)
    )


IANA = "www.iana.org/assignments/media-types/"
FORMAT_LIST = "file-format"

MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+\s*;", re.ASCII)
"""A media type with parameters; anything else with a semicolon is a list."""

BETWEEN_FORMATS = re.compile(r"[,;/+&|]|\s(?:và|hoặc|and|or)\s", re.IGNORECASE)
"""What separates the names of several formats."""


def recognise_format(name: str, address: str = "") -> vocabulary.Term | None:
    """Return the format that a name refers to, None if it refers to none or to several.

    Args:
        name: name, file extension, media type (without parameters), or IRI of a public table.
        address: address of the file, whose extension decides between formats of the same name.
    """
    formats = vocabulary.get(FORMAT_LIST)
    written = name.strip()
    _, mark, media_type = written.partition(IANA)
    stripped = media_type if mark else written
    if MEDIA_TYPE.match(stripped):
        stripped = stripped.partition(";")[0]
    term = formats.find_by_iri(written) or formats.find(stripped)
    if term or not is_ambiguous_format(stripped):
        return term
    by_extension = formats.find(_extension(address)) if _extension(address) else None
    return by_extension if by_extension and by_extension in formats.named(stripped) else None


def several_formats(name: str) -> list[str]:
    """Return the formats listed in a name such as `CSV, XLSX`; empty if it names one format."""
    if recognise_format(name) or is_ambiguous_format(name):
        return []
    parts = [part for part in map(str.strip, BETWEEN_FORMATS.split(name)) if part]
    all_known = all(recognise_format(part) or is_ambiguous_format(part) for part in parts)
    return parts if len(parts) > 1 and all_known else []


def is_ambiguous_format(name: str) -> bool:
    """Return whether several formats share a name."""
    return len(vocabulary.get(FORMAT_LIST).named(name)) > 1


def _extension(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    _, mark, by_extension = path.rpartition("/")[2].rpartition(".")
    return by_extension if mark else ""
