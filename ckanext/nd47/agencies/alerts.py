"""Agencies whose datasets have, or will soon have, nobody to answer for them in a role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE

from ckan import model

from ckanext.nd47.agencies import public
from ckanext.nd47.agencies.model import NEEDED_ROLES, Agency, FocalPoint
from ckanext.nd47.lib import dataset_fields, dates

NOTICE = dt.timedelta(days=30)
"""How long before the last term ends an agency is told."""


def pending(agency_ids: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Return what agencies with datasets lack, or will lack in 30 days' time, in each role.

    An agency that has ended is not told; its successor is, for the datasets that it took over.

    Args:
        agency_ids: the agencies to look at; None for all.

    Returns:
        One entry for each agency and role, the most urgent first. `state` is `missing` where nobody
        is in office today, `unreachable` where somebody is, but neither that focal point nor the
        agency has a mailbox or number that everybody may see, and `ending` where the last term ends
        within the notice, with `last_day`. `office_email` is the mailbox that answers meanwhile.
    """
    today = dates.today()
    notice = sa.func.daterange(today, today + NOTICE, "[]")
    amounts, terms = _amounts(today), _terms()
    roles = sa.values(sa.column("role", sa.Text), sa.column("place", sa.Integer), name="roles")
    roles = roles.data([(role, place) for place, role in enumerate(NEEDED_ROLES)])
    covered = sa.func.coalesce(terms.c.covered, sa.cast("{}", DATEMULTIRANGE))
    in_office = covered.op("@>")(sa.cast(today, sa.Date))
    unreachable = sa.and_(
        in_office,
        sa.not_(sa.func.coalesce(terms.c.reachable, False)),
        sa.func.coalesce(sa.func.concat(Agency.email, Agency.telephone), "") == "",
    )
    # The first day that nobody covers; a gap ends a chain of terms.
    gap = sa.func.lower(sa.func.datemultirange(notice) - covered, type_=sa.Date)
    query = (
        sa.select(
            model.Group.id,
            model.Group.name,
            model.Group.title,
            Agency.code,
            Agency.email,
            amounts.c.datasets,
            roles.c.role,
            in_office.label("in_office"),
            unreachable.label("unreachable"),
            gap.label("gap"),
        )
        .join(amounts, amounts.c.agency_id == model.Group.id)
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
        .order_by(in_office, unreachable.desc(), gap, Agency.in_order(), model.Group.id)
        .order_by(roles.c.place)
    )
    if agency_ids is not None:
        query = query.where(model.Group.id.in_(agency_ids))
    return [_alert(row) for row in model.Session.execute(query)]


def _amounts(today: dt.date) -> sa.Subquery:
    """Return how many datasets an agency answers for, those of agencies that it succeeded too."""
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
        .subquery("amounts")
    )


def _terms() -> sa.Subquery:
    """Return the days that terms cover by agency and role, and whether anybody can be reached."""
    days_of_term = sa.func.daterange(FocalPoint.valid_from, FocalPoint.valid_to, "[]")
    reached = sa.and_(public.shown(), public.reachable())
    return (
        sa.select(
            FocalPoint.agency_id,
            FocalPoint.role,
            sa.func.range_agg(days_of_term).label("covered"),
            sa.func.bool_or(reached).label("reachable"),
        )
        .group_by(FocalPoint.agency_id, FocalPoint.role)
        .subquery("terms")
    )


def _alert(row: Any) -> dict[str, Any]:
    state = "unreachable" if row.unreachable else "ending" if row.in_office else "missing"
    return {
        "agency_id": row.id,
        "agency_name": row.name,
        "agency_title": row.title or row.name,
        "agency_code": row.code or "",
        "office_email": row.email or "",
        "datasets": row.datasets,
        "role": row.role,
        "state": state,
        "last_day": dates.iso(row.gap - dt.timedelta(days=1)) if state == "ending" else "",
    }
