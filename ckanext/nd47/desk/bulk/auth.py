"""Authorisation of the actions that change many datasets.

Each dataset is checked again by CKAN's own action when it is saved, with the permissions that the
account has then.
"""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.desk.bulk.model import Run
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_bulk_apply",
    "nd47_bulk_list",
    "nd47_bulk_preview",
    "nd47_bulk_show",
    "nd47_bulk_undo",
]


def nd47_bulk_preview(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts only; datasets that they may not edit are refused one by one."""
    return _accounts_only(context)


def nd47_bulk_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts only; they see their own runs."""
    return _accounts_only(context)


def nd47_bulk_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The account that asked for the run."""
    return _its_own(context, data_dict)


def nd47_bulk_apply(context: Context, data_dict: DataDict) -> AuthResult:
    """The account that asked for the run."""
    return _its_own(context, data_dict)


def nd47_bulk_undo(context: Context, data_dict: DataDict) -> AuthResult:
    """The account that asked for the run."""
    return _its_own(context, data_dict)


def _accounts_only(context: Context) -> AuthResult:
    # The API passes an object for visitors too, which CKAN takes for that of an account.
    if authz.auth_is_anon_user(context):
        return {"success": False, "msg": tk._("Log in to change datasets.")}
    return {"success": True}


def _its_own(context: Context, data_dict: DataDict) -> AuthResult:
    if authz.auth_is_anon_user(context):
        return {"success": False, "msg": tk._("Log in to change datasets.")}
    reference = data_dict.get("id")
    account = model.User.get(context.get("user") or "")
    if account and isinstance(reference, str) and inputs.storable(reference):
        run = model.Session.get(Run, reference)
        if run is not None and run.account == account.id:
            return {"success": True}
    return {
        "success": False,
        "msg": tk._("Only the account that asked for this change, and administrators, see it."),
    }
