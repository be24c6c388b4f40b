"""What the pages of the rooms have in common: who may open them, and the pages of their lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page

from ckanext.nd47.lib.web import http

LAST_PAGE = 10**6
"""No list has as many pages; a larger number in an address is not computed with."""


class Tables(Protocol):
    """The tables of a room, which a migration makes; see `lib.database.migrated_table`."""

    def ready(self) -> bool:
        """Return whether they exist."""
        ...

    def message(self) -> str:
        """Return the command to run if they do not."""
        ...


def require_account(tables: Tables | None = None) -> Callable[[], Response | None]:
    """Return a function for `before_request`: visitors log in first, and come back afterwards.

    Args:
        tables: those without which the pages are refused.
    """

    def require() -> Response | None:
        if not tk.g.user:
            return to_log_in()
        if tables:
            require_tables(tables)
        return None

    return require


def to_log_in() -> Response:
    """Return the way to log in, and back to the same address afterwards."""
    return tk.redirect_to("user.login", came_from=tk.request.full_path.rstrip("?"))


def require_sysadmin(tables: Tables | None = None, action: str = "sysadmin") -> Callable[[], None]:
    """Return a function for `before_request`: everybody except system administrators is refused.

    Args:
        tables: those without which the pages are refused.
        action: the action of the pages, whose access is checked.
    """

    def require() -> None:
        try:
            tk.check_access(action, http.user_context(), {})
        except tk.NotAuthorized:
            tk.abort(403, tk._("Need to be system administrator to administer"))
        if tables:
            require_tables(tables)

    return require


def require_tables(tables: Tables) -> None:
    """Refuse a page as long as the tables of its room are missing."""
    if not tables.ready():
        tk.abort(503, tables.message())


def number() -> int:
    """Return the number of the page of a list that is asked for, from 1."""
    text = tk.request.args.get("page", "1")
    is_number = text.isascii() and text.isdigit() and len(text) < len(str(LAST_PAGE))
    return max(int(text), 1) if is_number else 1


def pager(address: Callable[[int], str], page: int, count: int, per_page: int) -> Page:
    """Return the links to the other pages of a list.

    Args:
        address: returns the address of a page by its number.
        page: the number of the page that is shown.
        count: how many entries the list has.
        per_page: how many of them are on a page.
    """
    return Page(
        collection=range(count),
        page=page,
        url=lambda page, **_more: address(page),
        item_count=count,
        items_per_page=per_page,
        presliced_list=True,
    )
