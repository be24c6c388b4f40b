"""CKAN's menus without the entries that lead to an empty page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

import ckan.plugins.toolkit as tk
from ckan import model

__all__ = ["build_nav_icon", "build_nav_main"]

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


def _is_empty(route: str) -> bool:
    return route.endswith(GROUPS) and not _has_groups()


def _has_groups() -> bool:
    query = sa.exists().where(
        model.Group.is_organization.is_(False), model.Group.state == model.State.ACTIVE
    )
    return bool(model.Session.scalar(sa.select(query)))
