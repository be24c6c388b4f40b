"""Writes focal points: terms of office in sequence, and the documents of appointment.

A document of appointment names a person, so it is never public. It is stored in the database, not
in CKAN's folder of uploads, and is deleted with its focal point.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import magic
from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import datasets, directory, history
from ckanext.nd47.agencies.model import Document, FocalPoint, now
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.language import text

log = logging.getLogger(__name__)

FIELDS = (
    "role",
    "rank",
    "full_name",
    "position",
    "function",
    "telephone",
    "email",
    "personal_telephone",
    "personal_email",
    "document_number",
    "document_date",
    "document_url",
    "document_file",
    "valid_from",
    "valid_to",
)
DATES = frozenset({"document_date", "valid_from", "valid_to"})
SEARCHED = ("full_name", "position", "function", "email", "telephone")
DAY = dt.timedelta(days=1)

DOCUMENT_UPLOAD = "document_upload"
CLEAR_DOCUMENT = "clear_document"
DOCUMENT_FILE = "document_file"
"""Field of a focal point with the name of its document, empty where there is none."""

LARGEST_DOCUMENT = 5 * 2**20
LONGEST_FILE_NAME = 200
DOCUMENT_TYPES: Mapping[str, str] = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
"""Extension by accepted media type: scans and signed PDF files."""


def get(focal_point_id: str) -> FocalPoint | None:
    """Return a focal point by its id."""
    return model.Session.get(FocalPoint, focal_point_id)


def create(agency_id: str, data: Mapping[str, Any], user_id: str) -> FocalPoint:
    """Add a focal point to an agency, in the transaction of the caller.

    Raises:
        ckan.plugins.toolkit.ValidationError: the term overlaps another one, or ends before it
            starts.
    """
    record = FocalPoint(
        agency_id=agency_id,
        role=data["role"],
        rank=data.get("rank") or "main",
        valid_from=data.get("valid_from") or dates.today(),
    )
    with _flushed():
        _assign(record, data)
        model.Session.add(record)
    history.add(record, "create", user_id, {}, history.snapshot(record))
    return record


def update(
    record: FocalPoint, data: Mapping[str, Any], user_id: str, action: str = "update"
) -> bool:
    """Change a focal point and return whether anything changed; missing fields stay as they are.

    Raises:
        ckan.plugins.toolkit.ValidationError: as for `create`.
    """
    before = history.snapshot(record)
    with _flushed():
        _assign(record, data)
    has_changed = history.add(record, action, user_id, before, history.snapshot(record))
    if has_changed:
        record.modified = now()
    return has_changed


def succeed(record: FocalPoint, data: Mapping[str, Any], user_id: str) -> FocalPoint:
    """End a term on the day before the next one starts, and start the next.

    Args:
        record: the focal point that leaves office.
        data: fields of the successor, who gets the same role and rank.
        user_id: the account that does it.

    Raises:
        ckan.plugins.toolkit.ValidationError: the new term does not start after the old one did.
    """
    start = data.get("valid_from") or dates.today()
    if start <= record.valid_from:
        raise tk.ValidationError(
            {"valid_from": [tk._("The next term must start after this one did.")]}
        )
    last = start - DAY
    if record.valid_to is None or record.valid_to > last:
        update(record, {"valid_to": last}, user_id, "succeed")
    same = {"role": record.role, "rank": record.rank, "valid_from": start}
    return create(record.agency_id, {**data, **same}, user_id)


def delete(record: FocalPoint, user_id: str) -> None:
    """Delete a focal point that no dataset of its agency uses.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is in use; the message says where.
    """
    used = datasets.uses_of(record)
    if used:
        raise tk.ValidationError({"id": used})
    remove(record, user_id)


def remove(record: FocalPoint, user_id: str) -> None:
    """Delete a focal point without checking whether datasets use it."""
    history.add(record, "delete", user_id, history.snapshot(record), {})
    model.Session.delete(record)
    model.Session.flush()
    directory.clear()


def _assign(record: FocalPoint, data: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in data:
            setattr(record, name, data[name] or (None if name in DATES else ""))
    if record.valid_to and record.valid_to < record.valid_from:
        raise tk.ValidationError({"valid_to": [tk._("The last day is before the first.")]})
    if not any((record.full_name, record.position, record.email, record.telephone)):
        raise tk.ValidationError(
            {"email": [tk._("Give at least a name, a position, an e-mail or a telephone number.")]}
        )
    record.folded = {name: text.fold(getattr(record, name)) for name in SEARCHED}


@contextmanager
def _flushed() -> Iterator[None]:
    """Flush what is changed inside; a violated constraint becomes a ValidationError."""
    try:
        # A savepoint, so that only this change is rolled back.
        with model.Session.begin_nested():
            yield
            model.Session.flush()
    except IntegrityError as error:
        # The database's error quotes the row with personal numbers, and must not be logged.
        raise tk.ValidationError(_violation(error)) from None
    directory.clear()


def _violation(error: IntegrityError) -> dict[str, Any]:
    diagnosis: Any = getattr(error.orig, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None) or ""
    messages = {
        "ex_nd47_focal_point_one_main": tk._(
            "The agency has a main focal point in this role for these days already. "
            "End that term first, or record a deputy."
        ),
        "ex_nd47_focal_point_same_person": tk._(
            "The same focal point is recorded for these days already."
        ),
    }
    if constraint in messages:
        return {"valid_from": [messages[constraint]]}
    column = getattr(diagnosis, "column_name", None) or ""
    log.warning("The database refuses a focal point: constraint %r, column %r", constraint, column)
    return {"message": [tk._("The database does not accept this record. Nothing was stored.")]}


@dataclass(frozen=True)
class Upload:
    """A document that was uploaded.

    Attributes:
        name: its file name, with the extension of its type.
        media_type: its type, detected from the content.
        content: its bytes; empty to delete the stored document.
    """

    name: str = ""
    media_type: str = ""
    content: bytes = b""


def uploaded_document(data_dict: Mapping[str, Any], field: str = DOCUMENT_UPLOAD) -> Upload | None:
    """Return the document in the input of an action, None to leave the stored one unchanged.

    Args:
        data_dict: the input.
        field: name of the field with the file.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is too large, or neither PDF nor an image.
    """
    upload = data_dict.get(field)
    if not upload:
        return Upload() if inputs.flag(data_dict, CLEAR_DOCUMENT) else None
    if not hasattr(upload, "read"):
        raise tk.ValidationError({field: [tk._("Send a file, not a text.")]})
    content = upload.read(LARGEST_DOCUMENT + 1)
    if len(content) > LARGEST_DOCUMENT:
        message = tk._("The file is larger than {limit} MB.")
        raise tk.ValidationError({field: [message.format(limit=LARGEST_DOCUMENT // 2**20)]})
    media_type = magic.from_buffer(content, mime=True)
    if media_type not in DOCUMENT_TYPES:
        raise tk.ValidationError({field: [tk._("Send the document as PDF, JPEG or PNG.")]})
    return Upload(_file_name(upload, DOCUMENT_TYPES[media_type]), media_type, content)


def document_field(upload: Upload | None) -> dict[str, str]:
    """Return the field with the document's name, nothing where it stays unchanged."""
    return {DOCUMENT_FILE: upload.name} if upload else {}


def store_document(focal_point_id: str, upload: Upload | None) -> None:
    """Replace the document of a focal point, in the transaction of the caller."""
    if upload is None:
        return
    stored = document(focal_point_id)
    if stored is not None:
        model.Session.delete(stored)
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


def document(focal_point_id: str) -> Document | None:
    """Return the stored document of a focal point."""
    return model.Session.get(Document, focal_point_id)


def _file_name(upload: Any, extension: str) -> str:
    # Some browsers send a whole path; a name may hold any character.
    last = str(getattr(upload, "filename", "") or "").replace("\\", "/").rpartition("/")[2]
    try:
        stem = values.one_line(values.clean_text(PurePath(last).stem))
    except ValueError:
        stem = ""
    return (stem[:LONGEST_FILE_NAME] or "van-ban") + extension
