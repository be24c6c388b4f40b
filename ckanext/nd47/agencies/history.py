"""What was changed in the register, when and by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from ckan import model

from ckanext.nd47.agencies import tables
from ckanext.nd47.agencies.model import Agency, FocalPoint, History

HIDDEN = "•••"
"""Stands in the history for a value that is nobody else's business."""

PERSONAL = frozenset({"personal_telephone", "personal_email"})
OF_THE_PERSON = PERSONAL | {
    "full_name",
    "telephone",
    "email",
    "document_number",
    "document_url",
    "document_file",
}
"""What would outlive the deletion of a person's record in its history."""

FOCAL_POINT = "focal_point"
ADOPTION = "adoption"
CONTACT = "contact"
"""Field in which an adoption notes what a dataset had, and what it has now."""

BOOKKEEPING = frozenset({"created", "modified", "folded", "sort_key"})


def snapshot(record: Agency | FocalPoint) -> dict[str, Any]:
    """Return the fields of a record as JSON can hold them."""
    names = [column.name for column in record.__table__.columns]
    return {name: _plain(getattr(record, name)) for name in names if name not in BOOKKEEPING}


def note(
    record: Agency | FocalPoint,
    action: str,
    user_id: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> bool:
    """Note a change of a record; nothing where nothing changed.

    Personal numbers and mailboxes are noted as changed, without their values; of a focal point
    that was deleted, nothing that tells who it was.

    Returns:
        Whether anything changed.
    """
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    if not changed:
        return False
    hidden = OF_THE_PERSON if action == "delete" else PERSONAL
    is_agency = isinstance(record, Agency)
    model.Session.add(
        History(
            agency_id=record.id if is_agency else record.agency_id,
            subject="agency" if is_agency else FOCAL_POINT,
            subject_id=record.id,
            action=action,
            user_id=user_id,
            before=_told(before, changed, hidden),
            after=_told(after, changed, hidden),
        )
    )
    return True


def forget(condition: sa.ColumnElement[bool], session: Session) -> int:
    """Hide what tells who somebody was in entries, but not that and when something was changed.

    Args:
        condition: which entries; those about agencies stay as they are.
        session: whose transaction it belongs to.

    Returns:
        How many entries were changed.
    """
    rows = session.execute(
        sa.select(History.id, History.before, History.after).where(
            History.subject.in_((FOCAL_POINT, ADOPTION)), condition
        )
    ).all()
    changed = [
        {"entry": row.id, "now_before": before, "now_after": after}
        for row in rows
        if (before := _hidden(row.before), after := _hidden(row.after)) != (row.before, row.after)
    ]
    if changed:
        table = History.__table__
        session.connection().execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("entry"))
            .values(before=sa.bindparam("now_before"), after=sa.bindparam("now_after")),
            changed,
        )
    return len(changed)


def of_person(focal_point_id: str) -> sa.ColumnElement[bool]:
    """Return the condition for the entries that tell of a focal point, adoptions included."""
    return sa.or_(
        History.subject_id == focal_point_id,
        sa.and_(
            History.subject == ADOPTION,
            History.after[CONTACT].astext.contains(focal_point_id, autoescape=True),
        ),
    )


def of_nobody() -> sa.ColumnElement[bool]:
    """Return the condition for the entries that tell of focal points that are no more."""
    adopted = sa.exists().where(History.after[CONTACT].astext.contains(FocalPoint.id))
    return sa.or_(
        sa.and_(
            History.subject == FOCAL_POINT, History.subject_id.not_in(sa.select(FocalPoint.id))
        ),
        sa.and_(History.subject == ADOPTION, History.after.has_key(CONTACT), sa.not_(adopted)),
    )


def before(moment: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition for the entries that are older than a moment."""
    return History.moment < moment


@event.listens_for(Session, "after_flush")
def _forget_deleted(session: Session, _context: Any) -> None:
    """Forget who somebody was with the record itself, whichever code deletes it.

    The database deletes focal points together with an organisation that is purged.
    """
    gone = [one for one in session.deleted if isinstance(one, (FocalPoint, model.Group))]
    for one in gone if gone and tables.ready() else ():
        if isinstance(one, FocalPoint):
            forget(of_person(one.id), session)
        elif one.is_organization:
            forget(History.agency_id == one.id, session)


def _hidden(values: Mapping[str, Any]) -> dict[str, Any]:
    told = values.get(CONTACT)
    # What a dataset spelled out before it was made to refer to the register; a reference is no
    # secret, and the run can be told apart by it.
    spelled = {CONTACT} if told and "dataset" in values else set()
    return {
        key: HIDDEN if key in OF_THE_PERSON | spelled and value else value
        for key, value in values.items()
    }


def entries(agency_id: str, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """Return how many changes an agency has, and a page of them, the newest first."""
    mine = History.agency_id == agency_id
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(History).where(mine)) or 0
    rows = model.Session.execute(
        sa.select(History, model.User.name)
        .join(model.User, model.User.id == History.user_id, isouter=True)
        .where(mine)
        .order_by(History.moment.desc(), History.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return count, [_entry(entry, user_name) for entry, user_name in rows]


def _entry(entry: History, user_name: str | None) -> dict[str, Any]:
    return {
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "action": entry.action,
        "user": user_name or "",
        "moment": entry.moment.isoformat(),
        "before": entry.before,
        "after": entry.after,
    }


def _told(values: Mapping[str, Any], keys: set[str], hidden: frozenset[str]) -> dict[str, Any]:
    return {
        key: HIDDEN if key in hidden and values[key] else values[key]
        for key in sorted(keys)
        if key in values
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else value
