"""Puts what a form or a program sent into the shape that ckanext-scheming expects.

Two gaps of ckanext-scheming 3.1 are closed here: on a form of several pages, edited subfields are
lost because the stored groups win over the submitted ones; and a group of subfields of a wrong
shape ends in a server error instead of a message at the field.
"""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk

SHOWN = "-shown"
"""Ends the name of a hidden input that says which groups of subfields were on the page."""


def tidy(data: dict[str, Any]) -> dict[str, Any]:
    """Return the input of a dataset action with its groups of subfields as lists.

    Raises:
        ckan.plugins.toolkit.ValidationError: a group of subfields has another shape.
    """
    tidied = dict(data)
    for marker in [key for key in data if isinstance(key, str) and key.endswith(SHOWN)]:
        del tidied[marker]
        field = marker.removesuffix(SHOWN)
        tidied[field] = _submitted_groups(tidied, field)
    problems: dict[str, Any] = {}
    for field in group_fields(data.get("type") or "dataset"):
        if field in tidied:
            try:
                tidied[field] = _groups(tidied[field])
            except ValueError:
                problems[field] = [
                    tk._(
                        "Give a list of groups here, each with the names and values of its fields."
                    )
                ]
    if problems:
        raise tk.ValidationError(problems)
    return tidied


def group_fields(dataset_type: str) -> list[str]:
    """Return the names of the fields of a dataset type that have subfields."""
    schema = tk.h.scheming_get_dataset_schema(dataset_type) or {}
    fields = schema.get("dataset_fields", [])
    return [field["field_name"] for field in fields if "repeating_subfields" in field]


def _submitted_groups(data: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """Take `field-0-name` and its like out of the input, as a list in their order."""
    groups: dict[str, dict[str, Any]] = {}
    for key in [key for key in data if key.startswith(f"{field}-")]:
        number, dash, subfield = key.removeprefix(f"{field}-").partition("-")
        if dash and number.isdecimal():
            groups.setdefault(number, {})[subfield] = data.pop(key)
    return [groups[number] for number in sorted(groups, key=int) if any(groups[number].values())]


def _groups(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str):
        value = json.loads(value) if value.strip() else []
    if value is None:
        value = []
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(group, dict) for group in value):
        raise ValueError(value)
    return value
