"""Whom to call about a dataset: resolved when it is shown, never stored with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ckanext.nd47.agencies import directory, public
from ckanext.nd47.agencies.directory import Officer
from ckanext.nd47.agencies.model import NEEDED_ROLES

REFERENCE = "identifier"
"""Subfield of a dataset's `contact` that may hold the id of a focal point."""

ID_LENGTH = 36


def of_agency(agency_id: str) -> list[dict[str, Any]]:
    """Return whom to call at an agency; empty where nothing is known.

    That is who is in office for feedback on open data, else for sharing data, else the office.
    """
    known = directory.directory()
    agency = known.get(agency_id)
    if agency is None:
        return []
    for officer in (one for one in known.current(agency.id) if one.role in NEEDED_ROLES):
        contact = of_officer(officer)
        if contact and (contact.get("email") or contact.get("telephone")):
            return [contact]
    if agency.email or agency.telephone:
        own = {"name": agency.title, "email": agency.email, "telephone": agency.telephone}
        return [{key: value for key, value in own.items() if value}]
    return []


def of_officer(officer: Officer, day: dt.date | None = None) -> dict[str, Any] | None:
    """Return what everybody may see of a focal point, in the form of a dataset's contact.

    None where that is nothing.

    Args:
        officer: the focal point.
        day: on which day, today if none is named.
    """
    seen, agency = public.person(officer, day), directory.directory().get(officer.agency_id)
    if seen is None or agency is None:
        return None
    contact = {
        "uri": public.iri(officer.id),
        # DCAT-AP wants a name: without the officer's it is the office that is called.
        "name": seen.get("full_name") or agency.title,
        "position": seen.get("position"),
        "function": seen.get("function"),
        "email": seen.get("email") or agency.email,
        "telephone": seen.get("telephone") or agency.telephone,
    }
    return {key: value for key, value in contact.items() if value}


def resolved(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the contacts of a dataset, those that refer to a focal point taken from the register.

    Where its term has ended, whoever holds the role now is named; where nobody does, the agency.
    A reference to a focal point that was deleted, or whose agency was, says nothing.
    """
    return [one for contact in given for one in _resolved(contact)]


def is_registered(contact: Mapping[str, Any]) -> bool:
    """Say whether a contact bears the address of a focal point."""
    return str(contact.get("uri") or "").startswith(public.iri(""))


def references(given: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids that contacts refer to focal points by."""
    found = (str(contact.get(REFERENCE) or "") for contact in given)
    return [one for one in found if len(one) == ID_LENGTH]


def prime(given: Iterable[Mapping[str, Any]]) -> None:
    """Read the focal points that contacts refer to, with their agencies, in few statements."""
    ids = references(given)
    if not ids:
        return
    known = directory.directory()
    known.want_referred(ids)
    officers = [one for one in map(known.referred, ids) if one]
    known.want(one.agency_id for one in officers)
    known.want_focal_points(one.agency_id for one in officers)


def _resolved(contact: Mapping[str, Any]) -> list[dict[str, Any]]:
    known = directory.directory()
    ids = references([contact])
    officer = known.referred(ids[0]) if ids else None
    if officer is None:
        if is_void(contact):
            return []
        hidden = "uri" if is_registered(contact) else ""  # only the register may speak of that
        return [{name: one for name, one in contact.items() if name != hidden}]
    agency = known.get(officer.agency_id)
    if agency is None:
        return []
    heirs = [one for one in known.current(agency.id) if one.role == officer.role]
    for one in (officer, *heirs):
        found = of_officer(one)
        if found:
            return [found]
    return of_agency(agency.id)


def is_void(contact: Mapping[str, Any]) -> bool:
    """Say whether a contact is no more than a reference to a focal point."""
    others = any(value for name, value in contact.items() if name != REFERENCE)
    return bool(references([contact])) and not others
