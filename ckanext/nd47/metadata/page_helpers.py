"""Template helpers of the pages about datasets and agencies; each hands over to a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dominate import tags
from markupsafe import Markup

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.pagination import Page

from ckanext.nd47.agencies import hierarchy
from ckanext.nd47.lib import mailboxes, telephones, values
from ckanext.nd47.metadata import dataset_reader, formats, surroundings, versions

__all__ = [
    "nd47_agency_above",
    "nd47_changes",
    "nd47_dataset_title",
    "nd47_machine_forms",
    "nd47_mailbox_links",
    "nd47_outside",
    "nd47_several_formats",
    "nd47_pager",
    "nd47_resource_facts",
    "nd47_telephone_links",
    "nd47_version",
]

MACHINE_FORMS = {"ttl": "Turtle", "jsonld": "JSON-LD", "rdf": "RDF/XML"}


def nd47_resource_facts(dataset: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, str]:
    """Return what a list says of a resource: `format`, `size`, `period` and `updated`."""
    period = dataset_reader.resource_text(dataset, resource, "period")
    moment = resource.get("last_modified") or resource.get("created") or ""
    return {
        "format": resource.get("format") or "",
        "size": _size(resource.get("size")),
        "period": tk.h.nd47_period(period) if period else "",
        "updated": values.day_first(dataset_reader.day_in_vietnam(str(moment))),
    }


def nd47_machine_forms(dataset: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and address of each form of a dataset's metadata made for programs."""
    if not p.plugin_loaded("dcat"):
        return []
    return [
        (name, tk.url_for("dcat.read_dataset", _id=dataset["name"], _format=extension))
        for extension, name in MACHINE_FORMS.items()
    ]


def nd47_mailbox_links(text: str) -> list[tuple[str, str]]:
    """Return the parts of a field of mailboxes, each with the address that opens a letter."""
    found = mailboxes.find(text)
    parts = [(f"{one.name} ({one.address})" if one.name else one.address, one) for one in found]
    return [(shown, f"mailto:{one.address}") for shown, one in parts] or [(text, "")]


def nd47_telephone_links(text: str) -> list[tuple[str, str]]:
    """Return the parts of a field of telephone numbers as written.

    Each comes with the address that dials it, empty for what stands between the numbers.
    """
    parts: list[tuple[str, str]] = []
    rest = text
    for one in telephones.find(text):
        before, _, rest = rest.partition(one.written)
        parts += [(before, ""), (one.written, one.uri)]
    return [part for part in (*parts, (rest, "")) if part[0].strip()]


def nd47_pager(page: Page, **query: Any) -> Markup:
    """Return CKAN's links to the pages of a list, the two arrows with a name."""
    return page.pager(
        symbol_previous=_arrow("left", tk._("Previous page")),
        symbol_next=_arrow("right", tk._("Next page")),
        **query,
    )


def nd47_dataset_title(name: str) -> str:
    """Return the title of a dataset that the reader of the page may see already."""
    found = model.Package.get(name)
    return (found.title or found.name) if found else name


def nd47_agency_above(organisation: Mapping[str, Any]) -> str:
    """Return the title of the agency directly above another, or nothing."""
    parents = organisation.get("groups") or []
    found = hierarchy.get(parents[0].get("name")) if parents else None
    return hierarchy.shown(found) if found else ""


def _arrow(way: str, name: str) -> Any:  # dominate types its tags as decorators too
    arrow = tags.i(cls=f"fa-solid fa-chevron-{way}", aria_hidden="true")
    return tags.span(arrow, tags.span(name, cls="visually-hidden"))


def _size(value: Any) -> str:
    try:
        return tk.h.localised_filesize(int(value)) if value else ""
    except (ValueError, TypeError):
        return ""


def nd47_version(version: Mapping[str, Any]) -> versions.Facts:
    """Return what a former version of a dataset holds of who answers for the data."""
    return versions.facts(version)


def nd47_changes(
    found: list[versions.Change], old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[versions.Change]:
    """Return the changes between two versions of a dataset with labels and readable values."""
    return versions.changes(found, old, new)


def nd47_several_formats(dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources whose format names several, which the export cannot tell."""
    named = ((one, one.get("format")) for one in dataset.get("resources") or [])
    return [one for one, name in named if isinstance(name, str) and formats.several(name)]


def nd47_outside(dataset: Mapping[str, Any]) -> str:
    """Return a position of a dataset's geometries outside the area of the portal, or nothing."""
    return surroundings.outside(dataset)
