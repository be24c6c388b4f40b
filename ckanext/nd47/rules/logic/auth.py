"""Authorisation of the actions about rules."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthResult, Context, DataDict

__all__ = ["nd47_rule_check", "nd47_rule_list"]


@tk.auth_allow_anonymous_access
def nd47_rule_check(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody may check a dataset that they may see, and editors all datasets of their agency.

    Only sysadmins may check all datasets of the portal.
    """
    if isinstance(data_dict.get("id"), str) and data_dict["id"]:
        return authz.is_authorized("package_show", context, {"id": data_dict["id"]})
    owner_org = data_dict.get("owner_org")
    if isinstance(owner_org, str) and authz.has_user_permission_for_group_or_org(
        owner_org, context.get("user"), "update_dataset"
    ):
        return {"success": True}
    return {"success": False, "msg": tk._("Only editors of an agency may check all its datasets.")}


@tk.auth_allow_anonymous_access
def nd47_rule_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody may read the rules."""
    return {"success": True}
