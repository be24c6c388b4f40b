"""Authorisation of the actions of the hand-over."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.catalogue.reports import access

__all__ = [
    "nd47_handover_answer",
    "nd47_handover_compare",
    "nd47_handover_create",
    "nd47_handover_dataset_list",
    "nd47_handover_list",
    "nd47_handover_result",
    "nd47_handover_show",
]


def nd47_handover_list(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators and accounts of the compiling agency."""
    return _compilers(context)


def nd47_handover_show(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators and accounts of the compiling agency."""
    return _compilers(context)


def nd47_handover_dataset_list(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators and accounts of the compiling agency."""
    return _compilers(context)


def nd47_handover_create(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators and accounts of the compiling agency."""
    return _compilers(context)


def nd47_handover_answer(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators and accounts of the compiling agency."""
    return _compilers(context)


def nd47_handover_result(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators and accounts of the compiling agency."""
    return _compilers(context)


def nd47_handover_compare(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators and accounts of the compiling agency."""
    return _compilers(context)


def _compilers(context: Context) -> AuthResult:
    if access.of(context).decides:
        return {"success": True}
    message = tk._("The compiling agency keeps the book of the national hand-over.")
    return {"success": False, "msg": message}
