"""Template helpers for the forms of datasets and resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.contacts import Contact
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields as schema_fields
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import (
    citation,
    dataset_input,
    dataset_reader,
)
from ckanext.nd47.metadata.compat import stored_choices
from ckanext.nd47.metadata.pages import form_layout

__all__ = [
    "nd47_assumed",
    "nd47_error_texts",
    "nd47_form_choices",
    "nd47_form_errors",
    "nd47_form_parts",
    "nd47_groups",
    "nd47_license_choices",
    "nd47_not_asked",
    "nd47_owners",
    "nd47_period_input",
    "nd47_problems",
    "nd47_proposed",
    "nd47_resource_not_asked",
]


def nd47_form_choices(field: dict[str, Any], value: Any) -> list[dict[str, Any]]:
    """Return the options of a form field; a selected value outside the list remains an option."""
    selected = dataset_reader.codes({"value": value}, "value")
    options = [
        {
            "value": term.code,
            "text": term.text(http.language()),
            "selected": term.code in selected,
        }
        for term in vocabulary.get(field["vocabulary"])
        if term.offered or term.code in selected
    ]
    offered = {option["value"] for option in options}
    outside_list = [code for code in selected if code and code not in offered]
    return options + [{"value": code, "text": code, "selected": True} for code in outside_list]


FormField = dict[str, Any]


DEFAULTED = frozenset({"responsible_agency", "contact", "attribution"})
"""Fields of a dataset that have an assumed value when they are empty."""


def nd47_form_parts(
    fields: list[FormField], data: Mapping[str, Any], errors: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the sections of a form page.

    Each has `title`, `description`, `fields`, `filled` (how many fields have a value or an assumed
    one) and `faulty` (whether one of them has an error).
    """
    sections = []
    for part in form_layout.parts(fields):
        section_fields = stored_choices.in_form(form_layout.in_form(part), data)
        names = {schema_field["field_name"] for schema_field in section_fields}
        assumed = nd47_assumed(data) if names & DEFAULTED else {}
        sections.append(
            {
                "title": part.title,
                "description": part.description,
                "fields": section_fields,
                "filled": sum(
                    form_layout.is_filled(schema_field, data)
                    or bool(assumed.get(schema_field["field_name"]))
                    for schema_field in section_fields
                ),
                "faulty": bool(names.intersection(errors)),
            }
        )
    return [part for part in sections if part["fields"]]


def nd47_groups(field: FormField, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups of subfields that a form shows."""
    return form_layout.groups(field, data)


def nd47_not_asked(field: FormField, group: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a group that are not in its form."""
    return form_layout.group_values_not_in_form(field, group)


def nd47_resource_not_asked(resource: Mapping[str, Any], fields: list[FormField]) -> dict[str, Any]:
    """Return the stored values of a resource that are not in its form."""
    return dataset_input.resource_values_not_in_form(resource.get("id"), fields)


def nd47_error_texts(error: Any) -> list[str]:
    """Return the messages of an error of any shape."""
    return form_layout.texts(error) if error else []


def nd47_form_errors(errors: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the errors of a dataset form, with a message for a missing title.

    CKAN reports a missing name then, which the form derives from the title.
    """
    form_errors = dict(errors)
    if "name" in form_errors and not data.get("name") and not data.get("title"):
        del form_errors["name"]
        form_errors["title"] = [tk._("Give the dataset a title.")]
    return form_errors


def nd47_problems(errors: Mapping[str, Any], dataset_type: str) -> list[dict[str, Any]]:
    """Return the errors of a dataset form in the order of its fields, for the summary."""
    schema = tk.h.scheming_get_dataset_schema(dataset_type) or {}
    pages = tk.h.scheming_get_dataset_form_pages(dataset_type)
    form_pages = [page["fields"] for page in pages] if pages else [schema.get("dataset_fields", [])]
    return [vars(problem) for problem in form_layout.problems(errors, form_pages)]


def nd47_proposed(
    fields: list[FormField], data: Mapping[str, Any], dataset_type: str
) -> dict[str, Any]:
    """Return the data of a form with the proposed values for its fields."""
    on_page = {
        schema_field["field_name"] for schema_field in fields if schema_field.get("form_proposed")
    }
    names = {
        field_name: schema_fields.of_type(dataset_type).name(field_name)
        for field_name in form_layout.PROPOSED
    }
    names_on_page = {
        field_name: schema_name
        for field_name, schema_name in names.items()
        if schema_name in on_page
    }
    return {**data, **form_layout.proposed(data, names_on_page)}


def nd47_owners(current: str) -> list[tuple[str, str]]:
    """Return the agencies that a user may select as owner, and the current owner."""
    allowed = tk.h.organizations_available("create_dataset")
    owners = [(agency["id"], agency["display_name"]) for agency in allowed]
    if current and current not in dict(owners):
        owner = directory.get(current)
        owners += [(owner.id, directory.display_title(owner))] if owner else []
    return owners


def nd47_assumed(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the values assumed for empty fields of a form."""
    without_defaults = {key: value for key, value in data.items() if key not in DEFAULTED}
    responsible = dataset_reader.responsible(without_defaults)
    return {
        "responsible_agency": directory.display_title(responsible) if responsible else "",
        "contact": "; ".join(map(_contact_text, dataset_reader.contacts(without_defaults))),
        "attribution": citation.statement(without_defaults) if data.get("title") else "",
    }


def nd47_period_input(value: Any) -> Any:
    """Return a stored reporting period as typed by users; other values unchanged."""
    try:
        return dates.period_in_words(dates.period(value))
    except (ValueError, TypeError, AttributeError):
        return value


def _contact_text(contact: Contact) -> str:
    details = (contact.get("name"), contact.get("email"), contact.get("telephone"))
    return ", ".join(str(value) for value in details if value)


def nd47_license_choices(current: Any) -> list[tuple[str, str]]:
    """Return titles and ids of the licences that a form offers, as ckanext-scheming expects them.

    Args:
        current: the stored licence; it remains an option if the portal no longer has it.
    """
    existing = current if isinstance(current, str) and current else None
    return [(title, name) for name, title in tk.h.license_options(existing)]
