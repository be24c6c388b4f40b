"""One dataset from the store; 410 for one that was withdrawn."""

from __future__ import annotations

from typing import Any

from flask import Response

from ckanext.nd47.dcat.serve import conditional, select
from ckanext.nd47.dcat.serve.formats import Format
from ckanext.nd47.dcat.serve.select import Chosen
from ckanext.nd47.dcat.store import writers
from ckanext.nd47.dcat.store.model import GONE, LIVE


def answer(reference: str, form: Format) -> Response | None:
    """Return a dataset by id or name, None where there never was a public one.

    Args:
        reference: id or name.
        form: in which format.
    """
    found = select.one(reference)
    if found is None:
        return None
    if found.state == LIVE and found.visible:
        if not found.etag:
            return None
        return conditional.answer(
            conditional.etag(found.iri, found.etag, found.nodes, form.extension),
            max(one for one in (found.modified, found.nodes_modified) if one),
            form.media_type,
            lambda: _write(found, form.writer),
        )
    if found.state in (GONE, LIVE) and found.iri:
        return _withdrawn(found)
    return None


def _write(found: Any, writer: writers.Writer) -> bytes:
    entries, shared = select.content(Chosen(ids=[found.id]), writer.column)
    return writers.document(writer, [*(body for _, body in entries), *shared])


def _withdrawn(found: Any) -> Response:
    """Say that a dataset is gone for now, and since when where the store was told."""
    known = found.state == GONE
    since = f" {found.modified.isoformat()}" if known else ""
    response = Response(f"Gone: {found.iri}{since}\n", status=410)
    response.content_type = "text/plain; charset=utf-8"
    if known:
        response.last_modified = found.modified
    return response
