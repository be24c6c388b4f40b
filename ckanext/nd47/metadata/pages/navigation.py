"""CKAN's menus and links: no links to empty pages, and redirects from former names.

Changes of the name of a dataset or organisation are recorded, whichever code makes them. A former
name that now belongs to another record is not redirected.
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

__all__ = [
    "build_nav_icon",
    "build_nav_main",
    "linked_user",
    "nd47_has_groups",
    "url_for",
    "url_is_local",
]

GROUPS = (".groups", "group.index")
"""Endings of the routes that list the groups of a dataset and of the portal."""

MEMBERS = ".members"
"""How the routes end that list the members of an agency or a group."""


@tk.chained_helper
def build_nav_main(original: Callable[..., Markup], *items: tuple[Any, ...]) -> Markup:
    """Build the main menu; it contains groups only if the portal has any."""
    return original(*(item for item in items if not _is_empty(item[0])))


@tk.chained_helper
def build_nav_icon(
    original: Callable[..., Markup], menu_item: str, title: str, **options: Any
) -> Markup:
    """Build one tab of a page; none that leads to an empty page or to a refusal."""
    if _is_empty(menu_item) or _is_closed(menu_item, options):
        return Markup()
    return original(menu_item, title, **options)


@tk.chained_helper
def linked_user(original: Callable[..., Any], user: Any, *args: Any, **options: Any) -> Any:
    """Return a link to an account; no name for readers who may not see accounts.

    The activity stream of a dataset is public, also where accounts are not.
    """
    if not tk.h.check_access("user_show", {"id": getattr(user, "id", user)}):
        return tk._("An account of the portal")
    return original(user, *args, **options)


@tk.chained_helper
def url_for(original: Callable[..., str], *args: Any, **parts: Any) -> str:
    """Return a URL; a dataset of a type without pages gets the URL of an ordinary dataset.

    Plugins that were disabled, such as harvesters, leave such datasets behind, and lists that
    contain one would fail.
    """
    try:
        return original(*args, **parts)
    except BuildError:
        blueprint, _, page = str(args[0] if args else "").partition(".")
        if page != "read" or blueprint in current_app.blueprints:
            raise
        return original("dataset.read", *args[1:], **parts)


@tk.chained_helper
def url_is_local(original: Callable[[str], bool], url: str) -> bool:
    """Return whether a URL is one of the portal; False for an invalid URL."""
    try:
        return original(url)
    except ValueError:
        return False


def _is_empty(route: str) -> bool:
    return route.endswith(GROUPS) and not nd47_has_groups()


def _is_closed(route: str, arguments: dict[str, Any]) -> bool:
    """Say whether a visitor may not see the members that a tab leads to."""
    if not route.endswith(MEMBERS) or tk.current_user.is_authenticated:
        return False
    data_dict = {"id": arguments.get("id"), "object_type": "user"}
    return not tk.h.check_access("member_list", data_dict)


def nd47_has_groups() -> bool:
    """Return whether the portal has a group."""
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
"""Models by the kind of records."""

_SHOW = {
    "dataset": "package_show",
    "organization": "organization_show",
    "group": "group_show",
}
_KIND_OF = {"dataset": "dataset", "organization": "organization", "group": "organization"}
"""Kinds of records by the first part of the path; the names of all groups are in one table."""

_NAME = r"([a-z0-9_-]{2,100})"
_ADDRESS = re.compile(rf"/(dataset|organization|group)/{_NAME}(?=[/.]|$)")
_PAGE = re.compile(rf"/(dataset|organization|group)/([a-z_]{{2,30}})/{_NAME}(?=[/.]|$)")
"""A page of a record, with the name in the second place, as in `/dataset/activity/<name>`."""
_LISTENING: set[str] = set()


def record_former_names() -> None:
    """Record all changes of names from now on."""
    for kind, record in KINDS.items():
        if kind not in _LISTENING:
            event.listen(record, "after_update", _record_change_of(kind))
            _LISTENING.add(kind)


def _record_change_of(kind: str) -> Any:
    def listener(_mapper: Any, connection: sa.Connection, record: Any) -> None:
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

    return listener


def _has_table(connection: Any) -> bool:
    """Return whether the table exists; not cached, because names rarely change."""
    return connection.scalar(sa.select(sa.func.to_regclass(TABLE.name))) is not None


def redirect_former_name(response: Response) -> Any:
    """Redirect from a former name to the current one instead of answering 404."""
    if response.status_code != 404 or request.method not in ("GET", "HEAD"):  # noqa: PLR2004 - HTTP
        return response
    address = _current_address(request.path)
    if not address:
        return response
    query = request.query_string.decode("utf-8", "replace")
    moved = redirect(tk.h.url_for(address) + (f"?{query}" if query else ""), 301)
    # Not cached: other users may not see the record, and the name may be reused.
    moved.headers["Cache-Control"] = "private, no-store"
    return moved


def _current_address(path: str) -> str:
    """Return a path with the current name in the place of a former one, empty without one."""
    for pattern in (_ADDRESS, _PAGE):
        if (match := pattern.match(path)) and (name := _current_name(match[1], match.groups()[-1])):
            end = match.end()
            return f"{path[: match.start(len(match.groups()))]}{name}{path[end:]}"
    return ""


def _current_name(path_kind: str, name: str) -> str:
    """Return the current name of a record, empty if the user may not see it."""
    kind = _KIND_OF[path_kind]
    record = KINDS[kind]
    current_holder = sa.select(record.id).where(record.name == name)
    if not _has_table(model.Session) or model.Session.scalar(current_holder) is not None:
        return ""
    former_holder = sa.select(TABLE.c.record_id).where(TABLE.c.kind == kind, TABLE.c.name == name)
    record_id = model.Session.scalar(former_holder)
    if record_id is None:
        return ""
    try:
        tk.check_access(_SHOW[path_kind], {}, {"id": record_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return ""
    current = sa.select(record.name).where(record.id == record_id, record.state == "active")
    if kind == "organization":
        current = current.where(record.is_organization.is_(path_kind == "organization"))
    return model.Session.scalar(current) or ""
