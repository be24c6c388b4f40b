"""Text pages: the portal's own Markdown, or a default text filled from the settings.

The default texts are in `schemas/portal`. Lines with a placeholder without a value are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http, portal_title
from ckanext.nd47.metadata import licence
from ckanext.nd47.portal import identity

PAGES = ("about", "terms", "accessibility", "contact", "developers")
PLACE = re.compile(r"\{([a-z_]+)\}")
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!<>|~&])")


def page(name: str) -> Markup | str:
    """Return the text of a page in the language of the request, as HTML without scripts."""
    language = "en" if portal_title.is_english() else "vi"
    text = config.portal_page(name, language) or _default(name, language)
    return tk.h.render_markdown(filled(text, places()), auto_link=False)


def places() -> dict[str, str]:
    """Return what a text may name, each as Markdown."""
    values = {
        "portal": portal_title.title(),
        "operator": identity.operator(),
        "address": config.portal_text(config.PORTAL_ADDRESS),
        "email": config.portal_text(config.PORTAL_EMAIL),
        "telephone": config.portal_text(config.PORTAL_TELEPHONE),
        "law": _law(),
        "licence": licence.title(licence.default_id()) if licence.default_id() else "",
    }
    escaped = {name: MARKDOWN.sub(r"\\\1", value) for name, value in values.items()}
    return {**escaped, **_addresses()}


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with filled placeholders, without lines that lack a value.

    Other text in braces is unchanged.
    """
    lines = []
    for line in text.splitlines():
        names = [name for name in PLACE.findall(line) if name in values]
        if all(values[name] for name in names):
            lines.append(PLACE.sub(lambda match: values.get(match[1], match[0]), line))
    return "\n".join(lines)


def _addresses() -> dict[str, str]:
    licence_id = licence.default_id()
    return {
        "licence_url": tk.h.url_for("nd47_terms.read", license_id=licence_id) if licence_id else "",
        "datasets_url": tk.h.url_for("dataset.search"),
        "agencies_url": tk.h.url_for("organization.index"),
        "contact_url": tk.h.url_for("nd47_portal.contact"),
        "terms_url": tk.h.url_for("nd47_portal.terms"),
        "developers_url": tk.h.url_for("nd47_portal.developers"),
        "site_url": config.site_base(),
    }


def _law() -> str:
    """Return the names of the legal instruments under which the portal publishes data."""
    lang = http.language()
    return "; ".join(vocabulary.label("instrument", code, lang) for code in licence.instruments())


@lru_cache(maxsize=len(PAGES) * 2)
def _default(name: str, language: str) -> str:
    return data_path("schemas", "portal", f"{name}.{language}.md").read_text(encoding="utf-8")
