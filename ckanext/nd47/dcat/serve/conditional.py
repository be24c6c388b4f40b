"""Conditional requests: ETag, Last-Modified and 304."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Response, request

from ckanext.nd47.dcat.rdf.statements import digest

FRESH = dt.timedelta(seconds=2)
"""HTTP dates have full seconds: a second change within this time could have the same date."""


def etag(*parts: object) -> str:
    """Return the ETag of content that depends on these parts alone."""
    return digest(str(part).encode() for part in parts)


@dataclass(frozen=True)
class Version:
    """Identifies a version of some content.

    Attributes:
        tag: the ETag.
        modified: time of its last change, None if there was none.
        now: time of the request, by the same clock as `modified`.
    """

    tag: str
    modified: dt.datetime | None
    now: dt.datetime


def answer(
    version: Version,
    media_type: str,
    make: Callable[[], bytes],
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    """Return 304 if the client has the current version, else the content.

    Args:
        version: identifies the content.
        media_type: of the content.
        make: returns the content; not called for a 304.
        headers: further headers.
    """
    unchanged = _unchanged(version)
    response = Response(status=304) if unchanged else Response(make(), mimetype=media_type)
    if not unchanged and media_type.startswith("text/"):
        response.content_type = f"{media_type}; charset=utf-8"
    response.set_etag(version.tag)
    if version.modified:
        response.last_modified = _shown(version.modified, version.now)
    for name, value in headers:
        response.headers.add(name, value)
    return response


def _shown(modified: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Return the date to show: one second earlier while that second may have more changes."""
    whole = modified.replace(microsecond=0)
    fresh = now - modified < FRESH
    return whole - dt.timedelta(seconds=1) if fresh else whole


def _unchanged(version: Version) -> bool:
    if request.if_none_match:
        return request.if_none_match.contains_weak(version.tag)
    since, modified = request.if_modified_since, version.modified
    return bool(since and modified and modified.replace(microsecond=0) <= since)
