"""Lists of agencies and focal points: searched, ordered and paged by the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory, public
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib import text

ESCAPE = "\\"


def focal_points(
    filters: Mapping[str, Any], limit: int | None, offset: int, seen: public.Level = "public"
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many focal points there are, and a page of them by agency, role and rank.

    Args:
        filters: `q` (words without regard to diacritics), `agency_id`, `role`, `level` and
            `all_terms`; what is not named does not matter.
        limit: entries of the page; None for all.
        offset: entries before it.
        seen: what the reader may see. Words are looked for in nothing else.
    """
    conditions: list[sa.ColumnElement[bool]] = []
    if not filters.get("all_terms"):
        conditions.append(public.shown())
    elif not filters.get("agency_id"):
        conditions.append(model.Group.state == model.State.ACTIVE)
    for name, column in (
        ("agency_id", FocalPoint.agency_id),
        ("role", FocalPoint.role),
        ("level", Agency.level),
    ):
        if filters.get(name):
            conditions.append(column == filters[name])
    searched = public.fields() if seen == "public" else public.CHOICES
    places = [Agency.folded, *(FocalPoint.folded[name].astext for name in searched)]
    conditions += _words(filters.get("q"), places)
    query = (
        sa.select(FocalPoint, Agency.code, Agency.level, model.Group.name, model.Group.title)
        .join(Agency, Agency.id == FocalPoint.agency_id)
        .join(model.Group, model.Group.id == Agency.id)
        .where(*conditions)
    )
    ordered = query.order_by(Agency.in_order(), Agency.id, *directory.call_order())
    rows = model.Session.execute(ordered.limit(limit).offset(offset)).all()
    entries = [
        public.focal_point(
            row[0],
            seen,
            {
                "agency_code": row[1] or "",
                "agency_level": row[2],
                "agency_name": row[3],
                "agency_title": row[4] or row[3],
            },
        )
        for row in rows
    ]
    return _count(query, len(rows), limit, offset), entries


def agencies(
    filters: Mapping[str, Any], limit: int | None, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many agencies there are, and a page of them by name.

    Args:
        filters: `q`, `level` and `parent_id`; what is not named does not matter.
        limit: entries of the page; None for all.
        offset: entries before it.
    """
    conditions = [model.Group.state == model.State.ACTIVE]
    if filters.get("level"):
        conditions.append(Agency.level == filters["level"])
    if filters.get("parent_id"):
        conditions.append(Agency.parent_id == filters["parent_id"])
    conditions += _words(filters.get("q"), [Agency.folded])
    query = (
        sa.select(Agency, model.Group)
        .join(model.Group, model.Group.id == Agency.id)
        .where(*conditions)
    )
    ordered = query.order_by(Agency.in_order(), Agency.id)
    rows = model.Session.execute(ordered.limit(limit).offset(offset)).all()
    entries = [public.agency(row[0], row[1]) for row in rows]
    return _count(query, len(rows), limit, offset), entries


def _count(query: sa.Select[Any], found: int, limit: int | None, offset: int) -> int:
    if limit is None:
        return offset + found
    counted = query.with_only_columns(sa.func.count(), maintain_column_froms=True)
    return model.Session.scalar(counted) or 0


def _words(q: Any, places: list[Any]) -> list[sa.ColumnElement[bool]]:
    """Return the condition that each word stands in one of the places."""
    words = text.fold(text.search_words(str(q))).split() if q else []
    return [
        sa.or_(*(place.contains(word, autoescape=True, escape=ESCAPE) for place in places))
        for word in words
    ]
