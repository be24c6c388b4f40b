"""Lists of agencies and groups in Vietnamese order, over all pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import DataDict

from ckanext.nd47.lib import http, text
from ckanext.nd47.lib.text import sort_key

TITLE_SORTS = {
    "title": False,
    "title asc": False,
    "name": False,
    "name asc": False,
    "title desc": True,
    "name desc": True,
}
"""Orders that are those of the title, and whether they run backwards.

CKAN's pages call the order of titles "name", and its order of `name` is that of addresses.
"""


CHOSEN = {True: "organizations", False: "groups"}
"""Parameters by which a caller narrows a list to some names: of agencies, of groups."""


@dataclass(frozen=True)
class Wanted:
    """What a list of agencies or groups was asked for.

    Attributes:
        query: words to look for.
        backwards: whether the order is reversed; None where it is not that of titles.
        limit: rows of the page at most.
        offset: rows before the page.
    """

    query: str
    backwards: bool | None
    limit: int
    offset: int


def wanted(data_dict: DataDict) -> Wanted | None:
    """Return what was asked for, None where CKAN's own list serves or refuses it."""
    sort = (
        data_dict.get("sort") or data_dict.get("order_by") or tk.config["ckan.default_group_sort"]
    )
    query = data_dict.get("q") or ""
    if not isinstance(sort, str) or not isinstance(query, str):
        return None
    backwards = TITLE_SORTS.get(" ".join(sort.lower().split()))
    if backwards is None and not query.strip():
        return None
    try:
        limit, offset = int(data_dict.get("limit") or 0), int(data_dict.get("offset") or 0)
    except (TypeError, ValueError):
        return None
    if limit < 0 or offset < 0:
        return None
    words = text.search_words(query)
    return Wanted(words, backwards, min(limit or _most(data_dict), _most(data_dict)), offset)


def names(data_dict: DataDict, asked: Wanted, *, is_org: bool) -> list[tuple[str, str]]:
    """Return id and name of all that match, in order where the order is that of titles."""
    group = model.Group
    kind = data_dict.get("type") or ("organization" if is_org else "group")
    query = sa.select(group.id, group.name, group.title).where(
        group.state == "active", group.is_organization == is_org, group.type == kind
    )
    if chosen := data_dict.get(CHOSEN[is_org]):
        query = query.where(group.name.in_(tk.aslist(chosen, ",")))
    if asked.query:
        query = query.where(
            text.sql_contains([group.name, group.title, group.description], asked.query)
        )
    rows = model.Session.execute(query).all()
    if asked.backwards is not None:
        shown = _shown if is_org and http.is_page() else _stored
        keyed = [(sort_key(shown(row.name, row.title)), row.name, row.id) for row in rows]
        rows = sorted(keyed, reverse=asked.backwards)
        return [(row[2], row[1]) for row in rows]
    return [(row.id, row.name) for row in rows]


def _stored(name: str, title: str) -> str:
    return title or name


def _shown(name: str, title: str) -> str:
    """Return the name of an agency in the language of the page, where the portal has a register."""
    stored = _stored(name, title)
    return tk.h.nd47_shown_title(name, stored) if "nd47_shown_title" in tk.h else stored


def _most(data_dict: DataDict) -> int:
    """Return the rows that CKAN's configuration allows."""
    whole = tk.asbool(data_dict.get("all_fields"))
    key = "all_fields_max" if whole else "max"
    return int(tk.config[f"ckan.group_and_organization_list_{key}"])


def in_order(records: list[dict[str, Any]], order: list[str]) -> list[dict[str, Any]]:
    """Return records in the order of their names."""
    place = {name: number for number, name in enumerate(order)}
    return sorted(records, key=lambda record: place[record["name"]])
