"""What an account may do with catalogues.

| who | what |
|---|---|
| account of the compiling agency | compiles every catalogue: items, merging, links, sending |
| editor of the agency of a catalogue of a sector or an agency | compiles that catalogue |
| leader of the agency of a catalogue, or of an agency above it; approver there | issues it |
| editor of an agency | proposes items of that agency, links its datasets with them |
| everybody with a role in an agency | reads drafts |
| everybody | reads what is issued |

System administrators may do everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import authz, model
from ckan.types import AuthResult, Context

from ckanext.nd47.agencies import datasets
from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.catalogue.records.model import IN_PUBLIC, PROVINCE, Catalogue

EDIT = "update_dataset"
"""CKAN's permission to edit the datasets of an organisation."""


@dataclass(frozen=True)
class Rights:
    """What an account may do.

    Attributes:
        everything: whether it is a system administrator or a command.
        compiles: whether it works for the compiling agency.
        edits: agencies whose datasets it edits, with those that they took over.
        leads: agencies that it leads, with all those below.
        approves: agencies in which it is an approver.
        has_role: whether it has any role in an agency.
        user_id: id of the account.
    """

    everything: bool = False
    compiles: bool = False
    edits: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    approves: frozenset[str] = frozenset()
    has_role: bool = False
    user_id: str = ""

    @property
    def reads_drafts(self) -> bool:
        """Whether it reads what is not issued yet."""
        return self.everything or self.has_role

    @property
    def compiles_anything(self) -> bool:
        """Whether it may start a catalogue of some kind."""
        return self.everything or self.compiles or bool(self.edits)

    def may_compile(self, kind: str, agency_id: str) -> bool:
        """Return whether it compiles catalogues of a kind of an agency."""
        if self.everything or self.compiles:
            return True
        return kind != PROVINCE and agency_id in self.edits

    def compiles_this(self, catalogue: Catalogue) -> bool:
        """Return whether it compiles a catalogue."""
        return self.may_compile(catalogue.kind, catalogue.agency_id)

    def issues(self, catalogue: Catalogue) -> bool:
        """Return whether it issues a catalogue or returns it."""
        return self.everything or catalogue.agency_id in self.leads | self.approves

    def may_propose(self, agency_id: str) -> bool:
        """Return whether it proposes items of an agency."""
        return self.everything or self.compiles or agency_id in self.edits

    def may_read(self, catalogue: Catalogue) -> bool:
        """Return whether it reads a catalogue."""
        return catalogue.state in IN_PUBLIC or self.reads_drafts


def of(context: Context) -> Rights:
    """Return what the account of a context may do, in four statements at most."""
    name = context.get("user") or ""
    user = model.User.get(name) if name else None
    user_id = user.id if user else ""
    if authz.is_sysadmin(name) or (context.get("ignore_auth") and not name):
        return Rights(everything=True, has_role=True, user_id=user_id)
    if user is None or user.state != model.State.ACTIVE:
        return Rights()
    edits, leads, approves, compiles, has_role = set[str](), set[str](), set[str](), False, False
    editing = authz.get_roles_with_permission(EDIT)
    for agency_id, role in model.Session.execute(_roles(user_id)).tuples():
        has_role = True
        if role == account_roles.LEADER:
            leads.add(agency_id)
        elif role == account_roles.APPROVER:
            approves.add(agency_id)
        elif role == account_roles.COMPILING:
            compiles = True
        elif role in editing:
            edits.add(agency_id)
    if edits:
        taken_over = sa.select(Agency.id).where(Agency.successor_id.in_(edits))
        edits |= set(model.Session.scalars(taken_over))
    if leads:
        leads |= set(model.Session.scalars(datasets.dependent_agencies(leads)))
    return Rights(
        compiles=compiles,
        edits=frozenset(edits),
        leads=frozenset(leads),
        approves=frozenset(approves),
        has_role=has_role,
        user_id=user_id,
    )


def _roles(user_id: str) -> sa.CompoundSelect[Any]:
    members = (
        sa.select(model.Member.group_id, model.Member.capacity)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .where(
            model.Member.table_name == "user",
            model.Member.table_id == user_id,
            model.Member.state == model.State.ACTIVE,
            model.Group.state == model.State.ACTIVE,
            model.Group.is_organization.is_(True),
            # A capacity of CKAN is never a role of the register.
            model.Member.capacity.not_in(account_roles.ROLES),
        )
    )
    held = account_roles.holders(*account_roles.ROLES).subquery()
    return sa.union_all(
        members, sa.select(held.c.agency_id, held.c.role).where(held.c.user_id == user_id)
    )


def refused(message: str) -> AuthResult:
    """Return a refusal with its reason."""
    return {"success": False, "msg": message}
