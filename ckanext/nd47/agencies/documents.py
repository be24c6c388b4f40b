"""Appointing documents as files: kept with the register, for who reads the register.

A file names the officer and often more, so it is never public, and does not lie in CKAN's folder of
uploads, from which everybody may fetch. In the database it is saved and lost with its record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import magic

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies.model import Document
from ckanext.nd47.lib import values

UPLOAD = "document_upload"
CLEAR = "clear_document"
FIELD = "document_file"
"""Field of a focal point with the name of its file, empty where there is none."""

LARGEST = 5 * 2**20
LONGEST_NAME = 200
TYPES: Mapping[str, str] = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
"""Extension by media type, of what is taken: scans and signed PDF files."""


@dataclass(frozen=True)
class Upload:
    """A file that was sent.

    Attributes:
        name: its name, with the extension of what it is.
        media_type: what its content says it is.
        content: its bytes; none where the present file is to be taken away.
    """

    name: str = ""
    media_type: str = ""
    content: bytes = b""


def sent(data_dict: Mapping[str, Any]) -> Upload | None:
    """Return the file that an action was given, an empty one to clear, None to leave all as it is.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is too large, or neither PDF nor a picture.
    """
    given = data_dict.get(UPLOAD)
    if not given:
        return Upload() if tk.asbool(data_dict.get(CLEAR) or False) else None
    if not hasattr(given, "read"):
        raise tk.ValidationError({UPLOAD: [tk._("Send a file, not a text.")]})
    content = given.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise tk.ValidationError(
            {UPLOAD: [tk._("The file is larger than {limit} MB.").format(limit=LARGEST // 2**20)]}
        )
    media_type = magic.from_buffer(content, mime=True)
    if media_type not in TYPES:
        raise tk.ValidationError({UPLOAD: [tk._("Send the document as PDF, JPEG or PNG.")]})
    return Upload(_name(given, TYPES[media_type]), media_type, content)


def field(upload: Upload | None) -> dict[str, str]:
    """Return what a focal point is to say of its file; nothing where that stays as it is."""
    return {FIELD: upload.name} if upload else {}


def keep(focal_point_id: str, upload: Upload | None) -> None:
    """Store what was sent in the place of what is there, in the transaction of the caller."""
    if upload is None:
        return
    kept = find(focal_point_id)
    if kept is not None:
        model.Session.delete(kept)
        model.Session.flush()
    if upload.content:
        model.Session.add(
            Document(
                focal_point_id=focal_point_id,
                name=upload.name,
                media_type=upload.media_type,
                content=upload.content,
            )
        )
        model.Session.flush()


def find(focal_point_id: str) -> Document | None:
    """Return the file of a focal point."""
    return model.Session.get(Document, focal_point_id)


def _name(given: Any, extension: str) -> str:
    # Browsers of old sent whole paths; a name may hold anything.
    last = str(getattr(given, "filename", "") or "").replace("\\", "/").rpartition("/")[2]
    try:
        stem = values.one_line(values.clean_text(PurePath(last).stem))
    except ValueError:
        stem = ""
    return (stem[:LONGEST_NAME] or "van-ban") + extension
