"""Who decides at a step: roles of accounts in active agencies, asked when the decision is made.

So an approver who left, or whose role was taken, decides nothing more, and the others of the step
do. Where nobody is left an administrator of the portal decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

import sqlalchemy as sa

from ckan import authz, model

from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.agencies.model import AccountRole, Agency
from ckanext.nd47.desk.approval.model import Case
from ckanext.nd47.desk.approval.steps import chain
from ckanext.nd47.lib import config


class Person(NamedTuple):
    """An account that decides."""

    id: str
    name: str
    title: str


class PersonDict(TypedDict):
    """An account for the API."""

    name: str
    title: str


def condition(user_id: str, owner: Any, step: Any) -> sa.ColumnElement[bool]:
    """Return the condition for a dataset about which an account decides at a step.

    Args:
        user_id: the account.
        owner: column with the id of the agency of the dataset.
        step: column with the step.
    """
    own = account_roles.agencies_of(user_id, account_roles.APPROVER)
    below = sa.select(Agency.id).where(
        sa.or_(Agency.parent_id.in_(own), sa.and_(Agency.parent_id.is_(None), Agency.id.in_(own)))
    )
    compiles = account_roles.agencies_of(user_id, account_roles.COMPILING).exists()
    return sa.or_(
        sa.and_(step == chain.AGENCY, owner.in_(own)),
        sa.and_(step == chain.ABOVE, owner.in_(below)),
        sa.and_(step == chain.COMPILING, compiles),
    )


def of_step(step: str, agency_id: str | None) -> list[Person]:
    """Return the active accounts that decide at a step about the datasets of an agency."""
    role = account_roles.COMPILING if step == chain.COMPILING else account_roles.APPROVER
    query = (
        sa.select(model.User.id, model.User.name, model.User.fullname)
        .join(AccountRole, AccountRole.user_id == model.User.id)
        .join(model.Group, model.Group.id == AccountRole.agency_id)
        .where(
            AccountRole.role == role,
            model.User.state == model.State.ACTIVE,
            model.Group.state == model.State.ACTIVE,
        )
        .distinct()
        .order_by(model.User.name)
    )
    if step == chain.AGENCY:
        query = query.where(AccountRole.agency_id == agency_id)
    elif step == chain.ABOVE:
        query = query.where(AccountRole.agency_id == chain.parent_of(agency_id))
    rows = model.Session.execute(query)
    return [Person(row.id, row.name, row.fullname or row.name) for row in rows]


def all_of_steps() -> Callable[[str, str], set[str]]:
    """Return a function for the ids of the accounts that decide at a step about an agency.

    It knows those of all agencies, which takes two statements.
    """
    approvers: defaultdict[str, set[str]] = defaultdict(set)
    compilers = set[str]()
    roles = account_roles.holders(account_roles.APPROVER, account_roles.COMPILING)
    for user_id, agency_id, role in model.Session.execute(roles).tuples():
        if role == account_roles.APPROVER:
            approvers[agency_id].add(user_id)
        else:
            compilers.add(user_id)
    parents = dict(model.Session.execute(sa.select(Agency.id, Agency.parent_id)).tuples().all())

    def of_step_there(step: str, agency_id: str) -> set[str]:
        if step == chain.COMPILING:
            return compilers
        if step == chain.ABOVE:
            return approvers[parents.get(agency_id) or agency_id]
        return approvers[agency_id]

    return of_step_there


def decides(user: model.User | None, step: str, agency_id: str | None) -> bool:
    """Return whether an account decides at a step about the datasets of an agency."""
    if user is None or user.state != model.State.ACTIVE:
        return False
    if authz.is_sysadmin(user.name):
        return True
    owner = sa.literal(agency_id or "", sa.Text)
    found = condition(user.id, owner, sa.literal(step, sa.Text))
    return bool(model.Session.scalar(sa.select(found)))


def decides_anywhere(user: model.User | None, agency_id: str | None) -> bool:
    """Return whether an account decides at any step that an agency may have."""
    return any(decides(user, step, agency_id) for step in chain.STEPS)


def may_decide_alone(user_id: str, case: Case, creator_id: str | None) -> bool:
    """Return whether an account may decide about what it may have written itself."""
    authors = {case.sender_id, case.changed_by, creator_id or ""} - {""}
    return config.approval_by_author() or user_id not in authors


def may_discard(user: model.User, case: Case | None, agency_id: str | None) -> bool:
    """Return whether an account sent or proposed what waits, or administers the agency."""
    if case is not None and user.id in (case.sender_id, case.changed_by):
        return True
    if authz.is_sysadmin(user.name):
        return True
    return bool(agency_id) and authz.has_user_permission_for_group_or_org(
        agency_id, user.name, "admin"
    )
