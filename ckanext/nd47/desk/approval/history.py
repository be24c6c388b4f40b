"""What happened to a dataset, in order; it can be read and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy import orm

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.model import DecisionFile
from ckanext.nd47.desk.approval.pages import labels
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.files.spreadsheets import spreadsheet


class EventDict(TypedDict):
    """An event of a dataset; codes of the three axes are those after it.

    `moment` and `scheduled_at` are ISO moments, `decision_date` an ISO day; empty where there is
    none. `user` and `approver` are names of accounts, empty for a job or an account that is gone.
    """

    id: int
    moment: str
    moment_words: str
    user: str
    user_title: str
    event: str
    step: str
    approval: str
    publication: str
    validity: str
    note: str
    approver: str
    scheduled_at: str
    decision_number: str
    decision_date: str
    file_id: str
    file_name: str
    changes: dict[str, Any]


class HistoryPage(TypedDict):
    """Events of a dataset, the newest first, and how many there are."""

    count: int
    results: list[EventDict]


def of_dataset(dataset_id: str, limit: int, offset: int) -> HistoryPage:
    """Return a page of the events of a dataset, the newest first."""
    table = tables.events
    count = sa.select(sa.func.count()).where(table.c.dataset_id == dataset_id)
    query = (
        _query()
        .where(table.c.dataset_id == dataset_id)
        .order_by(table.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return {
        "count": model.Session.scalar(count) or 0,
        "results": [_event(row) for row in model.Session.execute(query)],
    }


def last_decisions(dataset_ids: Collection[str]) -> dict[str, EventDict]:
    """Return the last event of each dataset, by id."""
    table = tables.events
    newest = (
        sa.select(sa.func.max(table.c.id))
        .where(table.c.dataset_id.in_(dataset_ids))
        .group_by(table.c.dataset_id)
    )
    query = _query().where(table.c.id.in_(newest))
    return {row.dataset_id: _event(row) for row in model.Session.execute(query)}


def as_csv(events: list[EventDict]) -> bytes:
    """Return events as a CSV file without formulas."""
    words, steps = labels.events(), labels.steps()
    header = [
        tk._("Moment"),
        tk._("Account"),
        tk._("Event"),
        tk._("Step"),
        tk._("Approval"),
        tk._("Publication"),
        tk._("Validity"),
        tk._("Note or reason"),
        tk._("Sent to"),
        tk._("Moment of publication"),
        tk._("Number of the decision"),
        tk._("Date of the decision"),
        tk._("File of the decision"),
    ]
    rows = [
        [
            event["moment_words"],
            event["user_title"],
            words.get(event["event"], event["event"]),
            steps.get(event["step"], event["step"]),
            tk.h.nd47_label("approval-status", event["approval"]),
            tk.h.nd47_label("publication-status", event["publication"]),
            tk.h.nd47_label("validity-status", event["validity"]),
            event["note"],
            event["approver"],
            event["scheduled_at"],
            event["decision_number"],
            event["decision_date"],
            event["file_name"],
        ]
        for event in events
    ]
    return spreadsheet.write_csv(header, rows)


def _query() -> sa.Select[Any]:
    table = tables.events
    actor, addressee = orm.aliased(model.User), orm.aliased(model.User)
    return (
        sa.select(
            table,
            actor.name.label("user_name"),
            actor.fullname.label("user_fullname"),
            addressee.name.label("approver_name"),
            DecisionFile.name.label("file_name"),
        )
        .join(actor, actor.id == table.c.user_id, isouter=True)
        .join(addressee, addressee.id == table.c.approver_id, isouter=True)
        .join(DecisionFile, DecisionFile.id == table.c.file_id, isouter=True)
    )


def _event(row: Any) -> EventDict:
    return {
        "id": row.id,
        "moment": row.moment.isoformat(),
        "moment_words": labels.moment(row.moment),
        "user": row.user_name or "",
        "user_title": row.user_fullname or row.user_name or "",
        "event": row.event,
        "step": row.step_kind,
        "approval": row.approval,
        "publication": row.publication,
        "validity": row.validity,
        "note": row.note,
        "approver": row.approver_name or "",
        "scheduled_at": row.scheduled_at.isoformat() if row.scheduled_at else "",
        "decision_number": row.decision_number,
        "decision_date": dates.iso(row.decision_date),
        "file_id": row.file_id,
        "file_name": row.file_name or "",
        "changes": row.changes,
    }
