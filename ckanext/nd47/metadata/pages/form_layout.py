"""Layout of the fields of a schema on forms and pages.

A section begins at a field with `form_section` (title and description), or at a form page of
ckanext-scheming (`start_form_page`). Forms show a section as a collapsible block, dataset pages as
a table of the fields that have a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.scheming.helpers import scheming_language_text

from ckanext.nd47.lib import config
from ckanext.nd47.metadata import dataset_reader, licence

SchemaField = Mapping[str, Any]

SECTION = "form_section"
PAGE = "start_form_page"
EMPTY = (None, "", [], {})
SUBFIELDS = "repeating_subfields"
NESTED = re.compile(r"([a-z_]+)-\d+-.", re.IGNORECASE)
"""Start of the name of an input for a subfield of a nested group."""

PLACE = re.compile(r"-([0-9]{1,6})-(.+)")
"""The part of the name of a subfield's input after the field name: `contact-0-name`."""

HIDDEN_VALUES = "nd47-kept"
"""Name of the hidden input with the values, as JSON, of a group or resource that are not in the
form."""
FIELD_OF_ERROR = {"tags": "tag_string"}
"""Field of the schema, by the key under which CKAN reports its errors."""


@dataclass
class Part:
    """A section of a form or page.

    Attributes:
        title: text by language; None before the first section.
        description: description by language.
        fields: its fields.
    """

    title: Any = None
    description: Any = None
    fields: list[SchemaField] = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    """An error of a form.

    Attributes:
        label: label of the field.
        text: the message.
        anchor: id of the input.
        page: number of the form page of the field; 0 if it is on none.
    """

    label: str
    text: str
    anchor: str
    page: int = 0


def parts(fields: Iterable[SchemaField], *, by_page: bool = False) -> list[Part]:
    """Split fields into sections.

    Args:
        fields: fields of a schema in their order.
        by_page: whether a form page begins a section.
    """
    sections: list[Part] = []
    for schema_field in fields:
        head = schema_field.get(SECTION) or (schema_field.get(PAGE) if by_page else None)
        if head:
            sections.append(Part(head.get("title"), head.get("description")))
        elif not sections:
            sections.append(Part())
        sections[-1].fields.append(schema_field)
    return sections


def in_form(part: Part) -> list[SchemaField]:
    """Return the fields of a section that are in the form."""
    return [
        schema_field
        for schema_field in part.fields
        if schema_field.get("form_snippet", "") is not None
    ]


def on_page(part: Part, record: Mapping[str, Any], excluded: Iterable[str]) -> list[SchemaField]:
    """Return the fields of a section that a page shows: those with a value."""
    excluded_names = set(excluded)
    return [
        schema_field
        for schema_field in part.fields
        if schema_field["field_name"] not in excluded_names
        and schema_field.get("display_snippet", "") is not None
        and is_filled(schema_field, record)
    ]


def is_filled(schema_field: SchemaField, record: Mapping[str, Any]) -> bool:
    """Return whether a record has a value for a field; empty groups do not count."""
    value = record.get(schema_field["field_name"])
    if SUBFIELDS in schema_field and isinstance(value, list):
        return any(any(group.values()) for group in value if isinstance(group, Mapping))
    return value not in EMPTY and value is not False


def groups(schema_field: SchemaField, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups of subfields that a form shows, in order.

    Submitted values take precedence over stored ones when the form is shown again;
    ckanext-scheming shows the stored values.
    """
    name = schema_field["field_name"]
    if is_submitted(name, record):
        return submitted(name, dict(record))
    stored = record.get(name)
    if isinstance(stored, Mapping):
        stored = [stored]
    stored_groups = stored if isinstance(stored, list) else []
    return [dict(group) for group in stored_groups if isinstance(group, Mapping)]


def is_submitted(name: str, data: Mapping[str, Any]) -> bool:
    """Return whether form data contain subfields such as `contact-0-name`."""
    return any(_place(name, key) for key in data)


def submitted(name: str, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Remove subfields such as `contact-0-name` from form data, and return them as groups in order.

    Empty groups are not stored, so errors are numbered without them.
    """
    groups: dict[int, dict[str, Any]] = {}
    for key in list(data):
        if place := _place(name, key):
            number, subfield = place
            value = data.pop(key)
            group = groups.setdefault(number, {})
            if subfield == HIDDEN_VALUES:
                group.update({k: v for k, v in hidden_values(value).items() if k not in group})
            else:
                group[subfield] = value
    return [groups[number] for number in sorted(groups) if any(groups[number].values())]


def with_nested(group: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group of subfields with its nested groups as lists.

    A form names them `agent-0-name`; ckanext-scheming 3.1 reads only the outer groups.
    """
    nested = dict(group)
    for name in {match[1] for key in group if (match := NESTED.match(key))} - group.keys():
        nested[name] = [with_nested(inner) for inner in submitted(name, nested)]
    return nested


def group_values_not_in_form(schema_field: SchemaField, group: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a group that are not in its form, which sends them as a hidden input."""
    return values_not_in_form(schema_field[SUBFIELDS], group)


def values_not_in_form(fields: Iterable[SchemaField], record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a record that are not in a form with these fields."""
    in_form_names = {
        schema_field["field_name"] for schema_field in in_form(Part(fields=list(fields)))
    }
    return {name: value for name, value in record.items() if name not in in_form_names}


def _place(name: str, key: object) -> tuple[int, str] | None:
    """Return the group number and the subfield that the name of an input refers to."""
    match = PLACE.fullmatch(str(key).removeprefix(name)) if str(key).startswith(name) else None
    return (int(match[1]), match[2]) if match else None


def assumed(dataset_type: Any) -> dict[str, str]:
    """Return the values that the form of a new resource shows for empty fields."""
    schema = tk.h.scheming_get_dataset_schema(dataset_type) or {}
    resource_fields = schema.get("resource_fields") or []
    return {
        schema_field["field_name"]: schema_field["form_assumed"]
        for schema_field in resource_fields
        if schema_field.get("form_assumed")
    }


def hidden_values(value: Any) -> dict[str, Any]:
    """Return the values of a hidden input; empty if they are not JSON of a mapping."""
    try:
        parsed = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


PROPOSED: Mapping[str, Callable[[], Any]] = {
    "license_id": licence.default_id,
    "applicable_legislation": licence.instruments,
    "language": lambda: [config.default_language()],
    "access_rights": lambda: dataset_reader.PUBLIC,
    "sharing_class": lambda: dataset_reader.OPEN_CLASS,
}
"""Values that the form of a new dataset or a draft proposes for empty fields.

They do not apply to the API, harvests and imports.
"""

SHARING = "sharing_class"
FOR_ANY_CLASS = frozenset({SHARING, "language"})
"""Fields with a proposal for every sharing class; the others have one for open data only."""


def proposed(dataset: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that the form proposes for empty fields of a dataset.

    Args:
        dataset: the data of the form.
        names: names of the fields in the portal's schema, by their names in the nd47 schema.
    """
    sharing = dataset.get(names.get(SHARING, SHARING)) or dataset_reader.OPEN_CLASS
    proposals = {
        schema_name: PROPOSED[field_name]()
        for field_name, schema_name in names.items()
        if (sharing == dataset_reader.OPEN_CLASS or field_name in FOR_ANY_CLASS)
        and not dataset.get(schema_name)
    }
    return {name: value for name, value in proposals.items() if value}


def problems(errors: Mapping[str, Any], pages: Sequence[Iterable[SchemaField]]) -> list[Problem]:
    """Return the errors of a form in the order of its fields.

    Args:
        errors: the `error_dict` of a ValidationError.
        pages: the fields of each form page.
    """
    remaining = {FIELD_OF_ERROR.get(key, key): value for key, value in errors.items()}
    problem_list: list[Problem] = []
    for number, fields in enumerate(pages, start=1):
        for schema_field in fields:
            if error := remaining.pop(schema_field["field_name"], None):
                problem_list += _of_field(schema_field, error, number)
    for key, error in remaining.items():
        problem_list += [Problem(_label(key), text, "") for text in texts(error)]
    return problem_list


def texts(error: Any) -> list[str]:
    """Return the messages of an error of any shape, each once."""
    if isinstance(error, str):
        return [error]
    inner = error.values() if isinstance(error, Mapping) else error
    if not isinstance(inner, Iterable):
        return []
    return list(dict.fromkeys(text for part in inner for text in texts(part)))


def _of_field(schema_field: SchemaField, error: Any, page: int) -> list[Problem]:
    label = scheming_language_text(schema_field.get("label") or schema_field["field_name"])
    anchor = f"field-{schema_field['field_name']}"
    if SUBFIELDS not in schema_field or not any(isinstance(group, Mapping) for group in error):
        return [Problem(label, text, anchor, page) for text in texts(error)]
    problem_list = []
    for number, group in enumerate(error):
        for subfield in schema_field[SUBFIELDS]:
            name = subfield["field_name"]
            problem_list += [
                Problem(
                    f"{label} – {scheming_language_text(subfield.get('label') or name)}",
                    text,
                    f"{anchor}-{number}-{name}",
                    page,
                )
                for text in texts((group or {}).get(name))
            ]
    return problem_list


def _label(key: str) -> str:
    labels = {"resources": tk._("Resources"), "message": "", "__before": "", "__junk": ""}
    return labels.get(key, key)
