"""Roles of accounts in agencies, beside the capacities that CKAN gives to members.

A leader of an agency sees the work of the agency and of all agencies below it, and may edit nothing
by that. An approver decides about the datasets of the agency before they are published, an account
of the compiling agency about those of the whole portal, each where the approval asks for that step.
A data steward answers for the data of the agency and sees its work. The account is named, not its
mailbox: everybody may change the mailbox of their account.
"""

from __future__ import annotations

from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.agencies import history
from ckanext.nd47.agencies.model import AccountRole

TABLE = "nd47_account_role"
LEADER = "leader"
APPROVER = "approver"
STEWARD = "data-steward"
COMPILING = "compiling-agency"
ROLES = (LEADER, APPROVER, STEWARD, COMPILING)


class AccountRoleDict(TypedDict):
    """A role of an account for the API."""

    agency_id: str
    agency_name: str
    agency_title: str
    user_name: str
    user_title: str
    role: str


def holders(*roles: str) -> sa.Select[Any]:
    """Return the statement for the active accounts with one of some roles in an active agency.

    Its columns are `user_id`, `agency_id` and `role`.
    """
    return (
        sa.select(AccountRole.user_id, AccountRole.agency_id, AccountRole.role)
        .join(model.Group, model.Group.id == AccountRole.agency_id)
        .join(model.User, model.User.id == AccountRole.user_id)
        .where(
            AccountRole.role.in_(roles),
            model.Group.state == model.State.ACTIVE,
            model.User.state == model.State.ACTIVE,
        )
    )


def agencies_of(user_id: str, role: str) -> sa.Select[tuple[str]]:
    """Return the statement for the ids of the active agencies in which an account has a role."""
    held = holders(role).subquery()
    return sa.select(held.c.agency_id).where(held.c.user_id == user_id)


def entries(limit: int, offset: int) -> list[AccountRoleDict]:
    """Return a page of the roles of active accounts in active agencies."""
    query = (
        sa.select(
            AccountRole.agency_id,
            AccountRole.role,
            model.Group.name,
            model.Group.title,
            model.User.name.label("user_name"),
            model.User.fullname,
        )
        .join(model.Group, model.Group.id == AccountRole.agency_id)
        .join(model.User, model.User.id == AccountRole.user_id)
        .where(model.Group.state == model.State.ACTIVE, model.User.state == model.State.ACTIVE)
        .order_by(model.Group.title, model.User.name, AccountRole.role)
        .limit(limit)
        .offset(offset)
    )
    return [
        {
            "agency_id": row.agency_id,
            "agency_name": row.name,
            "agency_title": row.title or row.name,
            "user_name": row.user_name,
            "user_title": row.fullname or row.user_name,
            "role": row.role,
        }
        for row in model.Session.execute(query)
    ]


def grant(agency_id: str, account: model.User, role: str, granted_by: str) -> None:
    """Give a role to an account, and record who gave it; nothing changes where it has the role.

    Args:
        agency_id: the agency.
        account: who gets the role.
        role: one of `ROLES`.
        granted_by: id of the account that gives it; empty for the command line.
    """
    values = {"agency_id": agency_id, "user_id": account.id, "role": role}
    given = model.Session.scalar(
        insert(AccountRole).values(values).on_conflict_do_nothing().returning(AccountRole.role)
    )
    if given:
        history.add_role(agency_id, account, granted_by, before={}, after={"role": role})


def revoke(agency_id: str, account: model.User, role: str, revoked_by: str) -> None:
    """Take a role from an account, and record who took it; nothing changes where it has none.

    Args:
        agency_id: the agency.
        account: who loses the role.
        role: one of `ROLES`.
        revoked_by: id of the account that takes it; empty for the command line.
    """
    taken = model.Session.scalar(
        sa.delete(AccountRole)
        .where(
            AccountRole.agency_id == agency_id,
            AccountRole.user_id == account.id,
            AccountRole.role == role,
        )
        .returning(AccountRole.role)
    )
    if taken:
        history.add_role(agency_id, account, revoked_by, before={"role": role}, after={})
