"""Files of decisions, stored by CKAN's uploader of resources beside the data.

So they are where the portal stores its files: in a folder, or in object storage.

A file is stored before the decision is committed; one whose decision failed is never named again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.types import make_uuid

from ckanext.nd47.agencies import focal_points
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.model import DecisionFile
from ckanext.nd47.lib.files import stored_files

UPLOAD = "decision_upload"


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
    """Store a file and commit; return its id, empty where there is none.

    Raises:
        ckan.plugins.toolkit.ValidationError: the portal stores no files.
    """
    if upload is None:
        return ""
    file_id = make_uuid()
    try:
        stored_files.write(file_id, upload.name, upload.media_type, upload.content)
    except tk.ObjectNotFound:
        raise tk.ValidationError({UPLOAD: [tk._("This portal stores no files.")]}) from None
    model.Session.add(
        DecisionFile(
            id=file_id, name=upload.name, media_type=upload.media_type, size=len(upload.content)
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
    return stored_files.read(file.id)
