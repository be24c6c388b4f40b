"""Shows refusals of publication that CKAN's pages do not catch."""

from __future__ import annotations

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.rules.gate import PublicationRefusedError

__all__ = ["nd47_rules"]

nd47_rules = Blueprint("nd47_rules", __name__)


@nd47_rules.app_errorhandler(PublicationRefusedError)
def refused(error: PublicationRefusedError) -> Response:
    """Show the reasons on the page that the request came from.

    CKAN's page that makes several datasets public, and its button to publish from the form of a
    resource, do not catch validation errors.
    """
    for label, words in error.error_summary.items():
        tk.h.flash_error(f"{label}: {words}")
    return tk.redirect_to(_previous_page() or "home.index")


def _previous_page() -> str:
    """Return the page that the request came from, empty if unknown."""
    page = tk.request.referrer or ""
    try:
        return page if tk.h.url_is_local(page) else ""
    except ValueError:
        return ""
