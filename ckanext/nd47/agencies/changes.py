"""Which datasets look different after a change of the register; datasets hold no copy of it."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib import dataset_fields


def datasets_of(agency_ids: Collection[str]) -> sa.Select[tuple[str]]:
    """Return the statement for the ids of the datasets that show one of the agencies.

    Those are the datasets of the agencies, of all agencies below them and of those that they took
    over from, the datasets that they are responsible for, and those that name one of their focal
    points. Deleted datasets are left out. The statement grows with nothing, and can stand inside
    another one.
    """
    names = sa.select(model.Group.name).where(model.Group.id.in_(agency_ids))
    field = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    responsible = model.Package.extras[field.name("responsible_agency")].astext
    contact = model.Package.extras[field.name("contact")].astext
    named = sa.exists().where(
        FocalPoint.agency_id.in_(agency_ids), contact.contains(FocalPoint.id, autoescape=False)
    )
    return sa.select(model.Package.id).where(
        model.Package.state != model.State.DELETED,
        model.Package.type == dataset_fields.DEFAULT_TYPE,
        sa.or_(
            model.Package.owner_org.in_(tree(agency_ids)),
            # An organisation without an entry is in no tree.
            model.Package.owner_org.in_(agency_ids),
            responsible.in_(agency_ids),
            responsible.in_(names),
            named,
        ),
    )


def tree(agency_ids: Collection[str]) -> sa.Select[tuple[str]]:
    """Return the statement for the ids of agencies with all below them and all they succeeded.

    A dataset may take its contact and its responsible agency from any of those above. Agencies
    without an entry are left out.
    """
    start = sa.select(Agency.id).where(Agency.id.in_(agency_ids)).cte(recursive=True)
    more = sa.select(Agency.id).where(
        sa.or_(Agency.parent_id == start.c.id, Agency.successor_id == start.c.id)
    )
    # A union, not all rows: it ends even if the tree had a loop.
    return sa.select(start.union(more).c.id)
