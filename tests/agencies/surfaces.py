"""All places where personal data could be found: routes, actions, stores and logs.

Routes and actions are found by introspection, so that new ones are included.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from werkzeug.routing import AnyConverter, Rule

import ckan.logic
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.lib.search.common import make_connection
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context

from ckanext.nd47.dcat import dump

ELSEWHERE = ("static", "webassets", "util", "_debug_toolbar", "debugtoolbar")
"""Endpoints that return files of the software."""

Values = dict[str, list[str]]


def paths(app: CKANTestApp, values: Values, *, own: bool = False) -> list[str]:
    """Return the addresses of all GET routes, with every value that matches.

    Args:
        app: the application.
        values: what the parts of addresses are filled in with.
        own: only routes of the suite.
    """
    addresses: list[str] = []
    for rule in app.flask_app.url_map.iter_rules():
        view = app.flask_app.view_functions[rule.endpoint]
        is_wanted = view.__module__.startswith("ckanext.nd47.") or not own
        is_read = "GET" in (rule.methods or ()) and not rule.endpoint.startswith(ELSEWHERE)
        if is_read and is_wanted:
            addresses += _filled(app, rule, values)
    return sorted(set(addresses))


def _filled(app: CKANTestApp, rule: Rule, values: Values) -> Iterator[str]:
    choices: list[dict[str, Any]] = [dict(rule.defaults or {})]
    converters = rule._converters  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no other way
    for name, converter in sorted(converters.items()):
        items = sorted(converter.items) if isinstance(converter, AnyConverter) else None
        fitting = values.get(name, []) if items is None else items
        choices = [{**choice, name: value} for choice in choices for value in fitting]
    adapter = app.flask_app.url_map.bind("test.ckan.net")
    for choice in choices:
        yield adapter.build(rule.endpoint, choice)


def pages(app: CKANTestApp, *values: Values) -> dict[str, str]:
    """Return the response to a visitor for every address, each with the values of one case."""
    addresses = {path for case in values for path in paths(app, case)}
    return {path: _text(app, path) for path in sorted(addresses)}


def _text(app: CKANTestApp, path: str) -> str:
    try:
        reply = app.get(path, follow_redirects=False)
    except Exception as error:  # noqa: BLE001 - CKAN's own pages fail where parameters are missing
        return repr(error)
    body = reply.data
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    return f"{reply.headers}\n{body.decode(errors='replace')}"


def actions(user: str, inputs: list[dict[str, Any]]) -> dict[str, str]:
    """Return the result or error of every read-only action for an account."""
    tk.get_action("status_show")
    registered: dict[str, Any] = ckan.logic._actions  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - CKAN has no list
    answers = {}
    for name in sorted(registered):
        if not getattr(registered[name], "side_effect_free", False):
            continue
        for number, data in enumerate(inputs):
            context = Context(user=user, auth_user_obj=model.User.get(user), ignore_auth=False)
            try:
                answer = repr(tk.get_action(name)(context, dict(data)))
            except Exception as error:  # noqa: BLE001 - whatever it says is looked at
                answer = f"{error!r} {getattr(error, 'error_dict', '')}"
            model.Session.rollback()
            answers[f"{name} {number} as {user or 'visitor'}"] = answer
    return answers


def index() -> dict[str, str]:
    """Return the documents of the search index with all stored fields."""
    rows = make_connection().search("*:*", fl="*", rows=10_000)
    return {f"index {row['name']}": repr(row) for row in rows}


def tables() -> dict[str, str]:
    """Return every row of every table of the database."""
    model.Session.rollback()
    contents = {}
    inspector: Any = sa.inspect(model.Session.connection())
    for name in inspector.get_table_names():
        quoted = sa.quoted_name(name, quote=True)
        rows = model.Session.scalars(sa.text(f'SELECT one::text FROM "{quoted}" one')).all()
        contents[f"table {name}"] = "\n".join(_unescaped(row) for row in rows)
    return contents


def _unescaped(row: str) -> str:
    """Return a row with decoded JSON escapes and bytes, which PostgreSQL shows as hex."""
    parts = [row]
    if "\\u" in row:
        parts.append(row.encode("ascii", "backslashreplace").decode("unicode_escape", "replace"))
    for piece in row.replace('"', "").split(","):
        shown = piece.strip("()").lstrip("\\")
        if shown.startswith("x") and len(shown) % 2:
            try:
                parts.append(bytes.fromhex(shown[1:]).decode(errors="replace"))
            except ValueError:
                continue
    return "\n".join(parts)


def queues() -> dict[str, str]:
    """Return the content of Redis: jobs, and files to be imported."""
    redis: Any = connect_to_redis()
    contents = {}
    for key in redis.keys("*"):
        kind = redis.type(key)
        if kind == b"string":
            values = [redis.get(key)]
        elif kind == b"hash":
            values = list(redis.hgetall(key).values())
        elif kind == b"list":
            values = redis.lrange(key, 0, -1)
        else:
            values = []
        contents[f"redis {key!r}"] = "\n".join(map(_unpacked, values))
    return contents


def _unpacked(value: bytes) -> str:
    parts = [value, _inflated(value), _inflated(value.partition(b"\n")[2])]
    return "\n".join(part.decode(errors="replace") for part in parts)


def _inflated(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return b""


def dumped() -> None:
    """Write the dump of the catalogue, whose files are among the routes."""
    dump.write(always=True)


def telling(surfaces: dict[str, str], words: tuple[str, ...]) -> set[str]:
    """Return the places that contain one of some words."""
    return {name for name, text in surfaces.items() if any(word in text for word in words)}
