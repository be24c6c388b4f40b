"""Authorisation of the actions on items and proposals."""

from __future__ import annotations

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.catalogue.editions.auth import catalogue, compiles, reads, refused
from ckanext.nd47.catalogue.logic import rights, schema
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.catalogue.records import stored
from ckanext.nd47.catalogue.records.model import Catalogue, Item, Proposal
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_catalogue_item_create",
    "nd47_catalogue_item_delete",
    "nd47_catalogue_item_list",
    "nd47_catalogue_item_propose",
    "nd47_catalogue_item_show",
    "nd47_catalogue_item_status",
    "nd47_catalogue_item_update",
    "nd47_catalogue_proposal_decide",
    "nd47_catalogue_proposal_list",
]


@tk.auth_allow_anonymous_access
def nd47_catalogue_item_list(context: Context, data_dict: DataDict) -> AuthResult:
    """As for the catalogue; without one, everybody, about what is issued."""
    return reads(context, catalogue(data_dict, "catalogue"))


@tk.auth_allow_anonymous_access
def nd47_catalogue_item_show(context: Context, data_dict: DataDict) -> AuthResult:
    """As for its catalogue."""
    item = _item(data_dict)
    return reads(context, _of_item(item))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_item_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue."""
    return compiles(context, catalogue(data_dict, "catalogue"))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_item_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles its catalogue."""
    return compiles(context, _of_item(_item(data_dict)))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_item_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles its catalogue."""
    return compiles(context, _of_item(_item(data_dict)))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_item_status(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles its catalogue, and editors of the agency that provides the data."""
    item = _item(data_dict)
    edition = _of_item(item)
    account = rights.of(context)
    if item is None or edition is None:
        return {"success": account.compiles_anything}
    allowed = account.compiles_this(edition) or item.provider_id in account.edits
    return {"success": True} if allowed else refused()


@tk.auth_disallow_anonymous_access
def nd47_catalogue_item_propose(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the agency that proposes, and who compiles."""
    reference = data_dict.get("agency")
    account = rights.of(context)
    if not isinstance(reference, str) or not reference or not inputs.storable(reference):
        return {"success": account.compiles_anything}
    agency = schema.agency(data_dict)
    return {"success": True} if account.may_propose(agency.id if agency else "") else refused()


@tk.auth_disallow_anonymous_access
def nd47_catalogue_proposal_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts with a role in an agency."""
    return {"success": rights.of(context).reads_drafts}


@tk.auth_disallow_anonymous_access
def nd47_catalogue_proposal_decide(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogues of all these proposals; the agency takes back its own."""
    ids = data_dict.get("ids")
    references = ids.split(",") if isinstance(ids, str) else ids
    account = rights.of(context)
    if account.everything or not isinstance(references, list) or not tables.ready():
        return {"success": account.compiles_anything}
    known = [
        reference
        for reference in references
        if isinstance(reference, str) and inputs.storable(reference)
    ]
    declines = data_dict.get("decision") == "decline"
    rows = model.Session.execute(
        sa.select(Proposal.agency_id, Catalogue)
        .join(Catalogue, Catalogue.id == Proposal.catalogue_id)
        .where(Proposal.id.in_(known))
    ).tuples()
    allowed = [
        account.compiles_this(edition) or (declines and agency_id in account.edits)
        for agency_id, edition in rows
    ]
    return {"success": True} if account.compiles_anything and all(allowed) else refused()


def _item(data_dict: DataDict) -> Item | None:
    if not tables.ready():
        return None
    edition = catalogue(data_dict, "catalogue") if data_dict.get("catalogue") else None
    return stored.find_item(data_dict.get("id"), edition.id if edition else "")


def _of_item(item: Item | None) -> Catalogue | None:
    return model.Session.get(Catalogue, item.catalogue_id) if item else None
