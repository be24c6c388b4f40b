"""Reads the fields of a dataset, with defaults and values from its agencies.

Works on the dictionary of `package_show`, whichever schema the portal uses: pages, rules, exports
and citations read datasets with this module. Fields are named as in the nd47 schema;
`dataset_fields` maps them to the fields of the portal's schema.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal

from ckanext.nd47.agencies import contacts as agency_contacts
from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.contacts import Contact
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import dataset_fields, geometry, splitting, values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import harvested

Dataset = Mapping[str, Any]
Openness = Literal["open", "published", "conditional", "shared", "closed"]
"""The classes that Công văn 2051/BTTTT-THH requires to be shown: open data, published but not open
data, open under conditions (which is not open data), shared between agencies, or not public."""

OPEN_CLASS = "du-lieu-mo"
CONDITIONAL_CLASS = "du-lieu-mo-co-dieu-kien"
SHARED_CLASSES = frozenset({"du-lieu-dung-chung", "du-lieu-chu-chuyen-nganh"})
PUBLIC = "cong-khai"
NOT_PUBLIC = "khong-duoc-cong-khai"

CODE_PRESETS = frozenset({"nd47_choice", "nd47_choices"})
"""Presets of fields with codes of a vocabulary."""

LEGACY_GROUPS: Mapping[str, Mapping[str, str]] = {
    "contact": {
        "name": "contact_name",
        "email": "contact_email",
        "uri": "contact_uri",
        "url": "contact_url",
    },
    "temporal_coverage": {"start": "temporal_start", "end": "temporal_end"},
    "spatial_coverage": {"uri": "spatial_uri", "text": "spatial_text", "geom": "spatial"},
}
"""Extras in which ckanext-dcat stores groups on a portal without ckanext-scheming."""


@cache
def vocabularies(fields: Literal["dataset_fields", "resource_fields"]) -> Mapping[str, str]:
    """Return the vocabulary of each coded field, from `schemas/dataset.yaml`."""
    schema = read_yaml(data_path("schemas", "dataset.yaml"))
    return {
        field["field_name"]: field["vocabulary"]
        for field in schema[fields]
        if field.get("preset") in CODE_PRESETS
    }


def field_name(dataset: Dataset, field: str) -> str:
    """Return the name of an nd47 field in the schema of a dataset."""
    return dataset_fields.of(dataset).name(field)


def text(dataset: Dataset, field: str) -> str:
    """Return a field as text, also from the extras of a plain CKAN dataset.

    For a field with a vocabulary, a recognised value is returned as code.
    """
    value = _raw(dataset, field)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _code("dataset_fields", field, value) if isinstance(value, str) else ""


def codes(dataset: Dataset, field: str) -> list[str]:
    """Return a field with several values as a list; also reads a single value or a JSON list."""
    items = _list(_raw(dataset, field))
    return list(dict.fromkeys(_code("dataset_fields", field, item) for item in items))


def groups(dataset: Dataset, field: str) -> list[dict[str, Any]]:
    """Return the groups of subfields of a field, without empty groups."""
    raw = _raw(dataset, field)
    return _groups(raw) or _split(dataset, field, raw) or _legacy_groups(dataset, field)


def resource_text(dataset: Dataset, resource: Mapping[str, Any], field: str) -> str:
    """Return a field of a resource as text, by its name in the nd47 schema."""
    fields = dataset_fields.of(dataset)
    value = resource.get(fields.resource_names.get(field, field))
    value = _translated(value, fields.resource_values.get(field))
    return _code("resource_fields", field, value) if isinstance(value, str) else ""


def resources(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the resources with the field names of the nd47 schema."""
    fields = dataset_fields.of(dataset)
    mappings = [
        resource for resource in dataset.get("resources") or [] if isinstance(resource, Mapping)
    ]
    renamed = [
        _renamed(resource, fields.resource_names, fields.resource_hidden) for resource in mappings
    ]
    for resource in renamed:
        for field in fields.resource_values.keys() & resource.keys():
            resource[field] = _translated(resource[field], fields.resource_values[field])
    return renamed


def normal(dataset: Dataset) -> dict[str, Any]:
    """Return a dataset as under the nd47 schema: names, codes, lists and groups.

    Extras are at the top level. A portal field with the name of an nd47 field but another meaning
    is omitted.
    """
    fields = dataset_fields.of(dataset)
    normalised = {**_extras(dataset), **{key: dataset[key] for key in dataset if key != "extras"}}
    normalised = _renamed(normalised, fields.names, fields.hidden)
    normalised["resources"] = resources(dataset)
    for field in fields.marked & normalised.keys():
        normalised[field] = _raw(dataset, field)
    for field, vocabulary_id in vocabularies("dataset_fields").items():
        value = normalised.get(field)
        if isinstance(value, str) and not value.lstrip().startswith("["):
            normalised[field] = vocabulary.recognise(vocabulary_id, value)
        elif value:
            normalised[field] = codes(dataset, field)
    for field in {*LEGACY_GROUPS, *(fields.marked & splitting.SPLITTERS.keys())}:
        normalised[field] = groups(dataset, field)
    normalised["contact"] = agency_contacts.resolve(normalised["contact"])
    return normalised


def openness(dataset: Dataset) -> Openness:
    """Return the openness of a dataset from sharing class, disclosure and licence.

    A dataset of another schema without these fields is open if its licence is; a harvested dataset
    only if it states so.
    """
    disclosure = text(dataset, "access_rights")
    sharing = text(dataset, "sharing_class")
    if disclosure == NOT_PUBLIC or sharing == "du-lieu-dung-rieng":
        return "closed"
    if sharing in SHARED_CLASSES:
        return "shared"
    if sharing == CONDITIONAL_CLASS:
        return "conditional"
    if not sharing and harvested.was_brought(dataset):
        return "published"
    if sharing == OPEN_CLASS or not sharing:
        openly = disclosure in {PUBLIC, ""} and dataset.get("isopen") is True
        return "open" if openly else "published"
    return "published"


def provider(dataset: Dataset) -> directory.AgencyInfo | None:
    """Return the agency that provides the data: the owner organisation."""
    return directory.get(dataset.get("owner_org"))


def responsible(dataset: Dataset) -> directory.AgencyInfo | None:
    """Return the responsible agency: as stated, otherwise the top agency above the provider."""
    return directory.get(text(dataset, "responsible_agency")) or directory.top_agency(
        dataset.get("owner_org")
    )


def contacts(dataset: Dataset) -> list[Contact]:
    """Return the contact points: as stated, otherwise the current focal points of the provider.

    A stated contact may refer to a focal point of the register, whose details are returned.
    Without focal points of the provider, those of its successor or the responsible agency count.
    """
    stated = agency_contacts.resolve(groups(dataset, "contact"))
    if stated:
        return stated
    owner = provider(dataset)
    for agency in (owner, directory.successor(owner), responsible(dataset)):
        focal_points = agency_contacts.of_agency(agency.id) if agency else []
        if focal_points:
            return focal_points
    # Fields of plain CKAN
    contact = agency_contacts.filled(
        {
            "name": text(dataset, "maintainer") or text(dataset, "author"),
            "email": text(dataset, "maintainer_email") or text(dataset, "author_email"),
        }
    )
    return [contact] if contact else []


def prime(datasets: Iterable[Dataset]) -> None:
    """Load agencies and focal points of a list of datasets at once, before they are processed."""
    all_datasets = list(datasets)
    directory.load(
        reference
        for dataset in all_datasets
        for reference in (dataset.get("owner_org"), text(dataset, "responsible_agency"))
        if reference
    )
    agency_contacts.load(group for dataset in all_datasets for group in groups(dataset, "contact"))


def updated(dataset: Dataset) -> str:
    """Return the day of the last update of the data: as stated, otherwise of the last change."""
    try:
        return values.date(text(dataset, "modified"))
    except ValueError:
        return day_in_vietnam(text(dataset, "metadata_modified"))


def day_in_vietnam(moment: str) -> str:
    """Return the day in Vietnam of a CKAN timestamp, which is in UTC without a time zone."""
    try:
        return values.day_of(values.timestamp(moment))
    except ValueError:
        return ""


def _raw(dataset: Dataset, field: str) -> Any:
    schema_fields = dataset_fields.of(dataset)
    name = schema_fields.name(field)
    value = _value(dataset, name)
    if field not in schema_fields.marked:
        return value
    if field in _several() and name in schema_fields.texts and isinstance(value, str):
        value = splitting.items(value)
    return _translated(value, schema_fields.values.get(field))


@cache
def _several() -> frozenset[str]:
    """Return the names of our fields with several values."""
    schema = read_yaml(data_path("schemas", "dataset.yaml"))
    return frozenset(
        field["field_name"]
        for field in schema["dataset_fields"]
        if dataset_fields.shape(field) == "list"
    )


def _translated(value: Any, table: dataset_fields.Codes | None) -> Any:
    """Return the codes that values of a portal's list stand for, others as they are."""
    if not table or not value:
        return value
    if isinstance(value, list) or isinstance(value, str) and value.lstrip().startswith("["):
        lists = [table.get(dataset_fields.meant(text), [text]) for text in _list(value)]
        return [code for codes in lists for code in codes]
    codes = table.get(dataset_fields.meant(value), [value])
    return codes[0] if len(codes) == 1 else codes


def _split(dataset: Dataset, field: str, raw: Any) -> list[dict[str, Any]]:
    """Return the parts of a text that a field of the portal has in place of our group."""
    marked = field in dataset_fields.of(dataset).marked
    if not marked or field not in splitting.SPLITTERS or not isinstance(raw, str):
        return []
    parts = (
        splitting.SPLITTERS[field](raw) if raw.strip() and not values.means_no_value(raw) else {}
    )
    return [parts] if parts else []


def _value(dataset: Dataset, name: str) -> Any:
    if name in dataset:
        return dataset[name]
    extras = dataset.get("extras") or []
    return next((extra.get("value") for extra in extras if extra.get("key") == name), None)


def _extras(dataset: Dataset) -> dict[str, Any]:
    return {e["key"]: e.get("value") for e in dataset.get("extras") or [] if "key" in e}


def _code(fields: Literal["dataset_fields", "resource_fields"], field: str, value: str) -> str:
    vocabulary_id = vocabularies(fields).get(field)
    return vocabulary.recognise(vocabulary_id, value) if vocabulary_id and value else value


def _renamed(
    record: Mapping[str, Any], names: Mapping[str, str], hidden: frozenset[str]
) -> dict[str, Any]:
    schema_names = frozenset(names.values()) | hidden
    others = {key: value for key, value in record.items() if key not in schema_names}
    return others | {field: record[name] for field, name in names.items() if name in record}


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        value = _json(value, [value] if value else [])
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _groups(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str):
        value = _json(value, [])
    if isinstance(value, Mapping):
        value = [value]
    items = value if isinstance(value, list) else []
    return [dict(group) for group in items if isinstance(group, Mapping) and any(group.values())]


def _legacy_groups(dataset: Dataset, field: str) -> list[dict[str, Any]]:
    names = LEGACY_GROUPS.get(field)
    if not names or not dataset.get("extras"):
        return []
    items = {subfield: _value(dataset, name) for subfield, name in names.items()}
    group = {key: value for key, value in items.items() if value and isinstance(value, str)}
    return [group] if group else []


def _json(value: str, default: Any) -> Any:
    if not value.lstrip().startswith(("[", "{")):
        return default
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return default
    return parsed if isinstance(parsed, (list, dict)) else default


log = logging.getLogger(__name__)

GEOMETRY_SUBFIELDS = ("geom", "bbox", "centroid")
SPATIAL = "spatial"
"""Extra in which ckanext-spatial stores the geometry of a dataset."""


def position_outside(dataset: Mapping[str, Any]) -> str:
    """Return the first position of a dataset's geometries outside the portal's area, or empty."""
    extent = portal_area()
    for shape in _geometries(dataset):
        position = geometry.outside(shape, extent)
        if position:
            return position
    return ""


def portal_area() -> geometry.Extent:
    """Return the configured area of the portal, otherwise Viet Nam and its sea."""
    try:
        return geometry.read_extent(config.dcat_extent()) or geometry.VIET_NAM
    except ValueError:
        log.warning("Option %s holds no extent: %r", config.DCAT_EXTENT, config.dcat_extent())
        return geometry.VIET_NAM


def _geometries(dataset: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the valid geometries: stored ones may be older than the validation."""
    places = groups(dataset, "spatial_coverage")
    shapes = [place.get(name) for place in places for name in GEOMETRY_SUBFIELDS]
    for shape in (*shapes, dataset.get(SPATIAL) or text(dataset, SPATIAL)):
        if shape:
            with contextlib.suppress(geometry.GeometryError):
                yield json.loads(geometry.geojson(shape))
