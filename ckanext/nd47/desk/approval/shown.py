"""The approval of a dataset as actions and pages show it."""

from __future__ import annotations

from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import Context

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.approval import axes, cases
from ckanext.nd47.desk.approval.axes import Approval, Event, Publication
from ckanext.nd47.desk.approval.model import Case
from ckanext.nd47.desk.approval.pages import labels
from ckanext.nd47.desk.approval.safeguards import guard
from ckanext.nd47.desk.approval.steps import approvers, chain
from ckanext.nd47.desk.approval.steps.approvers import PersonDict
from ckanext.nd47.lib.web import http
from ckanext.nd47.rules import records


class StepDict(TypedDict):
    """A step of the chain: who decides, and whether it is done, next, or later."""

    kind: str
    title: str
    approvers: list[PersonDict]
    state: str


class ChangeDict(TypedDict):
    """A field of a published dataset with its value and the one that waits for approval."""

    field: str
    label: str
    now: Any
    proposed: Any


class ApprovalDict(TypedDict):
    """Where the approval and publication of a dataset stand.

    `approval`, `publication` and `validity` are codes of the vocabularies; `may` says what the
    account may do: `send`, `discard`, `decide`, `schedule`, `publish`, `suspend`, `withdraw`,
    `resume`.
    Moments are ISO, with a twin for people.
    """

    id: str
    name: str
    title: str
    agency: str
    agency_title: str
    required: bool
    approval: str
    publication: str
    validity: str
    version: int
    steps: list[StepDict]
    step: str
    sender: str
    sender_title: str
    approver: str
    note: str
    sent: str
    sent_words: str
    reason: str
    problem: str
    scheduled_at: str
    scheduled_words: str
    pending: list[ChangeDict]
    may: dict[str, bool]


def of_dataset(context: Context, package: model.Package) -> ApprovalDict:
    """Return the approval of a dataset for the account of a context."""
    case, rule = cases.read(package.id), chain.rule_for(package.owner_org)
    state = cases.state_of(case) if case else cases.without_case(package)
    agency = directory.cached().get_any(package.owner_org) if package.owner_org else None
    people = _accounts(case)
    return {
        "id": package.id,
        "name": package.name,
        "title": package.title or package.name,
        "agency": agency.name if agency else "",
        "agency_title": directory.display_title(agency) if agency else "",
        "required": rule.required,
        "approval": state.approval.value,
        "publication": state.publication.value,
        "validity": state.validity.value,
        "version": case.version if case else 0,
        "steps": _steps(case, state, rule, package.owner_org),
        "step": case.step_kind if case and state.approval is Approval.WAITING else "",
        "sender": people.get(case.sender_id, ("", ""))[0] if case else "",
        "sender_title": people.get(case.sender_id, ("", ""))[1] if case else "",
        "approver": people.get(case.approver_id, ("", ""))[0] if case else "",
        "note": case.note if case else "",
        "sent": case.sent.isoformat() if case and case.sent else "",
        "sent_words": labels.moment(case.sent) if case else "",
        "reason": case.reason if case else "",
        "problem": case.problem if case else "",
        "scheduled_at": case.scheduled_at.isoformat() if case and case.scheduled_at else "",
        "scheduled_words": labels.moment(case.scheduled_at) if case else "",
        "pending": _pending(package, case),
        "may": may(context, package, case, state, rule),
    }


def may(
    context: Context,
    package: model.Package,
    case: Case | None,
    state: axes.State,
    rule: chain.Rule,
) -> dict[str, bool]:
    """Return what the account of a context may do with a dataset now."""
    user = model.User.get(context.get("user") or "")
    edits = user is not None and authz.is_authorized_boolean(
        "package_update", Context(user=user.name, auth_user_obj=user), {"id": package.id}
    )
    is_public = cases.is_public(package.state, package.private)
    waits = state.approval is Approval.WAITING
    decides = approvers.decides_anywhere(user, package.owner_org)
    has_something = not is_public or bool(case and case.pending)
    is_kept = package.state != model.State.DELETED
    return {
        "send": edits
        and rule.required
        and has_something
        and is_kept
        and state.publication is not Publication.SCHEDULED,
        "discard": edits
        and user is not None
        and case is not None
        and cases.waits(case)
        and approvers.may_discard(user, case, package.owner_org),
        "decide": waits
        and case is not None
        and user is not None
        and approvers.decides(user, case.step_kind, package.owner_org)
        and approvers.may_decide_alone(user.id, case, package.creator_user_id),
        "schedule": (edits or decides) and not is_public and is_kept,
        "publish": (edits or decides)
        and not is_public
        and state.approval is Approval.APPROVED
        and axes.is_possible(state, Event.PUBLISH),
        "suspend": (edits or decides) and axes.is_possible(state, Event.SUSPEND),
        "withdraw": (edits or decides) and axes.is_possible(state, Event.WITHDRAW),
        "resume": (decides if rule.required else edits) and axes.is_possible(state, Event.RESUME),
    }


def may_read(user_name: str, package: model.Package) -> bool:
    """Return whether an account sees the approval: who edits the dataset or decides about it."""
    user = model.User.get(user_name) if user_name else None
    if user is None or user.state != model.State.ACTIVE:
        return False
    if authz.is_sysadmin(user.name):
        return True
    if package.owner_org and authz.has_user_permission_for_group_or_org(
        package.owner_org, user.name, "update_dataset"
    ):
        return True
    return approvers.decides_anywhere(user, package.owner_org)


def _steps(
    case: Case | None, state: axes.State, rule: chain.Rule, owner: str | None
) -> list[StepDict]:
    kinds = list(case.chain) if case and case.chain else list(rule.steps)
    if not rule.required and not (case and case.chain):
        return []
    words = labels.steps()
    is_open = state.approval is Approval.WAITING
    done = case.step if case and is_open else 0
    if state.approval is Approval.APPROVED:
        done = len(kinds)
    return [
        {
            "kind": kind,
            "title": words[kind],
            "approvers": [
                {"name": person.name, "title": person.title}
                for person in approvers.of_step(kind, owner)
            ],
            "state": "done" if place < done else "next" if is_open and place == done else "later",
        }
        for place, kind in enumerate(kinds)
    ]


def _pending(package: model.Package, case: Case | None) -> list[ChangeDict]:
    if not case or not case.pending:
        return []
    record = records.by_id(package.id) or {}
    lang = http.language()
    return [
        {
            "field": name,
            "label": guard.field_label(record, name, lang),
            "now": _in_words(record, name, record.get(name)),
            "proposed": _in_words(record, name, value),
        }
        for name, value in case.pending.items()
    ]


def _in_words(record: dict[str, Any], name: str, value: Any) -> Any:
    """Return a value as people read it: the label of its code, the title of an agency."""
    if name == guard.OWNER and isinstance(value, str):
        agency = directory.cached().get_any(value)
        return directory.display_title(agency) if agency else value
    vocabulary_id = records.schema_field(record, name).get("vocabulary")
    if vocabulary_id and isinstance(value, str):
        return tk.h.nd47_label(vocabulary_id, value)
    if name == "license_id" and isinstance(value, str):
        licence = model.Package.get_license_register().get(value)
        return licence.title if licence else value
    return value


def _accounts(case: Case | None) -> dict[str, tuple[str, str]]:
    """Return name and title of the accounts of a case, in one statement."""
    ids = {case.sender_id, case.approver_id} - {""} if case else set[str]()
    if not ids:
        return {}
    query = sa.select(model.User.id, model.User.name, model.User.fullname).where(
        model.User.id.in_(ids)
    )
    return {row.id: (row.name, row.fullname or row.name) for row in model.Session.execute(query)}
