"""What an agency says about a month: its difficulties and its proposals."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.reports import model as tables


class Said(TypedDict):
    """What an agency says; `version` is 0 as long as it says nothing, `closed` for good."""

    difficulties: str
    proposals: str
    version: int
    closed: bool


def of(agency_id: str, month: dt.date) -> Said:
    """Return what an agency says about a month."""
    said, header = tables.texts.c, tables.months.c
    row = model.Session.execute(
        sa.select(said.difficulties, said.proposals, said.version).where(
            said.agency_id == agency_id, said.month == month
        )
    ).first()
    closed = model.Session.scalar(sa.select(header.closed).where(header.month == month))
    return {
        "difficulties": row.difficulties if row else "",
        "proposals": row.proposals if row else "",
        "version": row.version if row else 0,
        "closed": closed is not None,
    }


def save(agency_id: str, month: dt.date, difficulties: str, proposals: str, version: int) -> None:
    """Store what an agency says; does not commit.

    Args:
        agency_id: the agency.
        month: the first day of the month.
        difficulties: what hinders it.
        proposals: what it proposes.
        version: the version that was read, 0 for none.

    Raises:
        ckan.plugins.toolkit.ValidationError: the month is closed, or somebody else has saved since.
    """
    # Locked, so that the month cannot be closed in between.
    header = tables.months.c
    closed = model.Session.execute(
        sa.select(header.closed).where(header.month == month).with_for_update(read=True)
    ).scalar()
    if closed is not None:
        raise tk.ValidationError({"period": [tk._("The month is closed.")]})
    table = tables.texts
    content = {"difficulties": difficulties, "proposals": proposals}
    key = {"month": month, "agency_id": agency_id}
    if version:
        changed = (
            sa.update(table)
            .where(
                table.c.month == month, table.c.agency_id == agency_id, table.c.version == version
            )
            .values(**content, version=version + 1, changed=sa.func.now())
            .returning(table.c.version)
        )
    else:
        changed = (
            insert(table)
            .values(**key, **content)
            .on_conflict_do_nothing()
            .returning(table.c.version)
        )
    if model.Session.scalar(changed) is None:
        message = tk._("Somebody else has saved this text since. Read theirs, then save yours.")
        raise tk.ValidationError({"version": [message]})
