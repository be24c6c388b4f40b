"""The name of the portal in the language of the page, for all templates."""

from __future__ import annotations

from flask import g

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.web import http

ENGLISH = "en"


def is_english() -> bool:
    """Return whether the page is in English."""
    return http.language().startswith(ENGLISH)


def title() -> str:
    """Return the name of the portal in the language of the page."""
    own = config.portal_text(config.PORTAL_TITLE_EN) if is_english() else ""
    return own or str(tk.config["ckan.site_title"])


def name_page() -> None:
    """Set the name of the portal for the templates of CKAN, themes and other plugins.

    They read `g.site_title`. The API and the exports read the option, which has no languages.
    """
    if http.is_page():
        g.site_title = title()
