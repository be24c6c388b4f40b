"""Datasets that wait for the approval of an account, and those that came back to officers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.approval.axes import Approval
from ckanext.nd47.desk.approval.model import Case
from ckanext.nd47.desk.approval.steps import approvers, chain
from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list.kinds.kind import (
    Description,
    Kind,
    Thing,
    Weight,
    address,
    columns,
)

CAME_BACK = (Approval.CHANGES_ASKED.value, Approval.REFUSED.value)
PROBLEM = "problem"


def is_not_sent(dataset_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition for a dataset that nobody has sent for approval, or sent and forgot."""
    sent = (Approval.WAITING.value, *CAME_BACK)
    return sa.not_(sa.exists().where(Case.id == dataset_id, Case.approval.in_(sent)))


def _waiting() -> sa.Select[Any]:
    package = model.Package
    return (
        columns(
            "waiting-approval",
            agency_id=package.owner_org,
            dataset_id=Case.id,
            day=sa.func.timezone("Asia/Ho_Chi_Minh", Case.sent),
            weight=Weight.NOW,
            detail=Case.step_kind,
        )
        .join_from(Case, package, package.id == Case.id)
        .where(Case.approval == Approval.WAITING.value, package.state != model.State.DELETED)
    )


def _seen(scope: Scope, things: sa.Subquery) -> sa.ColumnElement[bool]:
    if scope.everything:
        return sa.true()
    return approvers.condition(scope.user_id, things.c.agency_id, things.c.detail)


def _deciders() -> Callable[[Thing], set[str]]:
    of_step = approvers.all_of_steps()
    return lambda thing: of_step(thing.detail, thing.agency_id or "")


def _describe_waiting(thing: Thing, scope: Scope) -> Description:
    words = tk._("Sent for approval on {day}.").format(day=tk.h.nd47_day(thing.day))
    url = address("nd47_approval.dataset", id=thing.dataset_name)
    return Description(words, tk._("Decide"), url)


def _returned() -> sa.Select[Any]:
    package = model.Package
    has_problem = Case.problem != ""
    return (
        columns(
            "returned",
            agency_id=package.owner_org,
            dataset_id=Case.id,
            weight=Weight.NOW,
            detail=sa.case((has_problem, PROBLEM), else_=Case.approval),
        )
        .join_from(Case, package, package.id == Case.id)
        .where(
            sa.or_(Case.approval.in_(CAME_BACK), has_problem),
            package.state != model.State.DELETED,
        )
    )


def _describe_returned(thing: Thing, scope: Scope) -> Description:
    words = {
        Approval.CHANGES_ASKED.value: tk._("The approver asks for changes."),
        Approval.REFUSED.value: tk._("The approval was refused."),
        PROBLEM: tk._("It could not be published at its moment."),
    }[thing.detail]
    url = address("nd47_approval.dataset", id=thing.dataset_name)
    return Description(words, tk._("See the reason"), url)


WAITING = Kind(
    "waiting-approval",
    lambda: tk._("Waiting for my approval"),
    _waiting,
    _describe_waiting,
    seen=_seen,
    is_used=chain.is_used,
    doers=_deciders,
)
RETURNED = Kind(
    "returned",
    lambda: tk._("Returned"),
    _returned,
    _describe_returned,
    unpublished=True,
    is_used=chain.is_used,
)
