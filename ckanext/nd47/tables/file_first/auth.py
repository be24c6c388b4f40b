"""Authorisation of the actions on datasets that begin with their file."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.tables.file_first import schema
from ckanext.nd47.tables.logic import schema as references

__all__ = ["nd47_dataset_create_from_file", "nd47_file_check_quick"]


def nd47_dataset_create_from_file(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may create a dataset for the agency."""
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    agency = schema.agency(data_dict)
    return authz.is_authorized("package_create", own, {"owner_org": agency} if agency else {})


def nd47_file_check_quick(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may edit the dataset that the file is for."""
    tk.check_access("package_update", context, {"id": references.reference(data_dict)})
    return {"success": True}
