"""Template helpers of the register."""

from __future__ import annotations

from typing import Any, TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import alerts, directory, history, migrated, register
from ckanext.nd47.agencies.access import account_roles, permissions
from ckanext.nd47.agencies.import_export import columns
from ckanext.nd47.agencies.lookup import listing
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http

__all__ = [
    "nd47_agency_summary",
    "nd47_focal_point_words",
    "nd47_focal_points_by_person",
    "nd47_register_change",
]

NOT_SHOWN = frozenset({"id", "agency_id"})
AGENCIES = {column: parameter for parameter, column in register.REFERENCES.items()}
"""Parameter by column of the register, for fields that hold the id of an agency."""


class AgencySummary(TypedDict):
    """What the page of an agency shows from the register.

    `people` are in office, `valid_to` is the last day of the agency, `alerts` are for editors.
    """

    people: list[listing.ListedFocalPoint]
    successor: directory.AgencyInfo | None
    alerts: list[alerts.AlertDict]
    valid_to: str


class ChangedField(TypedDict):
    """A changed field of a history entry, with label and readable values."""

    name: str
    label: str
    before: str
    after: str


def nd47_agency_summary(organisation_id: str) -> AgencySummary:
    """Return what the page of an agency shows from the register."""
    if not migrated.ready():
        return {"people": [], "successor": None, "alerts": [], "valid_to": ""}
    agency = directory.get(organisation_id)
    may_see_alerts = tk.h.check_access("nd47_focal_point_alerts", {"agency": organisation_id})
    return {
        "people": listing.focal_points({"agency_id": organisation_id}, None, 0)["results"],
        "successor": directory.get(agency.successor_id) if agency else None,
        "alerts": alerts.pending([organisation_id]) if may_see_alerts else [],
        "valid_to": agency.valid_to if agency else "",
    }


def nd47_focal_point_words() -> dict[str, dict[str, str]]:
    """Return the labels of roles, ranks, actions and fields in the language of the page."""
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
            "account": tk._("Account"),
        },
        "public": dict.fromkeys(permissions.public_fields(), ""),
    }


def nd47_focal_points_by_person(
    people: list[listing.ListedFocalPoint],
) -> list[list[listing.ListedFocalPoint]]:
    """Return focal points in groups with the same public fields: one person in several roles."""
    groups: dict[tuple[str | None, ...], list[listing.ListedFocalPoint]] = {}
    for person in people:
        key = (person["agency_id"], *(person.get(name) for name in permissions.public_fields()))
        groups.setdefault(key, []).append(person)
    return list(groups.values())


def nd47_register_change(entry: history.ChangeDict) -> list[ChangedField]:
    """Return the changed fields of a history entry, those of a form in its order."""
    labels = nd47_focal_point_words()["field"]
    places = {name: place for place, name in enumerate(labels)}
    changes: list[ChangedField] = []
    names: set[str] = {*entry["before"], *entry["after"]} - NOT_SHOWN
    for name in sorted(names, key=lambda key: (places.get(AGENCIES.get(key, key), 99), key)):
        before, after = (
            _readable(name, side.get(name)) for side in (entry["before"], entry["after"])
        )
        if before or after:
            label = labels.get(AGENCIES.get(name, name), name)
            changes.append({"name": name, "label": label, "before": before, "after": after})
    return changes


def _readable(name: str, value: Any) -> str:
    if not value:
        return ""
    if name == "role" and value == account_roles.LEADER:
        return tk._("Leader of the agency")
    if name in columns.VOCABULARIES:
        return vocabulary.label(columns.VOCABULARIES[name], value, http.language())
    if name in columns.DATES:
        return tk.h.nd47_day(value)
    if name in AGENCIES:
        agency = directory.get(value)
        return directory.display_title(agency) if agency else ""
    return str(value)


def _labels(vocabulary_id: str) -> dict[str, str]:
    lang = http.language()
    return {term.code: term.text(lang) for term in vocabulary.get(vocabulary_id)}
