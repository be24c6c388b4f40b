"""Pages of the administrators of the portal: levels of rules, and roles in agencies."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.work_list import labels
from ckanext.nd47.desk.work_list import model as tables
from ckanext.nd47.lib import config, inputs
from ckanext.nd47.lib.web import http, pages
from ckanext.nd47.rules import edition

__all__ = ["nd47_desk_admin"]

nd47_desk_admin = Blueprint("nd47_desk_admin", __name__, url_prefix="/ckan-admin/nd47-work")

ROLE_FIELDS = ("agency", "user", "role")

FIELD = "level-"
"""Start of the name of a rule's field in the form."""


nd47_desk_admin.before_request(pages.require_sysadmin(tables, "nd47_rule_effects"))


nd47_desk_admin.before_request(http.require_csrf_token)


@nd47_desk_admin.get("/rules")
def rules() -> str:
    """Show the rules with their levels and the datasets that do not meet them."""
    return _rules_page(None)


@nd47_desk_admin.post("/rules")
def save_rules() -> str | Response:
    """Show what the chosen levels would refuse, or save them."""
    levels = _chosen()
    if "preview" in tk.request.form:
        return _rules_page(levels)
    if levels != edition.stored_levels(config.rule_levels()):
        tk.get_action("config_option_update")(http.user_context(), {config.RULES: levels})
    tk.h.flash_success(tk._("The levels of the rules were saved."))
    return tk.redirect_to("nd47_desk_admin.rules")


def _chosen() -> str:
    """Return the levels of the form as the option stores them; invalid values are left out."""
    chosen = {
        name.removeprefix(FIELD): level
        for name, level in tk.request.form.items()
        if name.startswith(FIELD) and level in edition.CHOICES
    }
    # Levels of rules that the form does not show, of another edition, stay as they are.
    stored, _ = edition.read_levels(config.rule_levels())
    shown = {rule.id for rule, _ in next(iter(edition.applied().values())).rules}
    kept = {rule: level.value for rule, level in stored.items() if rule not in shown}
    known = {rule: level for rule, level in chosen.items() if rule in shown}
    return "\n".join(f"{rule}: {level}" for rule, level in (kept | known).items())


def _rules_page(levels: str | None) -> str:
    data = {} if levels is None else {"levels": levels}
    effects = tk.get_action("nd47_rule_effects")(http.user_context(), data)
    proposed, _ = edition.read_levels(config.rule_levels() if levels is None else levels)
    return tk.render(
        "nd47_desk/rules.html",
        {
            "effects": effects,
            "chosen": {rule: level.value for rule, level in proposed.items()},
            "choices": {code: labels.levels()[code] for code in edition.CHOICES},
            "levels": labels.levels(),
            "previewed": levels is not None,
        },
    )


@nd47_desk_admin.get("/leaders")
def leaders() -> str:
    """Show the roles of accounts in agencies."""
    return _leaders_page({}, {})


@nd47_desk_admin.post("/leaders")
def grant() -> str | Response:
    """Give an account a role in an agency."""
    data = {name: tk.request.form.get(name, "").strip() for name in ROLE_FIELDS}
    try:
        tk.get_action("nd47_account_role_grant")(http.user_context(), data)
    except tk.ValidationError as error:
        return _leaders_page(data, inputs.error_messages(error))
    tk.h.flash_success(tk._("The account has the role in the agency now."))
    return tk.redirect_to("nd47_desk_admin.leaders")


@nd47_desk_admin.post("/leaders/revoke")
def revoke() -> Response:
    """Take the role from an account."""
    data = {name: tk.request.form.get(name, "") for name in ROLE_FIELDS}
    try:
        tk.get_action("nd47_account_role_revoke")(http.user_context(), data)
    except tk.ValidationError as error:
        for messages in inputs.error_messages(error).values():
            tk.h.flash_error(" ".join(messages))
    else:
        tk.h.flash_success(tk._("The account does not have the role in the agency any more."))
    return tk.redirect_to("nd47_desk_admin.leaders")


def _leaders_page(data: dict[str, str], errors: dict[str, Any]) -> str:
    return tk.render(
        "nd47_desk/leaders.html",
        {
            "roles": tk.get_action("nd47_account_role_list")(http.user_context(), {}),
            "agencies": directory.titles(),
            "words": labels.roles(),
            "data": data,
            "errors": errors,
        },
    )
