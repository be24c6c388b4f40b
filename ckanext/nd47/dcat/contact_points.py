"""The contact of an agency for a role: one node for all datasets, whoever is in office.

A dataset refers to it by an IRI that no succession changes. What the node says follows from the
register and from the day: `periods` gives it for every day from today on, so that the store can
hold what a term that begins or ends later will say, and nobody has to write on that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckanext.dcat.utils import publisher_uri_organization_fallback

from ckanext.nd47.agencies import contacts, directory
from ckanext.nd47.agencies.model import NEEDED_ROLES, FocalPoint
from ckanext.nd47.dcat.rdf.agents import REFERENCE
from ckanext.nd47.lib import dates
from ckanext.nd47.metadata import dataset_reader

FIRST, LAST = dt.date.min, dt.date.max
"""Stand for no beginning and no end."""

CONTACT_FRAGMENT = "#contact-"
"""How the IRI of every contact of the register goes on behind that of its agency."""

_DAY = dt.timedelta(days=1)
_FEEDBACK, _MAIN = "feedback", "main"


@dataclass(frozen=True)
class ContactPoint:
    """The contact of an agency for a role.

    Attributes:
        agency: id of the agency.
        role: role of the focal point.
        rank: rank of the focal point.
        responsible: id of the agency that stands in where the first has nobody and none took over
            from it; empty for the one at the top of its tree.
    """

    agency: str
    role: str = _FEEDBACK
    rank: str = _MAIN
    responsible: str = ""

    @property
    def reference(self) -> str:
        """All of it as one text."""
        return " ".join((self.agency, self.role, self.rank, self.responsible)).strip()

    @property
    def iri(self) -> str:
        """Its IRI, below that of the agency."""
        base = publisher_uri_organization_fallback({"organization": {"id": self.agency}})
        rank = "" if self.rank == _MAIN else f"-{self.rank}"
        other = f"-{self.responsible}" if self.responsible else ""
        return f"{base}{CONTACT_FRAGMENT}{self.role}{rank}{other}"


@dataclass(frozen=True)
class Period:
    """What a contact says on the days from one to another, both included."""

    valid_from: dt.date
    valid_to: dt.date
    contact: dict[str, Any]


def read(reference: str) -> ContactPoint:
    """Return the contact that a reference names."""
    return ContactPoint(*reference.split(" "))


def of_dataset(dataset: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the contact of a dataset that names none says today.

    Returns:
        As `shown` does; None where the agency can never be reached.
    """
    own = dataset_reader.provider(dataset)
    responsible = dataset_reader.responsible(dataset)
    if own is None:
        return None
    top = directory.top_agency(own.id)
    other = responsible.id if responsible and top and responsible.id != top.id else ""
    point = ContactPoint(own.id, responsible=other)
    known = periods(point, dates.today())
    reachable = any(_is_reachable(period.contact) for period in known)
    return _shown(point, known) if reachable else None


def of_entry(entry: Mapping[str, Any]) -> ContactPoint | None:
    """Return the contact that an entry of a dataset's contacts refers to, None where it is none."""
    ids = contacts.references([entry])
    officer = directory.cached().focal_point(ids[0]) if ids else None
    return ContactPoint(officer.agency_id, officer.role, officer.rank) if officer else None


def shown(point: ContactPoint) -> dict[str, Any]:
    """Return what a contact says today, with its IRI and reference."""
    return _shown(point, periods(point, dates.today()))


def _shown(point: ContactPoint, known: list[Period]) -> dict[str, Any]:
    today = known[0].contact if known else {}
    return {**today, "uri": point.iri, REFERENCE: point.reference}


def periods(point: ContactPoint, today: dt.date) -> list[Period]:
    """Return what a contact says from a day on; nothing where the agency is gone.

    The first period has no beginning, the last one no end.
    """
    own = directory.cached().get(point.agency)
    if own is None:
        return []
    officers = _officers([one.id for one in _chain(own, point, None)], today)
    turns = {today, *_turns(own, officers)}
    starts = sorted(day for day in turns if day >= today)
    found: list[Period] = []
    for position, start in enumerate(starts):
        end = starts[position + 1] - _DAY if position + 1 < len(starts) else LAST
        contact = _on(own, point, officers, start)
        if found and found[-1].contact == contact:
            found[-1] = Period(found[-1].valid_from, end, contact)
        else:
            found.append(Period(start if found else FIRST, end, contact))
    return found


def agencies(point: ContactPoint) -> list[str]:
    """Return the ids of all agencies that a contact may depend on."""
    known = directory.cached()
    own = known.get(point.agency)
    if own is None:
        return [point.agency]
    chain = _chain(own, point, None)
    return list(dict.fromkeys(above.id for one in chain for above in known.ancestors(one.id)))


def _chain(
    own: directory.AgencyInfo, point: ContactPoint, day: dt.date | None
) -> list[directory.AgencyInfo]:
    """Return whom to ask, in this order, on a day or on any."""
    known = directory.cached()
    found = [own]
    ended = bool(own.valid_to) and (day is None or own.valid_to < day.isoformat())
    if ended and own.successor_id and (successor := known.get(own.successor_id)):
        found.append(successor)
    other = known.get(point.responsible) if point.responsible else directory.top_agency(own.id)
    return [*found, other] if other and other not in found else found


def _turns(
    own: directory.AgencyInfo, officers: list[directory.FocalPointInfo]
) -> Iterator[dt.date]:
    """Yield the days on which something begins or has ended."""
    ends = [dt.date.fromisoformat(own.valid_to)] if own.valid_to else []
    for one in officers:
        yield one.valid_from
        if one.valid_to:
            ends.append(one.valid_to)
    # Somebody who writes 31/12/9999 means for ever; no day comes after it.
    yield from (end + _DAY for end in ends if end < dt.date.max)


def _officers(agency_ids: list[str], today: dt.date) -> list[directory.FocalPointInfo]:
    """Return the focal points whose term has not ended, those to call first in front."""
    open_ended = FocalPoint.valid_to.is_(None)
    return directory.focal_points(
        FocalPoint.agency_id.in_(agency_ids), sa.or_(open_ended, FocalPoint.valid_to >= today)
    )


def _on(
    own: directory.AgencyInfo,
    point: ContactPoint,
    officers: list[directory.FocalPointInfo],
    day: dt.date,
) -> dict[str, Any]:
    """Return whom to call on a day: the role first, then anybody of the agencies in order."""
    for holder in _chain(own, point, day):
        asked = [one for one in officers if one.agency_id == holder.id and _answers(one, point)]
        asked.sort(key=lambda one: (one.role != point.role, one.rank != point.rank))
        offered = [found for one in asked if (found := contacts.of_focal_point(one, day))]
        office = {"name": holder.title, "email": holder.email, "telephone": holder.telephone}
        offered.append({name: value for name, value in office.items() if value})
        for contact in offered:
            if _is_reachable(contact):
                return {name: value for name, value in contact.items() if name != "uri"}
    return {"name": own.title}


def _answers(officer: directory.FocalPointInfo, point: ContactPoint) -> bool:
    """Say whether a focal point may be named: that of the role, or one that every agency has."""
    return officer.role == point.role or officer.role in NEEDED_ROLES


def _is_reachable(contact: Mapping[str, Any]) -> bool:
    return bool(contact.get("email") or contact.get("telephone"))
