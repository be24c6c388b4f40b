"""Keeps answers that are for few out of the caches between portal and reader.

CKAN marks as `public` whatever it did not render as a page: files, the API, redirects.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, request

from ckan.types import CKANApp

NO_CACHE = "__no_cache__"
"""What CKAN asks for in the environment of a request before it lets caches keep the answer."""

API = "api"
OWN = "ckanext.nd47."
HEADER = "private, no-store"


def install(app: CKANApp) -> CKANApp:
    """Let the rule hold for all answers of an application.

    Functions that run after a request run in the reverse order: this one before CKAN's own.
    """
    app.after_request(private_to_accounts)
    return app


def private_to_accounts(response: Response) -> Response:
    """Forbid caches to keep an answer of the API or of the suite that an account was given.

    An account may see more than everybody; what a visitor is given is public.
    """
    if g.get("user") and (_is_own() or request.blueprint == API):
        request.environ[NO_CACHE] = True
        response.headers["Cache-Control"] = HEADER
    return response


def _is_own() -> bool:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return str(getattr(view, "__module__", "")).startswith(OWN)
