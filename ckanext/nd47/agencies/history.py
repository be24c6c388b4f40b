"""What was changed in the register, when and by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies.model import Agency, FocalPoint, History

HIDDEN = "•••"
"""Stands in the history for a value that is nobody else's business."""

PERSONAL = frozenset({"personal_telephone", "personal_email"})
OF_THE_PERSON = PERSONAL | {"full_name", "telephone", "email", "document_file"}
"""What would outlive the deletion of a person's record in its history."""

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
            subject="agency" if is_agency else "focal_point",
            subject_id=record.id,
            action=action,
            user_id=user_id,
            before=_told(before, changed, hidden),
            after=_told(after, changed, hidden),
        )
    )
    return True


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
