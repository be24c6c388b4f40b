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

from ckanext.nd47.lib import dataset_fields
from ckanext.nd47.metadata import (
    checksum,
    disclosure,
    form_layout,
    sanitise,
    scheming_compat,
    unknown_fields,
)

SHOWN = "-shown"
"""Ends the name of a hidden input that says which groups of subfields were on the page."""

ASSUMED = "nd47-assumed"
"""Name of the empty input by which the form of a new resource says what it has shown."""

BUTTON = "save"
UNPUBLISH = "go-metadata-unpublish"
"""Name of the buttons of CKAN's form, and the value of the one that makes a draft again."""


def new(data: dict[str, Any]) -> dict[str, Any]:
    """Return the input for a new dataset in order.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape.
    """
    checked = sanitise.check(data)
    dataset_type = checked.get("type") or dataset_fields.DEFAULT_TYPE
    return unknown_fields.keep(tidy(checked, dataset_type), dataset_type)


def change(data: dict[str, Any]) -> dict[str, Any]:
    """Return the input for a change of a dataset in order; the type is that of the dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape.
    """
    checked = sanitise.check(data)
    if checked.pop(BUTTON, None) == UNPUBLISH:
        checked["state"] = "draft"
    package = model.Package.get(checked.get("id") or checked.get("name"))
    if package is None:
        return tidy(checked, dataset_fields.DEFAULT_TYPE)
    completed = disclosure.completed(tidy(checked, package.type), package)
    return unknown_fields.keep(completed, package.type, package.id)


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
    if tidied.get("resources"):
        tidied["resources"] = [
            _with_groups(_whole(one, dataset_type), dataset_type) for one in tidied["resources"]
        ]
    known = dataset_fields.of_type(dataset_type).groups
    for field in known:
        shown = tidied.pop(f"{field}{SHOWN}", None) is not None
        if shown or field not in tidied and form_layout.is_submitted(field, tidied):
            tidied[field] = form_layout.submitted(field, tidied)
    problems: dict[str, Any] = {}
    for field in known.intersection(tidied):
        try:
            tidied[field] = _groups(field, tidied[field])
        except ValueError as error:  # noqa: PERF203 - every field is to have its message
            problems[field] = [str(error)]
    if problems:
        raise tk.ValidationError(problems)
    return tidied


def not_asked(resource_id: str | None, asked: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is stored of a resource and its form does not ask for.

    CKAN saves what the form of a resource sends as the whole resource, and loses the rest.
    """
    resource = model.Resource.get(resource_id) if resource_id else None
    return form_layout.beside(asked, resource.extras or {}) if resource else {}


def _whole(resource: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    sent = dict(resource)
    if sent.pop(ASSUMED, None) is not None and not sent.get("id"):
        # CKAN would store a preselected value as a resource without a file, so none is sent.
        sent.update({k: v for k, v in form_layout.assumed(dataset_type).items() if not sent.get(k)})
    if form_layout.KEPT not in sent:
        return sent
    carried = form_layout.kept(sent.pop(form_layout.KEPT))
    try:
        sanitise.check_structure(form_layout.KEPT, carried)
    except ValueError:
        # Not what the form gave out.
        return sent
    return {**carried, **sent}


def _with_groups(resource: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    read = dict(resource)
    for field in dataset_fields.of_type(dataset_type).resource_groups - read.keys():
        if form_layout.is_submitted(field, read):
            groups = form_layout.submitted(field, read)
            read[field] = [form_layout.with_nested(group) for group in groups]
    return read


def _groups(field: str, value: Any) -> list[dict[str, Any]]:
    """Return groups of subfields as a list.

    Raises:
        ValueError: the value is something else; with the message.
    """
    if value is None or isinstance(value, str) and not value.strip():
        return []
    groups = scheming_compat.as_groups(value)
    if groups is None:
        raise ValueError(
            tk._("Give a list of groups here, each with the names and values of its fields.")
        )
    # Once more, since what came as JSON within a text was not looked into before.
    sanitise.check_structure(field, groups)
    return [form_layout.with_nested(group) for group in groups]
