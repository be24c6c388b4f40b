"""Template helpers of the forms; each hands over to a service function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import hierarchy
from ckanext.nd47.lib import dataset_fields as schema_fields
from ckanext.nd47.lib import periods
from ckanext.nd47.metadata import attribution, dataset_reader, defaults, form, form_layout

__all__ = [
    "nd47_assumed",
    "nd47_error_texts",
    "nd47_form_errors",
    "nd47_form_parts",
    "nd47_groups",
    "nd47_license_choices",
    "nd47_not_asked",
    "nd47_owners",
    "nd47_page_parts",
    "nd47_period_input",
    "nd47_problems",
    "nd47_proposed",
    "nd47_resource_not_asked",
]

FormField = dict[str, Any]

ASSUMED = frozenset({"responsible_agency", "contact", "attribution"})
"""Fields of a dataset that stand for something when they are left empty."""


def nd47_form_parts(
    fields: list[FormField], data: Mapping[str, Any], errors: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the sections of a form page.

    Each holds `title`, `description`, `fields`, `filled` (how many have a value, their own or one
    that holds by itself) and `faulty` (whether one of them has an error).
    """
    found = []
    for part in form_layout.parts(fields):
        asked = form_layout.in_form(part)
        names = {one["field_name"] for one in asked}
        assumed = nd47_assumed(data) if names & ASSUMED else {}
        found.append(
            {
                "title": part.title,
                "description": part.description,
                "fields": asked,
                "filled": sum(
                    form_layout.is_filled(one, data) or bool(assumed.get(one["field_name"]))
                    for one in asked
                ),
                "faulty": bool(names.intersection(errors)),
            }
        )
    return [part for part in found if part["fields"]]


def nd47_page_parts(
    fields: list[FormField], shown: Mapping[str, Any], left_out: list[str]
) -> list[dict[str, Any]]:
    """Return the sections of a page about a record, with only the fields that have a value."""
    found = [
        {"title": part.title, "fields": form_layout.on_page(part, shown, left_out)}
        for part in form_layout.parts(fields, by_page=True)
    ]
    return [part for part in found if part["fields"]]


def nd47_groups(field: FormField, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups of subfields that a form shows."""
    return form_layout.groups(field, data)


def nd47_not_asked(field: FormField, group: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a group that its form does not ask for."""
    return form_layout.not_asked(field, group)


def nd47_resource_not_asked(resource: Mapping[str, Any], fields: list[FormField]) -> dict[str, Any]:
    """Return what is stored of a resource and its form does not ask for."""
    return form.not_asked(resource.get("id"), fields)


def nd47_error_texts(error: Any) -> list[str]:
    """Return the messages of a field's error, of whatever shape."""
    return form_layout.texts(error) if error else []


def nd47_form_errors(errors: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the errors of a dataset form; a missing title is named as such.

    CKAN misses the name in addresses then, which the form makes of the title.
    """
    named = dict(errors)
    if "name" in named and not data.get("name") and not data.get("title"):
        del named["name"]
        named["title"] = [tk._("Give the dataset a title.")]
    return named


def nd47_problems(errors: Mapping[str, Any], dataset_type: str) -> list[dict[str, Any]]:
    """Return the errors of a dataset form in the order of its fields, for the summary on top."""
    schema = tk.h.scheming_get_dataset_schema(dataset_type) or {}
    pages = tk.h.scheming_get_dataset_form_pages(dataset_type)
    listed = [page["fields"] for page in pages] if pages else [schema.get("dataset_fields", [])]
    return [vars(problem) for problem in form_layout.problems(errors, listed)]


def nd47_proposed(
    asked: list[FormField], data: Mapping[str, Any], dataset_type: str
) -> dict[str, Any]:
    """Return the data of a form, with what is proposed for the fields that it asks for."""
    on_page = {one["field_name"] for one in asked if one.get("form_proposed")}
    names = {ours: schema_fields.of_type(dataset_type).name(ours) for ours in defaults.NEW_DATASET}
    wanted = {ours: theirs for ours, theirs in names.items() if theirs in on_page}
    return {**data, **defaults.proposed(data, wanted)}


def nd47_owners(current: str) -> list[tuple[str, str]]:
    """Return the agencies that a user may put a dataset under, and the one that it is under."""
    allowed = tk.h.organizations_available("create_dataset")
    owners = [(one["id"], one["display_name"]) for one in allowed]
    if current and current not in dict(owners):
        found = hierarchy.get(current)
        owners += [(found.id, found.title)] if found else []
    return owners


def nd47_assumed(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what holds for the fields of a form that are left empty."""
    bare = {key: value for key, value in data.items() if key not in ASSUMED}
    above = dataset_reader.responsible(bare)
    return {
        "responsible_agency": above.title if above else "",
        "contact": "; ".join(map(_in_words, dataset_reader.contacts(bare))),
        "attribution": attribution.sentence(bare) if data.get("title") else "",
    }


def nd47_period_input(value: Any) -> Any:
    """Return a stored reporting period as one types it; anything else as it stands."""
    try:
        return periods.in_words(periods.period(value))
    except (ValueError, TypeError, AttributeError):
        return value


def _in_words(contact: Mapping[str, Any]) -> str:
    told = (contact.get(key) for key in ("name", "email", "telephone"))
    return ", ".join(str(value) for value in told if value)


def nd47_license_choices(current: Any) -> list[tuple[str, str]]:
    """Return titles and ids of the licences that a form offers, as ckanext-scheming expects them.

    Args:
        current: what the record has; it stays on offer where the portal no longer has that licence.
    """
    existing = current if isinstance(current, str) and current else None
    return [(title, name) for name, title in tk.h.license_options(existing)]
