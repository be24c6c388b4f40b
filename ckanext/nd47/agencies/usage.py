"""Which datasets name a focal point.

Datasets of other agencies are nobody's reason to keep a person's record: they are not named, since
they may be private, and what they refer to says nothing once it is gone.
"""

from __future__ import annotations

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.model import FocalPoint
from ckanext.nd47.lib import dataset_fields

SHOWN = 10
"""Datasets that a message names."""


def of_focal_point(record: FocalPoint) -> list[str]:
    """Say where a focal point is used; empty where it is not."""
    messages = []
    named, count = naming(record.id, record.agency_id)
    if count:
        messages.append(
            tk._("{count} datasets name it: {names}.").format(count=count, names=", ".join(named))
        )
    inherited = datasets_of(record.agency_id)
    if inherited and _answers(record):
        messages.append(
            tk._(
                "It is the contact of the {count} datasets of the agency. "
                "End its term or record a successor instead."
            ).format(count=inherited)
        )
    return messages


def datasets_of(agency_id: str) -> int:
    """Return how many datasets an agency has."""
    return (
        model.Session.scalar(
            sa.select(sa.func.count())
            .select_from(model.Package)
            .where(
                model.Package.owner_org == agency_id,
                model.Package.state == model.State.ACTIVE,
                model.Package.type == dataset_fields.DEFAULT_TYPE,
            )
        )
        or 0
    )


def _answers(record: FocalPoint) -> bool:
    """Say whether datasets that name nobody show this focal point."""
    officers = directory.directory().current(record.agency_id)
    return bool(officers) and officers[0].id == record.id


def naming(focal_point_id: str, owner: str | None = None) -> tuple[list[str], int]:
    """Return the names of some datasets that refer to a focal point, and how many do.

    Args:
        focal_point_id: the focal point.
        owner: the agency whose datasets are looked at, None for those of all.
    """
    name = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE).name("contact")
    # The id is a UUID, so its text cannot stand in a contact by chance.
    rows = model.Session.execute(
        sa.select(model.Package.name, sa.func.count().over())
        .where(
            model.Package.state != model.State.DELETED,
            sa.true() if owner is None else model.Package.owner_org == owner,
            model.Package.extras[name].astext.contains(focal_point_id, autoescape=True),
        )
        .order_by(model.Package.name)
        .limit(SHOWN)
    ).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0
