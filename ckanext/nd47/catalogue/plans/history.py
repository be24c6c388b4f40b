"""What happened to the plans: rows are added and read, nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.plans.model import events
from ckanext.nd47.catalogue.records.history import (
    WhoAndWhen,
    plain,
    read,
    who_and_when,
)
from ckanext.nd47.lib.calendar import dates


class Event(Enum):
    """Events of a plan, by their word in the API."""

    CREATE = "create"
    UPDATE = "update"
    STAGES = "stages"
    FILL = "fill"
    ENTRY_UPDATE = "entry-update"
    ENTRY_DELETE = "entry-delete"
    DELETE = "delete"
    ISSUE = "issue"
    CLOSE = "close"
    SLIP = "slip"
    DONE = "done"
    REOPEN = "reopen"


OF_ENTRIES = (Event.SLIP.value, Event.DONE.value, Event.REOPEN.value)
"""Events that say how far an entry is."""


class EventDict(WhoAndWhen):
    """An event for the API; `day` is the new day of a slip, or the day on which it was done."""

    entry_id: str
    day: str
    changes: dict[str, Any]


class HistoryPage(TypedDict):
    """Events, the newest first, and how many there are."""

    count: int
    results: list[EventDict]


@dataclass(frozen=True)
class About:
    """What an event is about.

    Attributes:
        entry_id: the entry; empty for the whole plan.
        day: the new day, or the day on which it was done.
        note: the reason.
        changes: new values.
    """

    entry_id: str = ""
    day: dt.date | None = None
    note: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


def add(plan_id: str, event: Event, user_id: str, about: About | None = None) -> None:
    """Add an event in the transaction of the caller."""
    about = about or About()
    model.Session.execute(
        sa.insert(events).values(
            plan_id=plan_id,
            entry_id=about.entry_id,
            event=event.value,
            user_id=user_id,
            day=about.day,
            note=about.note,
            changes=plain(about.changes),
            moment=sa.func.clock_timestamp(),
        )
    )


def of_entries(plan_id: str, entry_ids: Sequence[str] | None = None) -> list[Any]:
    """Return slips and completions of the entries of a plan, the oldest first."""
    query = (
        sa.select(events, model.User.fullname, model.User.name.label("user_name"))
        .join(model.User, model.User.id == events.c.user_id, isouter=True)
        .where(events.c.plan_id == plan_id, events.c.event.in_(OF_ENTRIES))
        .order_by(events.c.id)
    )
    if entry_ids is not None:
        query = query.where(events.c.entry_id.in_(entry_ids))
    return list(model.Session.execute(query).all())


def page(plan_id: str, limit: int, offset: int, entry_id: str = "") -> HistoryPage:
    """Return a page of the events of a plan, or of one of its entries."""
    condition = events.c.plan_id == plan_id
    if entry_id:
        condition &= events.c.entry_id == entry_id
    count, rows = read(events, condition, limit, offset)
    return {"count": count, "results": [_shown(row) for row in rows]}


def _shown(row: Any) -> EventDict:
    return {
        **who_and_when(row),
        "entry_id": row.entry_id,
        "day": dates.iso(row.day),
        "changes": row.changes,
    }


def words() -> dict[str, str]:
    """Return the titles of the events."""
    return {
        Event.CREATE.value: tk._("Draft made"),
        Event.UPDATE.value: tk._("Changed"),
        Event.STAGES.value: tk._("Stages changed"),
        Event.FILL.value: tk._("Filled from catalogues"),
        Event.ENTRY_UPDATE.value: tk._("Entry changed"),
        Event.ENTRY_DELETE.value: tk._("Entry removed"),
        Event.DELETE.value: tk._("Deleted"),
        Event.ISSUE.value: tk._("Was issued"),
        Event.CLOSE.value: tk._("Closed"),
        Event.SLIP.value: tk._("Day put off"),
        Event.DONE.value: tk._("Done"),
        Event.REOPEN.value: tk._("Not done after all"),
    }
