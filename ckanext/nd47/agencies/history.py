"""The history of the register: what was changed, when and by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from ckan import model

from ckanext.nd47.agencies import migrated
from ckanext.nd47.agencies.model import Agency, FocalPoint, History
from ckanext.nd47.lib.fields.values import hide

PERSONAL = frozenset({"personal_telephone", "personal_email"})
IDENTIFYING = PERSONAL | {
    "full_name",
    "telephone",
    "email",
    "document_number",
    "document_url",
    "document_file",
}
"""Fields that identify a person, hidden when the record is deleted."""

FOCAL_POINT = "focal_point"
ADOPTION = "adoption"
ACCOUNT_ROLE = "account_role"
CONTACT = "contact"
"""Field in which an adoption records the contact of a dataset before and after."""

INTERNAL = frozenset({"created", "modified", "folded", "sort_key"})


class ChangeDict(TypedDict):
    """A change as actions return it: changed fields `before` and `after`, as JSON values.

    `subject` is a kind of record and `moment` an ISO timestamp.
    """

    subject: str
    subject_id: str
    action: str
    user: str
    moment: str
    before: dict[str, Any]
    after: dict[str, Any]


class HistoryPage(TypedDict):
    """A page of changes, and how many there are."""

    count: int
    results: list[ChangeDict]


def snapshot(record: Agency | FocalPoint) -> dict[str, Any]:
    """Return the fields of a record as JSON values."""
    names = [column.name for column in record.__table__.columns]
    return {name: _plain(getattr(record, name)) for name in names if name not in INTERNAL}


def add(
    record: Agency | FocalPoint,
    action: str,
    user_id: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> bool:
    """Add an entry for a change of a record, and return whether anything changed.

    Personal telephone and e-mail are recorded as changed, without their values. The entry for the
    deletion of a focal point does not identify the person.
    """
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    if not changed:
        return False
    hidden = IDENTIFYING if action == "delete" else PERSONAL
    is_agency = isinstance(record, Agency)
    model.Session.add(
        History(
            agency_id=record.id if is_agency else record.agency_id,
            subject="agency" if is_agency else FOCAL_POINT,
            subject_id=record.id,
            action=action,
            user_id=user_id,
            before=_recorded(before, changed, hidden),
            after=_recorded(after, changed, hidden),
        )
    )
    return True


def add_role(
    agency_id: str,
    account: model.User,
    user_id: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> None:
    """Add an entry for a role that an account was given in an agency, or that was taken from it.

    Args:
        agency_id: the agency.
        account: whose role it is.
        user_id: id of the account that changed it, empty for the command line.
        before: the role before, if any.
        after: the role afterwards, if any.
    """
    named = {"account": account.name}
    model.Session.add(
        History(
            agency_id=agency_id,
            subject=ACCOUNT_ROLE,
            subject_id=account.id,
            action="create" if after else "delete",
            user_id=user_id,
            before={**named, **before} if before else {},
            after={**named, **after} if after else {},
        )
    )


def hide_persons(condition: sa.ColumnElement[bool], session: Session) -> int:
    """Hide the values that identify a person in entries, and return how many were changed.

    Args:
        condition: which entries; those about agencies stay as they are.
        session: the session whose transaction is used.
    """
    rows = session.execute(
        sa.select(History.id, History.before, History.after).where(
            History.subject.in_((FOCAL_POINT, ADOPTION)), condition
        )
    ).all()
    changed = [
        {"entry": row.id, "new_before": before, "new_after": after}
        for row in rows
        if (before := _hidden(row.before), after := _hidden(row.after)) != (row.before, row.after)
    ]
    if changed:
        table = History.__table__
        session.connection().execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("entry"))
            .values(before=sa.bindparam("new_before"), after=sa.bindparam("new_after")),
            changed,
        )
    return len(changed)


def about_person(focal_point_id: str) -> sa.ColumnElement[bool]:
    """Return the condition for the entries about a focal point, adoptions included."""
    return sa.or_(
        History.subject_id == focal_point_id,
        sa.and_(
            History.subject == ADOPTION,
            History.after[CONTACT].astext.contains(focal_point_id, autoescape=True),
        ),
    )


def about_deleted() -> sa.ColumnElement[bool]:
    """Return the condition for the entries about focal points that were deleted."""
    adopted = sa.exists().where(History.after[CONTACT].astext.contains(FocalPoint.id))
    return sa.or_(
        sa.and_(
            History.subject == FOCAL_POINT, History.subject_id.not_in(sa.select(FocalPoint.id))
        ),
        sa.and_(History.subject == ADOPTION, History.after.has_key(CONTACT), sa.not_(adopted)),
    )


def older_than(moment: dt.datetime) -> sa.ColumnElement[bool]:
    """Return the condition for the entries that are older than a moment."""
    return History.moment < moment


@event.listens_for(Session, "after_flush")
def _hide_deleted(session: Session, _context: Any) -> None:
    """Hide a person in the history when the record is deleted, by any code.

    When an organisation is purged, the database deletes its focal points.
    """
    deleted = [item for item in session.deleted if isinstance(item, (FocalPoint, model.Group))]
    for item in deleted if deleted and migrated.ready() else ():
        if isinstance(item, FocalPoint):
            hide_persons(about_person(item.id), session)
        elif item.is_organization:
            hide_persons(History.agency_id == item.id, session)


def _hidden(values: Mapping[str, Any]) -> dict[str, Any]:
    # Before an adoption the contact of a dataset names the person; afterwards it is a reference.
    contact = {CONTACT} if values.get(CONTACT) and "dataset" in values else set()
    return hide(values, IDENTIFYING | contact)


def entries(agency_id: str, limit: int, offset: int) -> HistoryPage:
    """Return the number of changes of an agency, and a page of them, newest first."""
    condition = History.agency_id == agency_id
    count = (
        model.Session.scalar(sa.select(sa.func.count()).select_from(History).where(condition)) or 0
    )
    rows = model.Session.execute(
        sa.select(History, model.User.name)
        .join(model.User, model.User.id == History.user_id, isouter=True)
        .where(condition)
        .order_by(History.moment.desc(), History.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return {"count": count, "results": [_entry(entry, user_name) for entry, user_name in rows]}


def _entry(entry: History, user_name: str | None) -> ChangeDict:
    return {
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "action": entry.action,
        "user": user_name or "",
        "moment": entry.moment.isoformat(),
        "before": entry.before,
        "after": entry.after,
    }


def _recorded(values: Mapping[str, Any], keys: set[str], hidden: frozenset[str]) -> dict[str, Any]:
    return hide({key: values[key] for key in sorted(keys) if key in values}, hidden)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else value
