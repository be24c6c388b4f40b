"""The parameters of a dataset search, with the query in the words of the index."""

from __future__ import annotations

from typing import Any

from ckanext.nd47.l10n import config
from ckanext.nd47.l10n.search import query

TYPED = "ext_nd47_typed"
"""Where the query stands as it was typed, for plugins that come after, among the `extras`."""

NOTHING = frozenset({"", "*:*", '""', "''"})
"""Queries that find everything."""

DISMAX = frozenset({"dismax", "edismax"})


def adapt(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of `package_search` with a folded query.

    A caller who names the fields to search (`qf`) or another language of Solr knows what they
    want and gets it unchanged.
    """
    typed = params.get("q")
    if not isinstance(typed, str) or typed.strip() in NOTHING or "{!" in typed:
        return params
    parser = params.get("defType") or "dismax"
    if "qf" in params or parser not in DISMAX | {"lucene"}:
        return params
    fielded = parser != "dismax" or ":" in typed
    found = query.rewrite(typed, config.abbreviations(), fielded=fielded)
    changed = {**params, "q": found.query}
    changed["extras"] = {**(params.get("extras") or {}), TYPED: typed}
    if parser == "edismax" or not fielded:
        changed["qf"] = query.QUERY_FIELDS
        closeness = found.closeness()
        changed["bf"] = f"{params['bf']} {closeness}" if params.get("bf") else closeness
        if not changed["bf"]:
            del changed["bf"]
    return changed


def typed(params: dict[str, Any]) -> Any:
    """Return the query as it was typed, whether or not `adapt` has been at work."""
    return (params.get("extras") or {}).get(TYPED, params.get("q"))
