"""Fields of an input that the schema of the portal does not have: they are kept as extras.

CKAN drops them without a word, and a dataset that moves in from another portal loses what only that
portal's schema knew (`publisher_name`, `themes_aggregate`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.scheming.helpers import scheming_get_dataset_schema

from ckanext.nd47.lib import dataset_fields

OF_FORMS = frozenset({"_ckan_phase", "pkg_name", "save"})
"""Inputs that a form of CKAN sends; it asks for fields of the schema alone."""

SHOWN = frozenset(
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
        "num_resources",
        "num_tags",
        "organization",
        "return_id_only",
        "revision_id",
        "revision_timestamp",
        "tracking_summary",
        "validated_data_dict",
    }
)
"""What CKAN and the suite show of a dataset beside its fields."""


def keep(data: dict[str, Any], dataset_type: Any, dataset_id: str | None = None) -> dict[str, Any]:
    """Return an input with its unknown fields among the extras.

    Args:
        data: input of an action on a dataset.
        dataset_type: type of the dataset.
        dataset_id: dataset that is changed; what it is shown with is left aside, since actions of
            CKAN give a dataset back as they got it, with what other plugins have added.
    """
    schema = scheming_get_dataset_schema(dataset_type) if isinstance(dataset_type, str) else None
    if schema is None or OF_FORMS.intersection(data):
        return data
    unknown = _unknown(data, schema)
    if unknown and dataset_id:
        shown = tk.get_action("package_show")(Context(ignore_auth=True), {"id": dataset_id})
        unknown = {key: value for key, value in unknown.items() if key not in shown}
    if not unknown:
        return data
    extras = data.get("extras") or []
    present = {extra.get("key") for extra in extras}
    added = [{"key": k, "value": _text(v)} for k, v in unknown.items() if k not in present]
    rest = {key: value for key, value in data.items() if key not in unknown}
    return {**rest, "extras": [*extras, *added]}


def _unknown(data: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    known = {one["field_name"] for one in schema.get("dataset_fields") or []}
    known |= dataset_fields.core() | SHOWN | {"extras", "tag_string"}
    return {
        key: value
        for key, value in data.items()
        if key not in known and not key.startswith("_") and value not in (None, "", [], {})
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
