"""Authorisation of the actions of the reminders."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthResult, Context, DataDict

__all__ = [
    "nd47_reminder_choice_show",
    "nd47_reminder_choice_update",
    "nd47_reminder_link_show",
    "nd47_reminder_unsubscribe",
]


def nd47_reminder_choice_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts, each about itself."""
    return _accounts_only(context)


def nd47_reminder_choice_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts, each about itself."""
    return _accounts_only(context)


@tk.auth_allow_anonymous_access
def nd47_reminder_link_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who has the link of a message."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def nd47_reminder_unsubscribe(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody who has the link of a message."""
    return {"success": True}


def _accounts_only(context: Context) -> AuthResult:
    # The API passes an object for visitors too, which CKAN takes for that of an account.
    if authz.auth_is_anon_user(context):
        return {"success": False, "msg": tk._("Log in to choose what you are reminded of.")}
    return {"success": True}
