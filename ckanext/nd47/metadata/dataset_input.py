"""Prepares the input of dataset actions before CKAN and ckanext-scheming read it.

* Authorisation, uploads and flattening run before any validator, and query the database with the
  input: a list, a number or a NUL in the wrong place causes a server error. `logic.clean_input`
  turns it into a message at the field.
* ckanext-scheming 3.1 has three gaps: on a form with several pages, edited subfields are lost
  because stored groups take precedence over submitted ones; the button that turns a dataset into a
  draft does nothing; and a group of subfields of a wrong shape causes a server error.
* CKAN silently drops fields that are not in the schema. They are stored as extras, so that a
  dataset from another portal keeps fields of that portal's schema (`publisher_name`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.scheming.helpers import scheming_get_dataset_schema

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.metadata import dataset_show, files, harvested
from ckanext.nd47.metadata.compat import scheming
from ckanext.nd47.metadata.logic import clean_input
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
    checked = clean_input.sanitise(data)
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
    checked = clean_input.sanitise(data)
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
        clean_input.check_structure(form_layout.HIDDEN_VALUES, hidden_values)
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
    clean_input.check_structure(field, groups)
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
