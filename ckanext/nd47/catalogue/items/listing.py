"""Items as lists, pages and the API show them, in a constant number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.editions import shown
from ckanext.nd47.catalogue.items import progress
from ckanext.nd47.catalogue.records import fields
from ckanext.nd47.catalogue.records.model import Catalogue, Item, Line, Link
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary

FILTERS = ("q", "provider", "field", "status", "sharing_class", "group_title")
UNPUBLISHED = "unpublished"
"""Filter for what has no public dataset."""


class ItemPage(TypedDict):
    """A page of items; `counts` has those of each status, without the filter of the status."""

    count: int
    counts: dict[str, int]
    results: list[dict[str, Any]]


class DatasetDict(TypedDict):
    """A dataset of an item; `state` is `downloadable`, `registered`, `hidden` or `purged`."""

    id: str
    name: str
    title: str
    state: str


def page(
    conditions: Sequence[sa.ColumnElement[bool]],
    filters: Mapping[str, str],
    limit: int,
    offset: int,
    *,
    officers: bool,
) -> ItemPage:
    """Return a page of items.

    Args:
        conditions: which items; about `Item` and `Catalogue`.
        filters: of `FILTERS`, each optional.
        limit: items at most.
        offset: items before the page.
        officers: whether the reader sees what only officers see.
    """
    each = progress.statement(*conditions, *_conditions(filters))
    if UNPUBLISHED in filters:
        each = sa.select(each).where(_is_unpublished(each)).subquery("unpublished")
    by_status = model.Session.execute(
        sa.select(each.c.status, sa.func.count()).group_by(each.c.status)
    ).tuples()
    counts = {**dict.fromkeys(progress.STATUSES, 0), **dict(by_status.all())}
    status = filters.get("status")
    query = (
        sa.select(Item, Line, each, Catalogue)
        .join(each, each.c.item_id == Item.id)
        .join(Line, Line.id == Item.line_id)
        .join(Catalogue, Catalogue.id == Item.catalogue_id)
        .order_by(Catalogue.title, Catalogue.id, Item.position, Item.id)
        .limit(limit)
        .offset(offset)
    )
    if status:
        query = query.where(each.c.status == status)
    rows = model.Session.execute(query).all()
    load_agencies([row.Item for row in rows])
    with vocabulary.preloaded():
        results = [as_dict(row, officers=officers) for row in rows]
    count = counts.get(status, 0) if status else sum(counts.values())
    return {"count": count, "counts": counts, "results": results}


def count_unpublished(
    conditions: Sequence[sa.ColumnElement[bool]], filters: Mapping[str, str]
) -> int:
    """Return how many items have no public dataset; the arguments are those of `page`."""
    each = progress.statement(*conditions, *_conditions(filters))
    query = sa.select(sa.func.count(each.c.item_id)).where(_is_unpublished(each))
    return model.Session.scalar(query) or 0


def _is_unpublished(each: sa.Subquery) -> sa.ColumnElement[bool]:
    return sa.and_(each.c.published == 0, each.c.first_provided.is_(None))


def one(item: Item, *, officers: bool) -> dict[str, Any]:
    """Return an item with its datasets."""
    each = progress.statement(Item.id == item.id)
    row = model.Session.execute(
        sa.select(Item, Line, each, Catalogue)
        .join(each, each.c.item_id == Item.id)
        .join(Line, Line.id == Item.line_id)
        .join(Catalogue, Catalogue.id == Item.catalogue_id)
    ).one()
    load_agencies([item])
    return {**as_dict(row, officers=officers), "linked": datasets(item.line_id, officers=officers)}


def datasets(line_id: str, *, officers: bool) -> list[DatasetDict]:
    """Return the datasets of a line; visitors see public ones only."""
    public = progress.is_public()
    query = (
        sa.select(
            Link.dataset_id,
            Link.title.label("linked_title"),
            model.Package.name,
            model.Package.title,
            sa.case(
                (model.Package.id.is_(None), "purged"),
                (~public, "hidden"),
                (progress.has_files(), progress.DOWNLOADABLE),
                else_=progress.REGISTERED,
            ).label("state"),
        )
        .join(model.Package, model.Package.id == Link.dataset_id, isouter=True)
        .where(Link.line_id == line_id, sa.true() if officers else public)
        .order_by(Link.created, Link.dataset_id)
    )
    return [
        {
            "id": row.dataset_id,
            "name": row.name or "",
            "title": row.title or row.linked_title or row.name or row.dataset_id,
            "state": row.state,
        }
        for row in model.Session.execute(query)
    ]


def load_agencies(items: Sequence[Item]) -> None:
    """Read the agencies of items with those that took over, in two statements at most."""
    ids = {item.provider_id for item in items} | {item.responsible_id for item in items}
    shown.load_agencies(ids)


def as_dict(row: Any, *, officers: bool) -> dict[str, Any]:
    """Return a row of item, line, progress and edition for the API."""
    item: Item = row.Item
    known = fields.of_items()
    made: dict[str, Any] = {
        "id": item.id,
        "line_id": item.line_id,
        "catalogue_id": item.catalogue_id,
        "catalogue_name": row.Catalogue.name,
        "catalogue_title": row.Catalogue.title,
        "catalogue_state": row.Catalogue.state,
        "position": item.position,
        "version": item.version,
        **fields.written(item, known),
        "other": item.other,
        "words": {field.name: fields.in_words(field, getattr(item, field.name)) for field in known},
        "provider_agency": shown.agency(item.provider_id, item.provider),
        "responsible_agency": shown.agency(item.responsible_id, item.responsible),
        "status": row.status,
        "is_late": row.is_late,
        "first_provided": row.first_provided or "",
        "stated_first_day": dates.iso(row.Line.first_provided),
        "chosen_status": row.Line.status,
        "reason": row.Line.reason,
        "line_version": row.Line.version,
        "datasets": row.datasets,
        "published": row.published,
        "with_files": row.with_files,
    }
    for name in ("provider", "responsible"):
        made["words"][name] = made[f"{name}_agency"]["title"]
    if not officers:
        for name in fields.FOR_OFFICERS:
            made[name] = made["words"][name] = ""
        # Nobody has decided what is in a column that no field is for; it may name a person.
        made["other"] = {}
    return made


def statuses(language: str) -> dict[str, str]:
    """Return the titles of the statuses."""
    return {
        code: vocabulary.label("catalogue-item-status", code, language)
        for code in progress.STATUSES
    }


def _conditions(filters: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    conditions = [
        getattr(Item, name) == filters[name]
        for name in ("field", "sharing_class", "group_title")
        if name in filters
    ]
    if "provider" in filters:
        conditions.append(Item.provider_id == filters["provider"])
    conditions += [
        Item.folded.contains(word, autoescape=True)
        for word in text.query_words(filters.get("q", ""))
    ]
    return conditions
