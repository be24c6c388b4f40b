"""Agencies with datasets where a needed role is, or will soon be, without a focal point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Literal, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE

from ckan import model

from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.model import NEEDED_ROLES, Agency, FocalPoint
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields

NOTICE = dt.timedelta(days=30)
"""How long before the end of the last term an alert starts."""

State = Literal["missing", "unreachable", "ending"]
MISSING: State = "missing"
UNREACHABLE: State = "unreachable"
ENDING: State = "ending"
"""States of a role: see `pending`."""


class AlertDict(TypedDict):
    """An agency with datasets and a role without a focal point; `last_day` is an ISO date."""

    agency_id: str
    agency_name: str
    agency_title: str
    agency_code: str
    office_email: str
    datasets: int
    role: str
    state: State
    last_day: str


def pending(agency_ids: Collection[str] | None = None) -> list[AlertDict]:
    """Return the roles without a focal point in agencies with datasets, now or within 30 days.

    An agency that has ended has no alerts; its successor has them for the datasets taken over.

    Args:
        agency_ids: the agencies to look at; None for all.

    Returns:
        One entry for each agency and role, the most urgent first. `state` is `missing` where nobody
        is in office today, `unreachable` where neither the focal point nor the agency has a public
        e-mail or telephone, and `ending` where the last term ends within the notice, with
        `last_day`. `office_email` is the mailbox of the agency.
    """
    found = _open_roles().subquery("found")
    query = sa.select(found).order_by(
        found.c.in_office,
        found.c.unreachable.desc(),
        found.c.gap,
        found.c.sort_key.collate("C"),
        found.c.id,
        found.c.place,
    )
    if agency_ids is not None:
        query = query.where(found.c.id.in_(agency_ids))
    return [_alert(row) for row in model.Session.execute(query)]


def open_roles() -> sa.Select[Any]:
    """Return the statement for the same roles: `agency_id`, `role`, `state` and `last_day`."""
    found = _open_roles().subquery("found")
    state = sa.case((found.c.unreachable, UNREACHABLE), (found.c.in_office, ENDING), else_=MISSING)
    return sa.select(
        found.c.id.label("agency_id"),
        found.c.role,
        state.label("state"),
        sa.case((state == ENDING, found.c.gap - 1)).label("last_day"),
    )


def _open_roles() -> sa.Select[Any]:
    today = dates.today()
    notice = sa.func.daterange(today, today + NOTICE, "[]")
    counts, terms = _dataset_counts(today), _terms()
    roles = sa.values(sa.column("role", sa.Text), sa.column("place", sa.Integer), name="roles")
    roles = roles.data([(role, place) for place, role in enumerate(NEEDED_ROLES)])
    covered = sa.func.coalesce(terms.c.covered, sa.cast("{}", DATEMULTIRANGE))
    in_office = covered.op("@>")(sa.cast(today, sa.Date))
    unreachable = sa.and_(
        in_office,
        sa.not_(sa.func.coalesce(terms.c.reachable, False)),
        sa.func.coalesce(sa.func.concat(Agency.email, Agency.telephone), "") == "",
    )
    # The first day without a focal point; terms may follow each other without a gap.
    gap = sa.func.lower(sa.func.datemultirange(notice) - covered, type_=sa.Date)
    return (
        sa.select(
            model.Group.id,
            model.Group.name,
            model.Group.title,
            Agency.code,
            Agency.email,
            Agency.sort_key,
            counts.c.datasets,
            roles.c.role,
            roles.c.place,
            in_office.label("in_office"),
            unreachable.label("unreachable"),
            gap.label("gap"),
        )
        .join(counts, counts.c.agency_id == model.Group.id)
        .join(roles, sa.true())
        .join(Agency, Agency.id == model.Group.id, isouter=True)
        .join(
            terms,
            sa.and_(terms.c.agency_id == model.Group.id, terms.c.role == roles.c.role),
            isouter=True,
        )
        .where(
            model.Group.state == model.State.ACTIVE,
            sa.or_(sa.not_(covered.op("@>")(notice)), unreachable),
        )
    )


def _dataset_counts(today: dt.date) -> sa.Subquery:
    """Return the number of datasets of each agency, including those of its predecessors."""
    ended = sa.and_(Agency.valid_to < today, Agency.successor_id.is_not(None))
    agency_id = sa.case((ended, Agency.successor_id), else_=model.Package.owner_org)
    return (
        sa.select(agency_id.label("agency_id"), sa.func.count().label("datasets"))
        .select_from(model.Package)
        .join(Agency, Agency.id == model.Package.owner_org, isouter=True)
        .where(
            model.Package.state == model.State.ACTIVE,
            model.Package.type == dataset_fields.DEFAULT_TYPE,
        )
        .group_by(agency_id)
        .subquery("counts")
    )


def _terms() -> sa.Subquery:
    """Return by agency and role the days that terms cover, and whether an address is public."""
    days_of_term = sa.func.daterange(FocalPoint.valid_from, FocalPoint.valid_to, "[]")
    reachable = sa.and_(permissions.is_public(), permissions.has_public_address())
    return (
        sa.select(
            FocalPoint.agency_id,
            FocalPoint.role,
            sa.func.range_agg(days_of_term).label("covered"),
            sa.func.bool_or(reachable).label("reachable"),
        )
        .group_by(FocalPoint.agency_id, FocalPoint.role)
        .subquery("terms")
    )


def _alert(row: Any) -> AlertDict:
    state = UNREACHABLE if row.unreachable else ENDING if row.in_office else MISSING
    return {
        "agency_id": row.id,
        "agency_name": row.name,
        "agency_title": row.title or row.name,
        "agency_code": row.code or "",
        "office_email": row.email or "",
        "datasets": row.datasets,
        "role": row.role,
        "state": state,
        "last_day": dates.iso(row.gap - dt.timedelta(days=1)) if state == ENDING else "",
    }
