"""The data dictionary as a Table Schema of Frictionless Data, written and read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import inputs
from ckanext.nd47.tables.datastore.dictionary.columns import TableColumn
from ckanext.nd47.tables.datastore.dictionary.entries import Kind

PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"

LARGEST = 256 * 1024
"""Bytes of a Table Schema that is read."""

MOST_FIELDS = 1_000
LONGEST_NAME = 200
LONGEST = 1_000
"""Characters of a title or a description."""

_WRITTEN: Mapping[Kind, str] = {
    "text": "string",
    "number": "number",
    "date": "date",
    "timestamp": "datetime",
}
_READ: Mapping[str, Kind] = {
    **{type_: kind for kind, type_ in _WRITTEN.items()},
    "integer": "number",
}


class _Said(TypedDict, total=False):
    title: str
    description: str


class SchemaField(_Said):
    """A column as a Table Schema writes it."""

    name: str
    type: str


# The name of a property that begins with a sign.
TableSchema = TypedDict("TableSchema", {"$schema": str, "fields": list[SchemaField]})


class Stated(NamedTuple):
    """A column that a Table Schema states; `kind` is None for a type without one here."""

    name: str
    label: str
    kind: Kind | None
    notes: str


def write(columns: Sequence[TableColumn]) -> TableSchema:
    """Return the Table Schema of the columns of a table."""
    return {"$schema": PROFILE, "fields": [_field(column) for column in columns]}


def _field(column: TableColumn) -> SchemaField:
    field = SchemaField(name=column["id"], type=_WRITTEN[column["type"]])
    if column["label"] != column["id"]:
        field["title"] = column["label"]
    if column["notes"]:
        field["description"] = column["notes"]
    return field


def read(schema: object) -> list[Stated]:
    """Return the columns that a Table Schema states.

    Args:
        schema: the schema as a text, as bytes, or already as an object.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is none, or too large.
    """
    content = _parsed(schema) if isinstance(schema, (str, bytes)) else schema
    fields = content.get("fields") if isinstance(content, Mapping) else None
    if not isinstance(fields, list) or not fields:
        raise _error(tk._("This is no Table Schema: it has no list “fields”."))
    if len(fields) > MOST_FIELDS:
        raise _error(tk._("At most {limit} columns are read.").format(limit=MOST_FIELDS))
    stated: dict[str, Stated] = {}
    for place, field in enumerate(fields, start=1):
        column = _stated(field, place)
        if column.name in stated:
            raise _error(tk._("The column “{column}” is stated twice.").format(column=column.name))
        stated[column.name] = column
    return list(stated.values())


def _parsed(schema: str | bytes) -> object:
    if len(schema) > LARGEST:
        limit = LARGEST // 1024
        raise _error(tk._("The Table Schema is larger than {limit} KB.").format(limit=limit))
    try:
        text = schema.decode("utf-8-sig") if isinstance(schema, bytes) else schema
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _error(tk._("The Table Schema is no JSON in UTF-8.")) from error


def _stated(field: Any, place: int) -> Stated:
    if not isinstance(field, Mapping):
        raise _wrong(place, "fields")
    name = _text(field, "name", place, LONGEST_NAME)
    if not name:
        raise _wrong(place, "name")
    type_ = _text(field, "type", place, LONGEST_NAME)
    return Stated(
        name=name,
        label=_text(field, "title", place, LONGEST),
        kind=_READ.get(type_),
        notes=_text(field, "description", place, LONGEST),
    )


def _text(field: Mapping[str, Any], key: str, place: int, longest: int) -> str:
    """Return a text of a field in one line, empty where it has none."""
    value = field.get(key) or ""
    if not isinstance(value, str) or len(value) > longest or not inputs.storable(value):
        raise _wrong(place, key)
    return " ".join(value.split())


def _wrong(place: int, key: str) -> tk.ValidationError:
    message = tk._("Column {number} of the Table Schema: “{key}” is missing, too long or no text.")
    return _error(message.format(number=place, key=key))


def _error(message: str) -> tk.ValidationError:
    return tk.ValidationError({"schema": [message]})
