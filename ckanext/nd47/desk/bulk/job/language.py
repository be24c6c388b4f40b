"""The language of messages that a job stores: that of the person who asked for the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import click
from flask import has_request_context

import ckan.plugins.toolkit as tk

_ACTION = "/api/3/action/package_patch"
"""Address of the request that a job acts in: datasets are shown as in the API."""


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Give the code inside a language; within a request it has one already."""
    with nullcontext() if has_request_context() else _request(language):
        yield


def _request(language: str) -> Any:
    """Return the context of a request in a language; without an application, none."""
    command = click.get_current_context(silent=True)
    application = command.meta.get("flask_app") if command else None
    if application is None:
        return nullcontext()
    default = tk.config["ckan.locale_default"]
    environment = {
        "CKAN_LANG": language or default,
        "CKAN_LANG_IS_DEFAULT": language in ("", default),
    }
    return application.test_request_context(_ACTION, environ_overrides=environment)
