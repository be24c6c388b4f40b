"""Vietnamese in the search of tables: the action `datastore_search`, CKAN's table view, its files.

`datastore_search` with `language=vietnamese` finds words in any spelling. CKAN's table view
(`datatables_view`) replaces every letter outside ASCII before it searches (ckan/ckan#8027,
ckan/ckan#8583), so what was typed there is sent through it in ASCII.

CKAN has an interface for the first, IDatastore; but it asks for `datastore` to be the first plugin
with it, and `nd47_l10n` may come before. For the second it has none.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask import request as current_request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.datastore.backend import DatastoreBackend

from ckanext.nd47.l10n.search import tables

LANGUAGE = "vietnamese"
VIEWS = ("datatablesview.ajax", "datatablesview.filtered_download")

_SENT = re.compile(r"nd47-((?:[0-9a-f]{2})*):\*")
"""What CKAN's table view makes of what `_in_ascii` gave it."""

_COLUMN = re.compile(r"columns\[[0-9]+\]\[search\]\[value\]")

Query = dict[str, Any]
Search = Callable[[Context, Query, dict[str, str], Query], Query]


def install() -> None:
    """Let the DataStore search Vietnamese, if the portal has one.

    The backend is made anew whenever plugins are loaded.
    """
    if not p.plugin_loaded("datastore"):
        return
    backend: Any = DatastoreBackend.get_active_backend()
    stock: Search | None = getattr(backend, "datastore_search", None)
    if stock and not hasattr(stock, "__wrapped__"):
        backend.datastore_search = _vietnamese(stock)


def install_views(app: Flask) -> None:
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


def _clauses(asked: Mapping[str, Any], columns: list[str]) -> list[tables.Clause]:
    """Return the conditions of a search: of whole rows by a text, of columns by a mapping."""
    found: list[tables.Clause] = []
    searches = [(typed, columns) for typed in asked.values() if isinstance(typed, str)]
    if isinstance(asked["q"], dict):
        searches += [(str(typed), [name]) for name, typed in asked["q"].items()]
    try:
        for place, (typed, where) in enumerate(searches):
            found += tables.clauses(typed, where, f"nd47_{place}")
    except tables.TooLongError as error:
        message = tk._("This is too long: at most {limit} characters.")
        raise tk.ValidationError({"q": [message.format(limit=tables.LONGEST)]}) from error
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
