"""Datasets as the database holds them, in the form that `record` reads.

The search index is not asked: it lacks what was never indexed, and may lag behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from ckanext.scheming.helpers import scheming_dataset_schemas, scheming_get_dataset_schema

from ckanext.nd47.lib import dataset_fields

Record = dict[str, Any]

SCHEMING = "scheming_datasets"
APART = frozenset({"extras", "plugin_data"})
"""Columns that hold no field of their own."""
MOMENTS = ("metadata_created", "metadata_modified")


def governed_types() -> list[str]:
    """Return the dataset types that the rules are about: those with a schema, and the plain one."""
    named = (scheming_dataset_schemas() or ()) if p.plugin_loaded(SCHEMING) else ()
    return sorted({dataset_fields.DEFAULT_TYPE, *named})


def schema_of(dataset_type: Any) -> dict[str, Any] | None:
    """Return the schema of a dataset type, None where ckanext-scheming has none for it."""
    # What it has loaded outlives it when it is unloaded.
    return scheming_get_dataset_schema(dataset_type) if p.plugin_loaded(SCHEMING) else None


def one(dataset_id: str) -> Record | None:
    """Return a dataset by id, None where there is none."""
    table = model.package_table
    return next(iter(_read(sa.select(table).where(table.c.id == dataset_id))), None)


def some(dataset_ids: Sequence[str]) -> list[Record]:
    """Return datasets by id."""
    table = model.package_table
    return _read(sa.select(table).where(table.c.id.in_(dataset_ids)).order_by(table.c.id))


def after(dataset_id: str, limit: int, owner_org: str | None = None) -> list[Record]:
    """Return the datasets that follow an id and are not deleted.

    Args:
        dataset_id: id of the last dataset of the call before, empty for the first.
        limit: how many datasets at most.
        owner_org: id of an organisation, to leave out the datasets of the others.
    """
    table = model.package_table
    query = (
        sa.select(table)
        .where(
            table.c.id > dataset_id,
            table.c.state != model.State.DELETED,
            table.c.type.in_(governed_types()),
        )
        .order_by(table.c.id)
        .limit(limit)
    )
    return _read(query.where(table.c.owner_org == owner_org) if owner_org else query)


def resources(dataset_ids: Sequence[str]) -> dict[str, list[Record]]:
    """Return the resources of datasets, by the id of the dataset, in their order."""
    table = model.resource_table
    query = (
        sa.select(table)
        .where(table.c.package_id.in_(dataset_ids), table.c.state == model.State.ACTIVE)
        .order_by(table.c.package_id, table.c.position)
    )
    found: dict[str, list[Record]] = defaultdict(list)
    for row in model.Session.execute(query).mappings():
        found[row["package_id"]].append({**(row["extras"] or {}), **_columns(row)})
    return found


def is_open(license_id: Any) -> bool:
    """Say whether CKAN knows a licence as open."""
    found = model.Package.get_license_register().get(license_id)
    return bool(found and found.isopen())


def _read(query: sa.Select[Any]) -> list[Record]:
    rows = model.Session.execute(query).mappings().all()
    of_dataset = resources([row["id"] for row in rows])
    return [
        {
            **_fields(row),
            "isopen": is_open(row["license_id"]),
            "resources": of_dataset[row["id"]],
        }
        for row in rows
    ]


def _fields(row: Any) -> Record:
    extras: Record = row["extras"] or {}
    listed = [{"key": key, "value": value} for key, value in extras.items()]
    # Under a schema the fields stand at the top, in plain CKAN among the extras.
    return {**extras, **_columns(row), "extras": listed}


def _columns(row: Any) -> Record:
    whole = {key: value for key, value in row.items() if key not in APART}
    return whole | {key: whole[key].isoformat() for key in MOMENTS if whole.get(key)}
