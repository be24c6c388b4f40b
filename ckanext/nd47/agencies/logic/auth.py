"""Who may do what with the register.

The administrators of an agency keep its entry and its focal points, its editors read them, system
administrators do everything, everybody sees the public fields of those in office.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ckanext.nd47.agencies import focal_points, public, register
from ckanext.nd47.lib import config

__all__ = [
    "nd47_agency_create",
    "nd47_agency_delete",
    "nd47_agency_list",
    "nd47_agency_show",
    "nd47_agency_update",
    "nd47_focal_point_adopt",
    "nd47_focal_point_alerts",
    "nd47_focal_point_create",
    "nd47_focal_point_delete",
    "nd47_focal_point_document",
    "nd47_focal_point_list",
    "nd47_focal_point_show",
    "nd47_focal_point_succeed",
    "nd47_focal_point_update",
    "nd47_register_history",
    "nd47_register_import",
    "member_list",
    "organization_create",
]


@tk.auth_allow_anonymous_access
def nd47_agency_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody: an entry has no personal field."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def nd47_agency_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody."""
    return {"success": True}


def nd47_agency_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Administrators of the organisation, or who may make one."""
    found = _agency_id(data_dict.get("organization"))
    if found:
        return _needs(context, found, "admin")
    return authz.is_authorized("organization_create", context, {})


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def member_list(
    next_auth: AuthFunction, context: Context, data_dict: DataDict | None
) -> AuthResult:
    """Accounts of a portal that does not show its accounts to everybody; else as CKAN has it.

    CKAN hides account pages then, but not the page of an agency's members.
    """
    hidden = not tk.config["ckan.auth.public_user_details"]
    data = data_dict or {}
    kind = data.get("object_type") or "user"
    if hidden and kind == "user" and not context.get("user"):
        return _refused()
    return next_auth(context, data)


@tk.chained_auth_function
def organization_create(
    next_auth: AuthFunction, context: Context, data_dict: DataDict | None
) -> AuthResult:
    """System administrators; others where the portal says so and CKAN's own option allows it.

    Whoever makes an organisation makes an agency, with a code and a place in the export.
    """
    if config.users_create_agencies():
        return next_auth(context, data_dict or {})
    return {
        "success": False,
        "msg": tk._("Agencies are entered by the administrators of the portal. Ask one of them."),
    }


def nd47_agency_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Administrators of the agency."""
    return _needs(context, _agency_id(data_dict.get("id")), "admin")


def nd47_agency_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators: an entry takes its history of codes with it."""
    return _refused()


@tk.auth_allow_anonymous_access
def nd47_focal_point_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody; what is shown depends on who asks."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def nd47_focal_point_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody for those in office; other terms only to who reads the agency's register."""
    if not _is_true(data_dict.get("all_terms")):
        return {"success": True}
    return _needs(context, _agency_id(data_dict.get("agency")), "editor")


def nd47_focal_point_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Administrators of the agency."""
    return _needs(context, _agency_id(data_dict.get("agency")), "admin")


def nd47_focal_point_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Administrators of the agency."""
    return _needs(context, _agency_of(data_dict), "admin")


nd47_focal_point_delete = nd47_focal_point_update
nd47_focal_point_succeed = nd47_focal_point_update


def nd47_focal_point_document(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the agency."""
    return _needs(context, _agency_of(data_dict), "editor")


def nd47_focal_point_alerts(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors for their own agency; system administrators for all."""
    return _needs(context, _agency_id(data_dict.get("agency")), "editor")


def nd47_register_history(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the agency."""
    return _needs(context, _agency_id(data_dict.get("agency")), "editor")


def nd47_focal_point_adopt(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators: it goes through the datasets of all agencies."""
    return _refused()


def nd47_register_import(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators: a file may name any agency."""
    return _refused()


def _needs(context: Context, agency_id: str | None, wanted: public.Level) -> AuthResult:
    if agency_id is None:
        return _refused()
    if public.at_least(context, agency_id, wanted):
        return {"success": True}
    return _refused()


def _refused() -> AuthResult:
    # CKAN never asks for a system administrator.
    return {"success": False, "msg": tk._("You may not do this with the register of this agency.")}


def _is_true(value: Any) -> bool:
    """Say whether a flag is set; what is no flag may ask for everything."""
    try:
        return tk.asbool(value)
    except ValueError:
        return True


def _agency_id(reference: Any) -> str | None:
    return register.by_reference(reference) if reference and isinstance(reference, str) else None


def _agency_of(data_dict: DataDict) -> str | None:
    reference = data_dict.get("id")
    found = focal_points.find(reference) if reference and isinstance(reference, str) else None
    return found.agency_id if found else None
