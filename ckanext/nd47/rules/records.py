"""Datasets in the form that the rules read: as stored, or as a validation would store them.

The search index is not asked: it lacks what was never indexed, and may lag behind.
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

from ckanext.nd47.lib import dataset_fields
from ckanext.nd47.metadata import dataset_reader as reading
from ckanext.nd47.rules.model import RESOURCES

Record = dict[str, Any]

SCHEMING = "scheming_datasets"
APART = frozenset({"extras", "plugin_data"})
"""Columns that hold no field of their own."""
MOMENTS = ("metadata_created", "metadata_modified")

DRAFT = "draft"
DROPPED = "remove_if_not_provided"
"""Mark of the columns of CKAN's model that a saving empties when they are not sent."""
CORE_FIELDS = frozenset(
    {"title", "name", "notes", "url", "version", "license_id", "owner_org", "tag_string", RESOURCES}
)
"""Fields that every dataset of CKAN has."""


def governed_types() -> list[str]:
    """Return the dataset types that the rules are about: those with a schema, and the plain one."""
    named = (scheming_dataset_schemas() or ()) if p.plugin_loaded(SCHEMING) else ()
    return sorted({dataset_fields.DEFAULT_TYPE, *named})


def schema_of(dataset_type: Any) -> dict[str, Any] | None:
    """Return the schema of a dataset type, None where ckanext-scheming has none for it."""
    # What it has loaded outlives it when it is unloaded.
    return scheming_get_dataset_schema(dataset_type) if p.plugin_loaded(SCHEMING) else None


def by_id(dataset_id: str) -> Record | None:
    """Return a dataset by id, None where there is none."""
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
    # As text: CKAN's own type raises for a row whose JSON is broken, and with it for all others.
    extras = sa.type_coerce(table.c.extras, sa.UnicodeText).label("extras")
    query = (
        sa.select(*(column for column in table.c if column.name != "extras"), extras)
        .where(table.c.package_id.in_(dataset_ids), table.c.state == model.State.ACTIVE)
        .order_by(table.c.package_id, table.c.position)
    )
    found: dict[str, list[Record]] = defaultdict(list)
    for row in model.Session.execute(query).mappings():
        found[row["package_id"]].append({**_mapping(row["extras"]), **_columns(row)})
    return found


def is_open(license_id: Any) -> bool:
    """Say whether CKAN knows a licence as open."""
    found = model.Package.get_license_register().get(license_id)
    return bool(found and found.isopen())


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
    extras = _mapping(row["extras"])
    listed = [{"key": key, "value": value} for key, value in extras.items()]
    # Under a schema the fields stand at the top, in plain CKAN among the extras.
    return {**extras, **_columns(row), "extras": listed}


def _mapping(extras: Any) -> Record:
    """Return the extras of a row; broken ones, which are no mapping, are none."""
    if isinstance(extras, str):
        try:
            extras = json.loads(extras)
        except ValueError:
            return {}
    return extras if isinstance(extras, dict) else {}


def _columns(row: Any) -> Record:
    whole = {key: value for key, value in row.items() if key not in APART}
    return whole | {key: whole[key].isoformat() for key in MOMENTS if whole.get(key)}


def as_validated(
    data: FlattenDataDict, context: Context, submitted: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the dataset that a validation is about, in the form that the rules read.

    Args:
        data: the values as far as they are validated.
        context: that of the validation.
        submitted: what was sent; CKAN leaves unchanged resources out of `data`.
    """
    package = cast("model.Package | None", context.get("package"))
    given = {key: value for key, value in data.items() if value is not tk.missing}
    whole: dict[str, Any] = unflatten(given)
    now = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
    made = now if package is None else package.metadata_created or now
    whole = {**(_kept(package) if package else {}), **whole}
    whole["metadata_created"] = made.isoformat()
    whole["metadata_modified"] = now.isoformat()
    whole["isopen"] = is_open(whole.get("license_id"))
    whole[RESOURCES] = _resources(whole.get(RESOURCES) or [], submitted, package)
    if package is not None and package.state == DRAFT:
        _as_proposed(whole)
    return whole


def _as_proposed(whole: dict[str, Any]) -> None:
    """Look at a draft of no sharing class as open data, which is what its form proposes.

    Else a draft that nobody classified could be published past the rules.
    """
    name = reading.field_name(whole, "sharing_class")
    if not reading.text(whole, "sharing_class") and schema_field(whole, name):
        whole[name] = reading.OPEN_CLASS


def field_label(dataset: reading.Dataset, field: str, lang: str) -> str:
    """Return the name that a field has in the form."""
    if field == RESOURCES:
        return tk._("Resources")
    name = reading.field_name(dataset, field.partition(".")[0])
    label = schema_field(dataset, name).get("label")
    if isinstance(label, Mapping):
        return str(label.get(lang.partition("_")[0]) or next(iter(label.values()), name))
    return tk._(str(label or name.replace("_", " ").capitalize()))


def has_field(dataset: reading.Dataset, field: str) -> bool:
    """Say whether a dataset has a place for a field, by the name in our schema."""
    name = field.partition(".")[0]
    own = reading.field_name(dataset, name)
    if name in CORE_FIELDS or own in dataset or schema_field(dataset, own):
        return True
    return any(one.get("key") == own for one in dataset.get("extras") or [])


def schema_field(dataset: reading.Dataset, name: str) -> Mapping[str, Any]:
    """Return a dataset field as the schema of the portal has it, empty where it has none."""
    schema = schema_of(dataset.get("type") or dataset_fields.DEFAULT_TYPE) or {}
    known = (one for one in schema.get("dataset_fields", ()) if one.get("field_name") == name)
    return next(known, {})


def _kept(package: model.Package) -> dict[str, Any]:
    """Return the columns that stay as they are when they are not sent."""
    kept = (one.name for one in model.package_table.columns if one.doc != DROPPED)
    return {name: getattr(package, name) for name in kept if name not in APART}


def _resources(
    validated: list[dict[str, Any]], submitted: Mapping[str, Any], package: model.Package | None
) -> list[dict[str, Any]]:
    """Return all resources: those that were validated, the others as they were sent or stored."""
    if package is None:
        return validated
    sent = submitted.get(RESOURCES)
    if sent is None:
        return resources_of([package.id])[package.id]
    changed = {one.get("id") for one in validated}
    fresh = iter(validated)
    return [one if one.get("id") and one["id"] not in changed else next(fresh, one) for one in sent]
