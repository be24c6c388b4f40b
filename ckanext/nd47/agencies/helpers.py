"""Template helpers of the register; each hands over to a service function."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import alerts, columns, directory, listing, public, register, tables
from ckanext.nd47.agencies.directory import Known
from ckanext.nd47.lib import http, vocabulary

__all__ = [
    "nd47_agency_standing",
    "nd47_focal_point_words",
    "nd47_focal_points_by_person",
    "nd47_register_change",
]

NOT_TOLD = frozenset({"id", "agency_id"})
AGENCIES: dict[str, str] = {"parent_id": "parent", "successor_id": "successor"}
"""Word of the fields that hold the id of an agency."""


def nd47_agency_standing(organisation_id: str) -> dict[str, Any]:
    """Return what the page of an agency says of its focal points.

    Returns:
        `people` in office, the `successor` of an agency that has one, its former code and the
        last day, and the `alerts` for who keeps or edits its register.
    """
    if not tables.complete():
        return {"people": [], "successor": None, "alerts": [], "entry": None}
    entry = register.find(organisation_id)
    heir: Known | None = None
    if entry and entry.successor_id:
        heir = directory.directory().get(entry.successor_id)
    reads = tk.h.check_access("nd47_focal_point_alerts", {"agency": organisation_id})
    return {
        "people": listing.focal_points({"agency_id": organisation_id}, None, 0)[1],
        "successor": heir,
        "alerts": alerts.pending([organisation_id]) if reads else [],
        "entry": entry,
    }


def nd47_focal_point_words() -> dict[str, dict[str, str]]:
    """Return the words for roles, ranks and fields, in the language of the page."""
    return {
        "role": _labels("focal-point-role"),
        "rank": _labels("focal-point-rank"),
        "action": {
            "create": tk._("Recorded"),
            "update": tk._("Changed"),
            "delete": tk._("Deleted"),
            "succeed": tk._("Term ended"),
            "adopt": tk._("Taken over from a dataset"),
            "undo": tk._("Given back to a dataset"),
        },
        "field": {
            "role": tk._("Role"),
            "rank": tk._("Order"),
            "full_name": tk._("Full name"),
            "position": tk._("Position"),
            "function": tk._("Function"),
            "telephone": tk._("Office telephone"),
            "email": tk._("Office e-mail"),
            "personal_telephone": tk._("Personal telephone"),
            "personal_email": tk._("Personal e-mail"),
            "document_number": tk._("Number of the appointing document"),
            "document_date": tk._("Date of the appointing document"),
            "document_url": tk._("Address of the appointing document"),
            "document_file": tk._("File of the appointing document"),
            "document_upload": tk._("The appointing document as a file"),
            "valid_from": tk._("First day of the term"),
            "valid_to": tk._("Last day of the term"),
            "code": tk._("Agency code"),
            "former_code": tk._("Former code (as in 000.02.00.H99)"),
            "legal_name": tk._("Legal name"),
            "short_name": tk._("Short name"),
            "title_en": tk._("Name in English"),
            "level": tk._("Level"),
            "parent": tk._("Superior agency"),
            "administrative_unit": tk._("Administrative unit code"),
            "address": tk._("Address"),
            "url": tk._("Website"),
            "successor": tk._("Successor"),
        },
        "public": dict.fromkeys(public.fields(), ""),
    }


def nd47_focal_points_by_person(people: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return focal points with those together of whom the same is shown: one person, two roles."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in people:
        shown = (one["agency_id"], *(one.get(name) for name in sorted(public.fields())))
        found.setdefault(shown, []).append(one)
    return list(found.values())


def nd47_register_change(entry: dict[str, Any]) -> list[dict[str, str]]:
    """Return what one change of the register changed, in words.

    Returns:
        For each field its `name`, its `label`, and the value `before` and `after`.
    """
    words = nd47_focal_point_words()["field"]
    found = []
    names: dict[str, Any] = {**entry["before"], **entry["after"]}
    places = {name: place for place, name in enumerate(words)}
    for name in sorted(names, key=lambda one: places.get(AGENCIES.get(one, one), len(places))):
        before, after = (_told(name, entry[side].get(name)) for side in ("before", "after"))
        if name not in NOT_TOLD and (before or after):
            label = words.get(AGENCIES.get(name, name), name)
            found.append({"name": name, "label": label, "before": before, "after": after})
    return found


def _told(name: str, value: Any) -> str:
    if not value:
        return ""
    if name in columns.WORDS:
        return vocabulary.label(columns.WORDS[name], value, http.language())
    if name in columns.DATES:
        return tk.h.nd47_day(value)
    if name in AGENCIES:
        agency = directory.directory().get(value)
        return agency.title if agency else ""
    return str(value)


def _labels(vocabulary_id: str) -> dict[str, str]:
    lang = http.language()
    return {term.code: term.text(lang) for term in vocabulary.get(vocabulary_id)}
