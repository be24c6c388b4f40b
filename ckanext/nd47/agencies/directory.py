"""Agencies and their focal points, cached for one transaction and read in few statements.

A page asks for the agency of each of its datasets. What was read is kept until the transaction
ends, so the next transaction sees an edit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from ckan import model

from ckanext.nd47.agencies import migrated
from ckanext.nd47.agencies.model import RANKS, ROLES, Agency, FocalPoint
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.database import spellings
from ckanext.nd47.lib.language.text import sort_key
from ckanext.nd47.lib.web import http

MOST_NAMED = 1000
"""Maximum number of agencies that a name finds."""

MAX_DEPTH = 10
"""Levels of the tree of agencies that are followed upwards."""

CACHE_KEY = "nd47_agencies"
ENGLISH = "en"

ORGANISATION_FIELDS: Mapping[str, str] = {
    "identifier": "code",
    "agency_level": "level",
    "title_en": "title_en",
    "email": "email",
    "telephone": "telephone",
    "url": "url",
    "address": "address",
}
"""Column of the register by the field of the organisation."""


@dataclass(frozen=True)
class AgencyInfo:
    """An organisation with its entry in the register.

    Attributes:
        id: id of the CKAN organisation.
        name: its name in URLs.
        title: its name for people.
        state: state of the organisation; only active ones are shown.
        code: electronic agency code (Decision 20/2020/QĐ-TTg), empty if it has none.
        level: code of the vocabulary `agency-level`.
        email: office mailbox.
        telephone: office telephone.
        url: website.
        address: postal address.
        title_en: its name in English.
        parent_id: id of the superior agency, empty at the top.
        successor_id: id of the agency that took over, empty if none did.
        valid_to: last day of its existence as ISO date, empty if none is set.
    """

    id: str
    name: str
    title: str
    state: str
    code: str = ""
    level: str = ""
    email: str = ""
    telephone: str = ""
    url: str = ""
    address: str = ""
    title_en: str = ""
    parent_id: str = ""
    successor_id: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class FocalPointInfo:
    """The fields of a focal point that a dataset may show, as in the table."""

    id: str
    agency_id: str
    role: str
    rank: str
    full_name: str
    position: str
    function: str
    telephone: str
    email: str
    valid_from: dt.date
    valid_to: dt.date | None


@dataclass
class Cache:
    """Agencies and focal points that have been read.

    Attributes:
        agencies: by id and by name; None for a reference that is no agency's.
        focal_points: those in office by agency, in the order in which they are contacted.
        references: focal points by their own id; None where there is no such focal point.
        english: names in English by id and by name of the agency; None before they are read.
        complete: whether all agencies have been read.
        active: all active agencies; None before they are read.
    """

    agencies: dict[str, AgencyInfo | None] = field(default_factory=dict)
    focal_points: dict[str, list[FocalPointInfo]] = field(default_factory=dict)
    references: dict[str, FocalPointInfo | None] = field(default_factory=dict)
    english: dict[str, str] | None = None
    complete: bool = False
    active: list[AgencyInfo] | None = None

    def get(self, reference: str) -> AgencyInfo | None:
        """Return an active agency by id or name."""
        agency = self.get_any(reference)
        return agency if agency and agency.state == model.State.ACTIVE else None

    def get_any(self, reference: str) -> AgencyInfo | None:
        """Return an agency by id or name, deleted ones too: for administrators only."""
        self.load([reference])
        return self.agencies.get(reference)

    def ancestors(self, reference: str) -> list[AgencyInfo]:
        """Return an agency and its superior agencies, nearest first."""
        path: list[AgencyInfo] = []
        agency = self.get(reference)
        while agency is not None and agency not in path and len(path) < MAX_DEPTH:
            path.append(agency)
            agency = self.get(agency.parent_id) if agency.parent_id else None
        return path

    def load(self, references: Iterable[str]) -> None:
        """Read agencies that are not cached, with their superior agencies, in one statement."""
        missing = {ref for ref in references if ref and ref not in self.agencies}
        if not missing or self.complete:
            return
        self.add(_read(missing))
        for reference in missing:
            self.agencies.setdefault(reference, None)

    def add(self, agencies: Iterable[AgencyInfo]) -> None:
        """Cache agencies by id and by name."""
        for agency in agencies:
            self.agencies[agency.id] = self.agencies[agency.name] = agency

    def all_active(self) -> list[AgencyInfo]:
        """Return every active agency, read in one statement."""
        if self.active is None:
            self.active = [agency for agency in _read(None) if agency.state == model.State.ACTIVE]
        return self.active

    def in_office(self, agency_id: str) -> list[FocalPointInfo]:
        """Return the focal points in office, in the order in which a dataset names them."""
        self.load_in_office([agency_id])
        return self.focal_points.get(agency_id, [])

    def load_in_office(self, agency_ids: Iterable[str]) -> None:
        """Read the focal points in office of agencies that are not cached, in one statement."""
        missing = {key for key in agency_ids if key and key not in self.focal_points}
        self.focal_points.update({key: [] for key in missing})
        if missing and migrated.ready():
            values = {"agencies": list(missing), "today": dates.today()}
            for row in model.Session.execute(_of_agencies(), values):
                person = FocalPointInfo(*row)
                self.focal_points[person.agency_id].append(person)

    def focal_point(self, focal_point_id: str) -> FocalPointInfo | None:
        """Return a focal point by its id, whether in office or not."""
        self.load_focal_points([focal_point_id])
        return self.references.get(focal_point_id)

    def load_focal_points(self, ids: Iterable[str]) -> None:
        """Read focal points that are not cached, in one statement."""
        missing = {key for key in ids if key and key not in self.references}
        self.references.update(dict.fromkeys(missing))
        if missing:
            people = focal_points(FocalPoint.id.in_(missing))
            self.references.update({person.id: person for person in people})

    def english_titles(self) -> dict[str, str]:
        """Return all names in English by id and by name of the agency, read in one statement."""
        if self.english is None:
            self.english = {}
            rows = model.Session.execute(_english()) if migrated.ready() else ()
            for agency_id, name, title in rows:
                self.english[agency_id] = self.english[name] = title
        return self.english


_override: ContextVar[Cache | None] = ContextVar("nd47_agencies", default=None)


def cached() -> Cache:
    """Return the cache of this transaction."""
    return _override.get() or model.Session().info.setdefault(CACHE_KEY, Cache())


def clear() -> None:
    """Empty the cache of this transaction, after a change of the register within it."""
    model.Session().info.pop(CACHE_KEY, None)


@event.listens_for(Session, "after_transaction_end")
def _clear_at_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(CACHE_KEY, None)


@contextmanager
def _using(replacement: Cache) -> Iterator[None]:
    token = _override.set(replacement)
    try:
        yield
    finally:
        _override.reset(token)


@contextmanager
def preloaded() -> Iterator[None]:
    """Read all agencies once, for work on many datasets; later changes are not seen inside."""
    everything = Cache(complete=True)
    everything.add(_read(None))
    everything.load_in_office({agency.id for agency in everything.agencies.values() if agency})
    with _using(everything):
        yield


@contextmanager
def uncached() -> Iterator[None]:
    """Read from the database inside, because another transaction may have been committed."""
    with _using(Cache()):
        yield


def get(reference: str | None) -> AgencyInfo | None:
    """Return the agency with an organisation's id or name, None where there is none."""
    return cached().get(reference) if reference else None


def name_and_title(agency_id: str | None) -> tuple[str, str] | None:
    """Return name and title of an organisation by its id, None where there is none."""
    cache = cached()
    if agency_id and (cache.complete or agency_id in cache.agencies):
        agency = cache.agencies.get(agency_id)
        return (agency.name, agency.title) if agency else None
    row = model.Session.execute(_names(), {"agency_id": agency_id}).first() if agency_id else None
    return (row.name, row.title or row.name) if row else None


def display_title(agency: AgencyInfo) -> str:
    """Return the name of an agency in the language of the page."""
    return (http.language() == ENGLISH and agency.title_en) or agency.title


def shown_title(reference: str, title: str) -> str:
    """Return the name in the language of the page of an agency whose title is known.

    Args:
        reference: its id or its name in URLs.
        title: its title, which is in Vietnamese.
    """
    if http.language() != ENGLISH:
        return title
    return cached().english_titles().get(reference) or title


def titles() -> list[tuple[str, str]]:
    """Return id and name of each active organisation in the language of the page, by name."""
    rows = model.Session.execute(
        sa.select(model.Group.id, model.Group.title, model.Group.name).where(
            model.Group.is_organization.is_(True), model.Group.state == model.State.ACTIVE
        )
    )
    named = [(group_id, shown_title(group_id, title or name)) for group_id, title, name in rows]
    return sorted(named, key=lambda agency: (sort_key(agency[1]), agency[0]))


def named(words: str) -> list[str]:
    """Return ids of agencies that have words in a name or code, in any spelling."""
    if not migrated.ready():
        return []
    query = sa.select(Agency.id).where(spellings.contains([Agency.folded], words))
    return list(model.Session.scalars(query.limit(MOST_NAMED)))


def active() -> list[AgencyInfo]:
    """Return every active agency, read in one statement for the transaction."""
    return cached().all_active()


def ancestors(reference: str | None) -> list[AgencyInfo]:
    """Return an agency and its superior agencies, nearest first."""
    return cached().ancestors(reference) if reference else []


def top_agency(reference: str | None) -> AgencyInfo | None:
    """Return the agency at the top of the tree that an organisation belongs to."""
    return next(reversed(ancestors(reference)), None)


def nearest_code(reference: str | None) -> str:
    """Return the code of an organisation or of its nearest superior with one, else nothing."""
    return next((agency.code for agency in ancestors(reference) if agency.code), "")


def by_code(code: str) -> AgencyInfo | None:
    """Return the agency of the register with a code, None where there is none."""
    if not code or not migrated.ready():
        return None
    return get(model.Session.scalar(sa.select(Agency.id).where(Agency.code == code.upper())))


def is_within(reference: str | None, agency_id: str) -> bool:
    """Return whether an organisation is an agency or is subordinate to it."""
    return any(agency.id == agency_id for agency in ancestors(reference))


def successor(agency: AgencyInfo | None) -> AgencyInfo | None:
    """Return the successor of an agency that has ended, None where there is none."""
    if agency is None or not agency.valid_to or agency.valid_to >= dates.today().isoformat():
        return None
    return get(agency.successor_id)


def load(references: Iterable[str]) -> None:
    """Read agencies, their superior agencies and all focal points in office of these."""
    reference_set, cache = set(references), cached()
    cache.load(reference_set)
    cache.load_in_office(agency.id for ref in reference_set for agency in cache.ancestors(ref))


def in_office(day: Any = None) -> sa.ColumnElement[bool]:
    """Return the condition for a focal point whose term includes a day, by default today."""
    today, person = dates.today() if day is None else day, FocalPoint.__table__.c
    return sa.and_(
        person.valid_from <= today, sa.or_(person.valid_to.is_(None), person.valid_to >= today)
    )


def contact_order() -> tuple[Any, ...]:
    """Return the order in which focal points of one agency are contacted."""
    person = FocalPoint.__table__.c
    return (
        sa.case({role: place for place, role in enumerate(ROLES)}, value=person.role),
        sa.case({rank: place for place, rank in enumerate(RANKS)}, value=person.rank),
        person.valid_from,
        person.id,
    )


def focal_points(*conditions: sa.ColumnElement[bool]) -> list[FocalPointInfo]:
    """Return the focal points that meet conditions, in the order in which they are contacted."""
    if not migrated.ready():
        return []
    query = _people().where(*conditions)
    return [FocalPointInfo(*row) for row in model.Session.execute(query)]


def _read(references: set[str] | None) -> list[AgencyInfo]:
    if not migrated.ready():
        return _read_extras(references)
    if references is None:
        rows = model.Session.execute(_entries())
    else:
        rows = model.Session.execute(_with_ancestors(), {"references": list(references)})
    texts = ({name: value or "" for name, value in row.items()} for row in rows.mappings())
    return [AgencyInfo(**{**row, "title": row["title"] or row["name"]}) for row in texts]


# The statements are built once: building them takes longer than running them. They are of tables,
# because those of mapped classes take twice as long, and each list of datasets needs them.
@cache
def _entries() -> sa.Select[Any]:
    group, agency = model.group_table, Agency.__table__
    columns: dict[str, Any] = {
        column.name: agency.c.get(column.name) for column in fields(AgencyInfo)
    }
    columns["valid_to"] = sa.cast(agency.c.valid_to, sa.Text).label("valid_to")
    columns |= {name: group.c[name] for name in ("id", "name", "title", "state")}
    return (
        sa.select(*columns.values())
        .join_from(group, agency, agency.c.id == group.c.id, isouter=True)
        .where(group.c.is_organization.is_(True))
    )


@cache
def _people() -> sa.Select[Any]:
    # Plain values, not mapped objects: those would be refreshed after each commit.
    columns = [FocalPoint.__table__.c[column.name] for column in fields(FocalPointInfo)]
    return sa.select(*columns).order_by(*contact_order())


@cache
def _of_agencies() -> sa.Select[Any]:
    agency_list = sa.bindparam("agencies", expanding=True)
    day = sa.bindparam("today", type_=sa.Date)
    agency_id = FocalPoint.__table__.c.agency_id
    return _people().where(agency_id.in_(agency_list), in_office(day))


@cache
def _names() -> sa.Select[Any]:
    group = model.group_table
    return sa.select(group.c.name, group.c.title).where(
        group.c.id == sa.bindparam("agency_id"), group.c.is_organization.is_(True)
    )


@cache
def _english() -> sa.Select[Any]:
    return (
        sa.select(model.Group.id, model.Group.name, Agency.title_en)
        .join(Agency, Agency.id == model.Group.id)
        .where(Agency.title_en != "", model.Group.is_organization.is_(True))
    )


@cache
def _with_ancestors() -> sa.Select[Any]:
    reference_list, group = sa.bindparam("references", expanding=True), model.group_table
    start = (
        _entries()
        .where(sa.or_(group.c.id.in_(reference_list), group.c.name.in_(reference_list)))
        .cte("up", recursive=True)
    )
    # UNION and not UNION ALL: the recursion ends even if the tree had a loop.
    above = _entries().where(
        sa.or_(group.c.id == start.c.parent_id, group.c.id == start.c.successor_id)
    )
    return sa.select(start.union(above))


def _read_extras(references: set[str] | None) -> list[AgencyInfo]:
    """Read agencies from the extras of organisations, before the register has tables."""
    parents = dict(
        model.Session.execute(
            # CKAN stores the parent as a member of the child.
            sa.select(model.Member.group_id, model.Member.table_id).where(
                model.Member.table_name == "group", model.Member.state == model.State.ACTIVE
            )
        )
        .tuples()
        .all()
    )
    query = sa.select(model.Group).where(model.Group.is_organization.is_(True))
    agencies = {
        group.id: _from_extras(group, parents.get(group.id) or "")
        for group in model.Session.scalars(query)
    }
    if references is None:
        return list(agencies.values())
    needed = [agency for agency in agencies.values() if {agency.id, agency.name} & references]
    for agency in needed:
        above = agencies.get(agency.parent_id)
        if above and above not in needed:
            needed.append(above)
    return needed


def _from_extras(group: Any, parent_id: str) -> AgencyInfo:
    # CKAN does not declare the column `extras` of its model, hence Any.
    columns = {column: group.extras.get(name, "") for name, column in ORGANISATION_FIELDS.items()}
    title = group.title or group.name
    return AgencyInfo(group.id, group.name, title, group.state, parent_id=parent_id, **columns)
