"""The parameters of a dataset search, with the query in the words of the index."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.l10n import config
from ckanext.nd47.l10n.search import labels, query, syntax
from ckanext.nd47.lib import search_query, text

EVERYTHING = frozenset({"", "*:*", '""', "''"})
"""Queries that find everything."""

FIELDS = frozenset(
    {
        "*",
        "author",
        "capacity",
        "groups",
        "id",
        "license",
        "maintainer",
        "name",
        "notes",
        "organization",
        "state",
        "tags",
        "text",
        "title",
        "url",
        "urls",
        "version",
    }
)
"""Fields of CKAN's index whose names have no underscore."""

ALL, NONE = "*:*", "-*:*"
"""Queries of Lucene's language that find everything, and nothing."""

DISMAX = frozenset({"dismax", "edismax"})


def adapt(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of `package_search` with a folded query.

    What a person types is text; only a query that names a field is taken for Lucene's language. A
    caller who names the fields to search (`qf`) or another language of Solr knows what they want
    and gets it unchanged.
    """
    params = search_query.scrubbed(params)
    typed = params.get("q")
    if not isinstance(typed, str) or typed.strip() in EVERYTHING or _is_of_allowed_parser(typed):
        return params
    parser = params.get("defType") or "dismax"
    if "qf" in params or parser not in DISMAX | {"lucene"}:
        return params
    if typed.strip() == "*":
        return {**params, "q": ALL}
    fielded = parser != "dismax" or syntax.names_fields(typed, is_field)
    if fielded and len(typed) > syntax.LONGEST:
        # Written by a program, which Solr answers or refuses.
        return params
    found = query.rewrite(typed, config.abbreviations(), fielded=fielded)
    changed = {**params, "q": found.query or NONE}
    changed["extras"] = {**search_query.extras(params), search_query.TYPED: typed}
    if parser == "edismax" or ":" not in changed["q"]:
        changed["qf"] = query.QUERY_FIELDS
        closeness = found.closeness()
        changed["bf"] = f"{params['bf']} {closeness}" if params.get("bf") else closeness
        if not changed["bf"]:
            del changed["bf"]
    return changed


def as_text(typed: Any) -> str:
    """Return a query as nothing but text, empty where it is that already.

    For a query that looked like one of Lucene's language and that Solr did not understand.
    """
    if not isinstance(typed, str) or not syntax.names_fields(typed, is_field):
        return ""
    plain = query.without_fields(text.NO_TEXT.sub(" ", typed[: syntax.LONGEST]))
    return "".join(part.text for part in syntax.as_text(plain)) or NONE


def is_field(name: str) -> bool:
    """Tell whether somebody who writes a name before a colon means a field of the index.

    Solr takes any name for a field, and finds nothing in most: what is not one of CKAN's, not in
    the portal's schema or its facets, and has no underscore either, is a word.
    """
    return "_" in name or name in FIELDS or name in tk.h.facets() or name in _of_schemas()


def _of_schemas() -> frozenset[str]:
    if not p.plugin_loaded(labels.SCHEMING):
        return frozenset()
    schemas = tk.h.scheming_dataset_schemas(expanded=True) or {}
    return frozenset(
        field["field_name"]
        for schema in schemas.values()
        for field in schema.get("dataset_fields", ())
    )


def _is_of_allowed_parser(typed: str) -> bool:
    """Tell whether a query names a parser of Solr's, on a portal that allows some."""
    allowed = tk.config.get("ckan.search.solr_allowed_query_parsers")
    return bool(allowed) and typed.lstrip().startswith("{!")
