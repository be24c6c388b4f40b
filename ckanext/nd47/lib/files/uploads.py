"""The uploaded files of resources, wherever the portal stores them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import file_keeper as fk

from ckan.lib import files, uploader


def content(resource: Mapping[str, Any]) -> tuple[int, Path | Iterable[bytes]] | None:
    """Return size and content of an uploaded file, None if the storage does not have it."""
    upload = uploader.get_resource_uploader({**resource})
    location = files.Location(upload.get_path(resource["id"]))
    storage = getattr(upload, "storage", None)
    if isinstance(storage, fk.Storage):
        try:
            data = files.FileData(location, size=storage.size(location))
        except files.exc.FilesError:
            return None
        return data.size, storage.stream(data)
    path = Path(location)
    return (path.stat().st_size, path) if path.is_file() else None
