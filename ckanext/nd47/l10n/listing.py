"""Lists of organisations and groups, sorted in Vietnamese order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import DataDict

from ckanext.nd47.l10n.search import suggestions
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.language.text import sort_key
from ckanext.nd47.lib.web import http

TITLE_SORTS = {
    "title": False,
    "title asc": False,
    "name": False,
    "name asc": False,
    "title desc": True,
    "name desc": True,
}
"""Values of `sort` that sort by title, and whether the order is reversed.

CKAN's pages use "name" for the order of titles.
"""

NAMES_PARAMETER = {True: "organizations", False: "groups"}
"""Parameter that restricts a list to some names, for organisations and for groups."""


@dataclass(frozen=True)
class ListRequest:
    """Parameters of a list of organisations or groups.

    Attributes:
        query: words to search for.
        reverse: whether the order of titles is reversed, None for other orders.
        limit: maximum number of rows of the page.
        offset: number of rows before the page.
    """

    query: str
    reverse: bool | None
    limit: int
    offset: int


def parse_request(data_dict: DataDict) -> ListRequest | None:
    """Return the parameters of a list, None if it is left to CKAN."""
    sort = (
        data_dict.get("sort") or data_dict.get("order_by") or tk.config["ckan.default_group_sort"]
    )
    query = data_dict.get("q") or ""
    if not isinstance(sort, str) or not isinstance(query, str):
        return None
    reverse = TITLE_SORTS.get(" ".join(sort.lower().split()))
    if reverse is None and not query.strip():
        return None
    try:
        limit, offset = int(data_dict.get("limit") or 0), int(data_dict.get("offset") or 0)
    except (TypeError, ValueError):
        return None
    if limit < 0 or offset < 0:
        return None
    max_rows = _max_rows(data_dict)
    words = text.search_words(query)
    return ListRequest(words, reverse, min(limit or max_rows, max_rows), offset)


def matching_groups(
    data_dict: DataDict, request: ListRequest, *, is_org: bool
) -> list[tuple[str, str]]:
    """Return id and name of all matching groups, sorted if the order is that of titles."""
    group = model.Group
    group_type = data_dict.get("type") or ("organization" if is_org else "group")
    query = sa.select(group.id, group.name, group.title).where(
        group.state == "active", group.is_organization == is_org, group.type == group_type
    )
    if names := data_dict.get(NAMES_PARAMETER[is_org]):
        query = query.where(group.name.in_(tk.aslist(names, ",")))
    if request.query:
        query = query.where(
            suggestions.contains(
                [group.name, group.title, group.description], request.query, is_org=is_org
            )
        )
    rows = list(model.Session.execute(query))
    if request.reverse is not None:
        title = suggestions.shown_title if is_org and http.is_page() else _stored_title
        rows.sort(
            key=lambda row: (sort_key(title(row.name, row.title)), row.name),
            reverse=request.reverse,
        )
    return [(row.id, row.name) for row in rows]


def _stored_title(name: str, title: str) -> str:
    return title or name


def _max_rows(data_dict: DataDict) -> int:
    """Return the number of rows that CKAN's configuration allows."""
    option = "all_fields_max" if tk.asbool(data_dict.get("all_fields")) else "max"
    return int(tk.config[f"ckan.group_and_organization_list_{option}"])


def in_order(groups: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """Return groups in the order of a list of names."""
    position = {name: number for number, name in enumerate(names)}
    return sorted(groups, key=lambda group: position[group["name"]])
