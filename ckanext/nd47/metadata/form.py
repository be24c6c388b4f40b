"""Puts what a form or a program sent into the shape that ckanext-scheming expects.

Three gaps of ckanext-scheming 3.1 are closed here: on a form of several pages, edited subfields are
lost because the stored groups win over the submitted ones, and the button that takes a dataset back
does nothing; and a group of subfields of a wrong shape ends in a server error instead of a message
at the field.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.metadata import bridge, checksum, fields, intake

SHOWN = "-shown"
"""Ends the name of a hidden input that says which groups of subfields were on the page."""

BUTTON = "save"
UNPUBLISH = "go-metadata-unpublish"
"""Name of the buttons of CKAN's form, and the value of the one that makes a draft again."""


def new(data: dict[str, Any]) -> dict[str, Any]:
    """Return the input for a new dataset in order.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape.
    """
    checked = intake.check(data)
    return tidy(checked, checked.get("type") or fields.DEFAULT_TYPE)


def change(data: dict[str, Any]) -> dict[str, Any]:
    """Return the input for a change of a dataset in order; the type is that of the dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape.
    """
    checked = intake.check(data)
    if checked.pop(BUTTON, None) == UNPUBLISH:
        checked["state"] = "draft"
    package = model.Package.get(checked.get("id") or checked.get("name"))
    return tidy(checked, package.type if package else fields.DEFAULT_TYPE)


def tidy(data: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    """Return the input of a dataset action with its groups of subfields as lists.

    Args:
        data: the input.
        dataset_type: type of the dataset, which an update need not name.

    Raises:
        ckan.plugins.toolkit.ValidationError: a group of subfields has another shape.
    """
    tidied = dict(data)
    checksum.note(tidied)
    for marker in [key for key in data if isinstance(key, str) and key.endswith(SHOWN)]:
        del tidied[marker]
        field = marker.removesuffix(SHOWN)
        tidied[field] = _submitted_groups(tidied, field)
    problems: dict[str, Any] = {}
    for field in fields.of_type(dataset_type).groups.intersection(tidied):
        groups = _groups(tidied[field])
        if groups is None:
            problems[field] = [
                tk._("Give a list of groups here, each with the names and values of its fields.")
            ]
        tidied[field] = groups
    if problems:
        raise tk.ValidationError(problems)
    return tidied


def _submitted_groups(data: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """Take `field-0-name` and its like out of the input, as a list in their order."""
    groups: dict[str, dict[str, Any]] = {}
    for key in [key for key in data if key.startswith(f"{field}-")]:
        number, dash, subfield = key.removeprefix(f"{field}-").partition("-")
        if dash and number.isdecimal():
            groups.setdefault(number, {})[subfield] = data.pop(key)
    return [groups[number] for number in sorted(groups, key=int) if any(groups[number].values())]


def _groups(value: Any) -> list[dict[str, Any]] | None:
    """Return groups of subfields as a list, None for something that is none."""
    if value is None or isinstance(value, str) and not value.strip():
        return []
    return bridge.as_groups(value)
