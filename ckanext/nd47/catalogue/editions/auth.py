"""Authorisation of the actions of the catalogues."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.catalogue.logic import rights, schema
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.catalogue.records import stored
from ckanext.nd47.catalogue.records.model import KINDS, Catalogue

__all__ = [
    "nd47_catalogue_compare",
    "nd47_catalogue_create",
    "nd47_catalogue_delete",
    "nd47_catalogue_dispatch",
    "nd47_catalogue_file_add",
    "nd47_catalogue_history",
    "nd47_catalogue_issue",
    "nd47_catalogue_list",
    "nd47_catalogue_new_edition",
    "nd47_catalogue_propose",
    "nd47_catalogue_return",
    "nd47_catalogue_show",
    "nd47_catalogue_update",
]


@tk.auth_allow_anonymous_access
def nd47_catalogue_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody; drafts are listed for accounts with a role in an agency."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def nd47_catalogue_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Everybody where it is issued, otherwise accounts with a role in an agency."""
    return reads(context, catalogue(data_dict))


@tk.auth_allow_anonymous_access
def nd47_catalogue_compare(context: Context, data_dict: DataDict) -> AuthResult:
    """Who reads both editions."""
    for name in ("id", "other"):
        edition = catalogue(data_dict, name)
        if not reads(context, edition).get("success"):
            return refused()
    return {"success": True}


@tk.auth_disallow_anonymous_access
def nd47_catalogue_history(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts with a role in an agency."""
    return {"success": rights.of(context).reads_drafts}


@tk.auth_disallow_anonymous_access
def nd47_catalogue_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles catalogues of this kind of this agency."""
    reference = data_dict.get("agency")
    kind = data_dict.get("kind")
    account = rights.of(context)
    if not reference or not kind:
        return {"success": account.compiles_anything}
    agency = schema.agency(data_dict)
    agency_id = agency.id if agency else ""
    if not isinstance(kind, str) or kind not in KINDS:
        return {"success": account.compiles_anything}
    return {"success": True} if account.may_compile(kind, agency_id) else refused()


@tk.auth_disallow_anonymous_access
def nd47_catalogue_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue."""
    return compiles(context, catalogue(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue."""
    return compiles(context, catalogue(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_propose(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue."""
    return compiles(context, catalogue(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_return(context: Context, data_dict: DataDict) -> AuthResult:
    """Who issues the catalogue, or compiles it."""
    edition = catalogue(data_dict)
    account = rights.of(context)
    if edition is None:
        return {"success": account.everything}
    allowed = account.issues(edition) or account.compiles_this(edition)
    return {"success": True} if allowed else refused()


@tk.auth_disallow_anonymous_access
def nd47_catalogue_issue(context: Context, data_dict: DataDict) -> AuthResult:
    """Leaders of the agency of the catalogue or of one above, and approvers of that agency."""
    edition = catalogue(data_dict)
    account = rights.of(context)
    if edition is None:
        return {"success": account.everything}
    return {"success": True} if account.issues(edition) else refused()


@tk.auth_disallow_anonymous_access
def nd47_catalogue_new_edition(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue."""
    return compiles(context, catalogue(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_dispatch(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue."""
    return compiles(context, catalogue(data_dict))


@tk.auth_disallow_anonymous_access
def nd47_catalogue_file_add(context: Context, data_dict: DataDict) -> AuthResult:
    """Who compiles the catalogue or issues it."""
    return nd47_catalogue_return(context, data_dict)


def catalogue(data_dict: DataDict, name: str = "id") -> Catalogue | None:
    """Return the catalogue that an input names, None where there is none."""
    return stored.find_catalogue(data_dict.get(name)) if tables.ready() else None


def reads(context: Context, edition: Catalogue | None) -> AuthResult:
    """Return whether the account reads a catalogue; the action says that one is missing."""
    if edition is None or rights.of(context).may_read(edition):
        return {"success": True}
    return refused()


def compiles(context: Context, edition: Catalogue | None) -> AuthResult:
    """Return whether the account compiles a catalogue."""
    account = rights.of(context)
    if edition is None:
        return {"success": account.compiles_anything}
    return {"success": True} if account.compiles_this(edition) else refused()


def refused() -> AuthResult:
    """Return the refusal."""
    return rights.refused(tk._("Your account does not do this for this catalogue."))
