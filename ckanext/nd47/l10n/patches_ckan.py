"""Patches of CKAN."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask import request as current_request
from flask_babel import get_babel
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib import munge
from ckan.types import Context

from ckanext.datastore.backend import DatastoreBackend

from ckanext.nd47.l10n import names, table_search
from ckanext.nd47.lib.catalogues import SOURCES

LANGUAGE = "vietnamese"
VIEWS = ("datatablesview.ajax", "datatablesview.filtered_download")

_SENT = re.compile(r"nd47-((?:[0-9a-f]{2})*):\*")
"""What CKAN's table view makes of what `_in_ascii` gave it."""

_COLUMN = re.compile(r"columns\[[0-9]+\]\[search\]\[value\]")

Query = dict[str, Any]
Search = Callable[[Context, Query, dict[str, str], Query], Query]


def patch_datastore_search() -> None:
    """Let the DataStore search Vietnamese, if the portal has one.

    The backend is made anew whenever plugins are loaded.
    """
    if not p.plugin_loaded("datastore"):
        return
    backend: Any = DatastoreBackend.get_active_backend()
    stock: Search | None = getattr(backend, "datastore_search", None)
    if stock and not hasattr(stock, "__wrapped__"):
        backend.datastore_search = _vietnamese(stock)


def patch_table_views(app: Flask) -> None:
    """Let what is typed into CKAN's table view through, if the portal has it."""
    for name in VIEWS:
        if name in app.view_functions:
            app.view_functions[name] = _in_any_letters(app.view_functions[name])


def _vietnamese(stock: Search) -> Search:
    @functools.wraps(stock)
    def datastore_search(
        context: Context, data_dict: Query, fields_types: dict[str, str], query_dict: Query
    ) -> Query:
        asked = {name: data_dict.get(name) for name in ("q", "full_text")}
        if data_dict.get("language") != LANGUAGE:
            if (typed := _from_ascii(asked["q"])) is None:
                return stock(context, data_dict, fields_types, query_dict)
            asked["q"] = typed
        others = {k: v for k, v in data_dict.items() if k not in {*asked, "language", "plain"}}
        columns = [name for name in fields_types if not name.startswith("_")]
        query = stock(context, others, fields_types, query_dict)
        query["where"] += _clauses(asked, columns)
        return query

    return datastore_search


def _clauses(asked: Mapping[str, Any], columns: list[str]) -> list[table_search.Clause]:
    """Return the conditions of a search: of whole rows by a text, of columns by a mapping."""
    found: list[table_search.Clause] = []
    searches = [(typed, columns) for typed in asked.values() if isinstance(typed, str)]
    if isinstance(asked["q"], dict):
        searches += [(str(typed), [name]) for name, typed in asked["q"].items()]
    try:
        for place, (typed, where) in enumerate(searches):
            found += table_search.clauses(typed, where, f"nd47_{place}")
    except table_search.TooLongError as error:
        message = tk._("This is too long: at most {limit} characters.")
        raise tk.ValidationError(
            {"q": [message.format(limit=table_search.LONGEST_SEARCH)]}
        ) from error
    return found


def _in_any_letters(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def sent_in_ascii(*args: Any, **kwargs: Any) -> Any:
        request: Any = current_request._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
        form = MultiDict(request.form)
        for name, value in list(form.items()):
            if value and (name == "search[value]" or _COLUMN.fullmatch(name)):
                form[name] = _in_ascii(value)
            elif name == "params":
                form[name] = _parameters_in_ascii(value)
        request.form = ImmutableMultiDict(form)
        return view(*args, **kwargs)

    return sent_in_ascii


def _parameters_in_ascii(sent: str) -> str:
    """Do for the parameters of a filtered download what is done for those of the table."""
    try:
        params = json.loads(sent)
        for one in (params, *params["columns"]):
            if typed := one["search"]["value"]:
                one["search"]["value"] = _in_ascii(str(typed))
    except (ValueError, TypeError, KeyError, RecursionError):
        tk.abort(400)
    return json.dumps(params)


def _in_ascii(typed: str) -> str:
    return f"nd47-{typed.strip().encode('utf-8', 'replace').hex()}" if typed.strip() else ""


def _from_ascii(q: Any) -> Any:
    """Return what was typed into the table view, None when the search comes from elsewhere."""
    if isinstance(q, str):
        found = _SENT.fullmatch(q)
        return bytes.fromhex(found[1]).decode("utf-8", "replace") if found else None
    if isinstance(q, dict) and q:
        typed = {name: _from_ascii(value) for name, value in q.items()}
        return None if None in typed.values() else typed
    return None


PLUGIN = "nd47_l10n"


def patch_munge() -> None:
    """Let CKAN make names of Vietnamese texts, as long as the plugin is loaded."""
    stock = munge.substitute_ascii_equivalents
    if hasattr(stock, "__wrapped__"):
        return

    @functools.wraps(stock)
    def substitute(text_unicode: str) -> str:
        return (names.to_ascii if p.plugin_loaded(PLUGIN) else stock)(text_unicode)

    munge.substitute_ascii_equivalents = substitute


def order_catalogues(app: Flask) -> None:
    """Move the catalogues that this suite corrects below all others.

    Flask-Babel lays the catalogues over each other in the order of its two lists; CKAN fills them
    with its own first and then the plugins' in reverse of `ckan.plugins`. An extension named
    before `nd47_l10n` would thus hide our correction of its messages. The catalogues of all other
    plugins, a portal's theme for example, keep CKAN's order and can still override ours.
    """
    babel = get_babel(app)
    pairs = list(zip(babel.default_domain.split(";"), babel.translation_directories, strict=True))
    # sorted() is stable: within the two groups CKAN's order stays.
    pairs.sort(key=lambda pair: pair[0] not in SOURCES)
    babel.default_domain = ";".join(domain for domain, _ in pairs)
    babel.translation_directories = [directory for _, directory in pairs]
