"""Keeps forms of the suite from being sent by other sites."""

from __future__ import annotations

from flask import current_app, g

from ckan.config.middleware.flask_app import csrf


def only_from_its_own_form() -> None:
    """Ask a browser for the token of the form, whatever came before.

    CKAN frees a page from the check for the life of the process as soon as anybody, with whatever
    rights, has sent it an API token (`ckan_before_request`).
    """
    if current_app.config["WTF_CSRF_ENABLED"] and not g.get("login_via_auth_header"):
        csrf.protect()
