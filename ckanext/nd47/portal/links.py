"""Canonical and alternate addresses of a page, and its description, for search engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

from flask import request

import ckan.plugins.toolkit as tk
from ckan.lib.i18n import get_locales

from ckanext.nd47.lib import config
from ckanext.nd47.lib.web import http

DESCRIPTION_LENGTH = 160
LANGUAGES = frozenset({"vi", "en"})
"""Languages with a complete translation; CKAN offers some sixty."""

KEPT = frozenset({"page"})
"""Query parameters that identify a page; the others sort or filter."""


@dataclass(frozen=True)
class Links:
    """The addresses of a page.

    Attributes:
        canonical: the canonical address.
        alternates: language and address of the page in each language.
        default: its address without a language.
    """

    canonical: str
    alternates: list[tuple[str, str]]
    default: str


def of_page() -> Links | None:
    """Return the addresses of the requested page, None for a search or a filtered list."""
    names = {name for name, value in request.args.items() if value}
    if names - KEPT:
        return None
    query = urlencode({name: request.args[name] for name in sorted(names)})
    path = request.path + (f"?{query}" if query else "")
    languages = languages_offered()
    addresses = [(lang.replace("_", "-"), address(path, lang)) for lang in languages]
    return Links(address(path, http.language()), addresses, address(path, default_language()))


def address(path: str, language: str) -> str:
    """Return the absolute address of a page in a language; the default language has no prefix."""
    root = tk.config[config.ROOT_PATH] or ""
    site = tk.config[config.SITE_URL].rstrip("/")
    part = "" if language == default_language() else f"/{language}"
    place = root.replace("/{{LANG}}", part) if "{{LANG}}" in root else f"{root.rstrip('/')}{part}"
    return f"{site}{place}{path}"


def default_language() -> str:
    """Return the language of the portal."""
    return tk.config["ckan.locale_default"]


def languages_offered() -> list[str]:
    """Return the languages of the suite that the portal offers, the default language first."""
    offered = [lang for lang in get_locales() if lang in LANGUAGES]
    return list(dict.fromkeys([default_language(), *offered]))


def description(record: Mapping[str, Any] | None, title: str, portal: str) -> str:
    """Return the description of a page on one line: the beginning of the text of its record.

    Args:
        record: the dataset, file or agency of the page, if there is one.
        title: the title of the page as HTML, for a page without text; may be empty.
        portal: the description of the portal, which follows the title.
    """
    text = str((record or {}).get("notes") or (record or {}).get("description") or "")
    # The helper returns escaped HTML, which the template would escape once more.
    extract = tk.h.markdown_extract(text, DESCRIPTION_LENGTH)
    plain = extract.unescape() if hasattr(extract, "unescape") else extract
    if words := " ".join(str(plain).split()):
        return words
    heading = " ".join(unescape(title).split())
    return f"{heading}. {portal}" if heading else portal
