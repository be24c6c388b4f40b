"""Authorisation of the actions on decisions about personal data: who may edit the file."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.tables.logic import schema

__all__ = ["nd47_personal_data_decide", "nd47_personal_data_decision_list"]


def nd47_personal_data_decide(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may edit the file."""
    return _who_may_edit(context, data_dict)


def nd47_personal_data_decision_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may edit the file."""
    return _who_may_edit(context, data_dict)


def _who_may_edit(context: Context, data_dict: DataDict) -> AuthResult:
    tk.check_access("resource_update", context, {"id": schema.reference(data_dict)})
    return {"success": True}
