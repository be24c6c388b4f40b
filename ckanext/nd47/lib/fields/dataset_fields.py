"""Maps the fields of a portal's schema to the nd47 fields, with their stored shape.

A schema written by `ckan nd47 schema compose` marks fields with the key `nd47_field`:
`nd47_field: theme` on a field of any name means that it is the nd47 field `theme`. A field without
the mark is the nd47 field of the same name, so the schemas of nd47 and ckanext-dcat need no marks.

`nd47_values` beside the mark gives the nd47 codes of the values of the field.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args

from ckan.logic.schema import default_create_package_schema

from ckanext.scheming.helpers import scheming_get_dataset_schema

Shape = Literal["text", "list", "groups", "structure"]
"""One value, several values, groups of subfields, or another JSON structure."""

SchemaField = Mapping[str, Any]

MARK = "nd47_field"
VALUES = "nd47_values"

Codes = Mapping[str, list[str]]
"""Codes of the suite by the value of the portal's schema."""

SUBFIELDS = "repeating_subfields"
DEFAULT_TYPE = "dataset"

LIST_VALIDATORS = frozenset(
    {
        "nd47_choices",
        "nd47_lines",
        "nd47_urls",
        "scheming_multiple_choice",
        "scheming_multiple_number",
        "scheming_multiple_text",
    }
)
LIST_PRESETS = frozenset(
    {
        "multiple_checkbox",
        "multiple_select",
        "multiple_text",
        "nd47_choices",
        "nd47_lines",
        "nd47_urls",
    }
)
NOT_TEXTS = frozenset({"private", "tag_string"})
"""Fields of CKAN with one value that is not a plain text."""

STRUCTURE_VALIDATORS = frozenset({"json_object", "scheming_valid_json_object"})


@dataclass(frozen=True)
class Fields:
    """The fields of one dataset type.

    Attributes:
        names: name in the portal's schema by nd47 name, only if they differ.
        hidden: portal fields with the name of an nd47 field but another meaning.
        groups: names of the fields with subfields, in the portal's schema.
        lists: names of the fields with several values.
        texts: names of the fields with one value, which is a text.
        extras: names of all fields that CKAN stores as extras.
        marked: our names of the fields that the schema marks.
        values: codes by value of the portal's schema, by the suite's name of the field.
        resource_names: as `names`, for the fields of resources.
        resource_hidden: as `hidden`, for the fields of resources.
        resource_groups: as `groups`, for the fields of resources.
        resource_lists: as `lists`, for the fields of resources.
        resource_texts: as `texts`, for the fields of resources.
        resource_values: as `values`, for the fields of resources.
    """

    names: Mapping[str, str]
    hidden: frozenset[str]
    groups: frozenset[str]
    lists: frozenset[str]
    texts: frozenset[str]
    extras: frozenset[str]
    resource_names: Mapping[str, str]
    resource_hidden: frozenset[str]
    resource_groups: frozenset[str]
    resource_lists: frozenset[str]
    resource_texts: frozenset[str]
    marked: frozenset[str] = frozenset()
    values: Mapping[str, Codes] = field(default_factory=dict)
    resource_values: Mapping[str, Codes] = field(default_factory=dict)

    def name(self, field: str) -> str:
        """Return the name of an nd47 field in the portal's schema."""
        return self.names.get(field, field)


_EMPTY: frozenset[str] = frozenset()
_NONE = Fields({}, _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, {}, _EMPTY, _EMPTY, _EMPTY, _EMPTY)
_cache: dict[str, tuple[Any, Fields]] = {}
_PRELOADED: ContextVar[dict[str, Fields] | None] = ContextVar("nd47_fields", default=None)


@contextmanager
def preloaded() -> Iterator[None]:
    """Look up the schema of each dataset type only once, for code that reads many datasets."""
    token = _PRELOADED.set({})
    try:
        yield
    finally:
        _PRELOADED.reset(token)


def of_type(dataset_type: Any) -> Fields:
    """Return the fields of a dataset type; empty if ckanext-scheming has no schema for it."""
    schema = scheming_get_dataset_schema(dataset_type) if isinstance(dataset_type, str) else None
    if schema is None:
        return _NONE
    cached = _cache.get(dataset_type)
    # A schema is loaded again when plugins change, so its identity shows whether it is new.
    if cached is None or cached[0] is not schema:
        cached = _cache[dataset_type] = (schema, _read(schema))
    return cached[1]


def of(dataset: Mapping[str, Any]) -> Fields:
    """Return the fields of the type of a dataset."""
    dataset_type, known = dataset.get("type") or DEFAULT_TYPE, _PRELOADED.get()
    if known is None or not isinstance(dataset_type, str):
        return of_type(dataset_type)
    if dataset_type not in known:
        known[dataset_type] = of_type(dataset_type)
    return known[dataset_type]


def shape(field: SchemaField) -> Shape:
    """Return the stored shape of a field of a schema, with or without expanded preset."""
    if SUBFIELDS in field:
        return "groups"
    if "simple_subfields" in field or field.get("preset") == "json_object":
        return "structure"
    validators = {
        name.partition("(")[0]
        for key in ("validators", "output_validators")
        for name in (field.get(key) or "").split()
    }
    if validators & STRUCTURE_VALIDATORS:
        return "structure"
    return "list" if validators & LIST_VALIDATORS or field.get("preset") in LIST_PRESETS else "text"


@cache
def core() -> frozenset[str]:
    """Return the names of CKAN's own fields, which are not extras."""
    return frozenset(default_create_package_schema())


def _read(schema: Mapping[str, Any]) -> Fields:
    dataset_fields = schema.get("dataset_fields") or []
    names, hidden = _marks(dataset_fields)
    resource_fields = schema.get("resource_fields") or []
    resource_names, resource_hidden = _marks(resource_fields)
    of_dataset, of_resource = _by_shape(dataset_fields), _by_shape(resource_fields)
    return Fields(
        names=names,
        hidden=hidden,
        groups=of_dataset["groups"],
        lists=of_dataset["list"],
        texts=of_dataset["text"] - NOT_TEXTS,
        extras=frozenset().union(*of_dataset.values()) - core(),
        resource_names=resource_names,
        resource_hidden=resource_hidden,
        resource_groups=of_resource["groups"],
        resource_lists=of_resource["list"],
        resource_texts=of_resource["text"],
        marked=frozenset(field[MARK] for field in dataset_fields if field.get(MARK)),
        values=_values(dataset_fields),
        resource_values=_values(resource_fields),
    )


def _by_shape(schema_fields: Iterable[SchemaField]) -> dict[Shape, frozenset[str]]:
    """Return the names of the fields of each shape."""
    shapes = {field["field_name"]: shape(field) for field in schema_fields}
    return {
        stored_shape: frozenset(
            name for name, field_shape in shapes.items() if field_shape == stored_shape
        )
        for stored_shape in get_args(Shape)
    }


def _values(schema_fields: Iterable[SchemaField]) -> dict[str, Codes]:
    """Return the codes of values, by the suite's name of the field."""
    values: dict[str, Codes] = {}
    for schema_field in schema_fields:
        codes = schema_field.get(VALUES)
        if isinstance(codes, Mapping):
            ours = schema_field.get(MARK) or schema_field["field_name"]
            values[ours] = {
                meant(value): [code] if isinstance(code, str) else list(code)
                for value, code in codes.items()
                if code
            }
    return values


def meant(value: Any) -> str:
    """Return a value as the table of values has it: without spaces around it, in small letters."""
    return unicodedata.normalize("NFC", str(value)).strip().casefold()


def _marks(schema_fields: Iterable[SchemaField]) -> tuple[dict[str, str], frozenset[str]]:
    """Return renamed fields by nd47 name, and portal fields with another meaning."""
    renamed = {
        field[MARK]: field["field_name"]
        for field in schema_fields
        if field.get(MARK) and field[MARK] != field["field_name"]
    }
    present = {field["field_name"] for field in schema_fields}
    return renamed, frozenset(present.intersection(renamed))
