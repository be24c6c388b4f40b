"""What happens after the forms of datasets and resources are sent.

`then` in the address of a form says where to go once it is saved: `stay` for the button that saves
the draft, `previous` for the step before. A form that is sent after the session has ended leads to
the log-in page and back; the browser still has what was typed (`kept.js`) and is told by a cookie
when it was saved.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, current_app, g, has_request_context, redirect, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user

import ckan.plugins.toolkit as tk

__all__ = ["nd47_form_saving"]

nd47_form_saving = Blueprint("nd47_form_saving", __name__)

FORMS = {
    "": frozenset(
        {
            "new",
            "edit",
            "scheming_new",
            "scheming_edit",
            "scheming_new_page",
            "scheming_edit_page",
        }
    ),
    "_resource": frozenset({"new", "edit"}),
}
"""Views with a form, by the ending of the blueprint of a dataset type."""

OTHERS: set[str] = set()
"""Further endpoints with a form that is kept in the browser, of other rooms."""

CREATED = "nd47_created"
"""Name in `g` for the name of the dataset that a request has created."""

THEN = "then"
STAY = "stay"
PREVIOUS = "previous"
SENT = "nd47-sent"
SAVED = "nd47-saved"
SECONDS = 3600
"""How long the browser is told what was saved; the next page reads it."""

CKAN_FIRST = "ckan_before_request"
"""CKAN's function that every request needs, also one that is answered early."""

ENTRY = re.compile(r"[0-9a-f]{8,40}")
FOUND = 302


@nd47_form_saving.record
def _ask_first(state: BlueprintSetupState) -> None:
    """Put the check of the session before that of the token, which answers 400 without one."""
    checks = state.app.before_request_funcs.setdefault(None, [])
    names = [check.__name__ for check in checks]
    checks.insert(names.index(CKAN_FIRST) + 1 if CKAN_FIRST in names else 0, log_in_first)


def log_in_first() -> Any:
    """Send somebody whose session has ended to log in, and back to the form."""
    if not _is_sent_form() or current_user.is_authenticated:
        return None
    tk.h.flash_error(
        tk._("Your session has ended. Log in: what you typed is kept in this browser.")
    )
    return redirect(tk.h.url_for("user.login", came_from=request.path))


@nd47_form_saving.after_app_request
def after_saving(response: Response) -> Response:
    """Go where the button says, and tell the browser that the form was saved."""
    if response.status_code != FOUND or not _is_sent_form() or not current_user.is_authenticated:
        return response
    address = _address(request.args.get(THEN, "")) or _address_of_new()
    if address:
        response.location = address
    entry = request.cookies.get(SENT, "")
    if ENTRY.fullmatch(entry):
        response.set_cookie(
            SAVED, entry, max_age=SECONDS, secure=request.is_secure, samesite="Lax", httponly=False
        )
        response.delete_cookie(SENT)
    return response


def dataset_type_of_form() -> str:
    """Return the dataset type of the form of a request, empty if it is none of a dataset."""
    blueprint, _, view = (request.endpoint or "").rpartition(".")
    for ending, views in FORMS.items():
        dataset_type = blueprint.removesuffix(ending)
        is_type = dataset_type == "dataset" or dataset_type in _types()
        if view in views and blueprint == dataset_type + ending and is_type:
            return dataset_type
    return ""


def _types() -> Any:
    return tk.h.scheming_dataset_schemas() or {}


def _is_sent_form() -> bool:
    if request.method != "POST":
        return False
    return request.endpoint in OTHERS or bool(dataset_type_of_form())


def _address(then: str) -> str:
    """Return where to go, empty for where CKAN goes."""
    dataset_type = dataset_type_of_form()
    arguments = request.view_args or {}
    if then not in (STAY, PREVIOUS) or not dataset_type:
        return ""
    if then == STAY:
        tk.h.flash_success(tk._("The draft was saved."))
    if str(request.blueprint).endswith("_resource"):
        if then == STAY:
            return tk.h.url_for(f"{dataset_type}.read", id=arguments["id"])
        return _page(dataset_type, arguments["id"], _last_page(dataset_type))
    reference = arguments.get("id") or g.get(CREATED) or request.form.get("name", "")
    page = _number(arguments.get("page")) - (then == PREVIOUS)
    return _page(dataset_type, reference, max(page, 1)) if reference else ""


def _address_of_new() -> str:
    """Return the second page of a new dataset if its name is not the one that was sent.

    ckanext-scheming leads to the name in the form, which may be empty: the portal makes it from the
    title then.
    """
    created = g.get(CREATED, "")
    if not created or request.view_args and "id" in request.view_args:
        return ""
    dataset_type = dataset_type_of_form()
    if created == request.form.get("name") or _last_page(dataset_type) == 1:
        return ""
    return _page(dataset_type, created, 2)


def note_created(dataset: dict[str, Any]) -> None:
    """Note the name of a dataset that the form of a request creates."""
    if has_request_context() and dataset_type_of_form():
        setattr(g, CREATED, dataset["name"])


def _page(dataset_type: str, reference: str, page: int) -> str:
    endpoint = f"{dataset_type}.scheming_new_page"
    if endpoint not in current_app.view_functions:
        return tk.h.url_for(f"{dataset_type}.edit", id=reference)
    return tk.h.url_for(endpoint, id=reference, page=page)


def _last_page(dataset_type: str) -> int:
    return max(len(tk.h.scheming_get_dataset_form_pages(dataset_type) or []), 1)


def _number(page: Any) -> int:
    text = str(page or "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("100") else 1
