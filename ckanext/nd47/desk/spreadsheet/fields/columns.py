"""Columns of the spreadsheet: the fields of the portal's schema, and how headings name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.scheming.helpers import scheming_field_choices

from ckanext.nd47.desk.spreadsheet.fields import cells
from ckanext.nd47.desk.spreadsheet.fields.column import Column, Kind, Labels
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import dataset_fields, spellings, splitting
from ckanext.nd47.lib.files.spreadsheets import headings
from ckanext.nd47.lib.files.spreadsheets.headings import Table
from ckanext.nd47.rules import records

DATASETS, FILES = "datasets", "files"

PUBLICATION = "publication"
DATASET, AGENCY, FILE, FILE_ID = "dataset", "agency", "file", "id"
"""Columns that are no fields of the schema."""

FIRST = ("title", "owner_org", PUBLICATION)
"""The first columns after the identifier; the others follow in the order of the form."""
LAST = "name"

HIDDEN_SNIPPET = "nd47/form_snippets/hidden.html"
AGENCIES = frozenset({"owner_org", "responsible_agency"})
RENDERED_AS_TEXT = ("markdown", "textarea")


@cache
def content() -> Mapping[str, Any]:
    """Return what the spreadsheet has beside the schema."""
    return read_yaml(data_path("schemas", "spreadsheet.yaml"))


def identifier() -> str:
    """Return the name of the identifier in the schema of the portal."""
    return dataset_fields.of_type(dataset_fields.DEFAULT_TYPE).name("identifier")


def of_datasets() -> list[Column]:
    """Return the columns of the datasets, in their order."""
    schema = records.schema_of(dataset_fields.DEFAULT_TYPE)
    fields = schema["dataset_fields"] if schema else _PLAIN
    columns = [column for schema_field in fields for column in _columns(schema_field)]
    columns.append(_own(DATASETS, PUBLICATION))
    order = {path: place for place, path in enumerate((identifier(), *FIRST))}
    rest = len(order)
    return sorted(
        columns,
        key=lambda column: rest + 1 if column.path == LAST else order.get(column.path, rest),
    )


def of_files() -> list[Column]:
    """Return the columns of the files, in their order."""
    schema = records.schema_of(dataset_fields.DEFAULT_TYPE)
    fields = schema["resource_fields"] if schema else _PLAIN_FILE
    columns = [
        column
        for schema_field in fields
        if schema_field["field_name"] != "url"
        for column in _columns(schema_field)
    ]
    own = [_own(FILES, name) for name in (DATASET, AGENCY, FILE)]
    return [*own, *columns, _own(FILES, FILE_ID)]


def of(kind: str) -> list[Column]:
    """Return the columns of a table."""
    return of_datasets() if kind == DATASETS else of_files()


def table(kind: str, columns: list[Column]) -> Table:
    """Return how a table is recognised in a file."""
    known = {column.path: column for column in columns}
    names: list[tuple[str, str]] = []
    if kind == DATASETS:
        # Of a group that texts can be split for, one column may hold everything.
        groups = {column.group for column in columns} & splitting.SPLITTERS.keys()
        readable = known.keys() | groups
        names += [
            (name, path)
            for path, listed in spellings.field_names().items()
            for name in listed
            if path in readable
        ]
        schema = records.schema_of(dataset_fields.DEFAULT_TYPE) or {}
        names += [
            (label, schema_field["field_name"])
            for schema_field in schema.get("dataset_fields", ())
            if schema_field["field_name"] in groups
            for label in _labels(schema_field.get("label"), "").values()
        ]
    words: Mapping[str, list[str]] = headings.content()["headings"][kind]
    names += [(word, path) for path, listed in words.items() for word in listed if path in known]
    names += [(path, path) for path in known]
    names += [(label, path) for path, column in known.items() for label in column.label.values()]
    shown = {column.path: column.heading for column in columns}
    return Table(
        headings=shown,
        fields=headings.known_fields(names),
        required=frozenset({"title", "name", identifier()} if kind == DATASETS else {FILE}),
        keys=frozenset(
            {"name", identifier(), "owner_org"} if kind == DATASETS else {DATASET, FILE}
        ),
        normalised=lambda path, cell: cells.normalised(known.get(path), cell),
    )


def _own(kind: str, name: str) -> Column:
    entry = content()["columns"][kind][name]
    choices: Mapping[str, Labels] = entry.get("values", {})
    return Column(
        name,
        "choice" if choices else "agency" if name == AGENCY else "line",
        entry["label"],
        entry["help_text"],
        choices=choices,
    )


def _columns(schema_field: Mapping[str, Any]) -> Iterator[Column]:
    name = schema_field["field_name"]
    subfields = schema_field.get(dataset_fields.SUBFIELDS)
    if schema_field.get("form_snippet", "") is None:
        return
    label = _labels(schema_field.get("label"), name)
    if not subfields:
        if dataset_fields.shape(schema_field) != "structure":
            yield _column(schema_field, name, label)
        return
    for subfield in subfields:
        snippet = subfield.get("form_snippet", "")
        if snippet in (None, HIDDEN_SNIPPET) or dataset_fields.SUBFIELDS in subfield:
            continue
        own_label = _labels(subfield.get("label"), subfield["field_name"])
        joined = {
            lang: f"{label.get(lang, label['vi'])} – {text}" for lang, text in own_label.items()
        }
        yield _column(
            subfield,
            f"{name}.{subfield['field_name']}",
            joined,
            several=not schema_field.get("repeating_once"),
        )


def _column(
    schema_field: Mapping[str, Any], path: str, label: Labels, *, several: bool = False
) -> Column:
    kind = _kind(schema_field)
    choices: dict[str, Labels] = {}
    listed = str(schema_field.get("vocabulary") or "")
    if kind in {"choice", "choices"} and not listed:
        choices = {
            str(choice["value"]): _labels(choice.get("label"), str(choice["value"]))
            for choice in scheming_field_choices(dict(schema_field)) or ()
        }
    help_text = schema_field.get("help_text")
    return Column(
        path,
        kind,
        label,
        _labels(help_text, "") if help_text else {},
        vocabulary=listed if kind in {"choice", "choices", "place"} else "",
        choices=choices,
        several=several,
    )


def _kind(schema_field: Mapping[str, Any]) -> Kind:
    name = schema_field["field_name"]
    if name in AGENCIES:
        return "agency"
    if name in _KINDS:
        return _KINDS[name]
    validators = {
        part.partition("(")[0] for part in str(schema_field.get("validators") or "").split()
    }
    for validator, kind in _BY_VALIDATOR.items():
        if validator in validators:
            return kind
    if dataset_fields.shape(schema_field) == "list":
        return "choices" if schema_field.get("choices") else "lines"
    snippet = str(schema_field.get("form_snippet") or "")
    if "nd47_text" in validators or any(word in snippet for word in RENDERED_AS_TEXT):
        return "text"
    return "choice" if schema_field.get("choices") else "line"


_KINDS: Mapping[str, Kind] = {"tag_string": "tags", "license_id": "licence", "notes": "text"}
_BY_VALIDATOR: Mapping[str, Kind] = {
    "nd47_choice": "choice",
    "nd47_choices": "choices",
    "scheming_choices": "choice",
    "scheming_multiple_choice": "choices",
    "nd47_lines": "lines",
    "nd47_urls": "lines",
    "nd47_date": "date",
    "isodate": "date",
    "scheming_isodate": "date",
    "nd47_place": "place",
}


def _labels(label: Any, default: str) -> dict[str, str]:
    if isinstance(label, Mapping):
        texts = {str(lang): str(text) for lang, text in label.items()}
        return texts if "vi" in texts else {"vi": next(iter(texts.values()), default), **texts}
    return {"vi": tk._(str(label)) if label else default, "en": str(label or default)}


_PLAIN: tuple[Mapping[str, Any], ...] = tuple(
    {"field_name": name, "label": label}
    for name, label in {
        "title": "Title",
        "name": "Name",
        "notes": "Description",
        "tag_string": "Tags",
        "license_id": "License",
        "owner_org": "Organization",
        "url": "Source",
        "version": "Version",
    }.items()
)
"""Fields of a portal without a schema."""
_PLAIN_FILE: tuple[Mapping[str, Any], ...] = tuple(
    {"field_name": name, "label": name.capitalize()} for name in ("name", "description", "format")
)
