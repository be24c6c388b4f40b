"""The columns that catalogues in force expect in the files of a dataset, for their check."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.items import progress
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.catalogue.records.model import Catalogue, Item, Link


def of_dataset(dataset_id: str, **_more: Any) -> list[list[list[str]]]:
    """Return for each item that lists a dataset its columns, each with all of its names."""
    if not tables.ready():
        return []
    query = (
        sa.select(Item.columns)
        .join(Link, Link.line_id == Item.line_id)
        .join(Catalogue, Catalogue.id == Item.catalogue_id)
        .where(progress.in_force(), Link.dataset_id == dataset_id)
        .order_by(Catalogue.id, Item.position)
    )
    return [
        [[column["name"], *column["aliases"]] for column in columns if column["name"]]
        for columns in model.Session.scalars(query)
    ]
