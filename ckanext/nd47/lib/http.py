"""HTTP requests and responses: addresses and forms, CSRF tokens, caches, formats, language."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, has_request_context, request
from flask_login import current_user
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotFound

import ckan.plugins.toolkit as tk
from ckan.config.middleware.flask_app import csrf
from ckan.types import CKANApp

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

NAMING_FIELDS = ("id", "name", "owner_org", "package_id", "resource_id", "type", "url")
"""Fields of forms that name something; some of CKAN's pages ask the database for it unchecked."""

MOST_PAGE_DIGITS = 7
"""Digits of the number of a page; Solr counts in 32 bits."""

NO_CACHE = "__no_cache__"
"""What CKAN asks for in the environment of a request before it lets caches keep the answer."""

API = "api"
OWN_MODULES = "ckanext.nd47."
PRIVATE = "private, no-store"

__all__ = ["nd47_guard"]


@nd47_guard.before_app_request
def refuse_unstorable_addresses() -> None:
    """Refuse an address with a character that the database cannot be asked for, and their like.

    CKAN's own pages would fail on them as well. Its API says it by parameter.
    """
    request = tk.request
    if not storable(request.path):
        tk.abort(404, tk._("The address holds a character that no address has."))
    if request.path.startswith("/api/"):
        return
    if not all(storable(key + value) for key, value in request.args.items(multi=True)):
        tk.abort(400, tk._("The address holds a character that no address has."))
    page = request.args.get("page", "1").strip()
    is_number = page.isascii() and page.isdigit() and 0 < len(page.lstrip("0")) <= MOST_PAGE_DIGITS
    if request.blueprint in PAGED and not is_number:
        tk.abort(400, tk._("The number of a page is a whole number from 1 on."))
    _refuse_foreign_forms()


@nd47_guard.app_errorhandler(tk.ObjectNotFound)
def not_found(error: Exception) -> Any:
    """Answer with 404 where a page of CKAN does not catch that something is missing."""
    return current_app.handle_http_exception(NotFound(str(error) or tk._("Not found")))


def _refuse_foreign_forms() -> None:
    """Refuse a form that no form of CKAN's pages sends, and that its page would fail on."""
    request = tk.request
    if request.method != "POST":
        return
    blueprint = request.blueprint
    if blueprint in WITH_LISTS and (list_names := LISTS & request.form.keys()):
        names = ", ".join(sorted(list_names))
        tk.abort(400, f"{names}: {tk._('Enter a list of names and values here.')}")
    if blueprint in WITH_LISTS:
        for name in NAMING_FIELDS:
            if list_names := NOT_STORABLE.search(request.form.get(name, "")):
                tk.abort(400, f"{name}: {not_storable(list_names[0])}")
    if blueprint in OF_ONE_TYPE and request.form.get("type", blueprint) != blueprint:
        tk.abort(400, tk._("The form gives another type than that of its page."))


def require_csrf_token() -> None:
    """Ask a browser for the token of the form, whatever came before.

    CKAN frees a page from the check for the life of the process as soon as anybody, with whatever
    rights, has sent it an API token (`ckan_before_request`).
    """
    if current_app.config["WTF_CSRF_ENABLED"] and not g.get("login_via_auth_header"):
        csrf.protect()


def require_csrf_token_of_api() -> None:
    """Ask a browser for the token of CKAN's pages when it changes something by the API.

    CKAN takes the cookie of a session there, since scripts of its own pages change things by the
    API; they send the token. A form of another site does not, whose visitor may be logged in here.
    """
    if request.method == "POST" and request.blueprint == "api" and current_user.is_authenticated:
        require_csrf_token()


def install_cache_rule(app: CKANApp) -> CKANApp:
    """Let the rule hold for all answers of an application.

    Functions that run after a request run in the reverse order: this one before CKAN's own.
    """
    app.after_request(forbid_shared_caches)
    return app


def forbid_shared_caches(response: Response) -> Response:
    """Forbid caches to keep an answer of the API or of the suite that an account was given.

    An account may see more than everybody; what a visitor is given is public.
    """
    if g.get("user") and (_is_own_view() or request.blueprint == API):
        request.environ[NO_CACHE] = True
        response.headers["Cache-Control"] = PRIVATE
    return response


def _is_own_view() -> bool:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return str(getattr(view, "__module__", "")).startswith(OWN_MODULES)


def media_types(accept: MIMEAccept) -> MIMEAccept:
    """Return what a client accepts without parameters such as `profile` or `charset`.

    Werkzeug takes `application/ld+json;profile="…"` for another type than `application/ld+json`;
    RFC 9110 lets a server answer with what it has of a type.
    """
    return MIMEAccept(
        [(media_type.partition(";")[0].strip(), quality) for media_type, quality in accept]
    )


def is_page() -> bool:
    """Return whether a page is being made for a person, not an answer of the API or a job."""
    return has_request_context() and request.blueprint != API


def language() -> str:
    """Return the language of the request; that of the portal in commands and background jobs."""
    requested = tk.h.lang() if has_request_context() else None
    return requested or tk.config["ckan.locale_default"]
