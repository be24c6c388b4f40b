"""The signed file of an edition: stored once, read by everybody once the edition is issued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.types import make_uuid

from ckanext.nd47.agencies import focal_points
from ckanext.nd47.catalogue.records import history, stored
from ckanext.nd47.catalogue.records.history import About, Event
from ckanext.nd47.catalogue.records.model import Catalogue, SignedFile
from ckanext.nd47.lib.files import stored_files

UPLOAD = "decision_upload"


def uploaded(data_dict: Mapping[str, Any]) -> focal_points.Upload | None:
    """Return the file in the input of an action, None where there is none.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is too large, or neither PDF nor an image.
    """
    file = data_dict.get(UPLOAD)
    if not file:
        return None
    try:
        upload = focal_points.uploaded_document({focal_points.DOCUMENT_UPLOAD: file})
    except tk.ValidationError as error:
        messages: dict[str, Any] = dict(error.error_dict)
        raise tk.ValidationError({UPLOAD: messages[focal_points.DOCUMENT_UPLOAD]}) from None
    return upload if upload and upload.content else None


def add(user_id: str, catalogue_id: str, upload: focal_points.Upload) -> None:
    """Store the signed file of an edition and commit; an issued edition gets one once.

    Raises:
        ckan.plugins.toolkit.ValidationError: it has one, or the portal stores no files.
    """
    catalogue = stored.lock_catalogue(catalogue_id)
    if catalogue.file_id:
        raise stored.invalid(UPLOAD, tk._("The catalogue has its signed file already."))
    file_id = make_uuid()
    try:
        stored_files.write(file_id, upload.name, upload.media_type, upload.content)
    except tk.ObjectNotFound:
        raise stored.invalid(UPLOAD, tk._("This portal stores no files.")) from None
    model.Session.add(
        SignedFile(
            id=file_id,
            catalogue_id=catalogue_id,
            name=upload.name,
            media_type=upload.media_type,
            size=len(upload.content),
        )
    )
    catalogue.file_id = file_id
    stored.changed(catalogue, user_id)
    model.Session.flush()
    history.add(catalogue_id, Event.FILE, user_id, About(note=upload.name))
    model.Session.commit()


def of_catalogue(catalogue: Catalogue) -> tuple[SignedFile, bytes]:
    """Return the signed file of an edition with its bytes.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: it has none, or the storage has it no more.
    """
    row = model.Session.get(SignedFile, catalogue.file_id) if catalogue.file_id else None
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such file."))
    return row, stored_files.read(row.id)
