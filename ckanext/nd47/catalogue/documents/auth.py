"""Authorisation of the actions of the documents."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.catalogue.documents import model as imports
from ckanext.nd47.catalogue.documents.model import Import
from ckanext.nd47.catalogue.logic import rights, schema
from ckanext.nd47.catalogue.records import stored
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_catalogue_import_apply",
    "nd47_catalogue_import_columns",
    "nd47_catalogue_import_preview",
    "nd47_catalogue_import_show",
    "nd47_catalogue_import_undo",
    "nd47_catalogue_table",
]


@tk.auth_disallow_anonymous_access
def nd47_catalogue_import_preview(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue; with `agency` who proposes items of this agency."""
    account = rights.of(context)
    if data_dict.get("agency"):
        agency = schema.agency(data_dict)
        if agency is None:
            return _allowed(is_allowed=account.has_role)
        return _allowed(is_allowed=account.may_propose(agency.id))
    catalogue = stored.find_catalogue(data_dict.get("id")) if imports.ready() else None
    if catalogue is None:
        return _allowed(is_allowed=account.compiles_anything)
    return _allowed(is_allowed=account.compiles_this(catalogue))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_import_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The account that sent the table, while it may still do what the table does."""
    reference = data_dict.get("id")
    table_import = None
    if imports.ready() and isinstance(reference, str) and inputs.storable(reference):
        table_import = model.Session.get(Import, reference)
    account = rights.of(context)
    if table_import is None:
        return _allowed(is_allowed=account.has_role)
    if account.everything:
        return {"success": True}
    if table_import.account != account.user_id:
        return _allowed(is_allowed=False)
    parameters = {"id": table_import.catalogue_id, "agency": table_import.agency_id}
    return nd47_catalogue_import_preview(context, parameters)


@tk.auth_disallow_anonymous_access
def nd47_catalogue_import_columns(context: Context, data_dict: DataDict) -> AuthResult:
    """As for `nd47_catalogue_import_show`."""
    return nd47_catalogue_import_show(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_catalogue_import_apply(context: Context, data_dict: DataDict) -> AuthResult:
    """As for `nd47_catalogue_import_show`."""
    return nd47_catalogue_import_show(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_catalogue_import_undo(context: Context, data_dict: DataDict) -> AuthResult:
    """As for `nd47_catalogue_import_show`."""
    return nd47_catalogue_import_show(context, data_dict)


@tk.auth_allow_anonymous_access
def nd47_catalogue_table(context: Context, data_dict: DataDict) -> AuthResult:
    """Who reads the edition."""
    catalogue = stored.find_catalogue(data_dict.get("id")) if imports.ready() else None
    if catalogue is None or rights.of(context).may_read(catalogue):
        return {"success": True}
    return _allowed(is_allowed=False)


def _allowed(*, is_allowed: bool) -> AuthResult:
    message = tk._("Your account does not do this with catalogues.")
    return {"success": True} if is_allowed else rights.refused(message)
