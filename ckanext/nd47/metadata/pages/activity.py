"""CKAN's activity stream: what is stored of a dataset, and how former versions are shown.

ckanext-activity stores each saved dataset as `package_show` returns it to the system, and shows it
permanently to everybody who may see the dataset; so each entry is cleaned before it is stored.

A version contains field names and codes; the pages show labels. Only stored values are shown: the
current focal points and parent agencies say nothing about the day on which the version was saved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.scheming.helpers import (
    scheming_choices_label,
    scheming_field_choices,
    scheming_get_dataset_schema,
    scheming_language_text,
)

from ckanext.nd47.agencies import contacts, directory
from ckanext.nd47.agencies.contacts import Contact
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields, values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_reader, dataset_show, licence
from ckanext.nd47.metadata.pages import form_layout

PLUGIN = "activity"
DATASET = "package"
ACTOR = "actor"
"""Name of the account in an entry. Pages read it from the account, which visitors may not see."""

VERSION_TYPES = ("new package", "changed package")
"""Types of the entries that hold a version of a dataset."""

BATCH = 500


def clean_new_entries() -> None:
    """Clean each new entry before it is stored, if the portal has an activity stream."""
    if p.plugin_loaded(PLUGIN) and not event.contains(
        _activity_model(), "before_insert", _before_insert
    ):
        event.listen(_activity_model(), "before_insert", _before_insert)


def clean_stored_entries() -> int:
    """Clean the stored entries, and commit; return how many were changed."""
    if not p.plugin_loaded(PLUGIN):
        return 0
    table = _activity_model().__table__
    count = 0
    for rows in _batches(table):
        changed = [
            {"entry": row.id, "cleaned": cleaned}
            for row in rows
            if (cleaned := _storable(row.data)) != row.data
        ]
        if changed:
            statement = (
                sa.update(table)
                .where(table.c.id == sa.bindparam("entry"))
                .values(data=sa.bindparam("cleaned"))
            )
            model.Session.connection().execute(statement, changed)
            model.Session.commit()
        count += len(changed)
    return count


def versions(dataset_id: str, limit: int) -> list[tuple[dt.datetime, dict[str, Any]]]:
    """Return the stored versions of a dataset with the moment of each, the latest first.

    Args:
        dataset_id: id of the dataset.
        limit: number of versions at most; each may be some 100 kB of JSON.
    """
    if not p.plugin_loaded(PLUGIN):
        return []
    table = _activity_model().__table__
    query = (
        sa.select(table.c.timestamp, table.c.data)
        .where(table.c.object_id == dataset_id, table.c.activity_type.in_(VERSION_TYPES))
        .order_by(table.c.timestamp.desc())
        .limit(limit)
    )
    return [
        (timestamp.replace(tzinfo=dt.timezone.utc), (data or {}).get(DATASET) or {})
        for timestamp, data in model.Session.execute(query)
    ]


def _batches(table: Any) -> Iterator[list[Any]]:
    last = ""
    while True:
        query = sa.select(table.c.id, table.c.data).where(table.c.id > last)
        rows = list(model.Session.execute(query.order_by(table.c.id).limit(BATCH)))
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _before_insert(_mapper: Any, _connection: Any, entry: Any) -> None:
    if p.plugin_loaded("nd47"):
        entry.data = _storable(entry.data)


def _storable(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    kept = {key: value for key, value in data.items() if key != ACTOR}
    if isinstance(kept.get(DATASET), dict):
        kept[DATASET] = dataset_show.storable(kept[DATASET])
    return kept


def _activity_model() -> Any:
    # Only imported if the plugin is loaded, because the module declares the plugin's tables.
    from ckanext.activity.model import Activity  # noqa: PLC0415 - declares tables

    return Activity


Change = dict[str, Any]
"""A change as ckanext-activity lists it; its keys depend on `type` and `method`."""

SchemaFields = Mapping[str, dataset_fields.SchemaField]

LICENCE = "license"
KINDS = {
    "extension_fields": "dataset_fields",
    "extra_fields": "dataset_fields",
    "resource_extras": "resource_fields",
}
"""Key of the schema that lists the fields, by type of change."""

VALUES = ("value", "old_value", "new_value")
COMPUTED_FIELDS = frozenset({dataset_show.STATEMENT, dataset_show.CONTACTS})
"""Computed fields in older entries of the stream."""

SNIPPETS = "nd47/display_snippets/"


class Facts(TypedDict):
    """Agencies, contacts, licence and dates of a version; empty if not stated.

    Attributes:
        provider: title of the organisation when the version was saved.
        responsible: title of the responsible agency stated in the version.
        contacts: the contact points stated in the version.
        of_register: whether one of them is read from the current register.
        licence: title of the licence.
        updated: stated day of the last update of the data.
        saved: day on which the version was saved.
        attribution: the stated attribution.
    """

    provider: str
    responsible: str
    contacts: list[Contact]
    of_register: bool
    licence: str
    updated: str
    saved: str
    attribution: str


def version_facts(version: Mapping[str, Any]) -> Facts:
    """Return agencies, contacts, licence and dates of a version."""
    contact_groups = dataset_reader.groups(version, "contact")
    organization = version.get("organization")
    responsible = dataset_reader.text(version, "responsible_agency")
    agency = directory.get(responsible) if responsible else None
    return Facts(
        provider=str(organization.get("title") or organization.get("name") or "")
        if organization
        else "",
        responsible=directory.display_title(agency) if agency else responsible,
        contacts=contacts.resolve(contact_groups),
        of_register=bool(contacts.references(contact_groups)),
        licence=licence.title_of(version) if version.get("license_id") else "",
        updated=_day(dataset_reader.text(version, "modified")),
        saved=_day(
            dataset_reader.day_in_vietnam(dataset_reader.text(version, "metadata_modified"))
        ),
        attribution=dataset_reader.text(version, "attribution"),
    )


def changes(
    stored_changes: list[Change], old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[Change]:
    """Return the changes from one version to the next with labels and readable values.

    Args:
        stored_changes: the changes, as ckanext-activity lists them.
        old: the former version.
        new: the later version.
    """
    schema = scheming_get_dataset_schema(new.get("type") or dataset_fields.DEFAULT_TYPE) or {}
    schema_fields = {
        kind: {schema_field["field_name"]: schema_field for schema_field in schema.get(kind) or []}
        for kind in set(KINDS.values())
    }
    readable_changes = [
        _readable_change(change, schema_fields, old, new)
        for change in stored_changes
        if change.get("key") not in COMPUTED_FIELDS and not _same_licence(change, old, new)
    ]
    return readable_changes or [{"type": "no_change"}]


def _same_licence(change: Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether a change of the licence is only one of language."""
    return change["type"] == LICENCE and old.get("license_id") == new.get("license_id")


def _readable_change(
    change: Change,
    schema_fields: Mapping[str, SchemaFields],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Change:
    if change["type"] == LICENCE:
        titles = {"old_title": licence.title_of(old), "new_title": licence.title_of(new)}
        return {**change, **titles}
    if change["type"] == "private":
        words = {"Private": tk._("Private"), "Public": tk._("Public")}
        return {**change, "new": words.get(change["new"], change["new"])}
    if change["type"] not in KINDS:
        return change
    of_schema = schema_fields[KINDS[change["type"]]]
    readable_change = {**change}
    if "key" in change:
        readable_change["key"] = _label(change["key"], of_schema)
        readable_change.update(
            (name, readable(of_schema.get(change["key"]), change[name]))
            for name in VALUES
            if name in change
        )
    if "key_list" in change:
        labels = {key: _label(key, of_schema) for key in change["key_list"]}
        new_values = change.get("value_list") or {}
        if isinstance(new_values, list):
            new_values = dict(zip(change["key_list"], new_values, strict=True))
        readable_change["key_list"] = list(labels.values())
        readable_change["value_list"] = {
            label: readable(of_schema.get(key), new_values.get(key))
            for key, label in labels.items()
        }
    return readable_change


def _label(name: str, of_schema: SchemaFields) -> str:
    field = of_schema.get(name)
    return scheming_language_text(field["label"]) if field and field.get("label") else name


def readable(field: dataset_fields.SchemaField | None, value: Any) -> str:
    """Return the value of a field for display: labels for codes, days in day/month/year order."""
    if value in form_layout.EMPTY:
        return "–"
    if field is None:
        return str(value)
    if dataset_fields.SUBFIELDS in field:
        subfields = {
            schema_field["field_name"]: schema_field
            for schema_field in field[dataset_fields.SUBFIELDS]
        }
        groups = dataset_reader.groups({"value": value}, "value")
        return "; ".join(_readable_group(subfields, group) for group in groups) or str(value)
    parts = dataset_reader.codes({"value": value}, "value") or [str(value)]
    return "; ".join(_readable_value(field, part) for part in parts)


def _readable_group(subfields: SchemaFields, group: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{_label(name, subfields)}: {readable(subfields.get(name), value)}"
        for name, value in group.items()
        if value not in form_layout.EMPTY and name != contacts.REFERENCE
    ) or tk._("a focal point of the register")


def _readable_value(field: dataset_fields.SchemaField, value: str) -> str:
    if field.get("vocabulary"):
        return vocabulary.label(field["vocabulary"], value, http.language())
    snippet = str(field.get("display_snippet") or "").removeprefix(SNIPPETS)
    if snippet == "date.html":
        return _day(value)
    if snippet == "period.html":
        return dates.period_in_words(value)
    if snippet == "agency.html":
        agency = directory.get(value)
        return directory.display_title(agency) if agency else value
    options = scheming_field_choices(field)
    return scheming_choices_label(options, value) if options else value


def _day(value: str) -> str:
    try:
        return values.day_first(values.date(value)) if value else ""
    except ValueError:
        return value
