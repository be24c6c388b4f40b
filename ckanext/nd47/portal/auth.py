"""Authorisation: hides accounts and members from visitors while the plugin is enabled."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthResult, Context, DataDict

__all__ = ["member_list"]


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def member_list(original: Any, context: Context, data_dict: DataDict | None) -> AuthResult:
    """Show the members of an agency or a group only to logged-in users."""
    if (data_dict or {}).get("object_type") != "package" and authz.auth_is_anon_user(context):
        return {"success": False, "msg": tk._("Log in to see the members.")}
    return original(context, data_dict)
