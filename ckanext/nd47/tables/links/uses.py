"""Collects the addresses of the datasets: files, and fields of the dataset with an address."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import records
from ckanext.nd47.tables.links.model import LinkCheck, LinkUse
from ckanext.nd47.tables.links.outcome import host_of

BATCH = 200
"""Datasets of a transaction."""

SCHEMES = ("http://", "https://")
UPLOAD = "upload"
UPLOADED = "upload:"
LONGEST = 2000
"""Characters of an address; longer ones are not checked."""

FIELDS = ("url", "usage_regulation")
SEVERAL = ("documentation",)
GROUPS = {"national_portal": "url", "contact": "url"}
"""Fields with the address of a page, by the names of the nd47 schema."""


class Use(NamedTuple):
    """An address and the place where it stands."""

    address: str
    resource_id: str
    field: str


def key_of(address: str) -> str:
    """Return the key of an address."""
    return hashlib.sha256(address.encode()).hexdigest()[:40]


def collect() -> int:
    """Store the addresses of all published datasets, batch by batch; return the number of datasets.

    It can be interrupted and repeated: each batch is a transaction.
    """
    after, count = "", 0
    while page := _page(after):
        _store(page)
        model.Session.commit()
        after, count = page[-1]["id"], count + len(page)
    _forget()
    model.Session.commit()
    return count


def of_dataset(dataset: Mapping[str, Any]) -> Iterator[Use]:
    """Yield the addresses of a dataset that can be checked."""
    for resource in dataset["resources"]:
        if resource.get("url_type") == UPLOAD:
            yield Use(f"{UPLOADED}{resource['id']}", resource["id"], "url")
        elif not resource.get("url_type"):
            yield from _use(resource.get("url"), resource["id"], "url")
    for name in FIELDS:
        yield from _use(dataset_reader.text(dataset, name), "", name)
    for name in SEVERAL:
        for address in dataset_reader.codes(dataset, name):
            yield from _use(address, "", name)
    for name, part in GROUPS.items():
        for group in dataset_reader.groups(dataset, name):
            yield from _use(group.get(part), "", name)


def _use(address: Any, resource_id: str, field: str) -> Iterator[Use]:
    text = str(address or "").strip()
    if text.lower().startswith(SCHEMES) and len(text) <= LONGEST and inputs.storable(text):
        yield Use(text, resource_id, field)


def _page(after: str) -> list[dict[str, Any]]:
    table = model.package_table
    query = (
        sa.select(table.c.id)
        .where(
            table.c.id > after,
            table.c.state == model.State.ACTIVE,
            table.c.type.in_({*records.governed_types(), dataset_fields.DEFAULT_TYPE}),
        )
        .order_by(table.c.id)
        .limit(BATCH)
    )
    ids = list(model.Session.scalars(query))
    return records.by_ids(ids) if ids else []


def _store(datasets: list[dict[str, Any]]) -> None:
    """Store the addresses of datasets in place of those of before."""
    uses = {
        (dataset["id"], use.resource_id, use.field, key_of(use.address)): use
        for dataset in datasets
        for use in of_dataset(dataset)
    }
    _add({use.address for use in uses.values()})
    rows = [
        {"dataset_id": dataset_id, "resource_id": resource_id, "field": field, "key": key}
        for dataset_id, resource_id, field, key in uses
    ]
    if rows:
        model.Session.execute(insert(LinkUse).values(rows).on_conflict_do_nothing())
    gone = sa.tuple_(LinkUse.dataset_id, LinkUse.resource_id, LinkUse.field, LinkUse.key)
    statement = sa.delete(LinkUse).where(
        LinkUse.dataset_id.in_([dataset["id"] for dataset in datasets])
    )
    if uses:
        statement = statement.where(gone.not_in(list(uses)))
    model.Session.execute(statement.execution_options(synchronize_session=False))


def _add(addresses: Iterable[str]) -> None:
    # In one order, so that two runs never wait for each other the wrong way round.
    rows = [
        {"key": key_of(address), "address": address, "host": host_of(address)}
        for address in sorted(addresses)
    ]
    if rows:
        model.Session.execute(insert(LinkCheck).values(rows).on_conflict_do_nothing())


def _forget() -> None:
    """Delete addresses that no published dataset has any more."""
    published = sa.select(model.package_table.c.id).where(
        model.package_table.c.state == model.State.ACTIVE
    )
    for statement in (
        sa.delete(LinkUse).where(LinkUse.dataset_id.not_in(published)),
        sa.delete(LinkCheck).where(LinkCheck.key.not_in(sa.select(LinkUse.key))),
    ):
        model.Session.execute(statement.execution_options(synchronize_session=False))
