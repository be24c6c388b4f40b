"""Agencies and their focal points as the rest of the suite reads them, in few statements.

What was read stays at hand until the transaction ends: a page asks for the agency of each of its
datasets, and an edit, which is a transaction of its own, is seen by the next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from ckan import model

from ckanext.nd47.agencies import tables
from ckanext.nd47.agencies.model import RANKS, ROLES, Agency, FocalPoint
from ckanext.nd47.lib import dates

MAX_DEPTH = 10
"""Levels that are climbed at most."""

KEPT = "nd47_agencies"


@dataclass(frozen=True)
class Known:
    """What is known of an agency.

    Attributes:
        id: id of the CKAN organisation.
        name: its name in addresses.
        title: its name for people.
        code: electronic agency code (Decision 20/2020/QĐ-TTg), empty if it has none.
        level: code of the vocabulary `agency-level`.
        email: its office mailbox.
        telephone: its office number.
        url: its website.
        address: where it sits.
        title_en: its name in English.
        parent_id: id of the agency above, empty at the top.
        successor_id: id of the agency that took over, empty if none did.
        valid_to: last day of its existence as ISO date, empty if none is set.
        state: state of the organisation; only active ones are shown.
    """

    id: str
    name: str
    title: str
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
    state: str = ""


@dataclass(frozen=True)
class Officer:
    """What a dataset may say of a focal point; the fields are those of the table."""

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
class Directory:
    """Agencies and focal points that have been read.

    Attributes:
        agencies: by id and by name; None for a reference that is no agency's.
        focal_points: current ones of an agency, those to call first in front.
        references: focal points by their own id; None where there is no such one.
        complete: whether all agencies are here.
    """

    agencies: dict[str, Known | None] = field(default_factory=dict)
    focal_points: dict[str, list[Officer]] = field(default_factory=dict)
    references: dict[str, Officer | None] = field(default_factory=dict)
    complete: bool = False

    def get(self, reference: str) -> Known | None:
        """Return an agency by id or name, None for one that was deleted."""
        known = self.get_any(reference)
        return known if known and known.state == model.State.ACTIVE else None

    def get_any(self, reference: str) -> Known | None:
        """Return an agency by id or name, also one that was deleted: for administrators alone."""
        self.want([reference])
        return self.agencies.get(reference)

    def named(self, agency_id: str) -> tuple[str, str] | None:
        """Return name and title of an agency; where it was not read yet, no more than these."""
        if self.complete or agency_id in self.agencies:
            known = self.agencies.get(agency_id)
            return (known.name, known.title) if known else None
        row = model.Session.execute(_names(), {"agency_id": agency_id}).first()
        return (row.name, row.title or row.name) if row else None

    def climb(self, reference: str) -> list[Known]:
        """Return an agency and those above it, nearest first."""
        path: list[Known] = []
        one = self.get(reference)
        while one is not None and one not in path and len(path) < MAX_DEPTH:
            path.append(one)
            one = self.get(one.parent_id) if one.parent_id else None
        return path

    def want(self, references: Iterable[str]) -> None:
        """Read those agencies that are not here yet, with all above them, in one statement."""
        missing = {one for one in references if one and one not in self.agencies}
        if not missing or self.complete:
            return
        for one in _read(missing):
            self.agencies[one.id] = self.agencies[one.name] = one
        for reference in missing:
            self.agencies.setdefault(reference, None)

    def current(self, agency_id: str) -> list[Officer]:
        """Return the focal points in office, those that a dataset names first in front."""
        self.want_focal_points([agency_id])
        return self.focal_points.get(agency_id, [])

    def want_focal_points(self, agency_ids: Iterable[str]) -> None:
        """Read who is in office at agencies that were not asked for yet, in one statement."""
        missing = {one for one in agency_ids if one and one not in self.focal_points}
        if not missing:
            return
        self.focal_points.update({one: [] for one in missing})
        if not tables.ready():
            return
        for one in _officers(FocalPoint.agency_id.in_(missing), in_office()):
            self.focal_points[one.agency_id].append(one)

    def referred(self, focal_point_id: str) -> Officer | None:
        """Return a focal point by its id, whether in office or not."""
        self.want_referred([focal_point_id])
        return self.references.get(focal_point_id)

    def want_referred(self, ids: Iterable[str]) -> None:
        """Read those focal points that are not here yet, in one statement."""
        missing = {one for one in ids if one and one not in self.references}
        if not missing:
            return
        self.references.update(dict.fromkeys(missing))
        if tables.ready():
            self.references.update({one.id: one for one in _officers(FocalPoint.id.in_(missing))})


_AT_HAND: ContextVar[Directory | None] = ContextVar("nd47_agencies", default=None)


@contextmanager
def at_hand() -> Iterator[None]:
    """Read all agencies once; inside, no question about one asks the database.

    For work that goes through many datasets. It sees the agencies as they were at its start.
    """
    directory = Directory()
    for one in _read(None):
        directory.agencies[one.id] = directory.agencies[one.name] = one
    directory.complete = True
    directory.want_focal_points({one.id for one in directory.agencies.values() if one})
    token = _AT_HAND.set(directory)
    try:
        yield
    finally:
        _AT_HAND.reset(token)


@contextmanager
def read_again() -> Iterator[None]:
    """Ask the database again inside, whatever is at hand: another transaction may have ended."""
    token = _AT_HAND.set(Directory())
    try:
        yield
    finally:
        _AT_HAND.reset(token)


def directory() -> Directory:
    """Return what has been read in this transaction."""
    return _AT_HAND.get() or model.Session().info.setdefault(KEPT, Directory())


def forget() -> None:
    """Read anew at the next question, after a change in the same transaction."""
    model.Session().info.pop(KEPT, None)


@event.listens_for(Session, "after_transaction_end")
def _forget_at_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(KEPT, None)


def in_office() -> sa.ColumnElement[bool]:
    """Return the condition for a focal point whose term runs today."""
    today = dates.today()
    return sa.and_(
        FocalPoint.valid_from <= today,
        sa.or_(FocalPoint.valid_to.is_(None), FocalPoint.valid_to >= today),
    )


def call_order() -> tuple[Any, ...]:
    """Return the order in which focal points of one agency are called."""
    return (
        sa.case({role: place for place, role in enumerate(ROLES)}, value=FocalPoint.role),
        sa.case({rank: place for place, rank in enumerate(RANKS)}, value=FocalPoint.rank),
        FocalPoint.valid_from,
        FocalPoint.id,
    )


def officers(*conditions: sa.ColumnElement[bool]) -> list[Officer]:
    """Return the focal points of some conditions, those to call first in front."""
    return list(_officers(*conditions)) if tables.ready() else []


def _officers(*conditions: sa.ColumnElement[bool]) -> Iterator[Officer]:
    # Plain values and not rows of the session: those would be read anew after each commit.
    columns = [FocalPoint.__table__.c[one.name] for one in fields(Officer)]
    rows = model.Session.execute(sa.select(*columns).where(*conditions).order_by(*call_order()))
    return (Officer(*row) for row in rows)


def _read(references: set[str] | None) -> list[Known]:
    if not tables.ready():
        return _read_extras(references)
    if references is None:
        rows = model.Session.execute(_entries())
    else:
        rows = model.Session.execute(_with_those_above(), {"references": list(references)})
    return [_known(row) for row in rows.mappings()]


# Made once: to put these statements together takes longer than to run them.
@cache
def _entries() -> sa.Select[Any]:
    columns = (
        model.Group.id,
        model.Group.name,
        model.Group.title,
        model.Group.state,
        Agency.code,
        Agency.level,
        Agency.email,
        Agency.telephone,
        Agency.url,
        Agency.address,
        Agency.title_en,
        Agency.parent_id,
        Agency.successor_id,
        sa.cast(Agency.valid_to, sa.Text).label("valid_to"),
    )
    return (
        sa.select(*columns)
        .join_from(model.Group, Agency, Agency.id == model.Group.id, isouter=True)
        .where(model.Group.is_organization.is_(True))
    )


@cache
def _names() -> sa.Select[Any]:
    # Asked for with each dataset shown: the table takes half of the mapped class's time.
    group = model.group_table
    return sa.select(group.c.name, group.c.title).where(
        group.c.id == sa.bindparam("agency_id"), group.c.is_organization.is_(True)
    )


@cache
def _with_those_above() -> sa.Select[Any]:
    wanted = sa.bindparam("references", expanding=True)
    start = (
        _entries()
        .where(sa.or_(model.Group.id.in_(wanted), model.Group.name.in_(wanted)))
        .cte("up", recursive=True)
    )
    # A union, not all rows: it ends even if the tree had a loop.
    above = _entries().where(
        sa.or_(model.Group.id == start.c.parent_id, model.Group.id == start.c.successor_id)
    )
    return sa.select(start.union(above))


def _known(row: Any) -> Known:
    texts = {name: value or "" for name, value in row.items()}
    return Known(**{**texts, "title": row["title"] or row["name"]})


def _read_extras(references: set[str] | None) -> list[Known]:
    """Read organisations as they are kept until the tables are there."""
    query = sa.select(model.Group).where(model.Group.is_organization.is_(True))
    parents = _parents()
    found: dict[str, Known] = {}
    for group in model.Session.scalars(query):
        found[group.id] = _of_extras(group, parents.get(group.id, ""))
    if references is None:
        return list(found.values())
    wanted = [one for one in found.values() if {one.id, one.name} & references]
    for one in wanted:
        above = found.get(one.parent_id)
        if above and above not in wanted:
            wanted.append(above)
    return wanted


def _parents() -> dict[str, str]:
    """Return parents by child, as CKAN keeps them: the parent is a member of the child."""
    rows = model.Session.execute(
        sa.select(model.Member.group_id, model.Member.table_id).where(
            model.Member.table_name == "group", model.Member.state == model.State.ACTIVE
        )
    )
    parents: dict[str, str] = {}
    for child, parent in rows:
        parents.setdefault(child, parent)
    return parents


def _of_extras(group: Any, parent_id: str) -> Known:
    # CKAN does not declare the column `extras` of its model, hence Any.
    extras = group.extras
    return Known(
        id=group.id,
        name=group.name,
        title=group.title or group.name,
        code=extras.get("identifier", ""),
        level=extras.get("agency_level", ""),
        email=extras.get("email", ""),
        telephone=extras.get("telephone", ""),
        url=extras.get("url", ""),
        address=extras.get("address", ""),
        title_en=extras.get("title_en", ""),
        parent_id=parent_id,
        state=group.state,
    )
