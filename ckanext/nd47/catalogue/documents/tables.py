"""An edition as the table that is printed and downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.items import listing
from ckanext.nd47.catalogue.records import fields
from ckanext.nd47.catalogue.records.model import Catalogue, Item
from ckanext.nd47.lib import config
from ckanext.nd47.lib.files import printed_columns
from ckanext.nd47.lib.files.printed_columns import PrintedColumn
from ckanext.nd47.lib.vocabularies import vocabulary

PRINTED, ALL = CHOICES = ("printed", "all")
NUMBER = "number"
"""The column with the running number, which is always the first."""


class ColumnDict(TypedDict):
    """A column: name of its field, and its title."""

    name: str
    title: str


class TableRow(TypedDict):
    """An item: heading of its group, and its cells in the order of the columns."""

    group: str
    cells: list[str]


class TableDict(TypedDict):
    """A table of items."""

    title: str
    columns: list[ColumnDict]
    rows: list[TableRow]


def titles() -> dict[str, str]:
    """Return the titles of all columns by name."""
    return {field.name: field.title for field in fields.of_items()}


def printed() -> list[PrintedColumn]:
    """Return the columns that the portal has chosen for the annex."""
    return printed_columns.usable(config.catalogue_columns(), titles(), fields.default_columns())


def of_edition(catalogue: Catalogue, which: str, *, officers: bool) -> TableDict:
    """Return the items of an edition, in its order, with a running number.

    Args:
        catalogue: the edition.
        which: `printed` or `all`.
        officers: whether the reader sees what only officers see.
    """
    chosen = (
        printed()
        if which == PRINTED
        else [PrintedColumn(name, title) for name, title in titles().items()]
    )
    readable = {field.name for field in fields.of_items_for(officers=officers)}
    shown = [column for column in chosen if column.name in readable]
    items = model.Session.scalars(
        sa.select(Item).where(Item.catalogue_id == catalogue.id).order_by(Item.position, Item.id)
    ).all()
    listing.load_agencies(items)
    with vocabulary.preloaded():
        rows = _rows(items, shown)
    return {
        "title": catalogue.title,
        "columns": [
            {"name": NUMBER, "title": tk._("No.")},
            *({"name": column.name, "title": column.title} for column in shown),
        ],
        "rows": rows,
    }


def _rows(items: Sequence[Item], shown: Sequence[PrintedColumn]) -> list[TableRow]:
    known = fields.by_name()
    return [
        {
            "group": item.group_title,
            "cells": [
                str(number),
                *(cell(item, known[column.name]) for column in shown),
            ],
        }
        for number, item in enumerate(items, start=1)
    ]


def cell(item: Item, field: fields.Field) -> str:
    """Return a field of an item as people read it; of an agency the name in the document."""
    if field.kind == "agency":
        written = getattr(item, field.name)
        agency = directory.get(getattr(item, f"{field.name}_id"))
        return written or (directory.display_title(agency) if agency else "")
    return fields.in_words(field, getattr(item, field.name))
