"""How a dataset is read: what its fields mean once defaults and agencies are considered.

Works on the dictionary of `package_show`, whichever schema the portal uses: pages, rules, exports
and citations read through here and not from the schema file. Fields are named as in our own schema;
`dataset_fields` knows where a portal's schema has them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal

from ckanext.nd47.agencies import contacts as agency_contacts
from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config, dataset_fields, geometry, splitting, values, vocabulary
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.metadata import harvested

Dataset = Mapping[str, Any]
Openness = Literal["open", "published", "conditional", "shared", "closed"]
"""What Công văn 2051/BTTTT-THH wants users to be told: open data, published but not open data, open
under conditions (which is not open data), shared between agencies, or not public."""

OPEN_CLASS = "du-lieu-mo"
CONDITIONAL_CLASS = "du-lieu-mo-co-dieu-kien"
SHARED_CLASSES = frozenset({"du-lieu-dung-chung", "du-lieu-chu-chuyen-nganh"})
PUBLIC = "cong-khai"
NOT_PUBLIC = "khong-duoc-cong-khai"

CODE_PRESETS = frozenset({"nd47_choice", "nd47_choices"})
"""Presets of the fields that hold codes of the vocabulary that they name."""

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
"""Extras in which ckanext-dcat keeps groups on a portal without ckanext-scheming."""


@cache
def vocabularies(fields: Literal["dataset_fields", "resource_fields"]) -> Mapping[str, str]:
    """Return the vocabulary of each field that holds codes, as `schemas/dataset.yaml` says."""
    schema = read_yaml(data_path("schemas", "dataset.yaml"))
    return {
        field["field_name"]: field["vocabulary"]
        for field in schema[fields]
        if field.get("preset") in CODE_PRESETS
    }


def field_name(dataset: Dataset, field: str) -> str:
    """Return the name that one of our fields bears in the schema of a dataset."""
    return dataset_fields.of(dataset).name(field)


def text(dataset: Dataset, field: str) -> str:
    """Return a field as text, also where a plain CKAN schema keeps it among the extras.

    A field with a code list gives a code where the stored value stands for one.
    """
    value = _raw(dataset, field)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _code("dataset_fields", field, value) if isinstance(value, str) else ""


def codes(dataset: Dataset, field: str) -> list[str]:
    """Return a field with several values as a list; one value or a JSON list counts as one."""
    found = _list(_raw(dataset, field))
    return list(dict.fromkeys(_code("dataset_fields", field, item) for item in found))


def groups(dataset: Dataset, field: str) -> list[dict[str, Any]]:
    """Return the groups of subfields of a field, those without any value left out."""
    raw = _raw(dataset, field)
    found = _groups(raw) or _split(dataset, field, raw)
    return found or _legacy_groups(dataset, field)


def resource_text(dataset: Dataset, resource: Mapping[str, Any], field: str) -> str:
    """Return a field of a resource as text, by the name it bears in our schema."""
    known = dataset_fields.of(dataset)
    value = resource.get(known.resource_names.get(field, field))
    value = _translated(value, known.resource_values.get(field))
    return _code("resource_fields", field, value) if isinstance(value, str) else ""


def resources(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the resources with the field names of our schema."""
    known = dataset_fields.of(dataset)
    found = [
        resource for resource in dataset.get("resources") or [] if isinstance(resource, Mapping)
    ]
    renamed = [
        _renamed(resource, known.resource_names, known.resource_hidden) for resource in found
    ]
    for resource in renamed:
        for field in known.resource_values.keys() & resource.keys():
            resource[field] = _translated(resource[field], known.resource_values[field])
    return renamed


def normal(dataset: Dataset) -> dict[str, Any]:
    """Return a dataset as if it had been made under our schema: names, codes, lists and groups.

    Extras stand beside the fields. A field of the portal that bears one of our names but means
    something else is left out.
    """
    known = dataset_fields.of(dataset)
    whole = {**_extras(dataset), **{key: dataset[key] for key in dataset if key != "extras"}}
    whole = _renamed(whole, known.names, known.hidden)
    whole["resources"] = resources(dataset)
    for field in known.marked & whole.keys():
        whole[field] = _raw(dataset, field)
    for field, vocabulary_id in vocabularies("dataset_fields").items():
        value = whole.get(field)
        if isinstance(value, str) and not value.lstrip().startswith("["):
            whole[field] = vocabulary.recognise(vocabulary_id, value)
        elif value:
            whole[field] = codes(dataset, field)
    for field in {*LEGACY_GROUPS, *(known.marked & splitting.SPLITTERS.keys())}:
        whole[field] = groups(dataset, field)
    whole["contact"] = agency_contacts.resolve(whole["contact"])
    return whole


def openness(dataset: Dataset) -> Openness:
    """Say what kind of data this is, from sharing class, disclosure and licence.

    A dataset without our fields, made under another schema, is open when its licence is; one that
    was harvested only if it says so itself.
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
    """Return the agency that answers for the data: as given, else the one above the provider."""
    return directory.get(text(dataset, "responsible_agency")) or directory.top_agency(
        dataset.get("owner_org")
    )


def contacts(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the focal points: as given, else who is in office at the provider or above it.

    What is given may refer to a focal point of the register, and is then read from there.
    """
    given = agency_contacts.resolve(groups(dataset, "contact"))
    if given:
        return given
    own = provider(dataset)
    for agency in (own, directory.successor(own), responsible(dataset)):
        found = agency_contacts.of_agency(agency.id) if agency else []
        if found:
            return found
    # Fields of plain CKAN
    name = text(dataset, "maintainer") or text(dataset, "author")
    email = text(dataset, "maintainer_email") or text(dataset, "author_email")
    plain = {"name": name, "email": email}
    return [{key: value for key, value in plain.items() if value}] if name or email else []


def prime(datasets: Iterable[Dataset]) -> None:
    """Read agencies and focal points of a list of datasets at once, before it is gone through."""
    listed = list(datasets)
    directory.load(
        reference
        for dataset in listed
        for reference in (dataset.get("owner_org"), text(dataset, "responsible_agency"))
        if reference
    )
    agency_contacts.load(group for dataset in listed for group in groups(dataset, "contact"))


def updated(dataset: Dataset) -> str:
    """Return the day of the last update of the data: as given, else of the last change."""
    try:
        return values.date(text(dataset, "modified"))
    except ValueError:
        return day_in_vietnam(text(dataset, "metadata_modified"))


def day_in_vietnam(moment: str) -> str:
    """Return the day in Vietnam of a moment that CKAN noted, in UTC without saying so."""
    try:
        noted = dt.datetime.fromisoformat(moment.replace("Z", "+00:00"))
        return values.day_of(noted if noted.tzinfo else noted.replace(tzinfo=dt.timezone.utc))
    except ValueError:
        return ""


def _raw(dataset: Dataset, field: str) -> Any:
    known = dataset_fields.of(dataset)
    name = known.name(field)
    value = _value(dataset, name)
    if field not in known.marked:
        return value
    if field in _several() and name in known.texts and isinstance(value, str):
        value = splitting.items(value)
    return _translated(value, known.values.get(field))


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
        found = [table.get(dataset_fields.meant(text), [text]) for text in _list(value)]
        return [code for codes in found for code in codes]
    codes = table.get(dataset_fields.meant(value), [value])
    return codes[0] if len(codes) == 1 else codes


def _split(dataset: Dataset, field: str, raw: Any) -> list[dict[str, Any]]:
    """Return the parts of a text that a field of the portal has in place of our group."""
    marked = field in dataset_fields.of(dataset).marked
    if not marked or field not in splitting.SPLITTERS or not isinstance(raw, str):
        return []
    parts = splitting.SPLITTERS[field](raw) if raw.strip() and not values.says_nothing(raw) else {}
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
    whole: Mapping[str, Any], names: Mapping[str, str], hidden: frozenset[str]
) -> dict[str, Any]:
    theirs = frozenset(names.values()) | hidden
    kept = {key: value for key, value in whole.items() if key not in theirs}
    return kept | {ours: whole[name] for ours, name in names.items() if name in whole}


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        value = _json(value, [value] if value else [])
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _groups(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str):
        value = _json(value, [])
    if isinstance(value, Mapping):
        value = [value]
    found = value if isinstance(value, list) else []
    return [dict(group) for group in found if isinstance(group, Mapping) and any(group.values())]


def _legacy_groups(dataset: Dataset, field: str) -> list[dict[str, Any]]:
    names = LEGACY_GROUPS.get(field)
    if not names or not dataset.get("extras"):
        return []
    given = {subfield: _value(dataset, name) for subfield, name in names.items()}
    group = {key: value for key, value in given.items() if value and isinstance(value, str)}
    return [group] if group else []


def _json(value: str, otherwise: Any) -> Any:
    if not value.lstrip().startswith(("[", "{")):
        return otherwise
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return otherwise
    return parsed if isinstance(parsed, (list, dict)) else otherwise


log = logging.getLogger(__name__)

GEOMETRY_SUBFIELDS = ("geom", "bbox", "centroid")
SPATIAL = "spatial"
"""Where ckanext-spatial keeps the geometry of a dataset."""


def position_outside(dataset: Mapping[str, Any]) -> str:
    """Return the first position of a dataset's geometries outside the portal's area, or nothing."""
    extent = portal_area()
    for shape in _geometries(dataset):
        found = geometry.outside(shape, extent)
        if found:
            return found
    return ""


def portal_area() -> geometry.Extent:
    """Return the area that the portal serves, where it is set; else Viet Nam and its sea."""
    try:
        return geometry.read_extent(config.dcat_extent()) or geometry.VIET_NAM
    except ValueError:
        log.warning("Option %s holds no extent: %r", config.DCAT_EXTENT, config.dcat_extent())
        return geometry.VIET_NAM


def _geometries(dataset: Mapping[str, Any]) -> Iterator[Any]:
    """Go through the sound geometries: what is stored may be older than their check."""
    places = groups(dataset, "spatial_coverage")
    given = [place.get(name) for place in places for name in GEOMETRY_SUBFIELDS]
    for shape in (*given, dataset.get(SPATIAL) or text(dataset, SPATIAL)):
        if shape:
            with contextlib.suppress(geometry.GeometryError):
                yield json.loads(geometry.geojson(shape))
