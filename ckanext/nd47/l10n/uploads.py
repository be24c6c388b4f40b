"""Original names of uploaded files: CKAN stores a name in ASCII, downloads get the original."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.datastructures import FileStorage
from werkzeug.http import parse_options_header

from ckan import model

from ckanext.nd47.lib.language import text

ORIGINAL_NAME = "original_filename"
"""Field of a resource with the original name of its file."""

DOWNLOAD = "resource.download"
MAX_LENGTH = 255


def store_original_name(resource: dict[str, Any]) -> None:
    """Set the original name of a file that is being uploaded."""
    upload = resource.get("upload")
    if isinstance(upload, FileStorage) and upload.filename:
        name = upload.filename.replace("\\", "/").rpartition("/")[2]
        resource[ORIGINAL_NAME] = text.nfc(name)[-MAX_LENGTH:]


def set_download_name(response: Response) -> Response:
    """Set the original name of the file in the response to a download (RFC 6266).

    `filename` contains the ASCII name for clients that do not support `filename*`.
    """
    if not (request.endpoint or "").endswith(DOWNLOAD):
        return response
    disposition, options = parse_options_header(response.headers.get("Content-Disposition"))
    stored = (request.view_args or {}).get("filename") or options.get("filename")
    original = _original_name((request.view_args or {}).get("resource_id"))
    if not disposition or not stored or not original or original == stored:
        return response
    ascii_name = stored.encode("ascii", "ignore").decode().replace("\\", "").replace('"', "")
    response.headers["Content-Disposition"] = (
        f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(original, safe='')}"
    )
    return response


def _original_name(resource_id: Any) -> str:
    resource = model.Resource.get(resource_id) if resource_id else None
    if resource is None or resource.url_type != "upload":
        return ""
    return str((resource.extras or {}).get(ORIGINAL_NAME) or "")
