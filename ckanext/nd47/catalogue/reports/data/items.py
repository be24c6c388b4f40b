"""The items of the catalogues in force, as a statement with the columns of the table of months."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array

from ckan import model

from ckanext.nd47.catalogue.items import progress
from ckanext.nd47.catalogue.records.model import Catalogue, Item, Line, Link
from ckanext.nd47.catalogue.reports.score.model import DatasetScore


def in_force() -> sa.Select[Any]:
    """Return the statement for the items of the issued editions, one row for a line.

    `published` says whether a dataset of the item is public, `actual` since when.
    """
    package, score = model.package_table.c, DatasetScore
    public = (
        sa.select(Link.line_id, sa.func.min(score.published).label("first"))
        .join_from(Link, model.package_table, package.id == Link.dataset_id)
        .join(DatasetScore, score.id == package.id, isouter=True)
        .where(
            package.state == model.State.ACTIVE,
            sa.not_(sa.func.coalesce(package.private, sa.false())),
        )
        .group_by(Link.line_id)
        .subquery("public")
    )
    # Two catalogues may list the same line; the item of the later decision counts.
    return (
        sa.select(
            Item.line_id.label("item_id"),
            Item.provider_id.label("agency_id"),
            Item.name.label("title"),
            sa.case(
                (Item.field == "", sa.cast(sa.literal([], ARRAY(sa.Text)), ARRAY(sa.Text))),
                else_=array([Item.field]),
            ).label("fields"),
            Item.sharing_class.label("kind"),
            Item.planned,
            sa.func.coalesce(Line.first_provided, public.c.first).label("actual"),
            public.c.line_id.is_not(None).label("published"),
        )
        .distinct(Item.line_id)
        .join_from(Item, Catalogue, Catalogue.id == Item.catalogue_id)
        .join(Line, Line.id == Item.line_id)
        .join(public, public.c.line_id == Item.line_id, isouter=True)
        .where(progress.in_force())
        .order_by(Item.line_id, Catalogue.decision_date.desc().nulls_last())
    )
