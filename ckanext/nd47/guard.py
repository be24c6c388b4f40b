"""Addresses that no page can answer."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.nd47.inputs import storable

nd47_guard = Blueprint("nd47_guard", __name__)

PAGED = frozenset({"dataset", "group", "home", "nd47_agencies", "organization", "user"})
"""Blueprints whose pages CKAN numbers; it says in English what is wrong in a number."""

MOST_DIGITS = 7
"""Digits of the number of a page; Solr counts in 32 bits."""

__all__ = ["nd47_guard"]


@nd47_guard.before_app_request
def only_text() -> None:
    """Refuse an address with a character that the database cannot be asked for.

    CKAN's own pages would fail on it as well. Its API says it by parameter.
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
