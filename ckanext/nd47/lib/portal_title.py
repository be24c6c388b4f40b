"""The name of the portal in the language of the page, for all templates."""

from __future__ import annotations

from flask import g

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config, http

ENGLISH = "en"


def is_english() -> bool:
    """Say whether the page is an English one."""
    return http.language().startswith(ENGLISH)


def title() -> str:
    """Return the name of the portal in the language of the page."""
    own = config.portal_text(config.PORTAL_TITLE_EN) if is_english() else ""
    return own or str(tk.config["ckan.site_title"])


def name_page() -> None:
    """Give the templates of CKAN, of themes and of other plugins the name for this page.

    They read `g.site_title`. The API and the exports read the option, in every language the same.
    """
    if http.is_page():
        g.site_title = title()
