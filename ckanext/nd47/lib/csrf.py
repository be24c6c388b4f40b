"""Keeps forms of the suite, and calls of the API, from being sent by other sites."""

from __future__ import annotations

from flask import current_app, g, request
from flask_login import current_user

from ckan.config.middleware.flask_app import csrf


def only_from_its_own_form() -> None:
    """Ask a browser for the token of the form, whatever came before.

    CKAN frees a page from the check for the life of the process as soon as anybody, with whatever
    rights, has sent it an API token (`ckan_before_request`).
    """
    if current_app.config["WTF_CSRF_ENABLED"] and not g.get("login_via_auth_header"):
        csrf.protect()


def only_with_its_token() -> None:
    """Ask a browser for the token of CKAN's pages when it changes something by the API.

    CKAN takes the cookie of a session there, since scripts of its own pages change things by the
    API; they send the token. A form of another site does not, whose visitor may be logged in here.
    """
    if request.method == "POST" and request.blueprint == "api" and current_user.is_authenticated:
        only_from_its_own_form()
