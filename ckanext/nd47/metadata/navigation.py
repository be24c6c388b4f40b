"""CKAN's menus and links: none leads to an empty page, and old addresses lead to new ones.

A name of a dataset or organisation is noted when it changes, whichever code changes it. The record
that has a name now is the one shown: a former name that was given to another record leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, redirect, request
from markupsafe import Markup
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert
from werkzeug.routing import BuildError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.meta import registry

__all__ = ["build_nav_icon", "build_nav_main", "url_for", "url_is_local"]

GROUPS = (".groups", "group.index")
"""How the routes end that list groups: of a dataset, and of the portal."""

MEMBERS = ".members"
"""How the routes end that list the members of an agency or a group."""


@tk.chained_helper
def build_nav_main(original: Callable[..., Markup], *items: tuple[Any, ...]) -> Markup:
    """Build the main menu; groups are in it once the portal has one."""
    return original(*(item for item in items if not _is_empty(item[0])))


@tk.chained_helper
def build_nav_icon(
    original: Callable[..., Markup], menu_item: str, title: str, **given: Any
) -> Markup:
    """Build one tab of a page; none that leads to an empty page or to a refusal."""
    if _is_empty(menu_item) or _is_closed(menu_item, given):
        return Markup()
    return original(menu_item, title, **given)


@tk.chained_helper
def url_for(original: Callable[..., str], *given: Any, **parts: Any) -> str:
    """Return an address; that of a dataset of a type without pages is that of any dataset.

    A harvester or another plugin that was switched off leaves such datasets behind, and each list
    that holds one would fail.
    """
    try:
        return original(*given, **parts)
    except BuildError:
        blueprint, _, page = str(given[0] if given else "").partition(".")
        if page != "read" or blueprint in current_app.blueprints:
            raise
        return original("dataset.read", *given[1:], **parts)


@tk.chained_helper
def url_is_local(original: Callable[[str], bool], url: str) -> bool:
    """Say whether an address is one of the portal; one that cannot be read is not."""
    try:
        return original(url)
    except ValueError:
        return False


def _is_empty(route: str) -> bool:
    return route.endswith(GROUPS) and not _has_groups()


def _is_closed(route: str, given: dict[str, Any]) -> bool:
    """Say whether a visitor may not see the members that a tab leads to."""
    if not route.endswith(MEMBERS) or tk.current_user.is_authenticated:
        return False
    asked = {"id": given.get("id"), "object_type": "user"}
    return not tk.h.check_access("member_list", asked)


def _has_groups() -> bool:
    query = sa.exists().where(
        model.Group.is_organization.is_(False), model.Group.state == model.State.ACTIVE
    )
    return bool(model.Session.scalar(sa.select(query)))


TABLE = sa.Table(
    "nd47_former_name",
    registry.metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, nullable=False),
)
KINDS: dict[str, Any] = {"dataset": model.Package, "organization": model.Group}
"""First part of the addresses of pages, and what has them."""

_SHOW = {"dataset": "package_show", "organization": "organization_show"}
_ADDRESS = re.compile(r"/(dataset|organization)/([a-z0-9_-]{2,100})(?=[/.]|$)")
_LISTENING: set[str] = set()


def note_former_names() -> None:
    """Note every change of a name from now on."""
    for kind, record in KINDS.items():
        if kind not in _LISTENING:
            event.listen(record, "after_update", _note_change_of(kind))
            _LISTENING.add(kind)


def _note_change_of(kind: str) -> Any:
    def note(_mapper: Any, connection: sa.Connection, record: Any) -> None:
        former = sa.inspect(record).attrs.name.history.deleted
        if not former or not former[0] or former[0] == record.name or not _has_table(connection):
            return
        row = {"kind": kind, "name": former[0], "record_id": record.id}
        added = insert(TABLE).values(row)
        connection.execute(
            added.on_conflict_do_update(
                index_elements=["kind", "name"], set_={"record_id": record.id}
            )
        )

    return note


def _has_table(connection: Any) -> bool:
    """Say whether the table was made; names change seldom enough to ask each time."""
    return connection.scalar(sa.select(sa.func.to_regclass(TABLE.name))) is not None


def redirect_former_name(response: Response) -> Any:
    """Answer with the new address where an old one was asked for and nothing is found."""
    if response.status_code != 404 or request.method not in ("GET", "HEAD"):  # noqa: PLR2004 - HTTP
        return response
    found = _ADDRESS.match(request.path)
    name = _current_name(found[1], found[2]) if found else ""
    if not found or not name:
        return response
    address = f"/{found[1]}/{name}{request.path[found.end() :]}"
    query = request.query_string.decode("utf-8", "replace")
    moved = redirect(tk.h.url_for(address) + (f"?{query}" if query else ""), 301)
    # Others may not see where it leads, and the name may be given to another record.
    moved.headers["Cache-Control"] = "private, no-store"
    return moved


def _current_name(kind: str, name: str) -> str:
    """Return the name that a record has now; empty where the reader may not see the record."""
    record = KINDS[kind]
    taken = sa.select(record.id).where(record.name == name)
    if not _has_table(model.Session) or model.Session.scalar(taken) is not None:
        return ""
    known = sa.select(TABLE.c.record_id).where(TABLE.c.kind == kind, TABLE.c.name == name)
    record_id = model.Session.scalar(known)
    if record_id is None:
        return ""
    try:
        tk.check_access(_SHOW[kind], {}, {"id": record_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return ""
    current = sa.select(record.name).where(record.id == record_id, record.state == "active")
    return model.Session.scalar(current) or ""
