"""A dataset as it would be stored, put together while CKAN validates it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.navl.dictization_functions import unflatten
from ckan.types import Context, FlattenDataDict

from ckanext.nd47.lib import dataset_fields
from ckanext.nd47.metadata import dataset_reader as reading
from ckanext.nd47.rules import stored_records
from ckanext.nd47.rules.report import RESOURCES

DRAFT = "draft"
DROPPED = "remove_if_not_provided"
"""Mark of the columns of CKAN's model that a saving empties when they are not sent."""
CORE_FIELDS = frozenset(
    {"title", "name", "notes", "url", "version", "license_id", "owner_org", "tag_string", RESOURCES}
)
"""Fields that every dataset of CKAN has."""


def record(data: FlattenDataDict, context: Context, submitted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dataset that a validation is about, in the form that `record` reads.

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
    whole["isopen"] = stored_records.is_open(whole.get("license_id"))
    whole[RESOURCES] = _resources(whole.get(RESOURCES) or [], submitted, package)
    if package is not None and package.state == DRAFT:
        _as_proposed(whole)
    return whole


def _as_proposed(whole: dict[str, Any]) -> None:
    """Look at a draft of no sharing class as open data, which is what its form proposes.

    Else a draft that nobody classified could be published past the rules.
    """
    name = reading.field_name(whole, "sharing_class")
    if not reading.text(whole, "sharing_class") and in_schema(whole, name):
        whole[name] = reading.OPEN_CLASS


def has_place(dataset: reading.Dataset, field: str) -> bool:
    """Say whether a dataset has a place for a field, by the name in our schema."""
    name = field.partition(".")[0]
    own = reading.field_name(dataset, name)
    if name in CORE_FIELDS or own in dataset or in_schema(dataset, own):
        return True
    return any(one.get("key") == own for one in dataset.get("extras") or [])


def in_schema(dataset: reading.Dataset, name: str) -> Mapping[str, Any]:
    """Return a dataset field as the schema of the portal has it, empty where it has none."""
    schema = stored_records.schema_of(dataset.get("type") or dataset_fields.DEFAULT_TYPE) or {}
    known = (one for one in schema.get("dataset_fields", ()) if one.get("field_name") == name)
    return next(known, {})


def _kept(package: model.Package) -> dict[str, Any]:
    """Return the columns that stay as they are when they are not sent."""
    kept = (one.name for one in model.package_table.columns if one.doc != DROPPED)
    return {name: getattr(package, name) for name in kept if name not in stored_records.APART}


def _resources(
    validated: list[dict[str, Any]], submitted: Mapping[str, Any], package: model.Package | None
) -> list[dict[str, Any]]:
    """Return all resources: those that were validated, the others as they were sent or stored."""
    if package is None:
        return validated
    sent = submitted.get(RESOURCES)
    if sent is None:
        return stored_records.resources([package.id])[package.id]
    changed = {one.get("id") for one in validated}
    fresh = iter(validated)
    return [one if one.get("id") and one["id"] not in changed else next(fresh, one) for one in sent]
