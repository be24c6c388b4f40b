"""The administrator's page of the suite: `/ckan-admin/nd47`."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import http
from ckanext.nd47.settings import options, page

__all__ = ["nd47_settings"]

nd47_settings = Blueprint("nd47_settings", __name__, url_prefix="/ckan-admin/nd47")


@nd47_settings.before_request
def only_sysadmins() -> None:
    """Let nobody in but system administrators."""
    try:
        tk.check_access("sysadmin", {})
    except tk.NotAuthorized:
        tk.abort(403, tk._("Need to be system administrator to administer"))


nd47_settings.before_request(http.require_csrf_token)


@nd47_settings.get("")
def edit() -> str:
    """Show what is in force, with what is wrong in it."""
    return _render(options.current(), options.problems())


@nd47_settings.post("")
def save() -> str | Response:
    """Store what was changed, or show what a new sentence would look like."""
    given = {name: value for name, value in tk.request.form.items() if name in options.current()}
    if "preview" in tk.request.form:
        return _render(given, options.problems(given))
    try:
        tk.get_action("config_option_update")({}, options.changed(given))
    except tk.ValidationError as error:
        return _render(given, error.error_dict)
    tk.h.flash_success(tk._("The settings were saved."))
    return tk.redirect_to("nd47_settings.edit")


@nd47_settings.post("/reset")
def reset() -> Response:
    """Go back to what the configuration file says."""
    tk.get_action("nd47_settings_reset")({}, {})
    tk.h.flash_success(tk._("The settings follow the configuration file again."))
    return tk.redirect_to("nd47_settings.edit")


def _render(given: Mapping[str, str], errors: Mapping[str, object]) -> str:
    return tk.render("nd47/settings/edit.html", page.facts(given, errors))
