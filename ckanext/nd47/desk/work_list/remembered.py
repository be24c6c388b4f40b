"""The kind, agency and order that an account chose last on the work list, kept in its session.

The session is CKAN's signed cookie, so nothing is written to the database. Words of a search are
not kept: who comes back would miss what they hide.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import session

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk import scope

KEY = "nd47_work"
NAMES = ("kind", "agency", "sort")
ACCOUNT = "_user_id"
"""Key of Flask-Login in the session; requests with an API token have no session to keep it in."""


def remember(filters: Mapping[str, str]) -> None:
    """Remember what was chosen, for the account that is logged in."""
    if ACCOUNT not in session:
        return
    chosen = {name: filters[name] for name in NAMES if filters.get(name)}
    kept = {"account": tk.g.userobj.id, **chosen}
    if session.get(KEY, {"account": tk.g.userobj.id}) != kept:
        session[KEY] = kept


def last(context: Context) -> dict[str, str]:
    """Return what the account chose last, without an agency that it does not see any more.

    Another account of the same browser starts with nothing.
    """
    kept = session.get(KEY, {}) if ACCOUNT in session else {}
    if kept.get("account") != tk.g.userobj.id:
        return {}
    chosen = {name: kept[name] for name in NAMES if name in kept}
    if "agency" in chosen:
        agency = directory.get(chosen["agency"])
        if agency is None or not scope.of(context).sees(agency.id):
            del chosen["agency"]
    return chosen
