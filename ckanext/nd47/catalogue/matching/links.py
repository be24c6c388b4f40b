"""Datasets of items: linked with a line, so that every edition has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.catalogue.items import progress
from ckanext.nd47.catalogue.records import history, stored
from ckanext.nd47.catalogue.records.history import About, Event
from ckanext.nd47.catalogue.records.model import Catalogue, Item, Link
from ckanext.nd47.lib import legal_basis
from ckanext.nd47.lib.calendar import dates


class ListedDict(TypedDict):
    """Where an issued catalogue lists a dataset."""

    dataset_id: str
    catalogue_id: str
    catalogue_name: str
    catalogue_title: str
    decision_number: str
    decision_date: str
    decision_url: str
    issuer: str
    line_id: str
    item_code: str
    item_name: str


def link(user_id: str, item: Item, packages: Sequence[model.Package]) -> None:
    """Link datasets with the line of an item and commit; nothing changes for linked ones."""
    catalogue_id, line_id = item.catalogue_id, item.line_id
    # Nobody deletes the line meanwhile.
    stored.lock_line(line_id)
    rows = [
        {
            "line_id": line_id,
            "dataset_id": package.id,
            "title": package.title or package.name,
            "linked_by": user_id,
        }
        for package in packages
    ]
    added = model.Session.scalars(
        insert(Link).values(rows).on_conflict_do_nothing().returning(Link.dataset_id)
    ).all()
    events = [About(line_id=line_id, after={"dataset": dataset_id}) for dataset_id in added]
    history.add_all(catalogue_id, Event.LINK, user_id, events)
    legal_basis.changed.send(list(added))
    model.Session.commit()


def unlink(user_id: str, item: Item, dataset_ids: Sequence[str]) -> None:
    """Unlink datasets from the line of an item and commit; purged datasets too."""
    gone = model.Session.scalars(
        sa.delete(Link)
        .where(Link.line_id == item.line_id, Link.dataset_id.in_(dataset_ids))
        .returning(Link.dataset_id)
    ).all()
    events = [About(line_id=item.line_id, before={"dataset": dataset_id}) for dataset_id in gone]
    history.add_all(item.catalogue_id, Event.UNLINK, user_id, events)
    legal_basis.changed.send(list(gone))
    model.Session.commit()


def listed_in_force() -> sa.Select[tuple[str]]:
    """Return the statement for the ids of the datasets that a catalogue in force lists."""
    return (
        sa.select(Link.dataset_id)
        .join(Item, Item.line_id == Link.line_id)
        .join(Catalogue, Catalogue.id == Item.catalogue_id)
        .where(progress.in_force())
    )


def editions_changed(catalogue_ids: Sequence[str]) -> None:
    """Say that the decisions of all datasets of some editions change, before the commit."""
    query = (
        sa.select(Link.dataset_id)
        .join(Item, Item.line_id == Link.line_id)
        .where(Item.catalogue_id.in_(catalogue_ids))
        .distinct()
    )
    legal_basis.changed.send(list(model.Session.scalars(query)))


def of_datasets(dataset_ids: Sequence[str]) -> list[ListedDict]:
    """Return where catalogues in force list datasets, in one statement."""
    query = (
        sa.select(
            Link.dataset_id,
            Catalogue.id.label("catalogue_id"),
            Catalogue.name.label("catalogue_name"),
            Catalogue.title.label("catalogue_title"),
            Catalogue.decision_number,
            Catalogue.decision_date,
            Catalogue.decision_url,
            Catalogue.issuer,
            Item.line_id,
            Item.code.label("item_code"),
            Item.name.label("item_name"),
        )
        .join(Item, Item.line_id == Link.line_id)
        .join(Catalogue, Catalogue.id == Item.catalogue_id)
        .where(progress.in_force(), Link.dataset_id.in_(list(dataset_ids)))
        .order_by(Link.dataset_id, Catalogue.decision_date, Catalogue.id, Item.position)
    )
    return [
        ListedDict(**{**row, "decision_date": dates.iso(row["decision_date"])})
        for row in model.Session.execute(query).mappings()
    ]
