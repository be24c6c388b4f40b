"""What waits for the approval of an account."""

from __future__ import annotations

from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import authz, model

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.approval.axes import Approval
from ckanext.nd47.desk.approval.model import Case
from ckanext.nd47.desk.approval.pages import labels
from ckanext.nd47.desk.approval.steps import approvers


class WaitingDict(TypedDict):
    """A dataset that waits for a decision of the account; `mine` where it was sent to it."""

    id: str
    name: str
    title: str
    agency: str
    agency_title: str
    step: str
    version: int
    note: str
    sender: str
    sender_title: str
    sent: str
    sent_words: str
    mine: bool
    changes: list[str]


class WaitingList(TypedDict):
    """A page of what waits, what waits longest first, and how much there is."""

    count: int
    results: list[WaitingDict]


def for_account(user: model.User, limit: int, offset: int) -> WaitingList:
    """Return a page of what waits for an account, in two statements."""
    package, sender = model.Package, model.User
    condition = sa.and_(
        Case.approval == Approval.WAITING.value, package.state != model.State.DELETED
    )
    if not authz.is_sysadmin(user.name):
        decides = approvers.condition(user.id, package.owner_org, Case.step_kind)
        condition = sa.and_(condition, decides)
    found = sa.select(Case.id).join(package, package.id == Case.id).where(condition)
    query = (
        sa.select(
            Case,
            package.name,
            package.title,
            package.owner_org,
            sender.name.label("sender_name"),
            sender.fullname.label("sender_fullname"),
        )
        .join(package, package.id == Case.id)
        .join(sender, sender.id == Case.sender_id, isouter=True)
        .where(condition)
        .order_by((Case.approver_id == user.id).desc(), Case.sent, Case.id)
        .limit(limit)
        .offset(offset)
    )
    rows = model.Session.execute(query).all()
    directory.cached().load([row.owner_org for row in rows if row.owner_org])
    return {
        "count": model.Session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
        or 0,
        "results": [_as_dict(row, user) for row in rows],
    }


def _as_dict(row: Any, user: model.User) -> WaitingDict:
    case: Case = row[0]
    agency = directory.cached().get_any(row.owner_org) if row.owner_org else None
    return {
        "id": case.id,
        "name": row.name,
        "title": row.title or row.name,
        "agency": agency.name if agency else "",
        "agency_title": directory.display_title(agency) if agency else "",
        "step": case.step_kind,
        "version": case.version,
        "note": case.note,
        "sender": row.sender_name or "",
        "sender_title": row.sender_fullname or row.sender_name or "",
        "sent": case.sent.isoformat() if case.sent else "",
        "sent_words": labels.moment(case.sent),
        "mine": case.approver_id == user.id,
        "changes": sorted(case.pending),
    }
