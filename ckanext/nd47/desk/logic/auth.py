"""Authorisation of the actions of the desk."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthResult, Context, DataDict

__all__ = [
    "nd47_account_role_grant",
    "nd47_account_role_list",
    "nd47_account_role_revoke",
    "nd47_rule_effects",
    "nd47_work_agencies",
    "nd47_work_list",
]


def nd47_work_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts only; what they see depends on their agencies."""
    return _accounts_only(context)


def nd47_work_agencies(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts only; what they see depends on their agencies."""
    return _accounts_only(context)


def nd47_rule_effects(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators."""
    return _refused()


def nd47_account_role_list(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators."""
    return _refused()


def nd47_account_role_grant(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators: a leader sees the work of other agencies."""
    return _refused()


def nd47_account_role_revoke(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators."""
    return _refused()


def _accounts_only(context: Context) -> AuthResult:
    # The API passes an object for visitors too, which CKAN takes for that of an account.
    if authz.auth_is_anon_user(context):
        return {"success": False, "msg": tk._("Log in to see what is to be done.")}
    return {"success": True}


def _refused() -> AuthResult:
    return {"success": False, "msg": tk._("Need to be system administrator to administer")}
