"""Edition against edition: items added, removed, and changed by field, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.records import fields
from ckanext.nd47.catalogue.records.model import Catalogue, Item
from ckanext.nd47.lib.vocabularies import vocabulary


class ChangeDict(TypedDict):
    """A field that differs."""

    field: str
    label: str
    before: str
    after: str


class ItemChangeDict(TypedDict):
    """An item of one edition or of both; `code` and `name` as in the later one."""

    line_id: str
    code: str
    name: str
    provider: str
    changes: list[ChangeDict]


class ComparedItemsDict(TypedDict):
    """What is different in the items of an edition; `unchanged` counts the other ones."""

    added: list[ItemChangeDict]
    removed: list[ItemChangeDict]
    changed: list[ItemChangeDict]
    unchanged: int


class ComparisonDict(ComparedItemsDict):
    """What is different in an edition."""

    document: list[ChangeDict]


def compare(before: Catalogue, after: Catalogue, *, officers: bool) -> ComparisonDict:
    """Return what is different in the later of two editions.

    Items are the same where they are of one line, otherwise where they have the same code; so
    catalogues of different series can be compared too.

    Args:
        before: the earlier edition.
        after: the later edition.
        officers: whether the reader sees what only officers see.
    """
    old, new = _items(before.id), _items(after.id)
    with vocabulary.preloaded():
        compared = _compared(old, new, fields.of_items_for(officers=officers))
        return {"document": _of_document(before, after), **compared}


def _compared(
    old: Mapping[str, Item], new: Mapping[str, Item], known: Sequence[fields.Field]
) -> ComparedItemsDict:
    pairs = _pairs(old, new)
    matched = {item.id for item in pairs.values()}
    added = [_item(item) for item in new.values() if item.id not in pairs]
    removed = [_item(item) for item in old.values() if item.id not in matched]
    differing = (
        (item, _different(pairs[item.id], item, known)) for item in new.values() if item.id in pairs
    )
    changed: list[ItemChangeDict] = [
        {**_item(item), "changes": changes} for item, changes in differing if changes
    ]
    return {
        "added": added,
        "removed": removed,
        "changed": changed,
        "unchanged": len(pairs) - len(changed),
    }


def _items(catalogue_id: str) -> dict[str, Item]:
    query = sa.select(Item).where(Item.catalogue_id == catalogue_id).order_by(Item.position)
    return {item.line_id: item for item in model.Session.scalars(query)}


def _pairs(old: Mapping[str, Item], new: Mapping[str, Item]) -> dict[str, Item]:
    """Return the earlier item by the id of the later one."""
    pairs = {item.id: old[line_id] for line_id, item in new.items() if line_id in old}
    used = {item.id for item in pairs.values()}
    by_code = {item.code: item for item in old.values() if item.code and item.id not in used}
    for item in new.values():
        if item.id not in pairs and item.code in by_code:
            pairs[item.id] = by_code.pop(item.code)
    return pairs


def _of_document(old: Catalogue, new: Catalogue) -> list[ChangeDict]:
    document = [field for field in fields.of_catalogues() if field.group == "document"]
    return _different(
        old, new, [field for field in document if field.name not in ("relation", "related")]
    )


def _different(
    old: Item | Catalogue,
    new: Item | Catalogue,
    compared: Sequence[fields.Field],
) -> list[ChangeDict]:
    return [
        {
            "field": field.name,
            "label": field.title,
            "before": fields.in_words(field, getattr(old, field.name)),
            "after": fields.in_words(field, getattr(new, field.name)),
        }
        for field in compared
        if getattr(old, field.name) != getattr(new, field.name)
    ]


def _item(item: Item) -> ItemChangeDict:
    return {
        "line_id": item.line_id,
        "code": item.code,
        "name": item.name,
        "provider": item.provider,
        "changes": [],
    }
