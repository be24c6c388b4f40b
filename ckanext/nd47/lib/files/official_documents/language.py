"""The language of documents: Vietnamese, whatever the language of the screen is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import has_request_context, request
from flask_babel import force_locale

LANGUAGE = "vi"
ENVIRONMENT = "CKAN_LANG"
"""Where CKAN keeps the language of a request."""


@contextmanager
def in_vietnamese() -> Iterator[None]:
    """Give labels and messages inside in Vietnamese; without a request nothing changes."""
    if not has_request_context():
        yield
        return
    before = request.environ.get(ENVIRONMENT)
    request.environ[ENVIRONMENT] = LANGUAGE
    try:
        with force_locale(LANGUAGE):
            yield
    finally:
        request.environ[ENVIRONMENT] = before
