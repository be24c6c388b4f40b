"""The administrator's page: which agencies publish with approval, and by whom."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.pages import labels
from ckanext.nd47.desk.approval.steps import chain
from ckanext.nd47.lib import config, inputs
from ckanext.nd47.lib.web import http, pages

__all__ = ["nd47_approval_admin"]

nd47_approval_admin = Blueprint(
    "nd47_approval_admin", __name__, url_prefix="/ckan-admin/nd47-work/approval"
)

PLACES = range(1, config.LONGEST_APPROVAL + 1)
"""Numbers of the steps in the form."""


nd47_approval_admin.before_request(pages.require_sysadmin(tables, "nd47_approval_setting_list"))


nd47_approval_admin.before_request(http.require_csrf_token)


@nd47_approval_admin.get("")
def settings() -> str:
    """Show which agencies publish with approval."""
    return _page({}, {})


@nd47_approval_admin.post("")
def save() -> str | Response:
    """Set the rule of an agency."""
    form = tk.request.form
    data = {name: form.get(name, "") for name in ("agency", "required")}
    steps = {f"step-{place}": form.get(f"step-{place}", "") for place in PLACES}
    setting = {**data, "chain": [step for step in steps.values() if step]}
    try:
        tk.get_action("nd47_approval_setting_update")(http.user_context(), setting)
    except tk.ValidationError as error:
        return _page({**data, **steps}, inputs.error_messages(error))
    tk.h.flash_success(tk._("The approval of the agency was set."))
    return tk.redirect_to("nd47_approval_admin.settings")


def _page(data: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    return tk.render(
        "nd47_desk/approval/settings.html",
        {
            "settings": tk.get_action("nd47_approval_setting_list")(http.user_context(), {}),
            "agencies": directory.titles(),
            "steps": {step: labels.steps()[step] for step in chain.STEPS},
            "places": list(PLACES),
            "data": data,
            "errors": errors,
        },
    )
