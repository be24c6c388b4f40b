"""Names of agencies on CKAN's own pages, in the language of the page.

Only what CKAN makes for a page is changed, never the title itself: forms and the API return it, and
a program may send it back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib.language.text import sort_key
from ckanext.nd47.lib.web import http

__all__ = ["nd47_agencies_named", "nd47_shown_title", "organizations_available"]

FACET = "organization"


def organisation(organisation_dict: dict[str, Any]) -> None:
    """Set the display name of an organisation that CKAN shows on a page."""
    if organisation_dict.get("id"):
        organisation_dict["display_name"] = directory.shown_title(
            organisation_dict["id"], organisation_dict["display_name"]
        )


def provider(dataset: dict[str, Any]) -> None:
    """Add the name of the provider to a dataset that CKAN shows on a page."""
    owner = dataset.get("organization")
    if not isinstance(owner, dict) or not owner.get("id"):
        return
    title = owner.get("title") or owner.get("name") or ""
    localised = directory.shown_title(owner["id"], title)
    if localised != title:
        # CKAN's `h.get_translated` reads this field.
        owner["title_translated"] = {http.language(): localised}


def facet(search_facets: dict[str, Any]) -> None:
    """Set the names of the agencies that a page offers as filters; the API's are as CKAN's."""
    if not http.is_page():
        return
    for item in search_facets.get(FACET, {}).get("items", []):
        item["display_name"] = directory.shown_title(item["name"], item["display_name"])


def nd47_shown_title(reference: str, title: str) -> str:
    """Return the name of an agency in the language of the page, where its title is known.

    For lists: all names are read in one statement, and none for a Vietnamese page.
    """
    return directory.shown_title(reference, title)


def nd47_agencies_named(words: str) -> list[str]:
    """Return ids of agencies that have words in a name or code, for example the English name.

    For the searches of the plugin `nd47_l10n`, which does not read the register.
    """
    return directory.named(words)


@tk.chained_helper
def organizations_available(
    next_helper: Callable[..., list[dict[str, Any]]], *args: Any, **options: Any
) -> list[dict[str, Any]]:
    """Return the agencies of an account, with the names that a page shows and in their order."""
    available = next_helper(*args, **options)
    for organisation_dict in available:
        organisation(organisation_dict)
    return sorted(available, key=lambda agency: sort_key(agency["display_name"]))
