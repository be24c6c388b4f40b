"""The language of the person who is being answered."""

from __future__ import annotations

from flask import has_request_context

import ckan.plugins.toolkit as tk


def current() -> str:
    """Return the language of the request; that of the portal in commands and background jobs."""
    requested = tk.h.lang() if has_request_context() else None
    return requested or tk.config["ckan.locale_default"]
