"""Whose work an account sees.

Editors and administrators of an agency see the work of that agency. A leader of an agency also sees
that of the agencies below it, except what is not published yet; approvers, data stewards and
accounts of the compiling agency see what is published of their agency. A system administrator sees
the work of the whole portal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ckan import authz, model
from ckan.types import Context

from ckanext.nd47.agencies import datasets
from ckanext.nd47.agencies.access import account_roles

EDIT, ADMINISTER = "update_dataset", "update"
"""CKAN's permissions in an organisation: to edit its datasets, and to edit the organisation."""


@dataclass(frozen=True)
class Scope:
    """The agencies whose work an account sees, by id.

    Attributes:
        everything: whether it sees and edits the whole portal.
        edits: agencies whose datasets it edits.
        administers: agencies whose register entry it edits.
        leads: agencies that it leads, with all those below.
        approves: agencies in which it is an approver or data steward.
        user_id: id of the account; empty where it sees everything or nothing.
    """

    everything: bool = False
    edits: frozenset[str] = frozenset()
    administers: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    approves: frozenset[str] = frozenset()
    user_id: str = ""

    @property
    def agencies(self) -> frozenset[str]:
        """All agencies whose work it sees, unless it sees everything."""
        return self.edits | self.leads | self.approves

    @property
    def is_empty(self) -> bool:
        """Whether it sees no work at all."""
        return not self.everything and not self.agencies

    def sees(self, agency_id: str) -> bool:
        """Return whether it sees the work of an agency."""
        return self.everything or agency_id in self.agencies

    def may_edit(self, agency_id: str | None) -> bool:
        """Return whether it edits the datasets of an agency."""
        return self.everything or agency_id in self.edits

    def may_administer(self, agency_id: str | None) -> bool:
        """Return whether it edits the register entry of an agency."""
        return self.everything or agency_id in self.administers

    def condition(self, column: Any, *, unpublished: bool) -> sa.ColumnElement[bool]:
        """Return the condition for the agencies whose work it sees.

        Args:
            column: id of the agency.
            unpublished: whether the work is about what is not published yet.
        """
        if self.everything:
            return sa.true()
        return column.in_(sa.select((self._edited if unpublished else self._seen).c.id))

    # As common table expressions: a statement has the ids once, however often it needs them.
    @cached_property
    def _edited(self) -> sa.CTE:
        return _ids(self.edits).cte("edited")

    @cached_property
    def _seen(self) -> sa.CTE:
        return _ids(self.agencies).cte("seen")


def _ids(agency_ids: AbstractSet[str]) -> sa.Select[tuple[str]]:
    return sa.select(sa.func.unnest(sa.literal(sorted(agency_ids), ARRAY(sa.Text))).label("id"))


def of(context: Context, *, below: bool = True) -> Scope:
    """Return whose work the account of a context sees, in three statements at most.

    Args:
        context: with the account.
        below: whether to look up the agencies below those that it leads, the slowest statement.
    """
    name = context.get("user") or ""
    if authz.is_sysadmin(name) or (context.get("ignore_auth") and not name):
        return Scope(everything=True)
    user = model.User.get(name) if name else None
    if user is None or user.state != model.State.ACTIVE:
        return Scope()
    roles = _roles().subquery()
    own = sa.select(roles.c.agency_id, roles.c.role).where(roles.c.user_id == user.id)
    seen = _of_roles(user.id, model.Session.execute(own).tuples())
    if seen.leads and below:
        below_them = model.Session.scalars(datasets.dependent_agencies(seen.leads))
        return replace(seen, leads=seen.leads | frozenset(below_them))
    return seen


def of_all() -> dict[str, Scope]:
    """Return by id of the account whose work it sees, of all active accounts, in one statement.

    An account without a role in an active agency is left out, and so are the agencies below those
    that an account leads. That an account is a system administrator gives it nothing here.
    """
    roles: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for user_id, agency_id, role in model.Session.execute(_roles()).tuples():
        roles[user_id].append((agency_id, role))
    scopes = {user_id: _of_roles(user_id, of_account) for user_id, of_account in roles.items()}
    return {user_id: seen for user_id, seen in scopes.items() if not seen.is_empty}


def _of_roles(user_id: str, roles: Iterable[tuple[str, str]]) -> Scope:
    edits, administers, leads, approves = set[str](), set[str](), set[str](), set[str]()
    editing = authz.get_roles_with_permission(EDIT)
    administering = authz.get_roles_with_permission(ADMINISTER)
    for agency_id, role in roles:
        if role == account_roles.LEADER:
            leads.add(agency_id)
        elif role in account_roles.ROLES:
            approves.add(agency_id)
        if role in editing:
            edits.add(agency_id)
        if role in administering:
            administers.add(agency_id)
    return Scope(
        edits=frozenset(edits),
        administers=frozenset(administers),
        leads=frozenset(leads),
        approves=frozenset(approves),
        user_id=user_id,
    )


def _roles() -> sa.CompoundSelect[Any]:
    """Return the statement for the active agencies of active accounts, with the role in each."""
    members = (
        sa.select(
            model.Member.table_id.label("user_id"),
            model.Member.group_id.label("agency_id"),
            model.Member.capacity.label("role"),
        )
        .join(model.Group, model.Group.id == model.Member.group_id)
        .join(model.User, model.User.id == model.Member.table_id)
        .where(
            model.Member.table_name == "user",
            model.User.state == model.State.ACTIVE,
            model.Member.state == model.State.ACTIVE,
            model.Group.state == model.State.ACTIVE,
            model.Group.is_organization.is_(True),
            # A capacity of CKAN is never a role of the register.
            model.Member.capacity.not_in(account_roles.ROLES),
        )
    )
    return sa.union_all(members, account_roles.holders(*account_roles.ROLES))
