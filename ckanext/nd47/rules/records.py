"""Datasets in the form that the rules read: as stored, or as a validation would store them.

They are read from the database: the search index may be incomplete or outdated.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.navl.dictization_functions import unflatten
from ckan.types import Context, FlattenDataDict

from ckanext.scheming.helpers import scheming_dataset_schemas, scheming_get_dataset_schema

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.metadata import dataset_reader as reading
from ckanext.nd47.rules.model import RESOURCES

Record = dict[str, Any]

SCHEMING = "scheming_datasets"
NOT_FIELDS = frozenset({"extras", "plugin_data"})
"""Columns that are no fields."""
TIMESTAMPS = ("metadata_created", "metadata_modified")

DRAFT = "draft"
DROPPED = "remove_if_not_provided"
"""Marks the columns of CKAN's model that are emptied when they are not sent."""
CORE_FIELDS = frozenset(
    {"title", "name", "notes", "url", "version", "license_id", "owner_org", "tag_string", RESOURCES}
)
"""Fields that every CKAN dataset has."""


def governed_types() -> list[str]:
    """Return the dataset types that the rules apply to: those with a schema, and `dataset`."""
    scheming_types = (scheming_dataset_schemas() or ()) if p.plugin_loaded(SCHEMING) else ()
    return sorted({dataset_fields.DEFAULT_TYPE, *scheming_types})


def schema_of(dataset_type: Any) -> dict[str, Any] | None:
    """Return the schema of a dataset type, None if ckanext-scheming has none for it."""
    # ckanext-scheming keeps its schemas when it is unloaded.
    return scheming_get_dataset_schema(dataset_type) if p.plugin_loaded(SCHEMING) else None


def by_id(dataset_id: str) -> Record | None:
    """Return a dataset by id, None if there is none."""
    table = model.package_table
    return next(iter(_read(sa.select(table).where(table.c.id == dataset_id))), None)


def by_ids(dataset_ids: Sequence[str]) -> list[Record]:
    """Return datasets by id."""
    table = model.package_table
    return _read(sa.select(table).where(table.c.id.in_(dataset_ids)).order_by(table.c.id))


def page_after(dataset_id: str, limit: int, owner_org: str | None = None) -> list[Record]:
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


def resources_of(dataset_ids: Sequence[str]) -> dict[str, list[Record]]:
    """Return the resources of datasets, by the id of the dataset, in their order."""
    table = model.resource_table
    # As text: CKAN's column type raises for a row with invalid JSON, which would lose all rows.
    extras = sa.type_coerce(table.c.extras, sa.UnicodeText).label("extras")
    query = (
        sa.select(*(column for column in table.c if column.name != "extras"), extras)
        .where(table.c.package_id.in_(dataset_ids), table.c.state == model.State.ACTIVE)
        .order_by(table.c.package_id, table.c.position)
    )
    by_dataset: dict[str, list[Record]] = defaultdict(list)
    for row in model.Session.execute(query).mappings():
        by_dataset[row["package_id"]].append({**as_mapping(row["extras"]), **_columns(row)})
    return by_dataset


def is_open(license_id: Any) -> bool:
    """Return whether CKAN lists a licence as open."""
    licence = model.Package.get_license_register().get(license_id)
    return bool(licence and licence.isopen())


def _read(query: sa.Select[Any]) -> list[Record]:
    rows = model.Session.execute(query).mappings().all()
    of_dataset = resources_of([row["id"] for row in rows])
    return [
        {
            **_fields(row),
            "isopen": is_open(row["license_id"]),
            "resources": of_dataset[row["id"]],
        }
        for row in rows
    ]


def _fields(row: Any) -> Record:
    extras = as_mapping(row["extras"])
    extras_list = [{"key": key, "value": value} for key, value in extras.items()]
    # With a schema the fields are at the top level, in plain CKAN among the extras.
    return {**extras, **_columns(row), "extras": extras_list}


def as_mapping(extras: Any) -> Record:
    """Return the extras of a row; empty if they are not a mapping."""
    if isinstance(extras, str):
        try:
            extras = json.loads(extras)
        except ValueError:
            return {}
    return extras if isinstance(extras, dict) else {}


def _columns(row: Any) -> Record:
    columns = {key: value for key, value in row.items() if key not in NOT_FIELDS}
    return columns | {key: columns[key].isoformat() for key in TIMESTAMPS if columns.get(key)}


def as_validated(
    data: FlattenDataDict, context: Context, submitted: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the dataset under validation, in the form that the rules read.

    Args:
        data: the values validated so far.
        context: context of the validation.
        submitted: the data sent; CKAN leaves unchanged resources out of `data`.
    """
    package = cast("model.Package | None", context.get("package"))
    validated = {key: value for key, value in data.items() if value is not tk.missing}
    dataset: dict[str, Any] = unflatten(validated)
    now = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
    created = now if package is None else package.metadata_created or now
    dataset = {**(_unsent_columns(package) if package else {}), **dataset}
    dataset["metadata_created"] = created.isoformat()
    dataset["metadata_modified"] = now.isoformat()
    dataset["isopen"] = is_open(dataset.get("license_id"))
    dataset[RESOURCES] = _resources(dataset.get(RESOURCES) or [], submitted, package)
    if package is not None and package.state == DRAFT:
        assume_open(dataset)
    return dataset


def assume_open(dataset: dict[str, Any]) -> None:
    """Treat a draft without a sharing class as open data, as its form proposes.

    Otherwise an unclassified draft could be published without the rules being applied.
    """
    name = reading.field_name(dataset, "sharing_class")
    if not reading.text(dataset, "sharing_class") and schema_field(dataset, name):
        dataset[name] = reading.OPEN_CLASS


def field_label(dataset: reading.Dataset, field: str, lang: str) -> str:
    """Return the label of a field in the form."""
    if field == RESOURCES:
        return tk._("Resources")
    name = reading.field_name(dataset, field.partition(".")[0])
    label = schema_field(dataset, name).get("label")
    if isinstance(label, Mapping):
        return str(label.get(lang.partition("_")[0]) or next(iter(label.values()), name))
    return tk._(str(label or name.replace("_", " ").capitalize()))


def has_field(dataset: reading.Dataset, field: str) -> bool:
    """Return whether a dataset can have a field, by the name in the nd47 schema."""
    name = field.partition(".")[0]
    stored_name = reading.field_name(dataset, name)
    if name in CORE_FIELDS or stored_name in dataset or schema_field(dataset, stored_name):
        return True
    return any(extra.get("key") == stored_name for extra in dataset.get("extras") or [])


def schema_field(dataset: reading.Dataset, name: str) -> Mapping[str, Any]:
    """Return a field of the portal's schema, empty if it has none of this name."""
    schema = schema_of(dataset.get("type") or dataset_fields.DEFAULT_TYPE) or {}
    fields = (
        field for field in schema.get("dataset_fields", ()) if field.get("field_name") == name
    )
    return next(fields, {})


def _unsent_columns(package: model.Package) -> dict[str, Any]:
    """Return the columns that are unchanged when they are not sent."""
    names = (column.name for column in model.package_table.columns if column.doc != DROPPED)
    return {name: getattr(package, name) for name in names if name not in NOT_FIELDS}


def _resources(
    validated: list[dict[str, Any]], submitted: Mapping[str, Any], package: model.Package | None
) -> list[dict[str, Any]]:
    """Return all resources: the validated ones, the others as they were sent or stored."""
    if package is None:
        return validated
    sent = submitted.get(RESOURCES)
    if sent is None:
        return resources_of([package.id])[package.id]
    changed = {resource.get("id") for resource in validated}
    remaining = iter(validated)
    return [
        resource
        if resource.get("id") and resource["id"] not in changed
        else next(remaining, resource)
        for resource in sent
    ]
