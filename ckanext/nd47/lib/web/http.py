"""HTTP requests and responses: validation, CSRF tokens, caches, media types, language."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, has_request_context, request
from flask_login import current_user
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotFound

import ckan.plugins.toolkit as tk
from ckan.config.middleware.flask_app import csrf
from ckan.types import CKANApp, Context

from ckanext.nd47.lib.inputs import NOT_STORABLE, not_storable, storable

nd47_guard = Blueprint("nd47_guard", __name__)

PAGED = frozenset(
    {"dataset", "group", "home", "nd47_agencies", "nd47_fields", "organization", "user"}
)
"""Blueprints with paged lists, whose errors about page numbers CKAN does not translate."""

OF_ONE_TYPE = frozenset({"group", "organization"})
"""Blueprints whose forms are for the type of the same name; other types have their own blueprint.
CKAN looks up the schema of any type that a form names, and fails if there is none."""

WITH_LISTS = frozenset({"dataset", "dataset_resource", *OF_ONE_TYPE})
LISTS = frozenset({"extras", "groups", "resources", "tags", "users"})
"""Blueprints whose forms send lists in parts (`extras__0__key`), and the names of the lists."""

NAMING_FIELDS = ("id", "name", "owner_org", "package_id", "resource_id", "type", "url")
"""Form fields with references, which some of CKAN's pages use in queries without validation."""

MOST_PAGE_DIGITS = 7
"""Maximum digits of a page number; Solr uses 32-bit integers."""

NO_CACHE = "__no_cache__"
"""Key in the environment of a request that prevents CKAN from allowing shared caches."""

API = "api"
OWN_MODULES = "ckanext.nd47."
PRIVATE = "private, no-store"

__all__ = ["nd47_guard"]


@nd47_guard.before_app_request
def refuse_unstorable_addresses() -> None:
    """Refuse requests with characters that the database cannot store.

    CKAN's own pages would fail as well. The API reports them by parameter.
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
    """Return 404 if a page of CKAN does not catch `ObjectNotFound`."""
    return current_app.handle_http_exception(NotFound(str(error) or tk._("Not found")))


def _refuse_foreign_forms() -> None:
    """Refuse form data that CKAN's own forms never send and its pages fail on."""
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
    """Require the CSRF token of a form from browsers.

    CKAN exempts a page from the check for the lifetime of the process as soon as anybody has sent
    it an API token (`ckan_before_request`).
    """
    if current_app.config["WTF_CSRF_ENABLED"] and not g.get("login_via_auth_header"):
        csrf.protect()


def require_csrf_token_of_api() -> None:
    """Require the CSRF token of CKAN's pages from browsers that send POST requests to the API.

    CKAN accepts session cookies there, because scripts on its own pages use the API; they send the
    token. A form on another site, whose visitor may be logged in here, cannot.
    """
    if request.method == "POST" and request.blueprint == "api" and current_user.is_authenticated:
        require_csrf_token()


def install_cache_rule(app: CKANApp) -> CKANApp:
    """Apply the rule to all responses of an application.

    Functions after a request run in reverse order: this one runs before CKAN's own.
    """
    app.after_request(forbid_shared_caches)
    return app


def forbid_shared_caches(response: Response) -> Response:
    """Forbid shared caches of responses of the API or the suite to logged-in users.

    Users may see more than the public; responses to visitors are public.
    """
    if g.get("user") and (_is_own_view() or request.blueprint == API):
        request.environ[NO_CACHE] = True
        response.headers["Cache-Control"] = PRIVATE
    return response


def _is_own_view() -> bool:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    return str(getattr(view, "__module__", "")).startswith(OWN_MODULES)


def user_context() -> Context:
    """Return the context in which the account of the request calls an action."""
    return Context(user=tk.g.user, auth_user_obj=tk.g.userobj)


def act(action: str, /, **data: Any) -> Any:
    """Call an action for a page, as the account of the request.

    Raises:
        werkzeug.exceptions.HTTPException: 404 or 403, where the action finds nothing or refuses.
    """
    try:
        return tk.get_action(action)(user_context(), data)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))


def media_types(accept: MIMEAccept) -> MIMEAccept:
    """Return the accepted media types without parameters such as `profile` or `charset`.

    Werkzeug does not match `application/ld+json;profile="…"` with `application/ld+json`; RFC 9110
    allows a server to ignore the parameters.
    """
    return MIMEAccept(
        [(media_type.partition(";")[0].strip(), quality) for media_type, quality in accept]
    )


def is_page() -> bool:
    """Return whether a page is being rendered, not a response of the API or a job."""
    return has_request_context() and request.blueprint != API


def language() -> str:
    """Return the language of the request; in commands and jobs that of the portal."""
    requested = tk.h.lang() if has_request_context() else None
    return requested or tk.config["ckan.locale_default"]
