"""Prepares the input of dataset actions before CKAN and ckanext-scheming read it.

* Authorisation, uploads and flattening run before any validator, and query the database with the
  input: a list, a number or a NUL in the wrong place causes a server error. The checks here turn it
  into a message at the field.
* ckanext-scheming 3.1 has three gaps: on a form with several pages, edited subfields are lost
  because stored groups take precedence over submitted ones; the button that turns a dataset into a
  draft does nothing; and a group of subfields of a wrong shape causes a server error.
* CKAN silently drops fields that are not in the schema. They are stored as extras, so that a
  dataset from another portal keeps fields of that portal's schema (`publisher_name`).
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

from ckanext.nd47.lib.fields import dataset_fields, values
from ckanext.nd47.lib.inputs import hidden_character
from ckanext.nd47.metadata import dataset_show, files, harvested
from ckanext.nd47.metadata.compat import scheming
from ckanext.nd47.metadata.pages import form_layout

GROUP_SUBMITTED = "-shown"
"""Suffix of the hidden inputs that name the groups of subfields on the form page."""

RESOURCE_SUBMITTED = "nd47-assumed"
"""Name of the empty input that marks the form of a new resource with preselected values."""

BUTTON = "save"
UNPUBLISH = "go-metadata-unpublish"
"""Name of the buttons of CKAN's form, and the value of the button that makes a draft."""


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
        ckan.plugins.toolkit.ValidationError: a field has the wrong shape.
    """
    checked = sanitise(data)
    dataset_type = checked.get("type") or dataset_fields.DEFAULT_TYPE
    if harvested.is_free(context, checked.get("id")):
        checked = with_misshapen_groups_as_extras(checked, dataset_type)
    return unknown_as_extras(with_groups(checked, dataset_type), dataset_type)


@rolled_back_if_refused()
def for_update(context: Context, data: dict[str, Any]) -> dict[str, Any]:
    """Return the prepared input for an update of a dataset; the type is that of the dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has the wrong shape.
    """
    checked = sanitise(data)
    if checked.pop(BUTTON, None) == UNPUBLISH:
        checked["state"] = "draft"
    package = model.Package.get(checked.get("id") or checked.get("name"))
    if package is None:
        return with_groups(checked, dataset_fields.DEFAULT_TYPE)
    if harvested.is_free(context, package.id):
        checked = with_misshapen_groups_as_extras(checked, package.type)
    completed = dataset_show.with_hidden_findings(with_groups(checked, package.type), package)
    return unknown_as_extras(completed, package.type, package.id)


def with_misshapen_groups_as_extras(data: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    """Return an input with values that are not valid groups of subfields moved to the extras."""
    groups = dataset_fields.of_type(dataset_type).groups
    misshapen = {
        name: data[name]
        for name in groups.intersection(data)
        if data[name] not in (None, "", []) and scheming.as_groups(data[name]) is None
    }
    if not misshapen:
        return data
    extras = [{"key": name, "value": _extra_value(value)} for name, value in misshapen.items()]
    rest = {name: value for name, value in data.items() if name not in misshapen}
    return {**rest, "extras": [*(data.get("extras") or []), *extras]}


def with_groups(data: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    """Return the input of a dataset action with groups of subfields as lists.

    Args:
        data: the input.
        dataset_type: type of the dataset, which may be missing in an update.

    Raises:
        ckan.plugins.toolkit.ValidationError: a group of subfields has the wrong shape.
    """
    prepared = dict(data)
    files.add_checksums(prepared)
    if prepared.get("resources"):
        prepared["resources"] = [
            _resource_with_groups(_completed_resource(resource, dataset_type), dataset_type)
            for resource in prepared["resources"]
        ]
    group_fields = dataset_fields.of_type(dataset_type).groups
    for field in group_fields:
        on_page = prepared.pop(f"{field}{GROUP_SUBMITTED}", None) is not None
        if on_page or field not in prepared and form_layout.is_submitted(field, prepared):
            prepared[field] = form_layout.submitted(field, prepared)
    problems: dict[str, Any] = {}
    for field in group_fields.intersection(prepared):
        try:
            prepared[field] = _groups(field, prepared[field])
        except ValueError as error:  # noqa: PERF203 - each field has its own message
            problems[field] = [str(error)]
    if problems:
        raise tk.ValidationError(problems)
    return prepared


def resource_values_not_in_form(
    resource_id: str | None, form_fields: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the stored values of a resource that are not in its form.

    CKAN replaces the whole resource by the submitted form, and would lose them.
    """
    resource = model.Resource.get(resource_id) if resource_id else None
    return form_layout.values_not_in_form(form_fields, resource.extras or {}) if resource else {}


def _completed_resource(resource: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    sent = dict(resource)
    if sent.pop(RESOURCE_SUBMITTED, None) is not None and not sent.get("id"):
        # CKAN would save a resource without a file for a preselected value, so the form omits it.
        sent.update({k: v for k, v in form_layout.assumed(dataset_type).items() if not sent.get(k)})
    if form_layout.HIDDEN_VALUES not in sent:
        return sent
    hidden_values = form_layout.hidden_values(sent.pop(form_layout.HIDDEN_VALUES))
    try:
        check_structure(form_layout.HIDDEN_VALUES, hidden_values)
    except ValueError:
        # Not the value that the form contained.
        return sent
    return {**hidden_values, **sent}


def _resource_with_groups(resource: dict[str, Any], dataset_type: Any) -> dict[str, Any]:
    prepared = dict(resource)
    for field in dataset_fields.of_type(dataset_type).resource_groups - prepared.keys():
        if form_layout.is_submitted(field, prepared):
            groups = form_layout.submitted(field, prepared)
            prepared[field] = [form_layout.with_nested(group) for group in groups]
    return prepared


def _groups(field: str, value: Any) -> list[dict[str, Any]]:
    """Return groups of subfields as a list.

    Raises:
        ValueError: the value has another shape; with the message.
    """
    if value is None or isinstance(value, str) and not value.strip():
        return []
    groups = scheming.as_groups(value)
    if groups is None:
        raise ValueError(
            tk._("Give a list of groups here, each with the names and values of its fields.")
        )
    # Checked again, because JSON within a text was not parsed before.
    check_structure(field, groups)
    return [form_layout.with_nested(group) for group in groups]


FORM_INPUTS = frozenset({"_ckan_phase", "pkg_name", "save"})
"""Inputs that only CKAN's forms send, which contain no fields outside the schema."""

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
"""Computed keys that CKAN and the suite add to a dataset when it is shown."""


def unknown_as_extras(
    data: dict[str, Any], dataset_type: Any, dataset_id: str | None = None
) -> dict[str, Any]:
    """Return an input with its unknown fields moved to the extras.

    Args:
        data: input of a dataset action.
        dataset_type: type of the dataset.
        dataset_id: dataset that is updated; keys that it is shown with are skipped, since CKAN's
            actions send back datasets with keys that other plugins added.
    """
    schema = scheming_get_dataset_schema(dataset_type) if isinstance(dataset_type, str) else None
    if schema is None or FORM_INPUTS.intersection(data):
        return data
    unknown = _unknown_fields(data, schema)
    if unknown and dataset_id:
        current = tk.get_action("package_show")(Context(ignore_auth=True), {"id": dataset_id})
        unknown = {key: value for key, value in unknown.items() if key not in current}
    if not unknown:
        return data
    extras = data.get("extras") or []
    present = {extra.get("key") for extra in extras}
    added = [{"key": k, "value": _extra_value(v)} for k, v in unknown.items() if k not in present]
    rest = {key: value for key, value in data.items() if key not in unknown}
    return {**rest, "extras": [*extras, *added]}


def _unknown_fields(data: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    known_fields = {
        schema_field["field_name"] for schema_field in schema.get("dataset_fields") or []
    }
    known_fields |= dataset_fields.core() | COMPUTED_KEYS | {"extras", "tag_string"}
    return {
        key: value
        for key, value in data.items()
        if key not in known_fields and not key.startswith("_") and value not in (None, "", [], {})
    }


def _extra_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


MAX_DEPTH = 20
"""Maximum nesting of lists and groups in a field; the deepest field of ckanext-dcat has four."""

QUERIED_FIELDS = ("id", "name", "owner_org", "state", "type")
"""Fields of a dataset that CKAN uses in queries before they are validated."""

QUERIED_LENGTH = 400
"""Maximum length of these fields; they are indexed, and PostgreSQL indexes at most 2,700 bytes."""

PART_FIELDS: Mapping[str, tuple[str, ...]] = {
    "extras": ("id", "key"),
    "groups": ("id", "name"),
    "relationships_as_object": (),
    "relationships_as_subject": (),
    "resources": ("id", "url", "url_type"),
    "tags": ("name", "vocabulary_id"),
}
"""The same for parts of a dataset, by the field that lists them."""


def sanitise(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input of a dataset action with valid values in all fields that CKAN queries.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape, or holds a character that
            no database can hold.
    """
    checked = dict(data)
    problems: dict[str, Any] = {}
    for name, value in data.items():
        try:
            checked[name] = _checked(name, value)
        except ValueError as error:  # noqa: PERF203 - each field has its own message
            problems[_printable(name)] = _in_ckan_form(name, str(error))
    if problems:
        raise tk.ValidationError(problems)
    # Without the list, resources are unchanged; CKAN does not accept an empty value for it.
    return {k: v for k, v in checked.items() if v is not None or k not in PART_FIELDS}


def _in_ckan_form(name: str, message: str) -> list[Any]:
    """Return the error of a field in the shape that CKAN expects there."""
    inside = {"extras": "key", "tags": "name"}.get(name)
    return [{inside: [message]}] if inside else [message]


def _checked(name: str, value: Any) -> Any:
    check_structure(name, value)
    if name in QUERIED_FIELDS:
        return _short(value)
    if name == "tag_string":
        return _tag_string(value)
    return _parts(name, value) if name in PART_FIELDS else value


def _short(value: Any) -> Any:
    text = _text(value)
    if isinstance(text, str) and len(text) > QUERIED_LENGTH:
        raise ValueError(
            tk._("This is too long: at most {limit} characters.").format(limit=QUERIED_LENGTH)
        )
    return text


def _text(value: Any) -> Any:
    if value is None or value is tk.missing:
        return value
    if isinstance(value, sa.Row) and len(value) == 1:
        # CKAN's own bulk actions pass rows of a query as ids.
        value = value[0]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        message = tk._("Enter a text here, not a list or another structure.")
        raise ValueError(message)  # noqa: TRY004 - invalid input, not a wrong call
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
    """Check a keyword; CKAN would repeat a long one completely in its message."""
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
    """Refuse an address that CKAN's upload code cannot parse, unless the resource is unchanged."""
    try:
        urlsplit(resource["url"])
    except ValueError as error:
        if not _is_unchanged(resource):
            message = tk._("“{value}” is not a web address.").format(value=resource["url"][:80])
            raise ValueError(message) from error


def _is_unchanged(resource: dict[str, Any]) -> bool:
    """Return whether a resource is submitted as it is shown; CKAN does not change it then."""
    context = Context(ignore_auth=True)
    try:
        return tk.get_action("resource_show")(context, {"id": resource.get("id")}) == resource
    except (tk.ObjectNotFound, tk.ValidationError):
        return False


def check_structure(name: str, value: Any) -> None:
    """Refuse a value that is nested too deeply, or has keys that the database cannot store.

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
            # A list may be very long; texts and whole numbers in it need no check.
            pending.extend((level + 1, item) for item in inner if not isinstance(item, (str, int)))
        elif isinstance(inner, float) and not math.isfinite(inner):
            raise ValueError(tk._("This is not a number that can be stored."))


def clean_key(key: str) -> None:
    """Refuse the name of a field that the database cannot store.

    Raises:
        ValueError: with the message.
    """
    try:
        values.clean_text(key)
    except ValueError as error:
        raise ValueError(hidden_character(str(error))) from error


def _printable(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode() if not name.isprintable() else name
