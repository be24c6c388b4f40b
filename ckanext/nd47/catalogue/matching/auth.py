"""Authorisation of the actions on items and datasets."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.catalogue.editions.auth import catalogue, compiles, refused
from ckanext.nd47.catalogue.logic import rights
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.catalogue.records import stored
from ckanext.nd47.catalogue.records.model import Catalogue
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_catalogue_gaps",
    "nd47_catalogue_link",
    "nd47_catalogue_match",
    "nd47_catalogue_of_dataset",
    "nd47_catalogue_unlink",
]


@tk.auth_disallow_anonymous_access
def nd47_catalogue_match(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue."""
    return compiles(context, catalogue(data_dict, "catalogue"))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_gaps(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts with a role in an agency."""
    return {"success": rights.of(context).reads_drafts}


@tk.auth_disallow_anonymous_access
def nd47_catalogue_link(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue; editors of the providing agency with datasets they edit."""
    named_edition = catalogue(data_dict, "catalogue") if data_dict.get("catalogue") else None
    reference = data_dict.get("id")
    item = (
        stored.find_item(reference, named_edition.id if named_edition else "")
        if tables.ready()
        else None
    )
    account = rights.of(context)
    if item is None:
        return {"success": account.compiles_anything}
    edition = model.Session.get_one(Catalogue, item.catalogue_id)
    if account.compiles_this(edition):
        return {"success": True}
    edits = item.provider_id in account.edits and _edits_all(context, data_dict)
    return {"success": True} if edits else refused()


@tk.auth_disallow_anonymous_access
def nd47_catalogue_unlink(context: Context, data_dict: DataDict) -> AuthResult:
    """As to link; the agency takes away its own datasets only."""
    return nd47_catalogue_link(context, data_dict)


@tk.auth_allow_anonymous_access
def nd47_catalogue_of_dataset(context: Context, data_dict: DataDict) -> AuthResult:
    """Who reads the dataset."""
    reference = data_dict.get("id")
    if not isinstance(reference, str) or not inputs.storable(reference):
        return {"success": True}
    package = model.Package.get(reference)
    if package is None:
        return {"success": True}
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    return {"success": authz.is_authorized_boolean("package_show", own, {"id": package.id})}


def _edits_all(context: Context, data_dict: DataDict) -> bool:
    """Return whether the account edits all datasets that an input names."""
    datasets = data_dict.get("datasets")
    references = datasets.split(",") if isinstance(datasets, str) else datasets
    if not isinstance(references, list):
        return False
    known = [
        reference
        for reference in references
        if isinstance(reference, str) and inputs.storable(reference)
    ]
    packages = [model.Package.get(reference) for reference in known]
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    return bool(packages) and all(
        package is not None
        and authz.is_authorized_boolean("package_update", own, {"id": package.id})
        for package in packages
    )
