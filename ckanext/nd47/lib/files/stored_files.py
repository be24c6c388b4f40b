"""Documents that people upload beside the data, stored by CKAN's uploader of resources.

So they are where the portal stores its files: in a folder, or in object storage.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.lib import files, uploader


def write(file_id: str, name: str, media_type: str, content: bytes) -> None:
    """Store the bytes of a document.

    Args:
        file_id: a new id, as of a resource.
        name: name of the file.
        media_type: its type.
        content: its bytes.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: the portal stores no files.
    """
    stream = FileStorage(io.BytesIO(content), name, content_type=media_type)
    uploaded = uploader.get_resource_uploader({"url": name, "upload": stream})
    uploaded.upload(file_id, uploader.get_max_resource_size())
    # CKAN's own uploader says nothing where it has no folder to store in.
    read(file_id)


def read(file_id: str) -> bytes:
    """Return the bytes of a document.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: the storage does not have it any more.
    """
    stored = uploader.get_resource_uploader({})
    try:
        path = stored.get_path(file_id)
        storage: Any = getattr(stored, "storage", None)
        if storage is not None:
            return storage.content(files.FileData(files.Location(path)))
        return Path(path).read_bytes()
    except (OSError, TypeError, files.exc.FilesError):
        raise tk.ObjectNotFound(tk._("The storage does not have this file any more.")) from None
