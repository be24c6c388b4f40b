"""The fields that can be set for many datasets: those in the form of the portal's schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import ckan.plugins.toolkit as tk

from ckanext.scheming.helpers import scheming_language_text

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.web import http

Kind = Literal["text", "paragraph", "date", "choice", "choices", "lines", "tags", "groups"]
"""How a field is entered. The last four have several values."""

SEVERAL = frozenset({"choices", "lines", "tags", "groups"})

SET, ADD, REMOVE, CLEAR = OPERATIONS = ("set", "add", "remove", "clear")
"""To replace all values, to add or remove some, and to remove all."""

OF_ONE_DATASET = ("title", "name", "identifier")
"""Fields whose value belongs to one dataset, by their names in the nd47 schema."""

VISIBILITY, OWNER, LICENCE, KEYWORDS = "private", "owner_org", "license_id", "tag_string"
PUBLIC, PRIVATE = "public", "private"
"""Values of the field of visibility."""

PLAIN: Mapping[str, Kind] = {
    "notes": "paragraph",
    KEYWORDS: "tags",
    LICENCE: "choice",
    OWNER: "choice",
    "url": "text",
    "version": "text",
}
"""Fields of a portal without a schema."""


@dataclass(frozen=True)
class Field:
    """A field of a dataset.

    Attributes:
        name: its name in the portal's schema.
        label: its label in the language of the request.
        kind: how it is entered.
        source: the field in the portal's schema.
        free: whether something else than the choices can be entered.
        subfields: the fields of a group, without groups in groups.
        required: whether it must have a value.
        help: what it is about.
    """

    name: str
    label: str
    kind: Kind
    source: Mapping[str, Any] = field(default_factory=dict)
    free: bool = False
    subfields: tuple[Field, ...] = ()
    required: bool = False
    help: str = ""

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        """Code and label of what can be chosen, by the account of the request."""
        return _choices(self) if self.kind in ("choice", "choices") else []

    @cached_property
    def labels(self) -> dict[str, str]:
        """Labels of the codes that a dataset may have."""
        return dict(directory.titles() if self.name == OWNER else self.choices)

    @property
    def several(self) -> bool:
        """Whether it has several values, so that some can be added or removed."""
        return self.kind in SEVERAL

    @property
    def operations(self) -> tuple[str, ...]:
        """What can be done with it."""
        clear = () if self.required else (CLEAR,)
        return (ADD, REMOVE, SET, *clear) if self.several else (SET, *clear)


@dataclass(frozen=True)
class Section:
    """A section of the form with its fields."""

    title: str
    fields: tuple[Field, ...]


def sections(dataset_type: str = dataset_fields.DEFAULT_TYPE) -> list[Section]:
    """Return the fields of a dataset type in the sections of its form."""
    schema = tk.h.scheming_get_dataset_schema(dataset_type)
    visibility = Section(tk._("Visibility"), (_visibility(),))
    if schema is None:
        return [visibility, Section(tk._("Metadata"), tuple(_plain_fields()))]
    names = dataset_fields.of_type(dataset_type)
    own = {names.name(name) for name in OF_ONE_DATASET} | {VISIBILITY}
    title, by_title = tk._("Metadata"), dict[str, list[Field]]()
    for schema_field in schema["dataset_fields"]:
        head = schema_field.get("form_section") or schema_field.get("start_form_page")
        title = _text(head["title"]) if head else title
        settable = None if schema_field["field_name"] in own else _field(schema_field)
        if settable:
            by_title.setdefault(title, []).append(settable)
    return [visibility, *(Section(title, tuple(settable)) for title, settable in by_title.items())]


def by_name(dataset_type: str = dataset_fields.DEFAULT_TYPE) -> dict[str, Field]:
    """Return the fields of a dataset type by name."""
    return {
        form_field.name: form_field
        for section in sections(dataset_type)
        for form_field in section.fields
    }


def _visibility() -> Field:
    return Field(VISIBILITY, tk._("Visibility"), "choice", required=True)


def _plain_fields() -> Iterator[Field]:
    labels = {
        "notes": tk._("Description"),
        KEYWORDS: tk._("Keywords"),
        LICENCE: tk._("Licence"),
        OWNER: tk._("Agency"),
        "url": tk._("Source"),
        "version": tk._("Version"),
    }
    for name, kind in PLAIN.items():
        yield Field(name, labels[name], kind, required=name == OWNER)


def _field(schema_field: Mapping[str, Any]) -> Field | None:
    """Return a field of the schema, None if no form asks for it or its shape is unknown."""
    snippet = schema_field.get("form_snippet", "")
    if snippet is None or str(snippet).endswith("hidden.html"):
        return None
    kind = _kind(schema_field)
    if kind is None:
        return None
    inner: Iterable[Mapping[str, Any]] = schema_field.get(dataset_fields.SUBFIELDS) or ()
    subfields = (_field(subfield) for subfield in inner)
    return Field(
        name=schema_field["field_name"],
        label=_text(schema_field.get("label") or schema_field["field_name"]),
        kind=kind,
        source=schema_field,
        free=bool(schema_field.get("form_free")),
        subfields=tuple(subfield for subfield in subfields if subfield and not subfield.several),
        required=schema_field["field_name"] == OWNER or bool(schema_field.get("required")),
        help=_text(schema_field.get("help_text") or ""),
    )


def _kind(schema_field: Mapping[str, Any]) -> Kind | None:
    if schema_field["field_name"] == KEYWORDS:
        return "tags"
    shape = dataset_fields.shape(schema_field)
    if shape in ("structure", "groups"):
        return "groups" if shape == "groups" else None
    if _has_choices(schema_field):
        return "choices" if shape == "list" else "choice"
    return "lines" if shape == "list" else _kind_of_text(schema_field)


def _kind_of_text(schema_field: Mapping[str, Any]) -> Kind:
    if _has_validator(schema_field, "nd47_date") or schema_field.get("preset") == "date":
        return "date"
    snippet = str(schema_field.get("form_snippet"))
    return "paragraph" if "textarea" in snippet or "markdown" in snippet else "text"


def _has_choices(schema_field: Mapping[str, Any]) -> bool:
    keys = ("vocabulary", "choices", "choices_helper")
    return (
        schema_field["field_name"] in (OWNER, LICENCE)
        or any(schema_field.get(key) for key in keys)
        or _has_validator(schema_field, "nd47_agency")
    )


def _has_validator(schema_field: Mapping[str, Any], name: str) -> bool:
    return name in str(schema_field.get("validators") or "").split()


def _choices(chosen: Field) -> list[tuple[str, str]]:
    """Return codes and labels of what can be chosen, in the language of the request."""
    schema_field = dict(chosen.source)
    if chosen.name == VISIBILITY:
        return [(PUBLIC, tk._("Public")), (PRIVATE, tk._("Private"))]
    if chosen.name == OWNER:
        return list(tk.h.nd47_owners(""))
    if chosen.name == LICENCE:
        return list(tk.h.license_options())
    if _has_validator(schema_field, "nd47_agency"):
        return directory.titles()
    if schema_field.get("vocabulary"):
        options = tk.h.nd47_form_choices(schema_field, None)
        return [(option["value"], option["text"]) for option in options]
    options = tk.h.scheming_field_choices(schema_field) or ()
    return [(option["value"], _text(option.get("label") or option["value"])) for option in options]


def _text(texts: Any) -> str:
    """Return a text of the schema in the language of the request, or in a job of the portal."""
    return scheming_language_text(texts, http.language())
