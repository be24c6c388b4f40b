"""Addresses and forms that no page can answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app
from werkzeug.exceptions import NotFound

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.inputs import NOT_STORABLE, not_storable, storable

nd47_guard = Blueprint("nd47_guard", __name__)

PAGED = frozenset({"dataset", "group", "home", "nd47_agencies", "organization", "user"})
"""Blueprints whose pages CKAN numbers; it says in English what is wrong in a number."""

OF_ONE_TYPE = frozenset({"group", "organization"})
"""Blueprints whose forms are each for the type of the same name; others have a blueprint of their
own. CKAN looks for the schema of whatever type a form names, and fails where there is none."""

WITH_LISTS = frozenset({"dataset", "dataset_resource", *OF_ONE_TYPE})
LISTS = frozenset({"extras", "groups", "resources", "tags", "users"})
"""Blueprints whose forms send lists, part by part (`extras__0__key`); the names of the lists."""

ASKED = ("id", "name", "owner_org", "package_id", "resource_id", "type", "url")
"""Fields of forms that name something; some of CKAN's pages ask the database for it unchecked."""

MOST_DIGITS = 7
"""Digits of the number of a page; Solr counts in 32 bits."""

__all__ = ["nd47_guard"]


@nd47_guard.before_app_request
def only_text() -> None:
    """Refuse an address with a character that the database cannot be asked for, and their like.

    CKAN's own pages would fail on them as well. Its API says it by parameter.
    """
    request = tk.request
    if not storable(request.path):
        tk.abort(404, tk._("The address holds a character that no address has."))
    if request.path.startswith("/api/"):
        return
    if not all(storable(key + one) for key, one in request.args.items(multi=True)):
        tk.abort(400, tk._("The address holds a character that no address has."))
    page = request.args.get("page", "1").strip()
    is_number = page.isascii() and page.isdigit() and 0 < len(page.lstrip("0")) <= MOST_DIGITS
    if request.blueprint in PAGED and not is_number:
        tk.abort(400, tk._("The number of a page is a whole number from 1 on."))
    _form_of_the_page()


@nd47_guard.app_errorhandler(tk.ObjectNotFound)
def not_found(error: Exception) -> Any:
    """Say that something is not there where a page of CKAN forgets to."""
    return current_app.handle_http_exception(NotFound(str(error) or tk._("Not found")))


def _form_of_the_page() -> None:
    """Refuse a form that no form of CKAN's pages sends, and that its page would fail on."""
    request = tk.request
    if request.method != "POST":
        return
    blueprint = request.blueprint
    if blueprint in WITH_LISTS and (found := LISTS & request.form.keys()):
        names = ", ".join(sorted(found))
        tk.abort(400, f"{names}: {tk._('Enter a list of names and values here.')}")
    if blueprint in WITH_LISTS:
        for name in ASKED:
            if found := NOT_STORABLE.search(request.form.get(name, "")):
                tk.abort(400, f"{name}: {not_storable(found[0])}")
    if blueprint in OF_ONE_TYPE and request.form.get("type", blueprint) != blueprint:
        tk.abort(400, tk._("The form gives another type than that of its page."))
