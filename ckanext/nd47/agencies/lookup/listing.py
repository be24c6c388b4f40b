"""Lists of agencies and focal points: searched, ordered and paged by the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.web import http

ESCAPE = "\\"


class ListedFocalPoint(permissions.FocalPointDict):
    """A focal point with code, level, name and title of its agency."""

    agency_code: str
    agency_level: str
    agency_name: str
    agency_title: str


class FocalPointPage(TypedDict):
    """A page of focal points, and how many there are."""

    count: int
    results: list[ListedFocalPoint]


class AgencyPage(TypedDict):
    """A page of agencies, and how many there are."""

    count: int
    results: list[permissions.AgencyDict]


def focal_points(
    filters: Mapping[str, Any], limit: int | None, offset: int, level: permissions.Level = "public"
) -> FocalPointPage:
    """Return the number of focal points, and a page of them by agency, role and rank.

    Args:
        filters: `q` (words, with or without diacritics), `agency_id`, `role`, `level` and
            `all_terms`; all are optional.
        limit: entries of the page; None for all.
        offset: entries before the page.
        level: what the reader may see; `q` searches only that.
    """
    conditions: list[sa.ColumnElement[bool]] = []
    if not filters.get("all_terms"):
        conditions.append(permissions.is_public())
    elif not filters.get("agency_id"):
        conditions.append(model.Group.state == model.State.ACTIVE)
    for name, column in (
        ("agency_id", FocalPoint.agency_id),
        ("role", FocalPoint.role),
        ("level", Agency.level),
    ):
        if filters.get(name):
            conditions.append(column == filters[name])
    searched = permissions.public_fields() if level == "public" else permissions.CHOICES
    columns = [Agency.folded, *(FocalPoint.folded[name].astext for name in searched)]
    conditions += _words(filters.get("q"), columns)
    query = (
        sa.select(FocalPoint, Agency.code, Agency.level, model.Group.name, model.Group.title)
        .join(Agency, Agency.id == FocalPoint.agency_id)
        .join(model.Group, model.Group.id == Agency.id)
        .where(*conditions)
    )
    ordered = query.order_by(_by_name(), Agency.id, *directory.contact_order())
    rows = model.Session.execute(ordered.limit(limit).offset(offset)).all()
    entries: list[ListedFocalPoint] = [
        {
            **permissions.view(record, level),
            "agency_code": code or "",
            "agency_level": agency_level,
            "agency_name": name,
            "agency_title": title or name,
        }
        for record, code, agency_level, name, title in rows
    ]
    return {"count": _count(query, len(rows), limit, offset), "results": entries}


def agencies(filters: Mapping[str, Any], limit: int | None, offset: int) -> AgencyPage:
    """Return the number of agencies, and a page of them by name.

    Args:
        filters: `q`, `level` and `parent_id`; all are optional.
        limit: entries of the page; None for all.
        offset: entries before the page.
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
    ordered = query.order_by(_by_name(), Agency.id)
    rows = model.Session.execute(ordered.limit(limit).offset(offset)).all()
    entries = [permissions.agency_view(row[0], row[1]) for row in rows]
    return {"count": _count(query, len(rows), limit, offset), "results": entries}


def _by_name() -> sa.ColumnElement[Any]:
    """Return the order of agencies by name: on English pages by the names that these show.

    The order of the API does not depend on the language.
    """
    if not (http.is_page() and http.language().startswith(directory.ENGLISH)):
        return Agency.in_order()
    ids = [agency_id for agency_id, _title in directory.titles()]
    return sa.func.array_position(sa.cast(ids, ARRAY(sa.Text)), Agency.id)


def _count(query: sa.Select[Any], length: int, limit: int | None, offset: int) -> int:
    if limit is None:
        return offset + length
    counted = query.with_only_columns(sa.func.count(), maintain_column_froms=True)
    return model.Session.scalar(counted) or 0


def _words(q: Any, columns: list[Any]) -> list[sa.ColumnElement[bool]]:
    """Return the condition that each word is in one of the columns."""
    words = text.query_words(str(q)) if q else []
    return [
        sa.or_(*(column.contains(word, autoescape=True, escape=ESCAPE) for column in columns))
        for word in words
    ]
