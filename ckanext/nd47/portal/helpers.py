"""Template helpers; each calls a service function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config
from ckanext.nd47.lib.web import portal_title
from ckanext.nd47.portal import agencies, home, identity, links, table_requests, texts, visitors

__all__ = [
    "humanize_entity_type",
    "nd47_portal",
    "nd47_portal_agencies",
    "nd47_portal_agency_title",
    "nd47_portal_description",
    "nd47_portal_home",
    "nd47_portal_light",
    "nd47_portal_light_begin",
    "nd47_portal_light_finish",
    "nd47_portal_links",
    "nd47_portal_site",
    "nd47_portal_table_requests",
    "nd47_portal_text",
    "nd47_portal_ways",
]

AGENCY_LISTS = ("breadcrumb", "content tab", "facet label", "main nav", "page title")
"""CKAN's purposes of a label for which it says "Organizations"."""


@tk.chained_helper
def humanize_entity_type(
    next_helper: Callable[[str, str, str], str | None],
    entity_type: str,
    object_type: str,
    purpose: str,
) -> str | None:
    """Return "Agencies" where CKAN would say "Organizations", and CKAN's own label elsewhere."""
    if entity_type == "organization" and purpose in AGENCY_LISTS:
        return tk._("Agencies")
    return next_helper(entity_type, object_type, purpose)


def nd47_portal() -> dict[str, Any]:
    """Return the operator and the appearance of the portal."""
    return {
        "title": portal_title.title(),
        "operator": identity.operator(),
        "address": config.portal_text(config.PORTAL_ADDRESS),
        "email": config.portal_text(config.PORTAL_EMAIL),
        "telephone": config.portal_text(config.PORTAL_TELEPHONE),
        "emblem": identity.picture(config.PORTAL_EMBLEM),
        "picture": identity.social_picture(),
        "colour": identity.colour(),
        "maintenance": identity.maintenance(),
    }


def nd47_portal_home() -> dict[str, Any]:
    """Return what the home page shows."""
    return {"home": home.show(), "news": identity.news()}


def nd47_portal_light() -> bool:
    """Return whether the page loads the small style and script of visitors."""
    return visitors.light()


def nd47_portal_light_begin() -> None:
    """Load the style of visitors in place of CKAN's."""
    visitors.begin()


def nd47_portal_light_finish() -> None:
    """Load the script of visitors, or CKAN's if something on the page may need them."""
    visitors.finish()


def nd47_portal_agencies() -> list[agencies.Branch]:
    """Return the agencies as a tree."""
    return agencies.tree()


def nd47_portal_agency_title(reference: str) -> str:
    """Return the name of an agency in the language of the page, empty if there is none."""
    agency = directory.get(reference)
    return directory.display_title(agency) if agency else ""


def nd47_portal_site() -> str:
    """Return the address of the portal."""
    return config.site_base()


def nd47_portal_table_requests(resource_id: str) -> list[table_requests.Request]:
    """Return requests for the rows of a table that the user may read."""
    return table_requests.of_table(resource_id)


def nd47_portal_text(page: str) -> Markup | str:
    """Return the text of a page."""
    return texts.page(page)


def nd47_portal_links() -> links.Links | None:
    """Return the addresses of the page for search engines."""
    return links.of_page()


def nd47_portal_description(record: Mapping[str, Any] | None, title: str) -> str:
    """Return the description of the page on one line.

    Args:
        record: the dataset, file or agency of the page, if there is one.
        title: the title of the page, empty for the home page.
    """
    return links.description(record, title, identity.slogan())


def nd47_portal_ways() -> list[tuple[str, str]]:
    """Return name and address of the available bulk downloads."""
    ways = [(tk._("Feed of new and updated datasets (Atom)"), "/feeds/dataset.atom")]
    if p.plugin_loaded("nd47_dcat"):
        ways += [
            (tk._("Catalogue as RDF (DCAT, Turtle)"), "/catalog.ttl"),
            (tk._("Catalogue as JSON-LD"), "/catalog.jsonld"),
            (tk._("Changes of the catalogue"), "/catalog/changes.json"),
            (tk._("Whole catalogue in one file"), "/catalog/dump.json"),
        ]
    return ways
