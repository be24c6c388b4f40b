"""Authorisation of the actions of publication: those who may edit the dataset."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_dataset_publish",
    "nd47_period_add",
    "nd47_period_propose",
    "nd47_publication_review",
]


def nd47_publication_review(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the dataset."""
    return _editors(context, data_dict)


def nd47_dataset_publish(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the dataset."""
    return _editors(context, data_dict)


def nd47_period_propose(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the dataset."""
    return _editors(context, data_dict)


def nd47_period_add(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors of the dataset."""
    return _editors(context, data_dict)


def _editors(context: Context, data_dict: DataDict) -> AuthResult:
    reference = data_dict.get("id")
    package = None
    if isinstance(reference, str) and inputs.storable(reference):
        package = model.Package.get(reference)
    if package is None:
        if authz.auth_is_anon_user(context):
            return {"success": False, "msg": tk._("Log in to publish data.")}
        return {"success": True}
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    return authz.is_authorized("package_update", own, {"id": package.id})
