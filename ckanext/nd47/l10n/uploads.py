"""Uploaded files: stored under a plain name, downloaded under the name that they came with."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.datastructures import FileStorage
from werkzeug.http import parse_options_header

from ckan import model

from ckanext.nd47.lib import text

ORIGINAL = "original_filename"
"""Field of a resource with the name that its file was uploaded under."""

DOWNLOAD = "resource.download"
LONGEST = 255


def note(resource: dict[str, Any]) -> None:
    """Note the name of the file that is being uploaded, in the resource that is being saved."""
    upload = resource.get("upload")
    if isinstance(upload, FileStorage) and upload.filename:
        name = upload.filename.replace("\\", "/").rpartition("/")[2]
        resource[ORIGINAL] = text.nfc(name)[-LONGEST:]


def name_original(response: Response) -> Response:
    """Name the original file in the answer to a download, as RFC 6266 has it.

    The plain name stays for programs that read only that; browsers take the other one.
    """
    if not (request.endpoint or "").endswith(DOWNLOAD):
        return response
    disposition, options = parse_options_header(response.headers.get("Content-Disposition"))
    stored = (request.view_args or {}).get("filename") or options.get("filename")
    original = _original((request.view_args or {}).get("resource_id"))
    if not disposition or not stored or not original or original == stored:
        return response
    plain = stored.encode("ascii", "ignore").decode().replace("\\", "").replace('"', "")
    response.headers["Content-Disposition"] = (
        f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(original, safe='')}"
    )
    return response


def _original(resource_id: Any) -> str:
    resource = model.Resource.get(resource_id) if resource_id else None
    if resource is None or resource.url_type != "upload":
        return ""
    return str((resource.extras or {}).get(ORIGINAL) or "")
