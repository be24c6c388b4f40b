"""What an answer of a server says about a link."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

OK, FAILED, REFUSED = "ok", "failed", "refused"
"""Outcomes: it answers; it does not; or its server does not answer programs, so nobody knows."""

GUARDED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
"""What protections against programs answer, while a browser may see the page."""

RETRIED = frozenset(
    {
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""What passes by itself; asked once more."""


def outcome_of_status(status: int) -> str:
    """Return the outcome of a status of HTTP."""
    if status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return OK
    return REFUSED if status in GUARDED else FAILED


def host_of(address: str) -> str:
    """Return the host of an address, empty where it has none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""
