"""Prepares what a form or a program sent, before CKAN and ckanext-scheming read it.

* Authorisation, uploads and the flattening of an input run before any validator, and query the
  database with what was sent: a list, a number or a NUL in the wrong place ends there in a server
  error. The checks here turn it into a message at the field.
* ckanext-scheming 3.1 has three gaps: on a form of several pages, edited subfields are lost because
  the stored groups win over the submitted ones; the button that makes a draft of a dataset does
  nothing; and a group of subfields of a wrong shape ends in a server error.
* CKAN drops fields that the schema does not have, without a word. They are stored as extras, so a
  dataset from another portal keeps what only that portal's schema knew (`publisher_name`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.scheming.helpers import scheming_get_dataset_schema

from ckanext.nd47.lib import dataset_fields, values
from ckanext.nd47.lib.inputs import hidden_character
from ckanext.nd47.metadata import (
    dataset_show,
    files,
    form_layout,
    harvested,
    scheming_compat,
)

GROUP_SUBMITTED = "-shown"
"""Ends the name of a hidden input that says which groups of subfields were on the page."""

RESOURCE_SUBMITTED = "nd47-assumed"
"""Name of the empty input by which the form of a new resource says what it has shown."""

BUTTON = "save"
UNPUBLISH = "go-metadata-unpublish"
"""Name of the buttons of CKAN's form, and the value of the one that makes a draft again."""


@contextmanager
def rolled_back_if_refused() -> Iterator[None]:
    """End the transaction where an input is refused, as CKAN's own actions do with theirs.

    A harvester goes on with the session to note why, and must not commit that a dataset was
    brought which there is not.
    """
    try:
        yield
    except tk.ValidationError:
        model.Session.rollback()
        raise


@rolled_back_if_refused()
def for_create(context: Context, data: dict[str, Any]) -> dict[str, Any]:
    """Return the prepared input for a new dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape.
    """
    checked = sanitise(data)
    dataset_type = checked.get("type") or dataset_fields.DEFAULT_TYPE
    if harvested.is_free(context, checked.get("id")):
        checked = with_odd_groups_as_extras(checked, dataset_type)
    return unknown_as_extras(with_groups(checked, dataset_type), dataset_type)


@rolled_back_if_refused()
def for_update(context: Context, data: dict[str, Any]) -> dict[str, Any]:
    """Return the prepared input for a change of a dataset; the type is that of the dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape.
    """
    checked = sanitise(data)
    if checked.pop(BUTTON, None) == UNPUBLISH:
        checked["state"] = "draft"
    package = model.Package.get(checked.get("id") or checked.get("name"))
    if package is None:
        return with_groups(checked, dataset_fields.DEFAULT_TYPE)
    if harvested.is_free(context, package.id):
        checked = with_odd_groups_as_extras(checked, package.type)
    completed = dataset_show.with_hidden_findings(with_groups(checked, package.type), package)
    return unknown_as_extras(completed, package.type, package.id)


def with_odd_groups_as_extras(data: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    """Return an input whose fields with subfields that hold something else are among the extras."""
    groups = dataset_fields.of_type(dataset_type).groups
    odd = {
        name: data[name]
        for name in groups.intersection(data)
        if data[name] not in (None, "", []) and scheming_compat.as_groups(data[name]) is None
    }
    if not odd:
        return data
    extras = [{"key": name, "value": _extra_value(value)} for name, value in odd.items()]
    rest = {name: value for name, value in data.items() if name not in odd}
    return {**rest, "extras": [*(data.get("extras") or []), *extras]}


def with_groups(data: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    """Return the input of a dataset action with its groups of subfields as lists.

    Args:
        data: the input.
        dataset_type: type of the dataset, which an update need not name.

    Raises:
        ckan.plugins.toolkit.ValidationError: a group of subfields has another shape.
    """
    tidied = dict(data)
    files.add_checksums(tidied)
    if tidied.get("resources"):
        tidied["resources"] = [
            _resource_with_groups(_completed_resource(resource, dataset_type), dataset_type)
            for resource in tidied["resources"]
        ]
    known = dataset_fields.of_type(dataset_type).groups
    for field in known:
        shown = tidied.pop(f"{field}{GROUP_SUBMITTED}", None) is not None
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


def resource_values_not_in_form(
    resource_id: str | None, asked: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return what is stored of a resource and its form does not ask for.

    CKAN saves what the form of a resource sends as the whole resource, and loses the rest.
    """
    resource = model.Resource.get(resource_id) if resource_id else None
    return form_layout.beside(asked, resource.extras or {}) if resource else {}


def _completed_resource(resource: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    sent = dict(resource)
    if sent.pop(RESOURCE_SUBMITTED, None) is not None and not sent.get("id"):
        # CKAN would store a preselected value as a resource without a file, so none is sent.
        sent.update({k: v for k, v in form_layout.assumed(dataset_type).items() if not sent.get(k)})
    if form_layout.KEPT not in sent:
        return sent
    carried = form_layout.kept(sent.pop(form_layout.KEPT))
    try:
        check_structure(form_layout.KEPT, carried)
    except ValueError:
        # Not what the form gave out.
        return sent
    return {**carried, **sent}


def _resource_with_groups(resource: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
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
    check_structure(field, groups)
    return [form_layout.with_nested(group) for group in groups]


FORM_INPUTS = frozenset({"_ckan_phase", "pkg_name", "save"})
"""Inputs that a form of CKAN sends; it asks for fields of the schema alone."""

COMPUTED_KEYS = frozenset(
    {
        "attribution_statement",
        "contact_points",
        "creator_user_id",
        "display_name",
        "isopen",
        "license_title",
        "license_url",
        "metadata_created",
        "metadata_modified",
        "next_due",
        "num_resources",
        "num_tags",
        "organization",
        "return_id_only",
        "revision_id",
        "revision_timestamp",
        "tracking_summary",
        "update_state",
        "validated_data_dict",
    }
)
"""What CKAN and the suite show of a dataset beside its fields."""


def unknown_as_extras(
    data: dict[str, Any], dataset_type: Any, dataset_id: str | None = None
) -> dict[str, Any]:
    """Return an input with its unknown fields among the extras.

    Args:
        data: input of an action on a dataset.
        dataset_type: type of the dataset.
        dataset_id: dataset that is changed; what it is shown with is left aside, since actions of
            CKAN give a dataset back as they got it, with what other plugins have added.
    """
    schema = scheming_get_dataset_schema(dataset_type) if isinstance(dataset_type, str) else None
    if schema is None or FORM_INPUTS.intersection(data):
        return data
    unknown = _unknown_fields(data, schema)
    if unknown and dataset_id:
        shown = tk.get_action("package_show")(Context(ignore_auth=True), {"id": dataset_id})
        unknown = {key: value for key, value in unknown.items() if key not in shown}
    if not unknown:
        return data
    extras = data.get("extras") or []
    present = {extra.get("key") for extra in extras}
    added = [{"key": k, "value": _extra_value(v)} for k, v in unknown.items() if k not in present]
    rest = {key: value for key, value in data.items() if key not in unknown}
    return {**rest, "extras": [*extras, *added]}


def _unknown_fields(data: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    known = {schema_field["field_name"] for schema_field in schema.get("dataset_fields") or []}
    known |= dataset_fields.core() | COMPUTED_KEYS | {"extras", "tag_string"}
    return {
        key: value
        for key, value in data.items()
        if key not in known and not key.startswith("_") and value not in (None, "", [], {})
    }


def _extra_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


MAX_DEPTH = 20
"""Levels of lists and groups in one field; the deepest field of ckanext-dcat has four."""

ASKED_FIELDS = ("id", "name", "owner_org", "state", "type")
"""Fields of a dataset that go into a query before they are validated."""

ASKED_LENGTH = 400
"""Of those fields; they stand in indexes, and PostgreSQL takes at most 2,700 bytes into one."""

PART_FIELDS: Mapping[str, tuple[str, ...]] = {
    "extras": ("id", "key"),
    "groups": ("id", "name"),
    "relationships_as_object": (),
    "relationships_as_subject": (),
    "resources": ("id", "url", "url_type"),
    "tags": ("name", "vocabulary_id"),
}
"""The same for the parts of a dataset, by the field that lists them."""


def sanitise(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input of a dataset action with all that CKAN asks about in order.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape, or holds a character that
            no database can hold.
    """
    checked = dict(data)
    problems: dict[str, Any] = {}
    for name, value in data.items():
        try:
            checked[name] = _checked(name, value)
        except ValueError as error:  # noqa: PERF203 - every field is to have its message
            problems[_printable(name)] = _as_ckan_reads(name, str(error))
    if problems:
        raise tk.ValidationError(problems)
    # An absent list leaves resources as they are; CKAN does not know an empty value for one.
    return {k: v for k, v in checked.items() if v is not None or k not in PART_FIELDS}


def _as_ckan_reads(name: str, message: str) -> list[Any]:
    """Return the error of a field in the shape in which CKAN looks for a message there."""
    inside = {"extras": "key", "tags": "name"}.get(name)
    return [{inside: [message]}] if inside else [message]


def _checked(name: str, value: Any) -> Any:
    check_structure(name, value)
    if name in ASKED_FIELDS:
        return _short(value)
    if name == "tag_string":
        return _tag_string(value)
    return _parts(name, value) if name in PART_FIELDS else value


def _short(value: Any) -> Any:
    text = _text(value)
    if isinstance(text, str) and len(text) > ASKED_LENGTH:
        raise ValueError(
            tk._("This is too long: at most {limit} characters.").format(limit=ASKED_LENGTH)
        )
    return text


def _text(value: Any) -> Any:
    if value is None or value is tk.missing:
        return value
    if isinstance(value, sa.Row) and len(value) == 1:
        # CKAN's own actions on many datasets name each by the row of a query.
        value = value[0]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        message = tk._("Enter a text here, not a list or another structure.")
        raise ValueError(message)  # noqa: TRY004 - a wrong input, not a wrong call
    try:
        return values.clean_text(value)
    except ValueError as error:
        raise ValueError(hidden_character(str(error))) from error


def _tag_string(value: Any) -> Any:
    if isinstance(value, list):
        return [_tag(item) for item in value if item is not None]
    text = _text(value)
    for tag in text.split(",") if isinstance(text, str) else []:
        _tag(tag.strip())
    return text


def _tag(value: Any) -> Any:
    """Check a keyword; CKAN would repeat all of a long one in its message."""
    text = _text(value)
    if isinstance(text, str) and len(text) > model.MAX_TAG_LENGTH:
        raise ValueError(
            tk._("The keyword “{value}…” is too long: at most {limit} characters.").format(
                value=text[:40], limit=model.MAX_TAG_LENGTH
            )
        )
    return text


def _parts(field: str, value: Any) -> list[dict[str, Any]] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        raise ValueError(
            tk._("Give a list of groups here, each with the names and values of its fields.")
        )
    return [_part(field, part) for part in value]


def _part(field: str, part: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(part)
    for name in PART_FIELDS[field]:
        if name in part:
            checked[name] = _text(part[name])
    if field == "tags" and "name" in part:
        checked["name"] = _tag(part["name"])
    if isinstance(checked.get("url"), str):
        _check_address(checked)
    return checked


def _check_address(resource: dict[str, Any]) -> None:
    """Refuse an address that CKAN's upload code cannot parse, unless the resource stays so."""
    try:
        urlsplit(resource["url"])
    except ValueError as error:
        if not _stays(resource):
            message = tk._("“{value}” is not a web address.").format(value=resource["url"][:80])
            raise ValueError(message) from error


def _stays(resource: dict[str, Any]) -> bool:
    """Say whether a resource is given as it is shown; CKAN then leaves it alone."""
    context = Context(ignore_auth=True)
    try:
        return tk.get_action("resource_show")(context, {"id": resource.get("id")}) == resource
    except (tk.ObjectNotFound, tk.ValidationError):
        return False


def check_structure(name: str, value: Any) -> None:
    """Refuse a value that goes too deep, or whose keys no database can hold.

    Raises:
        ValueError: with the message.
    """
    clean_key(name)
    pending = [(0, value)]
    while pending:
        level, inner = pending.pop()
        if level > MAX_DEPTH:
            raise ValueError(tk._("The value has too many levels of lists or groups."))
        if isinstance(inner, Mapping):
            for key in inner:
                clean_key(str(key))
            pending.extend((level + 1, item) for item in inner.values())
        elif isinstance(inner, list):
            # A list may be very long; a text or a whole number in it needs no check.
            pending.extend((level + 1, item) for item in inner if not isinstance(item, (str, int)))
        elif isinstance(inner, float) and not math.isfinite(inner):
            raise ValueError(tk._("This is not a number that can be stored."))


def clean_key(key: str) -> None:
    """Refuse the name of a field that no database can hold.

    Raises:
        ValueError: with the message.
    """
    try:
        values.clean_text(key)
    except ValueError as error:
        raise ValueError(hidden_character(str(error))) from error


def _printable(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode() if not name.isprintable() else name
