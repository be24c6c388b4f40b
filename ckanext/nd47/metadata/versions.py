"""Former versions of a dataset in CKAN's activity stream: what changed, and who answered for it.

The stream stores a version as `package_show` gave it, so field names and codes stand there; people
read labels. Only what is stored with a version is said of it: who is in office today, or which
agency stands above another one today, says nothing about the day on which it was saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk

from ckanext.scheming.helpers import (
    scheming_choices_label,
    scheming_field_choices,
    scheming_get_dataset_schema,
    scheming_language_text,
)

from ckanext.nd47.agencies import contacts, directory
from ckanext.nd47.lib import dataset_fields, language, periods, values, vocabulary
from ckanext.nd47.metadata import computed, dataset_reader, form_layout, licence, reachable

Change = dict[str, Any]
"""What ckanext-activity says of one change; its keys depend on `type` and `method`."""

SchemaFields = Mapping[str, dataset_fields.SchemaField]

LICENCE = "license"
KINDS = {
    "extension_fields": "dataset_fields",
    "extra_fields": "dataset_fields",
    "resource_extras": "resource_fields",
}
"""Where the schema has the fields that a type of change is about."""

VALUES = ("value", "old_value", "new_value")
NOT_CHANGED_BY_ANYBODY = frozenset({computed.STATEMENT, reachable.FIELD})
"""Fields that older entries of the stream hold and that nobody wrote."""

SNIPPETS = "nd47/display_snippets/"


class Facts(TypedDict):
    """What a version holds of who answers for the data, empty where it holds nothing.

    Attributes:
        provider: title of the organisation when the version was saved.
        responsible: title of the responsible agency that was given.
        contacts: the contact points that were given.
        of_register: whether one of them is taken from the register as it is today.
        licence: title of the licence.
        updated: day of the last update of the data that was given.
        saved: day on which the version was saved.
        attribution: the attribution that was given.
    """

    provider: str
    responsible: str
    contacts: list[dict[str, Any]]
    of_register: bool
    licence: str
    updated: str
    saved: str
    attribution: str


def facts(version: Mapping[str, Any]) -> Facts:
    """Return what a version holds of who answers for the data."""
    given = dataset_reader.groups(version, "contact")
    body = version.get("organization")
    answers = dataset_reader.text(version, "responsible_agency")
    found = directory.get(answers) if answers else None
    return Facts(
        provider=str(body.get("title") or body.get("name") or "") if body else "",
        responsible=directory.display_title(found) if found else answers,
        contacts=contacts.resolve(given),
        of_register=bool(contacts.references(given)),
        licence=licence.title_of(version) if version.get("license_id") else "",
        updated=_day(dataset_reader.text(version, "modified")),
        saved=_day(
            dataset_reader.day_in_vietnam(dataset_reader.text(version, "metadata_modified"))
        ),
        attribution=dataset_reader.text(version, "attribution"),
    )


def changes(found: list[Change], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return the changes from one version to the next with labels and readable values.

    Args:
        found: the changes, as ckanext-activity lists them.
        old: the former version.
        new: the later version.
    """
    schema = scheming_get_dataset_schema(new.get("type") or dataset_fields.DEFAULT_TYPE) or {}
    known = {
        kind: {one["field_name"]: one for one in schema.get(kind) or []}
        for kind in set(KINDS.values())
    }
    told = [
        _in_words(change, known, old, new)
        for change in found
        if change.get("key") not in NOT_CHANGED_BY_ANYBODY and not _same_licence(change, old, new)
    ]
    return told or [{"type": "no_change"}]


def _same_licence(change: Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Say whether only the language differs in which a licence was named."""
    return change["type"] == LICENCE and old.get("license_id") == new.get("license_id")


def _in_words(
    change: Change,
    known: Mapping[str, SchemaFields],
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
    of_schema = known[KINDS[change["type"]]]
    told = {**change}
    if "key" in change:
        told["key"] = _label(change["key"], of_schema)
        told.update(
            (name, readable(of_schema.get(change["key"]), change[name]))
            for name in VALUES
            if name in change
        )
    if "key_list" in change:
        labels = {key: _label(key, of_schema) for key in change["key_list"]}
        given = change.get("value_list") or {}
        if isinstance(given, list):
            given = dict(zip(change["key_list"], given, strict=True))
        told["key_list"] = list(labels.values())
        told["value_list"] = {
            label: readable(of_schema.get(key), given.get(key)) for key, label in labels.items()
        }
    return told


def _label(name: str, of_schema: SchemaFields) -> str:
    field = of_schema.get(name)
    return scheming_language_text(field["label"]) if field and field.get("label") else name


def readable(field: dataset_fields.SchemaField | None, value: Any) -> str:
    """Return the value of a field as people read it: labels for codes, days in our order."""
    if value in form_layout.EMPTY:
        return "–"
    if field is None:
        return str(value)
    if dataset_fields.SUBFIELDS in field:
        subfields = {one["field_name"]: one for one in field[dataset_fields.SUBFIELDS]}
        groups = dataset_reader.groups({"value": value}, "value")
        return "; ".join(_group(subfields, group) for group in groups) or str(value)
    several = dataset_reader.codes({"value": value}, "value") or [str(value)]
    return "; ".join(_one(field, one) for one in several)


def _group(subfields: SchemaFields, group: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{_label(name, subfields)}: {readable(subfields.get(name), value)}"
        for name, value in group.items()
        if value not in form_layout.EMPTY and name != contacts.REFERENCE
    ) or tk._("a focal point of the register")


def _one(field: dataset_fields.SchemaField, value: str) -> str:
    if field.get("vocabulary"):
        return vocabulary.label(field["vocabulary"], value, language.current())
    snippet = str(field.get("display_snippet") or "").removeprefix(SNIPPETS)
    if snippet == "date.html":
        return _day(value)
    if snippet == "period.html":
        return periods.in_words(value)
    if snippet == "agency.html":
        found = directory.get(value)
        return directory.display_title(found) if found else value
    options = scheming_field_choices(field)
    return scheming_choices_label(options, value) if options else value


def _day(value: str) -> str:
    try:
        return values.day_first(values.date(value)) if value else ""
    except ValueError:
        return value
