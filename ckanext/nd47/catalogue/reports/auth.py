"""Authorisation of the actions of reports and scores."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.catalogue.reports import access

__all__ = [
    "nd47_leader_report_show",
    "nd47_report_evidence",
    "nd47_report_show",
    "nd47_report_text_show",
    "nd47_report_text_update",
    "nd47_report_trend",
    "nd47_score_dataset_list",
    "nd47_score_show",
    "nd47_score_summary",
    "nd47_score_todo",
]


@tk.auth_allow_anonymous_access
def nd47_report_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who answers for agencies, and everybody where the portal's reports are public."""
    return _readers(context)


@tk.auth_allow_anonymous_access
def nd47_report_trend(context: Context, data_dict: DataDict) -> AuthResult:
    """Who answers for agencies, and everybody where the portal's reports are public."""
    return _readers(context)


@tk.auth_allow_anonymous_access
def nd47_leader_report_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who answers for agencies, and everybody where the portal's reports are public."""
    return _readers(context)


@tk.auth_allow_anonymous_access
def nd47_score_todo(context: Context, data_dict: DataDict) -> AuthResult:
    """Who sees the work of agencies, and everybody where the portal's reports are public."""
    return _workers(context)


@tk.auth_allow_anonymous_access
def nd47_score_dataset_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Who sees the work of agencies, and everybody where the portal's reports are public."""
    return _workers(context)


@tk.auth_allow_anonymous_access
def nd47_score_summary(context: Context, data_dict: DataDict) -> AuthResult:
    """Who sees the work of agencies, and everybody where the portal's reports are public."""
    return _workers(context)


@tk.auth_allow_anonymous_access
def nd47_score_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who may read the dataset."""
    tk.check_access("package_show", context, {"id": data_dict.get("id")})
    return {"success": True}


def nd47_report_text_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who answers for agencies; which, the action decides."""
    return _offices(context)


def nd47_report_text_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Who answers for agencies; which, the action decides."""
    return _offices(context)


def nd47_report_evidence(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators and accounts of the compiling agency."""
    if access.of(context).decides:
        return {"success": True}
    return {"success": False, "msg": tk._("The compiling agency collects the evidence.")}


def _readers(context: Context) -> AuthResult:
    if access.of(context).is_empty:
        return {"success": False, "msg": _message()}
    return {"success": True}


def _workers(context: Context) -> AuthResult:
    if access.of_scores(context).is_empty:
        return {"success": False, "msg": _message()}
    return {"success": True}


def _offices(context: Context) -> AuthResult:
    if access.of(context).texts:
        return {"success": True}
    return {"success": False, "msg": _message()}


def _message() -> str:
    return tk._("Reports are for leaders, the compiling agency and administrators of agencies.")
