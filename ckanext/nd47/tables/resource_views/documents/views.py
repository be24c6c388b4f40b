"""A PDF for the browser's own viewer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk
from ckan.lib import munge

from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import files
from ckanext.nd47.tables.resource_views import access

__all__ = ["nd47_documents"]

nd47_documents = Blueprint(
    "nd47_documents", __name__, url_prefix="/dataset/<id>/resource/<resource_id>"
)

_BLOCK = 2**16
_PDF = b"%PDF-"
_START = 1024

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
"""Without `sandbox` and `object-src`: with them browsers do not start their viewer, which runs
apart from the page's origin in any case. The type is fixed: no browser takes it for a page."""


@nd47_documents.get("/document.pdf")
def pdf(id: str, resource_id: str) -> Response:
    """Return an uploaded PDF to be shown, not saved; 404 for what is none."""
    shown = access.shown(id, resource_id)
    if not access.is_uploaded(shown.resource):
        tk.abort(404, tk._("The portal does not have this file."))
    with ExitStack() as stack:
        try:
            file = stack.enter_context(files.local(access.stored(resource_id)))
        except FileError:
            tk.abort(404, tk._("The portal does not have this file."))
        stream = stack.enter_context(file.path.open("rb"))
        if _PDF not in stream.read(_START):
            tk.abort(404, tk._("The file is no PDF document."))
        stream.seek(0)
        size = file.path.stat().st_size
        later = stack.pop_all()
    response = Response(_blocks(stream), content_type="application/pdf")
    response.call_on_close(later.close)
    response.content_length = size
    name = munge.munge_filename(file.name) or "document.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    # A page on another site may frame the view of a public file, with the document inside.
    private = "" if shown.is_public else "; frame-ancestors 'self'"
    response.headers["Content-Security-Policy"] = POLICY + private
    return response


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: stream.read(_BLOCK), b"")
