"""The checksum of an uploaded file, noted with the resource.

Decree 47/2020, Article 17(1)(a) wanted open data whole, and so does Law 20/2023/QH15, Article
43(2): with a checksum anybody can tell whether a copy is.

It stands in a field of its own. CKAN's field `hash` belongs to xloader, which writes the MD5 of
what it loaded there, minutes after the upload, and loads the file again when that sum changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol, cast

from ckan import model

FIELD = "checksum"
UPLOAD = "upload"
BLOCK = 1 << 20


class File(Protocol):
    """What is needed of an open file."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        ...

    def seek(self, offset: int, /) -> object:
        """Go to a place in the file."""
        ...

    def tell(self) -> int:
        """Return the place in the file."""
        ...


def note(dataset: dict[str, Any]) -> None:
    """Note the checksum of every file that comes with the input of a dataset.

    Where an address takes the place of a file, the checksum of the file goes.
    """
    for resource in dataset.get("resources") or []:
        if not isinstance(resource, dict):
            continue
        file = _file(resource.get(UPLOAD))
        if file is not None:
            resource[FIELD] = sha256(file)
        elif resource.get(FIELD) and _is_of_a_replaced_file(resource):
            resource[FIELD] = ""


def sha256(file: File) -> str:
    """Return the SHA-256 of a file in hexadecimal digits, and leave the file where it stood."""
    place = file.tell()
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    file.seek(place)
    return digest.hexdigest()


def _file(upload: Any) -> File | None:
    """Return the open file of an upload, as Flask, a form or a program hands it over."""
    for candidate in (getattr(upload, "stream", None), getattr(upload, "file", None), upload):
        if all(hasattr(candidate, name) for name in ("read", "seek", "tell")):
            return cast("File", candidate)
    return None


def _is_of_a_replaced_file(resource: Mapping[str, Any]) -> bool:
    resource_id = resource.get("id")
    stored = model.Resource.get(resource_id) if isinstance(resource_id, str) else None
    return (
        stored is not None
        and stored.url_type == UPLOAD
        and resource.get("url_type") != UPLOAD
        and resource[FIELD] == stored.extras.get(FIELD)
    )
