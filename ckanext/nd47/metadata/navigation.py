"""CKAN's menus and links: none leads to an empty page, and none that is broken breaks its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import current_app
from markupsafe import Markup
from werkzeug.routing import BuildError

import ckan.plugins.toolkit as tk
from ckan import model

__all__ = ["build_nav_icon", "build_nav_main", "url_for", "url_is_local"]

GROUPS = (".groups", "group.index")
"""How the routes end that list groups: of a dataset, and of the portal."""


@tk.chained_helper
def build_nav_main(original: Callable[..., Markup], *items: tuple[Any, ...]) -> Markup:
    """Build the main menu; groups are in it once the portal has one."""
    return original(*(item for item in items if not _is_empty(item[0])))


@tk.chained_helper
def build_nav_icon(
    original: Callable[..., Markup], menu_item: str, title: str, **given: Any
) -> Markup:
    """Build one tab of a page; that of the groups only once the portal has one."""
    return Markup() if _is_empty(menu_item) else original(menu_item, title, **given)


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


def _has_groups() -> bool:
    query = sa.exists().where(
        model.Group.is_organization.is_(False), model.Group.state == model.State.ACTIVE
    )
    return bool(model.Session.scalar(sa.select(query)))
