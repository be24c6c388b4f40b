"""Patches of CKAN.

`tests/l10n/test_patches_ckan.py` checks that the patched functions still are as expected.

- `patch_munge`: CKAN drops the letters with a tone mark from names
  (https://github.com/ckan/ckan/issues/4507 is about names of files).
- `patch_table_views`: CKAN replaces letters outside ASCII in searches of its table view
  (https://github.com/ckan/ckan/issues/8583, https://github.com/ckan/ckan/issues/8027).
- `patch_datastore_search`: the full-text search of PostgreSQL has no Vietnamese configuration.
- `order_catalogues`: CKAN orders the catalogues of plugins by `ckan.plugins` alone
  (https://github.com/ckan/ckan/issues/6045).
"""

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
from ckanext.nd47.lib.database import table_words
from ckanext.nd47.lib.database.table_words import WordIndex
from ckanext.nd47.lib.language.catalogues import SOURCES

LANGUAGE = "vietnamese"
VIEWS = ("datatablesview.ajax", "datatablesview.filtered_download")

_ENCODED_SEARCH = re.compile(r"nd47-((?:[0-9a-f]{2})*):\*")
"""The result of `_encode` after CKAN's table view has added `:*`."""

_COLUMN_SEARCH = re.compile(r"columns\[[0-9]+\]\[search\]\[value\]")

Query = dict[str, Any]
Search = Callable[[Context, Query, dict[str, str], Query], Query]


def patch_datastore_search() -> None:
    """Let the DataStore search Vietnamese text, if it is loaded.

    CKAN creates a new backend whenever plugins are loaded.
    """
    if not p.plugin_loaded("datastore"):
        return
    backend: Any = DatastoreBackend.get_active_backend()
    stock: Search | None = getattr(backend, "datastore_search", None)
    if stock and not hasattr(stock, "__wrapped__"):
        backend.datastore_search = _with_vietnamese(stock)


def patch_table_views(app: Flask) -> None:
    """Let CKAN's table view search text outside ASCII, if it is loaded."""
    for name in VIEWS:
        if name in app.view_functions:
            app.view_functions[name] = _with_encoded_searches(app.view_functions[name])


def _with_vietnamese(stock: Search) -> Search:
    @functools.wraps(stock)
    def datastore_search(
        context: Context, data_dict: Query, fields_types: dict[str, str], query_dict: Query
    ) -> Query:
        searches = {name: data_dict.get(name) for name in ("q", "full_text")}
        if not _is_vietnamese(data_dict):
            if (decoded := _decode(searches["q"])) is None:
                return stock(context, data_dict, fields_types, query_dict)
            searches["q"] = decoded
        others = {k: v for k, v in data_dict.items() if k not in {*searches, "language", "plain"}}
        types = {name: type_ for name, type_ in fields_types.items() if name[:1] != "_"}
        query = stock(context, others, fields_types, query_dict)
        connection = context.get("connection")
        index = None
        if connection is not None and any(searches.values()):
            index = table_words.find(connection, str(data_dict["resource_id"]), types)
        clauses = _clauses(searches, types, index)
        if connection and index and any(index.expression in condition for condition, _ in clauses):
            table_words.prefer(connection)
        query["where"] += clauses
        return query

    return datastore_search


def _is_vietnamese(data_dict: Query) -> bool:
    """Return whether a search is of words in any spelling: if it asks for no other kind.

    Other kinds are a language of PostgreSQL, its own query language (`plain` is false), and the
    rank of the rows, which only its full-text search knows.
    """
    if language := data_dict.get("language"):
        return language == LANGUAGE
    wants_rank = "rank" in (data_dict.get("fields") or ())
    return data_dict.get("plain") is not False and not wants_rank


def _clauses(
    searches: Mapping[str, Any], types: Mapping[str, str], index: WordIndex | None
) -> list[table_search.Clause]:
    """Return the conditions of searches: a text for all columns, or a dict of texts by column."""
    result: list[table_search.Clause] = []
    terms = [(text, list(types)) for text in searches.values() if isinstance(text, str)]
    if isinstance(searches["q"], dict):
        terms += [(str(text), [column]) for column, text in searches["q"].items()]
    try:
        for number, (text, columns) in enumerate(terms):
            searched = table_search.Searched(columns, index, types)
            result += table_search.clauses(text, searched, f"nd47_{number}")
    except table_search.TooLongError as error:
        message = tk._("This is too long: at most {limit} characters.")
        raise tk.ValidationError(
            {"q": [message.format(limit=table_search.MAX_SEARCH_LENGTH)]}
        ) from error
    return result


def _with_encoded_searches(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def encoded_view(*args: Any, **kwargs: Any) -> Any:
        request: Any = current_request._get_current_object()  # pyright: ignore[reportAttributeAccessIssue]
        form = MultiDict(request.form)
        for name, value in list(form.items()):
            if value and (name == "search[value]" or _COLUMN_SEARCH.fullmatch(name)):
                form[name] = _encode(value)
            elif name == "params":
                form[name] = _encode_download_parameters(value)
        request.form = ImmutableMultiDict(form)
        return view(*args, **kwargs)

    return encoded_view


def _encode_download_parameters(value: str) -> str:
    """Encode the searches in the parameters of a filtered download."""
    try:
        params = json.loads(value)
        for searchable in (params, *params["columns"]):
            if text := searchable["search"]["value"]:
                searchable["search"]["value"] = _encode(str(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        tk.abort(400)
    return json.dumps(params)


def _encode(text: str) -> str:
    return f"nd47-{text.strip().encode('utf-8', 'replace').hex()}" if text.strip() else ""


def _decode(q: Any) -> Any:
    """Return the decoded search of a table view, None for searches that were not encoded."""
    if isinstance(q, str):
        match = _ENCODED_SEARCH.fullmatch(q)
        return bytes.fromhex(match[1]).decode("utf-8", "replace") if match else None
    if isinstance(q, dict) and q:
        decoded = {column: _decode(value) for column, value in q.items()}
        return None if None in decoded.values() else decoded
    return None


PLUGIN = "nd47_l10n"


def patch_munge() -> None:
    """Let CKAN make names of Vietnamese titles while the plugin is loaded."""
    stock = munge.substitute_ascii_equivalents
    if hasattr(stock, "__wrapped__"):
        return

    @functools.wraps(stock)
    def substitute(text_unicode: str) -> str:
        return (names.to_ascii if p.plugin_loaded(PLUGIN) else stock)(text_unicode)

    munge.substitute_ascii_equivalents = substitute


def order_catalogues(app: Flask) -> None:
    """Move the catalogues that this plugin corrects before all others.

    In Flask-Babel's two lists, later catalogues override earlier ones. CKAN's own catalogue is the
    first, followed by those of the plugins in the reverse order of `ckan.plugins`. An extension
    before `nd47_l10n` in `ckan.plugins` would thus override the corrections of its messages. The
    catalogues of all other plugins, for example a theme, stay in CKAN's order.
    """
    babel = get_babel(app)
    pairs = list(zip(babel.default_domain.split(";"), babel.translation_directories, strict=True))
    # The sort is stable, so CKAN's order is kept within both groups.
    pairs.sort(key=lambda pair: pair[0] not in SOURCES)
    babel.default_domain = ";".join(domain for domain, _ in pairs)
    babel.translation_directories = [directory for _, directory in pairs]
