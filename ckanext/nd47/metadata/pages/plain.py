"""A dataset as a CKAN without a schema can store it: fields of CKAN, the rest in extras.

Such a CKAN ignores all unknown fields. Here these fields are extras with a text each: labels
instead of codes, joined lists, and an extra for each subfield of a group. Keys of extras are the
names of our fields, which are those of ckanext-dcat where it has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_reader, dataset_show

Dataset = Mapping[str, Any]
SchemaField = Mapping[str, Any]
Definitions = Mapping[str, SchemaField]

BETWEEN = "; "
"""Between the values of a list."""

MAINTAINER: Mapping[str, Literal["name", "email"]] = {
    "maintainer": "name",
    "maintainer_email": "email",
}
"""Fields of CKAN, with the subfield of the first contact that is their default."""

MACHINE_SUBFIELDS = frozenset({"bbox", "centroid"})
"""Geometries that follow from the first: only a geometry of their own is exported."""

GEOMETRY = "geom"
SPATIAL = "spatial"
"""The extra in which ckanext-spatial expects the geometry of a dataset."""


def dataset(shown: Dataset) -> dict[str, Any]:
    """Return what `package_show` gives of a dataset in the form that a plain CKAN stores."""
    normal = dataset_reader.normal(shown)
    definitions = {**_portal_fields(shown, "dataset_fields"), **_our_fields("dataset_fields")}
    names = (definitions.keys() | _free_extras(shown)) - dataset_fields.core()
    plain = {
        key: value
        for key, value in shown.items()
        if key not in names and key not in dataset_show.COMPUTED
    }
    contacts = dataset_reader.contacts(shown)
    for field, subfield in MAINTAINER.items():
        if not plain.get(field) and contacts and (value := contacts[0].get(subfield)):
            plain[field] = value
    fields: dict[str, Any] = {name: normal[name] for name in sorted(names) if name in normal}
    fields["contact"] = contacts
    extras = {**_texts(fields, definitions), **_added(shown)}
    extras.setdefault(SPATIAL, _geometry(normal))
    plain["extras"] = [{"key": key, "value": extras[key]} for key in sorted(extras) if extras[key]]
    plain["resources"] = [_resource(shown, resource) for resource in shown.get("resources") or []]
    return plain


def _added(shown: Dataset) -> dict[str, str]:
    """Return extras for values that a plain CKAN replaces: agencies, licence, URI, citation."""
    provider = dataset_reader.provider(shown)
    responsible = directory.get(dataset_reader.text(shown, "responsible_agency"))
    extras = {
        "publisher_name": directory.display_title(provider) if provider else "",
        "publisher_identifier": provider.code if provider else "",
        "responsible_agency": directory.display_title(responsible) if responsible else "",
        "license_title": str(shown.get("license_title") or ""),
        "license_url": str(shown.get("license_url") or ""),
        dataset_show.STATEMENT: str(shown.get(dataset_show.STATEMENT) or ""),
        "uri": dataset_reader.text(shown, "uri")
        or tk.h.url_for("dataset.read", id=shown["id"], qualified=True, locale="default"),
    }
    return {key: value for key, value in extras.items() if value}


def _texts(fields: Mapping[str, Any], definitions: Definitions) -> dict[str, str]:
    """Return the extras of some fields: one for each field, or for each subfield of a group."""
    texts: dict[str, str] = {}
    for name, value in fields.items():
        definition = definitions.get(name, {})
        groups = _groups(value)
        if groups is None:
            texts[name] = _text(definition, value)
            continue
        subfields = {
            field["field_name"]: field for field in definition.get(dataset_fields.SUBFIELDS, ())
        }
        for number, group in enumerate(groups, 1):
            start = name if number == 1 else f"{name}_{number}"
            for subfield, inner in group.items():
                if subfield not in MACHINE_SUBFIELDS or GEOMETRY not in group:
                    texts[f"{start}_{subfield}"] = _text(subfields.get(subfield, {}), inner)
    return texts


def _resource(shown: Dataset, resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource with texts only in the fields that CKAN does not have."""
    definitions = {**_portal_fields(shown, "resource_fields"), **_our_fields("resource_fields")}
    stock = set(model.Resource.get_columns())
    plain = {}
    for name, value in resource.items():
        ours = definitions.get(name)
        plain[name] = value if ours is None or name in stock else _text(ours, value)
    return plain


def _text(definition: SchemaField, value: Any) -> str:
    """Return a value of a field as people read it, dates in ISO 8601."""
    if definition.get("field_name") == "period" and isinstance(value, str):
        return dates.period_in_words(value)
    return BETWEEN.join(text for text in _items(definition, value) if text)


def _items(definition: SchemaField, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for part, inner in value.items():
            yield f"{part}: {_text({}, inner)}"
    elif isinstance(value, list):
        for inner in value:
            yield from _items(definition, inner)
    elif isinstance(value, str) and value.lstrip().startswith("[") and _parsed(value) is not None:
        yield from _items(definition, _parsed(value))
    elif value not in (None, ""):
        yield _label(definition, str(value))


def _label(definition: SchemaField, value: str) -> str:
    if vocabulary_id := definition.get("vocabulary"):
        return vocabulary.label(vocabulary_id, value, http.language())
    for choice in definition.get("choices") or ():
        if choice.get("value") == value:
            return tk.h.scheming_language_text(choice.get("label") or value)
    return value


def _groups(value: Any) -> list[Mapping[str, Any]] | None:
    """Return the groups of a field, or None for a field that has none."""
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, Mapping):
        value = [value]
    is_groups = isinstance(value, list) and value and all(isinstance(g, Mapping) for g in value)
    # A geometry, and other JSON objects with a type, are formats of their own.
    return value if is_groups and not any("type" in group for group in value) else None


def _parsed(text: str) -> Any:
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _geometry(normal: Dataset) -> str:
    """Return the geometry of the first place that has one."""
    places = _groups(normal.get("spatial_coverage")) or []
    geometries = (place.get(kind) for place in places for kind in (GEOMETRY, "bbox", "centroid"))
    return next((text for text in geometries if isinstance(text, str) and text), "")


def _free_extras(shown: Dataset) -> set[str]:
    return {extra["key"] for extra in shown.get("extras") or [] if "key" in extra}


def _portal_fields(shown: Dataset, kind: str) -> Definitions:
    """Return the fields of the portal's schema by their names."""
    schema = tk.h.scheming_get_dataset_schema(shown.get("type") or dataset_fields.DEFAULT_TYPE)
    return {field["field_name"]: field for field in (schema or {}).get(kind) or ()}


@cache
def _our_fields(kind: str) -> Definitions:
    schema = read_yaml(data_path("schemas", "dataset.yaml"))
    return {field["field_name"]: field for field in schema[kind]}
