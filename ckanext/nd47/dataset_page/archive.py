"""Streams all uploaded files of a dataset as one ZIP archive.

Nothing is compressed: the length is known in advance, so browsers can show the progress, and the
archive costs the server no more than the files themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from zipstream import ZipStream

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import munge, signals
from ckan.types import Context

from ckanext.nd47.lib.files import uploads
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import citation, dataset_reader, licence

UPLOAD = "upload"
FEWEST_FILES = 2
"""Minimum number of files: an archive of a single file has no use."""


@dataclass(frozen=True)
class StoredFile:
    """An uploaded file of a dataset.

    Attributes:
        resource_id: id of its resource.
        name: its name in the archive.
        size: number of bytes.
        content: the file in the file system, or the stream of its storage.
    """

    resource_id: str
    name: str
    size: int
    content: Path | Iterable[bytes]


def is_offered(dataset: Mapping[str, Any]) -> bool:
    """Return whether a dataset has enough uploaded files for an archive."""
    return len(_uploads(dataset)) >= FEWEST_FILES


def stored_files(context: Context, dataset: Mapping[str, Any]) -> list[StoredFile]:
    """Return the uploaded files of a dataset that the user may download.

    Files that are missing in the storage are omitted.
    """
    # Loaded together, so that the access checks below need no query for each file.
    query = model.Session.query(model.Resource).filter_by(package_id=dataset["id"])
    rows = {row.id: row for row in query}
    stored: list[StoredFile] = []
    for position, resource in enumerate(_uploads(dataset), start=1):
        row = rows.get(resource["id"])
        if row is None:
            continue
        own = Context(user=context.get("user", ""), auth_user_obj=context.get("auth_user_obj"))
        own["resource"] = row
        try:
            tk.check_access("resource_show", own, {"id": resource["id"]})
        except tk.NotAuthorized:
            continue
        size_and_content = uploads.content(resource)
        if size_and_content:
            name = f"{position:02d}-{_file_name(resource)}"
            stored.append(StoredFile(resource["id"], name, *size_and_content))
    return stored


def stream(dataset: Mapping[str, Any], stored: list[StoredFile]) -> tuple[int, Iterator[bytes]]:
    """Return the size of the archive in bytes, and its stream."""
    archive = ZipStream(sized=True)
    archive.add(readme(dataset, stored), str(PurePosixPath(dataset["name"], "README.txt")))
    for file in stored:
        path = str(PurePosixPath(dataset["name"], file.name))
        if isinstance(file.content, Path):
            archive.add_path(file.content, path)
        else:
            archive.add(file.content, path, size=file.size)
    for file in stored:
        signals.resource_download.send(file.resource_id)
    return len(archive), iter(archive)


def readme(dataset: Mapping[str, Any], stored: list[StoredFile]) -> str:
    """Return the readme of the archive: source, licence, included files, files elsewhere."""
    names = {file.resource_id: file.name for file in stored}
    title = dataset_reader.text(dataset, "title") or dataset["name"]
    lines = [title, "=" * len(title), "", citation.statement(dataset, http.language())]
    terms = licence.find(dataset.get("license_id") or "")
    if terms:
        lines += [
            "",
            f"{tk._('Licence')}: {licence.title(terms.id)} {terms.url or ''}".rstrip(),
        ]
    inside, elsewhere = [], []
    for resource in dataset.get("resources") or []:
        label = tk.h.resource_display_name(resource)
        if resource["id"] in names:
            inside.append(f"- {names[resource['id']]}: {label}")
        elif resource.get("url"):
            elsewhere.append(f"- {label}: {resource['url']}")
    lines += ["", tk._("Files in this archive:"), *inside]
    if elsewhere:
        lines += ["", tk._("Files that are not in this archive, with their addresses:"), *elsewhere]
    return "\r\n".join(lines) + "\r\n"


def _uploads(dataset: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    resources = dataset.get("resources") or []
    return [resource for resource in resources if resource.get("url_type") == UPLOAD]


def _file_name(resource: Mapping[str, Any]) -> str:
    last = unquote(urlsplit(str(resource.get("url") or "")).path).rpartition("/")[2]
    return munge.munge_filename(last) if last else resource["id"]
