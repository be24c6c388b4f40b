"""Agencies whose datasets have, or will soon have, nobody to answer for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import days
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.metadata import fields

NOTICE = dt.timedelta(days=30)
"""How long before the last term ends an agency is told."""


def pending(agency_ids: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Return the agencies with datasets that no focal point answers for in 30 days' time.

    Args:
        agency_ids: the agencies to look at; None for all.

    Returns:
        One entry for each agency, the most urgent first: `state` is `missing` where nobody is in
        office today and `ending` where the last term ends within the notice, with `last_day`.
    """
    today = days.today()
    # The last day that a chain of terms covers from today on; a gap ends the chain.
    covered = sa.func.range_agg(
        sa.func.daterange(FocalPoint.valid_from, FocalPoint.valid_to, "[]")
    ).label("covered")
    terms = (
        sa.select(FocalPoint.agency_id, covered).group_by(FocalPoint.agency_id).subquery("terms")
    )
    amounts = (
        sa.select(model.Package.owner_org, sa.func.count().label("datasets"))
        .where(model.Package.state == model.State.ACTIVE, model.Package.type == fields.DEFAULT_TYPE)
        .group_by(model.Package.owner_org)
        .subquery("amounts")
    )
    notice = sa.func.daterange(today, today + NOTICE, "[]")
    query = (
        sa.select(
            model.Group.id,
            model.Group.name,
            model.Group.title,
            Agency.code,
            amounts.c.datasets,
            terms.c.covered.op("@>")(sa.cast(today, sa.Date)).label("in_office"),
            # The first day that nobody covers
            sa.func.lower(sa.func.datemultirange(notice) - terms.c.covered, type_=sa.Date).label(
                "gap"
            ),
        )
        .join(amounts, amounts.c.owner_org == model.Group.id)
        .join(Agency, Agency.id == model.Group.id, isouter=True)
        .join(terms, terms.c.agency_id == model.Group.id, isouter=True)
        .where(
            model.Group.state == model.State.ACTIVE,
            sa.or_(
                terms.c.covered.is_(None),
                sa.not_(terms.c.covered.op("@>")(notice)),
            ),
        )
        .order_by(sa.text("gap NULLS FIRST"), Agency.sort_key)
    )
    if agency_ids is not None:
        query = query.where(model.Group.id.in_(agency_ids))
    return [_alert(row) for row in model.Session.execute(query)]


def _alert(row: Any) -> dict[str, Any]:
    return {
        "agency_id": row.id,
        "agency_name": row.name,
        "agency_title": row.title or row.name,
        "agency_code": row.code or "",
        "datasets": row.datasets,
        "state": "ending" if row.in_office else "missing",
        "last_day": days.iso(row.gap - dt.timedelta(days=1)) if row.in_office else "",
    }
