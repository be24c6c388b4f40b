"""How the fields of a schema are laid out on forms and pages.

A schema marks where a part begins with `form_section` (title and description) on its first field;
a form page of ckanext-scheming (`start_form_page`) begins one as well. Forms show a part as a
section that can be folded, pages of a dataset as a table of what is filled in.
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
"""Starts the name of an input for a subfield of a group inside a group."""

PLACE = re.compile(r"-([0-9]{1,6})-(.+)")
"""What follows the field in the name of an input for a subfield: `contact-0-name`."""

KEPT = "nd47-kept"
"""Name of the input that carries along, as JSON, what a group or resource holds and its form does
not show."""
STANDS_FOR = {"tags": "tag_string"}
"""Fields that CKAN reports errors under, by the field of the schema that they come from."""


@dataclass
class Part:
    """A section of a form or page.

    Attributes:
        title: text by language; None for fields before the first section.
        description: what the section is about, by language.
        fields: its fields.
    """

    title: Any = None
    description: Any = None
    fields: list[SchemaField] = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    """An error of a form, ready to be shown.

    Attributes:
        label: name of the field, as people know it.
        text: what is wrong.
        anchor: id of the input.
        page: number of the form page that the field is on; 0 where it is on none.
    """

    label: str
    text: str
    anchor: str
    page: int = 0


def parts(fields: Iterable[SchemaField], *, by_page: bool = False) -> list[Part]:
    """Split fields into sections.

    Args:
        fields: fields of a schema in their order.
        by_page: whether a form page without a section begins one.
    """
    found: list[Part] = []
    for schema_field in fields:
        head = schema_field.get(SECTION) or (schema_field.get(PAGE) if by_page else None)
        if head:
            found.append(Part(head.get("title"), head.get("description")))
        elif not found:
            found.append(Part())
        found[-1].fields.append(schema_field)
    return found


def in_form(part: Part) -> list[SchemaField]:
    """Return the fields of a section that a form asks for."""
    return [
        schema_field
        for schema_field in part.fields
        if schema_field.get("form_snippet", "") is not None
    ]


def on_page(part: Part, record: Mapping[str, Any], left_out: Iterable[str]) -> list[SchemaField]:
    """Return the fields of a section that a page shows: those with a value for people."""
    skipped = set(left_out)
    return [
        schema_field
        for schema_field in part.fields
        if schema_field["field_name"] not in skipped
        and schema_field.get("display_snippet", "") is not None
        and is_filled(schema_field, record)
    ]


def is_filled(schema_field: SchemaField, record: Mapping[str, Any]) -> bool:
    """Say whether a record has a value for a field; groups without values are none."""
    value = record.get(schema_field["field_name"])
    if SUBFIELDS in schema_field and isinstance(value, list):
        return any(any(group.values()) for group in value if isinstance(group, Mapping))
    return value not in EMPTY and value is not False


def groups(schema_field: SchemaField, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups of subfields that a form shows, in their order.

    What was typed into a form that is shown again wins over what is stored: ckanext-scheming shows
    the stored values and loses the typed ones.
    """
    name = schema_field["field_name"]
    if is_submitted(name, record):
        return submitted(name, dict(record))
    stored = record.get(name)
    if isinstance(stored, Mapping):
        stored = [stored]
    listed = stored if isinstance(stored, list) else []
    return [dict(group) for group in listed if isinstance(group, Mapping)]


def is_submitted(name: str, data: Mapping[str, Any]) -> bool:
    """Say whether an input has `contact-0-name` or its like."""
    return any(_place(name, key) for key in data)


def submitted(name: str, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Take `contact-0-name` and its like out of an input, as groups in their order.

    Groups without a value are not stored, so errors count without them.
    """
    groups: dict[int, dict[str, Any]] = {}
    for key in list(data):
        if place := _place(name, key):
            number, subfield = place
            value = data.pop(key)
            group = groups.setdefault(number, {})
            if subfield == KEPT:
                group.update({k: v for k, v in kept(value).items() if k not in group})
            else:
                group[subfield] = value
    return [groups[number] for number in sorted(groups) if any(groups[number].values())]


def with_nested(group: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group of subfields with the groups inside it as lists.

    A form names them `agent-0-name`; ckanext-scheming 3.1 reads the outer groups alone.
    """
    nested = dict(group)
    for name in {match[1] for key in group if (match := NESTED.match(key))} - group.keys():
        nested[name] = [with_nested(inner) for inner in submitted(name, nested)]
    return nested


def not_asked(schema_field: SchemaField, group: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a group that its form does not ask for, and so has to carry along."""
    return beside(schema_field[SUBFIELDS], group)


def beside(fields: Iterable[SchemaField], record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a record that a form with these fields does not ask for."""
    asked = {schema_field["field_name"] for schema_field in in_form(Part(fields=list(fields)))}
    return {name: value for name, value in record.items() if name not in asked}


def _place(name: str, key: object) -> tuple[int, str] | None:
    """Return the number of the group and the subfield that a name of an input stands for."""
    found = PLACE.fullmatch(str(key).removeprefix(name)) if str(key).startswith(name) else None
    return (int(found[1]), found[2]) if found else None


def assumed(dataset_type: Any) -> dict[str, str]:
    """Return what the form of a new resource shows for fields that are left empty."""
    schema = tk.h.scheming_get_dataset_schema(dataset_type) or {}
    listed = schema.get("resource_fields") or []
    return {
        schema_field["field_name"]: schema_field["form_assumed"]
        for schema_field in listed
        if schema_field.get("form_assumed")
    }


def kept(value: Any) -> dict[str, Any]:
    """Return what an input carries along; nothing where it is none of ours."""
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
"""What the form of a new dataset or a draft proposes for a field that is empty.

A program, a harvest or an import gets nothing of it: a record says what its sender said.
"""

SHARING = "sharing_class"
FOR_ANY_CLASS = frozenset({SHARING, "language"})
"""Fields for which something is proposed whatever the data are; the others are of open data."""


def proposed(dataset: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form proposes for the fields of a dataset that are empty.

    Args:
        dataset: as the form has it.
        names: by our names of the fields that the form proposes for, their names in the schema.
    """
    sharing = dataset.get(names.get(SHARING, SHARING)) or dataset_reader.OPEN_CLASS
    proposals = {
        theirs: PROPOSED[ours]()
        for ours, theirs in names.items()
        if (sharing == dataset_reader.OPEN_CLASS or ours in FOR_ANY_CLASS)
        and not dataset.get(theirs)
    }
    return {name: value for name, value in proposals.items() if value}


def problems(errors: Mapping[str, Any], pages: Sequence[Iterable[SchemaField]]) -> list[Problem]:
    """Return the errors of a form in the order of its fields.

    Args:
        errors: what a ValidationError holds.
        pages: the fields of each form page.
    """
    waiting = {STANDS_FOR.get(key, key): value for key, value in errors.items()}
    found: list[Problem] = []
    for number, fields in enumerate(pages, start=1):
        for schema_field in fields:
            if error := waiting.pop(schema_field["field_name"], None):
                found += _of_field(schema_field, error, number)
    for key, error in waiting.items():
        found += [Problem(_label(key), text, "") for text in texts(error)]
    return found


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
    found = []
    for number, group in enumerate(error):
        for subfield in schema_field[SUBFIELDS]:
            name = subfield["field_name"]
            found += [
                Problem(
                    f"{label} – {scheming_language_text(subfield.get('label') or name)}",
                    text,
                    f"{anchor}-{number}-{name}",
                    page,
                )
                for text in texts((group or {}).get(name))
            ]
    return found


def _label(key: str) -> str:
    known = {"resources": tk._("Resources"), "message": "", "__before": "", "__junk": ""}
    return known.get(key, key)
