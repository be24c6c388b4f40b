"""Answers that are no pages: entity tags, caches, and what browsers may do with the content."""

from __future__ import annotations

import hashlib

from flask import Response, request

from ckan.lib import munge

SECONDS = 300
"""How long browsers and shared caches keep what is made of a public file."""

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""For pictures: opened alone, they run no script and load nothing."""


def content(
    body: bytes, media_type: str, *, is_public: bool, name: str = "", policy: str = SANDBOX
) -> Response:
    """Return a content, or 304 if the client has it.

    Args:
        body: the content.
        media_type: its media type.
        is_public: whether caches may keep it.
        name: name of the file if it is to be saved.
        policy: the Content-Security-Policy.
    """
    response = Response(body, content_type=media_type)
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    kept = f"public, max-age={SECONDS}" if is_public else "private, no-store"
    response.headers["Cache-Control"] = kept
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = policy
    if name:
        shown = munge.munge_filename(name)
        response.headers["Content-Disposition"] = f'attachment; filename="{shown}"'
    response.make_conditional(request)
    return response
