"""What the check of links knows of the files of datasets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.tables.links import model as tables
from ckanext.nd47.tables.links.model import DEAD, FAILING, GOOD, LinkCheck, LinkUse

WEEK = dt.timedelta(days=7)
"""After which citizens are told that a link is dead."""


def answers(dataset_ids: Collection[str]) -> dict[str, bool]:
    """Return by file of these datasets whether its address answered when it was last asked.

    One statement. Files whose addresses were never asked, or refuse programs, are missing.
    """
    if not dataset_ids or not tables.ready():
        return {}
    query = (
        sa.select(LinkUse.resource_id, LinkCheck.status == GOOD)
        .join(LinkCheck, LinkCheck.key == LinkUse.key)
        .where(
            LinkUse.dataset_id.in_(dataset_ids),
            LinkUse.resource_id != "",
            LinkCheck.status.in_((GOOD, FAILING, DEAD)),
        )
    )
    return dict(model.Session.execute(query).tuples().all())


def told(dataset_id: str) -> dict[str, dt.datetime]:
    """Return the files of a dataset that citizens are told are dead, with since when."""
    if not tables.ready():
        return {}
    query = (
        sa.select(LinkUse.resource_id, LinkCheck.first_failed)
        .join(LinkCheck, LinkCheck.key == LinkUse.key)
        .where(
            LinkUse.dataset_id == dataset_id,
            LinkUse.resource_id != "",
            LinkCheck.status == DEAD,
            LinkCheck.first_failed <= sa.func.now() - WEEK,
        )
    )
    return {row.resource_id: row.first_failed for row in model.Session.execute(query)}
