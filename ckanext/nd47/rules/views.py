"""What becomes of a refusal that no page of CKAN expects."""

from __future__ import annotations

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.rules.gate import PublicationRefusedError

__all__ = ["nd47_rules"]

nd47_rules = Blueprint("nd47_rules", __name__)


@nd47_rules.app_errorhandler(PublicationRefusedError)
def refused(error: PublicationRefusedError) -> Response:
    """Say why, on the page where the button was pressed.

    CKAN's page that makes many datasets public, and its button to publish from the form of a
    resource, do not catch what validation finds.
    """
    for label, words in error.error_summary.items():
        tk.h.flash_error(f"{label}: {words}")
    return tk.redirect_to(_came_from() or "home.index")


def _came_from() -> str:
    """Return the page on which the button was pressed, empty where the browser does not say."""
    page = tk.request.referrer or ""
    try:
        return page if tk.h.url_is_local(page) else ""
    except ValueError:
        return ""
