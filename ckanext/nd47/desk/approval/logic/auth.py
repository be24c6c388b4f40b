"""Authorisation of the actions of the approval."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context, DataDict

from ckanext.nd47.desk.approval import cases, shown
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.axes import Approval
from ckanext.nd47.desk.approval.steps import approvers, chain
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_approval_decide",
    "nd47_approval_discard",
    "nd47_approval_history",
    "nd47_approval_list",
    "nd47_approval_send",
    "nd47_approval_setting_list",
    "nd47_approval_setting_update",
    "nd47_approval_show",
    "nd47_publication_publish",
    "nd47_publication_resume",
    "nd47_publication_schedule",
    "nd47_publication_suspend",
    "nd47_publication_withdraw",
    "package_show",
]


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_show(next_auth: Any, context: Context, data_dict: DataDict | None) -> AuthResult:
    """Let who decides about a dataset that waits read it, besides those who read it anyway."""
    result: AuthResult = next_auth(context, data_dict)
    name = context.get("user") or ""
    if result.get("success") or not name or not tables.ready():
        return result
    package = context.get("package") or model.Package.get((data_dict or {}).get("id"))
    case = cases.read(package.id) if package is not None else None
    if package is None or case is None or case.approval != Approval.WAITING.value:
        return result
    decides = approvers.decides(model.User.get(name), case.step_kind, package.owner_org)
    return {"success": True} if decides else result


@tk.auth_disallow_anonymous_access
def nd47_approval_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Who edits the dataset, and who decides about datasets of its agency."""
    package = _package(data_dict)
    if package is not None and shown.may_read(context.get("user") or "", package):
        return {"success": True}
    return _refused()


@tk.auth_disallow_anonymous_access
def nd47_approval_history(context: Context, data_dict: DataDict) -> AuthResult:
    """As for the approval itself."""
    return nd47_approval_show(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_approval_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Accounts only; the list has what waits for the account."""
    return {"success": True} if context.get("user") else _refused()


@tk.auth_disallow_anonymous_access
def nd47_approval_send(context: Context, data_dict: DataDict) -> AuthResult:
    """Who edits the dataset."""
    return _edits(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_approval_decide(context: Context, data_dict: DataDict) -> AuthResult:
    """Who decides at a step of the agencies of all these datasets."""
    user = model.User.get(context.get("user") or "")
    ids = data_dict.get("ids")
    references = ids.split(",") if isinstance(ids, str) else ids
    if user is None or not isinstance(references, list):
        return {"success": user is not None}
    owners = {
        package.owner_org
        for package in _packages(
            [reference for reference in references if isinstance(reference, str)]
        )
    }
    if all(approvers.decides_anywhere(user, owner) for owner in owners):
        return {"success": True}
    return _refused()


@tk.auth_disallow_anonymous_access
def nd47_approval_discard(context: Context, data_dict: DataDict) -> AuthResult:
    """Who sent or proposed it and still edits the dataset, and who administers its agency."""
    package, user = _package(data_dict), model.User.get(context.get("user") or "")
    if package is None or user is None or not tables.ready():
        return _refused()
    if approvers.may_discard(user, cases.read(package.id), package.owner_org):
        return _edits(context, data_dict)
    return _refused()


@tk.auth_disallow_anonymous_access
def nd47_publication_schedule(context: Context, data_dict: DataDict) -> AuthResult:
    """Who edits the dataset or decides about it."""
    return _edits_or_decides(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_publication_publish(context: Context, data_dict: DataDict) -> AuthResult:
    """Who edits the dataset or decides about it; it has to be approved."""
    return _edits_or_decides(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_publication_suspend(context: Context, data_dict: DataDict) -> AuthResult:
    """Who edits the dataset or decides about it."""
    return _edits_or_decides(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_publication_withdraw(context: Context, data_dict: DataDict) -> AuthResult:
    """Who edits the dataset or decides about it."""
    return _edits_or_decides(context, data_dict)


@tk.auth_disallow_anonymous_access
def nd47_publication_resume(context: Context, data_dict: DataDict) -> AuthResult:
    """Who decides about the dataset; without approval who edits it."""
    package = _package(data_dict)
    if package is not None and chain.rule_for(package.owner_org).required:
        return _decides(context, package)
    return _edits(context, data_dict)


def nd47_approval_setting_list(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators."""
    return {"success": False, "msg": tk._("Need to be system administrator to administer")}


def nd47_approval_setting_update(context: Context, data_dict: DataDict) -> AuthResult:
    """System administrators."""
    return {"success": False, "msg": tk._("Need to be system administrator to administer")}


def _edits(context: Context, data_dict: DataDict) -> AuthResult:
    package = _package(data_dict)
    if package is None:
        return _refused()
    user = context.get("user") or ""
    return {
        "success": bool(user)
        and authz.is_authorized_boolean(
            "package_update",
            Context(user=user, auth_user_obj=context.get("auth_user_obj")),
            {"id": package.id},
        )
    }


def _decides(context: Context, package: model.Package) -> AuthResult:
    user = model.User.get(context.get("user") or "")
    decides = approvers.decides_anywhere(user, package.owner_org)
    return {"success": True} if decides else _refused()


def _edits_or_decides(context: Context, data_dict: DataDict) -> AuthResult:
    package = _package(data_dict)
    if package is None:
        return _refused()
    if _edits(context, data_dict).get("success"):
        return {"success": True}
    return _decides(context, package)


def _package(data_dict: DataDict) -> model.Package | None:
    reference = data_dict.get("id")
    if not isinstance(reference, str) or not inputs.storable(reference):
        return None
    return model.Package.get(reference)


def _packages(references: list[str]) -> list[model.Package]:
    table: Any = model.Package
    wanted = [reference.strip() for reference in references if inputs.storable(reference)]
    query = model.Session.query(table).filter(table.id.in_(wanted) | table.name.in_(wanted))
    return list(query)


def _refused() -> AuthResult:
    return {"success": False, "msg": tk._("Your account does not do this for this agency.")}
