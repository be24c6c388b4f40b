"""Answers that need not be made: ETag, Last-Modified and 304."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from flask import Response, request

from ckanext.nd47.dcat.store import triples

_UNSETTLED = dt.timedelta(seconds=2)
"""HTTP counts whole seconds: within this time a second change could bear the same date."""


def etag(*parts: object) -> str:
    """Return the tag of what is made from these parts alone."""
    return triples.digest(str(part).encode() for part in parts)


def answer(
    tag: str,
    modified: dt.datetime | None,
    media_type: str,
    make: Callable[[], bytes],
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    """Return 304 where the client has the newest form, else the content.

    Args:
        tag: identifies the content.
        modified: moment of its last change.
        media_type: of the content.
        make: makes the content; not called for a 304.
        headers: further headers.
    """
    unchanged = _unchanged(tag, modified)
    response = Response(status=304) if unchanged else Response(make(), mimetype=media_type)
    if not unchanged and media_type.startswith("text/"):
        response.content_type = f"{media_type}; charset=utf-8"
    response.set_etag(tag)
    if modified:
        response.last_modified = _shown(modified)
    for name, value in headers:
        response.headers.add(name, value)
    return response


def _shown(modified: dt.datetime) -> dt.datetime:
    """Return the date to show: an older one while the same second may bring another change."""
    whole = modified.replace(microsecond=0)
    fresh = dt.datetime.now(dt.timezone.utc) - modified < _UNSETTLED
    return whole - dt.timedelta(seconds=1) if fresh else whole


def _unchanged(tag: str, modified: dt.datetime | None) -> bool:
    if request.if_none_match:
        return request.if_none_match.contains_weak(tag)
    since = request.if_modified_since
    return bool(since and modified and modified.replace(microsecond=0) <= since)
