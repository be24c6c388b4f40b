"""Authorisation of the actions of the spreadsheet."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.desk.bulk import editable

__all__ = ["nd47_spreadsheet_preview", "nd47_spreadsheet_show"]


def nd47_spreadsheet_preview(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts that edit datasets of an agency; rows of other agencies are refused one by one."""
    seen = editable.of(context)
    if seen.everything or seen.edits:
        return {"success": True}
    return {
        "success": False,
        "msg": tk._("The spreadsheet is for accounts that edit datasets of an agency."),
    }


def nd47_spreadsheet_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The account that sent the table."""
    try:
        tk.check_access("nd47_bulk_show", context, {"id": data_dict.get("id")})
    except tk.NotAuthorized as error:
        return {"success": False, "msg": error.message}
    return {"success": True}
