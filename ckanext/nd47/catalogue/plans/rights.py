"""What an account may do with plans.

| who | what |
|---|---|
| account of the compiling agency, editor of the agency of the plan | compiles the plan |
| leader of the agency of the plan or of one above, approver there | issues it and closes it |
| editor of the agency of an entry | puts off its day, records that it was done |
| everybody with a role in an agency | reads drafts too |
| everybody | reads issued plans, where the portal has chosen it |

System administrators may do everything.
"""

from __future__ import annotations

from ckanext.nd47.catalogue.logic.rights import Rights
from ckanext.nd47.catalogue.plans.model import DRAFT, ISSUED, Entry, Plan
from ckanext.nd47.lib import config


def reads(plan: Plan, account: Rights) -> bool:
    """Return whether an account reads a plan."""
    return account.reads_drafts or (plan.state != DRAFT and config.public_plans())


def compiles(plan: Plan, account: Rights) -> bool:
    """Return whether an account compiles a plan."""
    return account.everything or account.compiles or plan.agency_id in account.edits


def issues(plan: Plan, account: Rights) -> bool:
    """Return whether an account issues a plan and closes it."""
    return account.everything or plan.agency_id in account.leads | account.approves


def records(plan: Plan, entry: Entry, account: Rights) -> bool:
    """Return whether an account records how far an entry is."""
    return compiles(plan, account) or entry.provider_id in account.edits


def may(plan: Plan, account: Rights) -> dict[str, bool]:
    """Return what an account may do with a plan now."""
    is_compiler, is_leader = compiles(plan, account), issues(plan, account)
    return {
        "edit": is_compiler and plan.state == DRAFT,
        "issue": is_leader and plan.state == DRAFT,
        "record": plan.state == ISSUED and (is_compiler or bool(account.edits)),
        "close": is_leader and plan.state == ISSUED,
        "follow": is_compiler and plan.state != DRAFT,
        "history": account.reads_drafts,
    }
