"""What the check of links knows of the files of datasets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.tables.links import model as tables
from ckanext.nd47.tables.links.model import DEAD, LinkCheck, LinkUse

WEEK = dt.timedelta(days=7)
"""After which citizens are told that a link is dead."""


@dataclass(frozen=True)
class LinkState:
    """What is known of the link of a file.

    Attributes:
        status: `new`, `good`, `failing`, `dead` or `unknown`.
        since: since when it fails; None where it does not.
        checked: when it was asked last; None where it was not.
    """

    status: str
    since: dt.datetime | None
    checked: dt.datetime | None


def of_files(resource_ids: Collection[str]) -> dict[str, LinkState]:
    """Return the state of the links of files by resource, with one statement.

    Files whose links were never collected are missing; without the tables all are.
    """
    if not resource_ids or not tables.ready():
        return {}
    query = (
        sa.select(
            LinkUse.resource_id, LinkCheck.status, LinkCheck.first_failed, LinkCheck.last_checked
        )
        .join(LinkCheck, LinkCheck.key == LinkUse.key)
        .where(LinkUse.resource_id.in_(resource_ids), LinkUse.resource_id != "")
    )
    return {
        row.resource_id: LinkState(row.status, row.first_failed, row.last_checked)
        for row in model.Session.execute(query)
    }


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
