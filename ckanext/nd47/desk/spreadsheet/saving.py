"""Saves the files from the ZIP with their datasets, through CKAN's uploader.

CKAN's `package_create` takes no files. The file of a new dataset is therefore stored first, for a
resource with an id that was chosen when the run was planned: a step that is repeated after a crash
stores it in the same place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import uploader

from ckanext.nd47.desk.bulk import kinds
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.kinds import Kind, Values
from ckanext.nd47.desk.spreadsheet.model import FORMER, NEW, forget, keep_once, opened
from ckanext.nd47.desk.spreadsheet.resources import UPLOAD, UploadNote
from ckanext.nd47.lib.files import uploads

CODE = "spreadsheet"
"""Name of the kind of run."""

CHUNK = 2**20


def key(upload: UploadNote) -> str:
    """Return the key of a file from the ZIP."""
    return f"{NEW}{upload['row']}"


def with_files(run_id: str, note: Mapping[str, Any], values: Values) -> Values:
    """Return the values of a dataset with its files from the ZIP.

    Raises:
        ckan.plugins.toolkit.ValidationError: a file is not there any more.
    """
    waiting: dict[str, UploadNote] = note.get("uploads") or {}
    if not waiting:
        return values
    resources = [dict(resource) for resource in values["resources"]]
    for position, upload in waiting.items():
        file, resource = opened(run_id, key(upload)), resources[int(position)]
        if file is None:
            message = tk._("The file “{name}” is no longer kept. Send the table and the ZIP again.")
            raise tk.ValidationError({"message": [message.format(name=upload["name"])]})
        if note["created"]:
            _store(resource["id"], file, upload["name"])
            continue
        if upload["replaces"]:
            _keep_former(run_id, upload["resource"])
        resource[UPLOAD] = FileStorage(file, filename=upload["name"])
    return {**values, "resources": resources}


def with_former_files(run_id: str, note: Mapping[str, Any], values: Values) -> Values:
    """Return the former values of a dataset with the files that were replaced."""
    replaced = {
        upload["resource"]: upload
        for upload in (note.get("uploads") or {}).values()
        if upload["replaces"]
    }
    if not replaced or "resources" not in values:
        return values
    resources = [dict(resource) for resource in values["resources"]]
    for resource in resources:
        file = opened(run_id, _former(resource["id"])) if resource["id"] in replaced else None
        if file is not None:
            name = str(resource.get("url") or "").rpartition("/")[2]
            resource[UPLOAD] = FileStorage(file, filename=name)
    return {**values, "resources": resources}


def ended(run_id: str) -> None:
    """Delete the files of a run that ended, also those stored for datasets that were refused."""
    query = sa.select(tables.Item.note).where(
        tables.Item.run_id == run_id,
        tables.Item.operation == tables.CREATE,
        tables.Item.state == tables.REFUSED,
    )
    for note in model.Session.scalars(query):
        for upload in (note.get("uploads") or {}).values():
            if note["created"] and model.Session.get(model.Resource, upload["resource"]) is None:
                cleared = {"url": upload["name"], "clear_upload": True}
                uploader.get_resource_uploader(cleared).upload(upload["resource"])
    forget(run_id, NEW)


def _store(resource_id: str, file: IO[bytes], name: str) -> None:
    upload = {"url": name, UPLOAD: FileStorage(file, filename=name)}
    uploader.get_resource_uploader(upload).upload(resource_id, uploader.get_max_resource_size())


def _keep_former(run_id: str, resource_id: str) -> None:
    """Keep the file that is about to be replaced."""
    resource = model.Session.get(model.Resource, resource_id)
    content = uploads.content({"id": resource_id, "url": resource.url}) if resource else None
    if content is not None:
        keep_once(run_id, _former(resource_id), _chunks(content[1]))


def _former(resource_id: str) -> str:
    return f"{FORMER}{resource_id}"


def _chunks(content: Path | Iterable[bytes]) -> Iterator[bytes]:
    if not isinstance(content, Path):
        yield from content
        return
    with content.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


KIND = Kind(
    code=CODE,
    title=lambda: tk._("Spreadsheet of datasets"),
    complete=with_files,
    restore=with_former_files,
    ended=ended,
)
kinds.register(KIND)
