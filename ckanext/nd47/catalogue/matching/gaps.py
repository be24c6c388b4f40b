"""Two views: listed and not published, published and not listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.editions import shown
from ckanext.nd47.catalogue.items import listing, progress
from ckanext.nd47.catalogue.matching import links
from ckanext.nd47.lib.database import spellings

UNPUBLISHED, UNLISTED = "unpublished", "unlisted"
VIEWS = (UNPUBLISHED, UNLISTED)


class GapPage(TypedDict):
    """A page of one view, with the numbers of both."""

    count: int
    unpublished: int
    unlisted: int
    results: list[dict[str, Any]]


def page(view: str, filters: Mapping[str, str], limit: int, offset: int) -> GapPage:
    """Return a page of a view.

    Args:
        view: one of `VIEWS`.
        filters: `q` and `agency` (an id), each optional.
        limit: rows at most.
        offset: rows before the page.
    """
    of_items = {name: value for name, value in filters.items() if name == "q"}
    if "agency" in filters:
        of_items["provider"] = filters["agency"]
    unpublished = listing.count_unpublished([progress.in_force()], of_items)
    conditions = _unlisted(filters)
    unlisted = model.Session.scalar(sa.select(sa.func.count(model.Package.id)).where(*conditions))
    if view == UNPUBLISHED:
        item_page = listing.page(
            [progress.in_force()],
            {**of_items, listing.UNPUBLISHED: "1"},
            limit,
            offset,
            officers=True,
        )
        results = item_page["results"]
    else:
        results = _datasets(conditions, limit, offset)
    counts = {UNPUBLISHED: unpublished, UNLISTED: unlisted or 0}
    return {
        "count": counts[view],
        "unpublished": counts[UNPUBLISHED],
        "unlisted": counts[UNLISTED],
        "results": results,
    }


def _unlisted(filters: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    listed = links.listed_in_force().subquery()
    conditions = [
        progress.is_public(),
        ~sa.exists().where(listed.c.dataset_id == model.Package.id),
    ]
    if "agency" in filters:
        conditions.append(model.Package.owner_org == filters["agency"])
    if "q" in filters:
        conditions.append(spellings.contains((model.Package.title,), filters["q"]))
    return conditions


def _datasets(
    conditions: list[sa.ColumnElement[bool]], limit: int, offset: int
) -> list[dict[str, Any]]:
    query = (
        sa.select(
            model.Package.id,
            model.Package.name,
            model.Package.title,
            model.Package.owner_org,
            progress.first_day().label("first_provided"),
            progress.has_files().label("with_files"),
        )
        .where(*conditions)
        .order_by(model.Package.title, model.Package.id)
        .limit(limit)
        .offset(offset)
    )
    rows = model.Session.execute(query).all()
    shown.load_agencies({row.owner_org for row in rows if row.owner_org})
    return [
        {
            "id": row.id,
            "name": row.name,
            "title": row.title or row.name,
            "agency": shown.agency(row.owner_org or ""),
            "first_provided": row.first_provided,
            "status": progress.DOWNLOADABLE if row.with_files else progress.REGISTERED,
        }
        for row in rows
    ]
