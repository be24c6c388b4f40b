"""Contact points: the contact of an agency for a role, one node for all datasets.

Datasets refer to a contact point by an IRI that does not change with its focal point. Its content
depends on the register and on the date. `periods` returns the content for all days from a date on,
so the store holds future content in advance, and a term that begins or ends needs no job on that
day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from ckanext.dcat.utils import publisher_uri_organization_fallback

from ckanext.nd47.agencies import contacts, directory
from ckanext.nd47.agencies.contacts import Contact
from ckanext.nd47.agencies.model import NEEDED_ROLES, FocalPoint
from ckanext.nd47.dcat.rdf.agents import REFERENCE
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.metadata import dataset_reader

FIRST, LAST = dt.date.min, dt.date.max
"""First and last day of periods without a beginning or end."""

CONTACT_FRAGMENT = "#contact-"
"""Separates the IRI of the agency from the role in the IRI of a contact point."""

_DAY = dt.timedelta(days=1)
_FEEDBACK, _MAIN = "feedback", "main"


@dataclass(frozen=True)
class ContactPoint:
    """The contact of an agency for a role.

    Attributes:
        agency: id of the agency.
        role: role of the focal point.
        rank: rank of the focal point.
        responsible: id of the agency that is used if this agency and its successor have no contact,
            empty for the agency at the top of its hierarchy.
    """

    agency: str
    role: str = _FEEDBACK
    rank: str = _MAIN
    responsible: str = ""

    @property
    def reference(self) -> str:
        """The contact point as a text, see `read`."""
        return " ".join((self.agency, self.role, self.rank, self.responsible)).strip()

    @property
    def iri(self) -> str:
        """IRI of the contact point, below that of the agency."""
        base = publisher_uri_organization_fallback({"organization": {"id": self.agency}})
        rank = "" if self.rank == _MAIN else f"-{self.rank}"
        responsible = f"-{self.responsible}" if self.responsible else ""
        return f"{base}{CONTACT_FRAGMENT}{self.role}{rank}{responsible}"


class ReferencedContact(Contact, total=False):
    """The contact of a contact point; `reference` is that of the point."""

    reference: str


@dataclass(frozen=True)
class Period:
    """The content of a contact point in a period, first and last day included."""

    valid_from: dt.date
    valid_to: dt.date
    contact: Contact


def read(reference: str) -> ContactPoint:
    """Return the contact point of a reference."""
    return ContactPoint(*reference.split(" "))


def of_dataset(dataset: Mapping[str, Any]) -> ReferencedContact | None:
    """Return the current contact of a dataset without contacts, with its IRI and reference.

    Returns:
        None if its agency has no contact, neither now nor in the future.
    """
    provider = dataset_reader.provider(dataset)
    responsible = dataset_reader.responsible(dataset)
    if provider is None:
        return None
    top = directory.top_agency(provider.id)
    if responsible and top and responsible.id != top.id:
        point = ContactPoint(provider.id, responsible=responsible.id)
    else:
        point = ContactPoint(provider.id)
    all_periods = periods(point, dates.today())
    if not any(contacts.is_reachable(period.contact) for period in all_periods):
        return None
    return _with_reference(point, all_periods)


def of_contact(contact: Mapping[str, Any]) -> ContactPoint | None:
    """Return the contact point that a contact refers to, None if it has no reference."""
    ids = contacts.references([contact])
    focal_point = directory.cached().focal_point(ids[0]) if ids else None
    if focal_point is None:
        return None
    return ContactPoint(focal_point.agency_id, focal_point.role, focal_point.rank)


def current(point: ContactPoint) -> ReferencedContact:
    """Return the current contact of a contact point, with its IRI and reference."""
    return _with_reference(point, periods(point, dates.today()))


def _with_reference(point: ContactPoint, all_periods: list[Period]) -> ReferencedContact:
    contact: Contact = all_periods[0].contact if all_periods else {}
    return {**contact, "uri": point.iri, REFERENCE: point.reference}


def periods(point: ContactPoint, today: dt.date) -> list[Period]:
    """Return the content of a contact point from a day on, empty if the agency does not exist.

    The first period has no beginning, the last one no end.
    """
    agency = directory.cached().get(point.agency)
    if agency is None:
        return []
    focal_points = _focal_points([a.id for a in _agencies_in_order(agency, point, None)], today)
    changes = {today, *_days_of_change(agency, focal_points)}
    starts = sorted(day for day in changes if day >= today)
    result: list[Period] = []
    for start, next_start in zip_longest(starts, starts[1:]):
        end = next_start - _DAY if next_start else LAST
        contact = _contact_on(start, agency, point, focal_points)
        if result and result[-1].contact == contact:
            result[-1] = Period(result[-1].valid_from, end, contact)
        else:
            result.append(Period(start if result else FIRST, end, contact))
    return result


def agencies(point: ContactPoint) -> list[str]:
    """Return the ids of all agencies that the content of a contact point can depend on."""
    register = directory.cached()
    agency = register.get(point.agency)
    if agency is None:
        return [point.agency]
    ids = (
        ancestor.id
        for candidate in _agencies_in_order(agency, point, None)
        for ancestor in register.ancestors(candidate.id)
    )
    return list(dict.fromkeys(ids))


def _agencies_in_order(
    agency: directory.AgencyInfo, point: ContactPoint, day: dt.date | None
) -> list[directory.AgencyInfo]:
    """Return the agencies whose contacts are used, in this order, on a day or on any day."""
    register = directory.cached()
    result = [agency]
    has_ended = bool(agency.valid_to) and (day is None or agency.valid_to < day.isoformat())
    if has_ended and agency.successor_id and (successor := register.get(agency.successor_id)):
        result.append(successor)
    top = directory.top_agency(agency.id)
    last = register.get(point.responsible) if point.responsible else top
    return [*result, last] if last and last not in result else result


def _days_of_change(
    agency: directory.AgencyInfo, focal_points: list[directory.FocalPointInfo]
) -> Iterator[dt.date]:
    """Yield the first days of terms, and the days after the last days."""
    last_days = [dt.date.fromisoformat(agency.valid_to)] if agency.valid_to else []
    for focal_point in focal_points:
        yield focal_point.valid_from
        if focal_point.valid_to:
            last_days.append(focal_point.valid_to)
    # 31/12/9999 means that the term does not end; it is the last day that Python supports.
    yield from (day + _DAY for day in last_days if day < dt.date.max)


def _focal_points(agency_ids: list[str], today: dt.date) -> list[directory.FocalPointInfo]:
    """Return the focal points whose term has not ended, in the order of the register."""
    open_ended = FocalPoint.valid_to.is_(None)
    return directory.focal_points(
        FocalPoint.agency_id.in_(agency_ids), sa.or_(open_ended, FocalPoint.valid_to >= today)
    )


def _contact_on(
    day: dt.date,
    agency: directory.AgencyInfo,
    point: ContactPoint,
    focal_points: list[directory.FocalPointInfo],
) -> Contact:
    """Return the contact on a day: of the first agency that has a focal point or an address.

    Within an agency, the focal point of the role and rank comes first, then one of the roles that
    every agency has, then the address of the agency.
    """
    for candidate in _agencies_in_order(agency, point, day):
        suitable = [
            focal_point
            for focal_point in focal_points
            if focal_point.agency_id == candidate.id
            and focal_point.role in (point.role, *NEEDED_ROLES)
        ]
        suitable.sort(key=lambda fp: (fp.role != point.role, fp.rank != point.rank))
        options = [contacts.of_focal_point(focal_point, day) for focal_point in suitable]
        options.append(contacts.of_office(candidate))
        for contact in options:
            if contact and contacts.is_reachable(contact):
                contact.pop("uri", None)
                return contact
    return {"name": agency.title}
