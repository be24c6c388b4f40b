"""Texts in a language outside of a request, as commands and jobs write them to people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, has_app_context

import ckan.plugins.toolkit as tk
from ckan.config import middleware


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Answer inside as a page in a language does."""
    is_default = language == tk.config["ckan.locale_default"]
    environ = {"CKAN_LANG": language, "CKAN_LANG_IS_DEFAULT": is_default}
    with application().test_request_context(environ_overrides=environ):
        yield


def application() -> Flask:
    """Return the application that serves the portal, also in commands and jobs."""
    # These have no application of their own; CKAN's own addresses come from this one.
    internal = middleware._internal_test_request_context  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return current_app if has_app_context() or internal is None else internal.app
