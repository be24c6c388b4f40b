"""Authorization of the register's actions.

Administrators of an agency edit its entry and its focal points, its editors read them, and system
administrators may do everything. Everybody sees the public fields of focal points in office.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ckanext.nd47.agencies import focal_points, register
from ckanext.nd47.agencies.access import permissions
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
    """Everybody: an entry has no personal fields."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def nd47_agency_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody."""
    return {"success": True}


def nd47_agency_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Administrators of the organisation, or accounts that may create one."""
    agency_id = _agency_id(data_dict.get("organization"))
    if agency_id:
        return _requires(context, agency_id, "admin")
    return authz.is_authorized("organization_create", context, {})


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def member_list(
    next_auth: AuthFunction, context: Context, data_dict: DataDict | None
) -> AuthResult:
    """Accounts only, on a portal that hides its accounts from the public; else as in CKAN.

    CKAN then hides the pages of accounts, but not the list of an organisation's members.
    """
    hidden = not tk.config[config.PUBLIC_USER_DETAILS]
    data = data_dict or {}
    kind = data.get("object_type") or "user"
    if hidden and kind == "user" and not context.get("user"):
        return _refused()
    return next_auth(context, data)


@tk.chained_auth_function
def organization_create(
    next_auth: AuthFunction, context: Context, data_dict: DataDict | None
) -> AuthResult:
    """System administrators; others if the portal's option and CKAN's own option allow it.

    A new organisation is a new agency, with a code and a record in the export.
    """
    if config.users_create_agencies():
        return next_auth(context, data_dict or {})
    return {
        "success": False,
        "msg": tk._("Agencies are entered by the administrators of the portal. Ask one of them."),
    }


def nd47_agency_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Administrators of the agency."""
    return _requires(context, _agency_id(data_dict.get("id")), "admin")


def nd47_agency_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators."""
    return _refused()


@tk.auth_allow_anonymous_access
def nd47_focal_point_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody; the fields depend on the account."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def nd47_focal_point_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody for focal points in office; editors of the agency for all terms."""
    if not _is_true(data_dict.get("all_terms")):
        return {"success": True}
    return _requires(context, _agency_id(data_dict.get("agency")), "editor")


def nd47_focal_point_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Administrators of the agency."""
    return _requires(context, _agency_id(data_dict.get("agency")), "admin")


def nd47_focal_point_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Administrators of the agency."""
    return _requires(context, _agency_of(data_dict), "admin")


nd47_focal_point_delete = nd47_focal_point_update
nd47_focal_point_succeed = nd47_focal_point_update


def nd47_focal_point_document(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the agency."""
    return _requires(context, _agency_of(data_dict), "editor")


def nd47_focal_point_alerts(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors for their own agency; system administrators for all."""
    return _requires(context, _agency_id(data_dict.get("agency")), "editor")


def nd47_register_history(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the agency."""
    return _requires(context, _agency_id(data_dict.get("agency")), "editor")


def nd47_focal_point_adopt(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators: it changes datasets of all agencies."""
    return _refused()


def nd47_register_import(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators: a file may name any agency."""
    return _refused()


def _requires(context: Context, agency_id: str | None, required: permissions.Level) -> AuthResult:
    if agency_id is None:
        return _refused()
    if permissions.has_level(context, agency_id, required):
        return {"success": True}
    return _refused()


def _refused() -> AuthResult:
    # CKAN does not call auth functions for system administrators.
    return {"success": False, "msg": tk._("You may not do this with the register of this agency.")}


def _is_true(value: Any) -> bool:
    """Return whether a flag is set; an invalid value counts as set."""
    try:
        return tk.asbool(value)
    except ValueError:
        return True


def _agency_id(reference: Any) -> str | None:
    return register.organisation_id(reference) if reference and isinstance(reference, str) else None


def _agency_of(data_dict: DataDict) -> str | None:
    reference = data_dict.get("id")
    record = focal_points.get(reference) if reference and isinstance(reference, str) else None
    return record.agency_id if record else None
