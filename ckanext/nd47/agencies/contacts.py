"""Contacts of datasets, resolved from the register when a dataset is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict, cast, get_args

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.directory import AgencyInfo, FocalPointInfo
from ckanext.nd47.agencies.model import NEEDED_ROLES

REFERENCE = "identifier"
"""Subfield of a dataset's `contact` that may hold the id of a focal point."""

ID_LENGTH = 36

ContactField = Literal[
    "identifier", "uri", "name", "position", "function", "email", "telephone", "url"
]
FIELDS: tuple[ContactField, ...] = get_args(ContactField)


class Contact(TypedDict, total=False):
    """A contact of a dataset; empty fields are missing.

    Attributes:
        identifier: reference to a focal point, or to a contact point of the export.
        uri: IRI of the person or office.
        name: of the person or office.
        position: of the person in the agency.
        function: duty of the person.
        email: mailbox.
        telephone: number.
        url: address of a page.
    """

    identifier: str
    uri: str
    name: str
    position: str
    function: str
    email: str
    telephone: str
    url: str


Group = Mapping[str, Any]
"""A contact as a dataset states it; another schema may have other subfields and values."""


def filled(contact: Contact) -> Contact:
    """Return a contact without its empty fields."""
    result: Contact = {}
    for name in FIELDS:
        if value := contact.get(name):
            result[name] = value
    return result


def is_reachable(contact: Contact) -> bool:
    """Return whether a contact has an e-mail or a telephone."""
    return bool(contact.get("email") or contact.get("telephone"))


def of_agency(agency_id: str) -> list[Contact]:
    """Return the contact of an agency; empty where the register has none.

    That is its focal point in office for feedback on open data, else for sharing data, else its
    office.
    """
    agency = directory.get(agency_id)
    if agency is None:
        return []
    for person in directory.cached().in_office(agency.id):
        contact = of_focal_point(person) if person.role in NEEDED_ROLES else None
        if contact and is_reachable(contact):
            return [contact]
    office = of_office(agency)
    return [office] if is_reachable(office) else []


def of_office(agency: AgencyInfo) -> Contact:
    """Return name, mailbox and telephone of an agency as a contact."""
    return filled({"name": agency.title, "email": agency.email, "telephone": agency.telephone})


def of_focal_point(person: FocalPointInfo, day: dt.date | None = None) -> Contact | None:
    """Return the public fields of a focal point as a contact of a dataset; None without any.

    Args:
        person: the focal point.
        day: the day to look at, by default today.
    """
    public, agency = permissions.public_view(person, day), directory.get(person.agency_id)
    if public is None or agency is None:
        return None
    return filled(
        {
            "uri": permissions.focal_point_iri(person.id),
            # DCAT-AP requires a name; where the person's is not public, it is the agency's.
            "name": public.get("full_name") or agency.title,
            "position": public.get("position", ""),
            "function": public.get("function", ""),
            "email": public.get("email") or agency.email,
            "telephone": public.get("telephone") or agency.telephone,
        }
    )


def resolve(contacts: Sequence[Group]) -> list[Contact]:
    """Return the contacts of a dataset, with references to focal points resolved.

    Where the term of a focal point has ended, the one now in office in that role is shown, else
    the agency. A reference to a focal point that was deleted, or whose agency was, shows nothing.
    """
    return [resolved for contact in contacts for resolved in _resolve(contact)]


def references(contacts: Iterable[Group]) -> list[str]:
    """Return the ids of the focal points that contacts refer to."""
    ids = (str(contact.get(REFERENCE) or "") for contact in contacts)
    return [key for key in ids if len(key) == ID_LENGTH]


def is_bare_reference(contact: Group) -> bool:
    """Return whether a contact has nothing except a reference to a focal point."""
    has_details = any(value for name, value in contact.items() if name != REFERENCE)
    return bool(references([contact])) and not has_details


def load(contacts: Iterable[Group]) -> None:
    """Read the focal points that contacts refer to, and their agencies, in few statements."""
    ids = references(contacts)
    if not ids:
        return
    cache = directory.cached()
    cache.load_focal_points(ids)
    agency_ids = {person.agency_id for person in map(cache.focal_point, ids) if person}
    cache.load(agency_ids)
    cache.load_in_office(agency_ids)


def _resolve(contact: Group) -> list[Contact]:
    cache = directory.cached()
    ids = references([contact])
    person = cache.focal_point(ids[0]) if ids else None
    if person is None:
        if is_bare_reference(contact):
            return []
        # The IRI of a focal point may only come from the register.
        is_registered = str(contact.get("uri") or "").startswith(permissions.focal_point_iri(""))
        stated = {key: contact[key] for key in contact if key != "uri" or not is_registered}
        # Subfields of another schema stay with the contact, for its own pages and exports.
        return [cast("Contact", stated)]
    agency = cache.get(person.agency_id)
    if agency is None:
        return []
    same_role = [
        colleague for colleague in cache.in_office(agency.id) if colleague.role == person.role
    ]
    for candidate in (person, *same_role):
        public = of_focal_point(candidate)
        if public:
            return [public]
    return of_agency(agency.id)
