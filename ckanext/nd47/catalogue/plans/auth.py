"""Authorisation of the actions of the plans; see `rights`."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.catalogue.logic import rights as accounts
from ckanext.nd47.catalogue.logic import schema
from ckanext.nd47.catalogue.plans import model as tables
from ckanext.nd47.catalogue.plans import rights, stored
from ckanext.nd47.catalogue.plans.model import Entry, Plan

__all__ = [
    "nd47_plan_close",
    "nd47_plan_create",
    "nd47_plan_delete",
    "nd47_plan_done",
    "nd47_plan_entries",
    "nd47_plan_entry_delete",
    "nd47_plan_entry_update",
    "nd47_plan_fill",
    "nd47_plan_follow",
    "nd47_plan_history",
    "nd47_plan_issue",
    "nd47_plan_list",
    "nd47_plan_show",
    "nd47_plan_slip",
    "nd47_plan_update",
]


@tk.auth_allow_anonymous_access
def nd47_plan_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody; the list has the plans that the account reads."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def nd47_plan_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts with a role in an agency; everybody where the portal has chosen it."""
    plan = _plan(data_dict)
    if plan is None:
        return {"success": True}
    return _allowed(is_allowed=rights.reads(plan, accounts.of(context)))


@tk.auth_allow_anonymous_access
def nd47_plan_entries(context: Context, data_dict: DataDict) -> AuthResult:
    """As for `nd47_plan_show`."""
    return nd47_plan_show(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_plan_history(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts with a role in an agency."""
    return _allowed(is_allowed=accounts.of(context).reads_drafts)


@tk.auth_disallow_anonymous_access
def nd47_plan_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts of the compiling agency, and editors of the agency of the plan."""
    account = accounts.of(context)
    agency = schema.agency(data_dict)
    if agency is None:
        return _allowed(is_allowed=account.compiles_anything)
    is_allowed = account.everything or account.compiles or agency.id in account.edits
    return _allowed(is_allowed=is_allowed)


@tk.auth_disallow_anonymous_access
def nd47_plan_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the plan."""
    return _compiles(context, _plan(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_plan_fill(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the plan."""
    return _compiles(context, _plan(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_plan_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the plan."""
    return _compiles(context, _plan(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_plan_follow(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the plan before it."""
    return _compiles(context, _plan(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_plan_entry_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the plan of the entry."""
    return _compiles(context, _plan_of(_entry(data_dict)))


@tk.auth_disallow_anonymous_access
def nd47_plan_entry_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the plan of the entry."""
    return _compiles(context, _plan_of(_entry(data_dict)))


@tk.auth_disallow_anonymous_access
def nd47_plan_issue(context: Context, data_dict: DataDict) -> AuthResult:
    """Leaders of the agency of the plan or of one above, and approvers of that agency."""
    plan = _plan(data_dict)
    account = accounts.of(context)
    if plan is None:
        return _allowed(is_allowed=account.has_role)
    return _allowed(is_allowed=rights.issues(plan, account))


@tk.auth_disallow_anonymous_access
def nd47_plan_close(context: Context, data_dict: DataDict) -> AuthResult:
    """As for `nd47_plan_issue`."""
    return nd47_plan_issue(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_plan_slip(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the agency of the entry, and who compiles the plan."""
    entry = _entry(data_dict)
    plan = _plan_of(entry)
    account = accounts.of(context)
    if entry is None or plan is None:
        return _allowed(is_allowed=account.has_role)
    return _allowed(is_allowed=rights.records(plan, entry, account))


@tk.auth_disallow_anonymous_access
def nd47_plan_done(context: Context, data_dict: DataDict) -> AuthResult:
    """As for `nd47_plan_slip`."""
    return nd47_plan_slip(context, data_dict)


def _plan(data_dict: DataDict) -> Plan | None:
    return stored.find_plan(data_dict.get("id")) if tables.ready() else None


def _entry(data_dict: DataDict) -> Entry | None:
    return stored.find_entry(data_dict.get("id")) if tables.ready() else None


def _plan_of(entry: Entry | None) -> Plan | None:
    return stored.find_plan(entry.plan_id) if entry else None


def _compiles(context: Context, plan: Plan | None) -> AuthResult:
    account = accounts.of(context)
    if plan is None:
        return _allowed(is_allowed=account.has_role)
    return _allowed(is_allowed=rights.compiles(plan, account))


def _allowed(*, is_allowed: bool) -> AuthResult:
    message = tk._("Your account does not do this with plans.")
    return {"success": True} if is_allowed else accounts.refused(message)
