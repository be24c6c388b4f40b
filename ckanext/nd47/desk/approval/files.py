"""Files of decisions, in CKAN's storage of resources beside the data.

A file is stored before the decision is committed; one whose decision failed is never named again.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import files
from ckan.model.types import make_uuid

from ckanext.nd47.agencies import focal_points
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.model import DecisionFile

UPLOAD = "decision_upload"
STORAGE = "ckan.files.default_storages.resource"
FOLDER = "nd47-decisions"


def uploaded(data_dict: Mapping[str, Any]) -> focal_points.Upload | None:
    """Return the file of a decision in the input of an action, None where there is none.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is too large, or neither PDF nor an image.
    """
    given = data_dict.get(UPLOAD)
    if not given:
        return None
    try:
        upload = focal_points.uploaded_document({focal_points.DOCUMENT_UPLOAD: given})
    except tk.ValidationError as error:
        messages: dict[str, Any] = dict(error.error_dict)
        raise tk.ValidationError({UPLOAD: messages[focal_points.DOCUMENT_UPLOAD]}) from None
    return upload if upload and upload.content else None


def store(upload: focal_points.Upload | None) -> str:
    """Store a file and commit; return its id, empty where there is none."""
    if upload is None:
        return ""
    storage = files.get_storage(tk.config[STORAGE])
    file_id = make_uuid()
    content = FileStorage(io.BytesIO(upload.content), upload.name, content_type=upload.media_type)
    location = storage.prepare_location(f"{FOLDER}/{file_id}")
    stored = storage.upload(location, files.make_upload(content))
    model.Session.add(
        DecisionFile(
            id=file_id,
            name=upload.name,
            media_type=upload.media_type,
            location=str(stored.location),
            size=len(upload.content),
        )
    )
    model.Session.commit()
    return file_id


def of_dataset(dataset_id: str, file_id: str) -> DecisionFile | None:
    """Return a file that a decision about a dataset names."""
    named = sa.exists().where(
        tables.events.c.dataset_id == dataset_id, tables.events.c.file_id == file_id
    )
    query = sa.select(DecisionFile).where(DecisionFile.id == file_id, named)
    return model.Session.scalar(query) if file_id else None


def content(file: DecisionFile) -> bytes:
    """Return the bytes of a file.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: the storage does not have it any more.
    """
    storage = files.get_storage(tk.config[STORAGE])
    try:
        return storage.content(files.FileData(files.Location(file.location)))
    except files.exc.MissingFileError:
        raise tk.ObjectNotFound(tk._("The storage does not have this file any more.")) from None
