"""Authorisation of the actions on checks of files."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.tables.logic import schema

__all__ = [
    "nd47_file_check",
    "nd47_file_check_list",
    "nd47_file_check_request",
    "nd47_file_columns",
    "nd47_table_columns",
    "nd47_table_columns_update",
    "nd47_table_schema",
    "nd47_table_schema_update",
]


def nd47_file_check(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may edit the file."""
    return _who_may_edit(context, data_dict)


def nd47_file_check_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may edit the dataset."""
    tk.check_access("package_update", context, {"id": schema.reference(data_dict)})
    return {"success": True}


def nd47_file_check_request(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may edit the file."""
    return _who_may_edit(context, data_dict)


@tk.auth_allow_anonymous_access
def nd47_file_columns(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody, about what is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def nd47_table_columns(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may see the file."""
    tk.check_access("resource_show", context, {"id": schema.reference(data_dict)})
    return {"success": True}


def nd47_table_columns_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may edit the file."""
    return _who_may_edit(context, data_dict)


@tk.auth_allow_anonymous_access
def nd47_table_schema(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may see the file."""
    tk.check_access("resource_show", context, {"id": schema.reference(data_dict)})
    return {"success": True}


def nd47_table_schema_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may edit the file."""
    return _who_may_edit(context, data_dict)


def _who_may_edit(context: Context, data_dict: DataDict) -> AuthResult:
    # CKAN's own function reports a resource that does not exist as not found.
    tk.check_access("resource_update", context, {"id": schema.reference(data_dict)})
    return {"success": True}
