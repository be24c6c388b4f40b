"""Which datasets refer to a focal point, and which ones show an agency."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib.fields import dataset_fields

MOST_NAMED = 10
"""Datasets that a message names."""


def uses_of(record: FocalPoint) -> list[str]:
    """Return messages that say where the agency's own datasets use a focal point.

    Datasets of other agencies do not prevent the deletion of a person's record. They are not
    named, because they may be private.
    """
    messages = []
    names, count = referring_to(record.id, record.agency_id)
    if count:
        messages.append(
            tk._("{count} datasets name it: {names}.").format(count=count, names=", ".join(names))
        )
    in_office = directory.cached().in_office(record.agency_id)
    if in_office and in_office[0].id == record.id and (inherited := _count(record.agency_id)):
        messages.append(
            tk._(
                "It is the contact of the {count} datasets of the agency. "
                "End its term or record a successor instead."
            ).format(count=inherited)
        )
    return messages


def referring_to(focal_point_id: str, owner: str | None = None) -> tuple[list[str], int]:
    """Return the names of the first datasets that refer to a focal point, and how many do.

    Args:
        focal_point_id: the focal point.
        owner: the agency whose datasets are looked at, None for all agencies.
    """
    # The id is a UUID, so it does not occur in a contact by chance.
    query = (
        sa.select(model.Package.name, sa.func.count().over())
        .where(
            model.Package.state != model.State.DELETED,
            _contact().contains(focal_point_id, autoescape=True),
        )
        .order_by(model.Package.name)
        .limit(MOST_NAMED)
    )
    if owner is not None:
        query = query.where(model.Package.owner_org == owner)
    rows = model.Session.execute(query).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def affected_by(agency_ids: Collection[str]) -> sa.Select[tuple[str]]:
    """Return the statement for the ids of the datasets that show one of the agencies.

    Those are the datasets of the agencies, of all their subordinate agencies and of those that
    they succeeded, the datasets that they are responsible for, and those that refer to one of
    their focal points. Deleted datasets are left out. The size of the statement does not depend on
    the number of agencies, and it can be part of another statement.
    """
    names = sa.select(model.Group.name).where(model.Group.id.in_(agency_ids))
    field = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    responsible = model.Package.extras[field.name("responsible_agency")].astext
    refers = sa.exists().where(
        FocalPoint.agency_id.in_(agency_ids), _contact().contains(FocalPoint.id, autoescape=False)
    )
    return sa.select(model.Package.id).where(
        model.Package.state != model.State.DELETED,
        model.Package.type == dataset_fields.DEFAULT_TYPE,
        sa.or_(
            model.Package.owner_org.in_(dependent_agencies(agency_ids)),
            # An organisation without an entry is in no tree.
            model.Package.owner_org.in_(agency_ids),
            responsible.in_(agency_ids),
            responsible.in_(names),
            refers,
        ),
    )


def dependent_agencies(agency_ids: Collection[str]) -> sa.Select[tuple[str]]:
    """Return the statement for the ids of agencies, all subordinate ones and all predecessors.

    The contact and the responsible agency of a dataset may come from any agency above. Agencies
    without an entry are left out.
    """
    # Two columns in one list: the join of a recursion with an OR reads every agency for each one.
    below = sa.union_all(
        sa.select(Agency.id, Agency.parent_id.label("above")).where(Agency.parent_id.is_not(None)),
        sa.select(Agency.id, Agency.successor_id).where(Agency.successor_id.is_not(None)),
    ).subquery()
    start = sa.select(Agency.id).where(Agency.id.in_(agency_ids)).cte(recursive=True)
    more = sa.select(below.c.id).join(start, below.c.above == start.c.id)
    # UNION and not UNION ALL: the recursion ends even if the tree had a loop.
    return sa.select(start.union(more).c.id)


def _contact() -> sa.ColumnElement[str]:
    field = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    return model.Package.extras[field.name("contact")].astext


def _count(agency_id: str) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(model.Package)
        .where(
            model.Package.owner_org == agency_id,
            model.Package.state == model.State.ACTIVE,
            model.Package.type == dataset_fields.DEFAULT_TYPE,
        )
    )
    return model.Session.scalar(query) or 0
