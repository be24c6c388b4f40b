"""What happened to the catalogues: rows are added and read, nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.records.fields import FOR_OFFICERS
from ckanext.nd47.catalogue.records.model import events
from ckanext.nd47.lib.fields import values


class Event(Enum):
    """Events of a catalogue, by their word in the API."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PROPOSE = "propose"
    RETURN = "return"
    ISSUE = "issue"
    REPLACE = "replace"
    NEW_EDITION = "new-edition"
    DISPATCH = "dispatch"
    FILE = "file"
    ITEM_CREATE = "item-create"
    ITEM_UPDATE = "item-update"
    ITEM_DELETE = "item-delete"
    ITEM_PROPOSE = "item-propose"
    MERGE = "merge"
    DECLINE = "decline"
    STATUS = "status"
    LINK = "link"
    UNLINK = "unlink"
    TAKE_OVER = "take-over"
    UNDO = "undo"


class WhoAndWhen(TypedDict):
    """What every event has for the API."""

    moment: str
    moment_words: str
    user: str
    user_title: str
    event: str
    note: str


class EventDict(WhoAndWhen):
    """An event for the API."""

    line_id: str
    before: dict[str, Any]
    after: dict[str, Any]


class HistoryPage(TypedDict):
    """Events, the newest first, and how many there are."""

    count: int
    results: list[EventDict]


@dataclass(frozen=True)
class About:
    """What an event is about.

    Attributes:
        line_id: the line.
        note: what the person said.
        before: changed values before.
        after: changed values after.
    """

    line_id: str = ""
    note: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


CATALOGUE = About()
"""An event of the whole edition."""


def add(catalogue_id: str, event: Event, user_id: str, about: About = CATALOGUE) -> None:
    """Add an event in the transaction of the caller.

    Args:
        catalogue_id: the edition.
        event: what happened.
        user_id: account; empty for a command.
        about: line, note and changed values.
    """
    add_all(catalogue_id, event, user_id, [about])


def add_all(catalogue_id: str, event: Event, user_id: str, about: Sequence[About]) -> None:
    """Add events of one kind in one statement."""
    if not about:
        return
    rows = [
        {
            "catalogue_id": catalogue_id,
            "event": event.value,
            "user_id": user_id,
            "line_id": entry.line_id,
            "note": entry.note,
            # An event can never be erased, so it names no person.
            "before": values.hide(plain(entry.before), FOR_OFFICERS),
            "after": values.hide(plain(entry.after), FOR_OFFICERS),
        }
        for entry in about
    ]
    model.Session.execute(sa.insert(events).values(moment=sa.func.clock_timestamp()), rows)


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON has them."""
    return {
        name: value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value
        for name, value in data.items()
    }


def read(table: sa.Table, condition: Any, limit: int, offset: int) -> tuple[int, list[Any]]:
    """Return how many events fit, and a page of them with their accounts, the newest first."""
    count = model.Session.scalar(sa.select(sa.func.count()).where(condition)) or 0
    query = (
        sa.select(table, model.User.name.label("user_name"), model.User.fullname)
        .join(model.User, model.User.id == table.c.user_id, isouter=True)
        .where(condition)
        .order_by(table.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return count, list(model.Session.execute(query))


def who_and_when(row: Any) -> WhoAndWhen:
    """Return of an event what all have."""
    return {
        "moment": row.moment.isoformat(),
        "moment_words": moment_in_words(row.moment),
        "user": row.user_name or "",
        "user_title": row.fullname or row.user_name or "",
        "event": row.event,
        "note": row.note,
    }


def of_catalogue(catalogue_id: str, limit: int, offset: int, line_id: str = "") -> HistoryPage:
    """Return a page of the events of an edition, or of one of its lines."""
    condition = events.c.catalogue_id == catalogue_id
    if line_id:
        condition &= events.c.line_id == line_id
    count, rows = read(events, condition, limit, offset)
    return {"count": count, "results": [_shown(row) for row in rows]}


def _shown(row: Any) -> EventDict:
    return {
        **who_and_when(row),
        "line_id": row.line_id,
        "before": row.before,
        "after": row.after,
    }


def moment_in_words(moment: dt.datetime) -> str:
    """Return a moment as in Viet Nam: `31/12/2026 08:30`."""
    return moment.astimezone(values.VIETNAM).strftime("%d/%m/%Y %H:%M")


def words() -> dict[str, str]:
    """Return the titles of the events."""
    return {
        Event.CREATE.value: tk._("Draft made"),
        Event.UPDATE.value: tk._("Changed"),
        Event.DELETE.value: tk._("Deleted"),
        Event.PROPOSE.value: tk._("Proposed for issue"),
        Event.RETURN.value: tk._("Returned to draft"),
        Event.ISSUE.value: tk._("Was issued"),
        Event.REPLACE.value: tk._("Replaced"),
        Event.NEW_EDITION.value: tk._("New edition"),
        Event.DISPATCH.value: tk._("Sent"),
        Event.FILE.value: tk._("Signed file added"),
        Event.ITEM_CREATE.value: tk._("Item added"),
        Event.ITEM_UPDATE.value: tk._("Item changed"),
        Event.ITEM_DELETE.value: tk._("Item removed"),
        Event.ITEM_PROPOSE.value: tk._("Item proposed by an agency"),
        Event.MERGE.value: tk._("Proposal merged"),
        Event.DECLINE.value: tk._("Proposal declined"),
        Event.STATUS.value: tk._("Status of an item changed"),
        Event.LINK.value: tk._("Dataset linked"),
        Event.UNLINK.value: tk._("Dataset unlinked"),
        Event.TAKE_OVER.value: tk._("Taken over from datasets"),
        Event.UNDO.value: tk._("Taking over undone"),
    }
