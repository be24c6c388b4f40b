"""Stored values of the record under validation.

Validators accept values that are already stored: datasets created before the plugin was installed,
or before a list changed, must remain editable (ckanext-scheming has no such concept).

Records from other portals may have unknown codes. A draft keeps them, so that the officer can
replace them; publishing refuses them with a message at the field.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, FlattenDataDict, FlattenKey

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib.fields import values as text_values

PART_DEPTH = 3
"""Length of the key of a field of a resource or an extra: `("resources", 0, "period")`."""


def values(key: FlattenKey, data: FlattenDataDict, context: Context) -> list[Any]:
    """Return the stored values that are valid for `key` without further checks.

    One for a plain field; one for each group for a subfield, since groups move when one is removed.
    """
    if key[0] == "resources":
        return _of_resource(key, data)
    record: Any = context.get("package") or context.get("group")
    if record is None:
        return []
    if key[0] == "extras":
        return _of_extra(record, key, data)
    stored = _of_record(record, key[0])
    if len(key) == 1:
        return [] if stored is None else [stored]
    return [group.get(key[-1]) for group in _as_groups(stored)]


def is_new(key: FlattenKey, data: FlattenDataDict, context: Context) -> bool:
    """Return whether the record or resource of a key is being created."""
    if key[0] == "resources":
        return _resource(key, data) is None
    return not (context.get("package") or context.get("group"))


def unchanged(value: Any, key: FlattenKey, data: FlattenDataDict, context: Context) -> bool:
    """Return whether a value is already stored."""
    return any(value == old for old in values(key, data, context))


def owner(data: FlattenDataDict, context: Context) -> str | None:
    """Return the owner organisation of a dataset, as submitted or as stored."""
    submitted = data.get(("owner_org",))
    if isinstance(submitted, str) and submitted:
        return submitted
    package: Any = context.get("package")
    return package.owner_org if package else None


def same_lines(text: str, before: list[Any]) -> str | None:
    """Return the stored value that equals a text except for line endings, as browsers send them."""
    normalised = text_values.paragraphs(text)
    matches = (o for o in before if isinstance(o, str) and text_values.paragraphs(o) == normalised)
    return next(matches, None)


def _of_record(record: Any, field: str) -> Any:
    column = directory.ORGANISATION_FIELDS.get(field)
    if column and isinstance(record, model.Group):
        agency = directory.cached().get(record.id)
        return getattr(agency, column) or None if agency else None
    if field in record.extras:
        return record.extras[field]
    return _column(record, field)


def _of_extra(record: Any, key: FlattenKey, data: FlattenDataDict) -> list[Any]:
    name = data.get((*key[:-1], "key"))
    if key[-1] != "value" or not isinstance(name, str) or name not in record.extras:
        return []
    return [record.extras[name]]


def _resource(key: FlattenKey, data: FlattenDataDict) -> model.Resource | None:
    resource_id = data.get((*key[:2], "id"))
    return model.Resource.get(resource_id) if isinstance(resource_id, str) else None


def _of_resource(key: FlattenKey, data: FlattenDataDict) -> list[Any]:
    resource = _resource(key, data) if len(key) == PART_DEPTH else None
    if resource is None:
        return []
    field = key[-1]
    if field in (resource.extras or {}):
        return [resource.extras[field]]
    return [_column(resource, field)]


def _column(record: Any, field: str) -> Any:
    return getattr(record, field) if field in sa.inspect(record).mapper.columns else None


def _as_groups(stored: Any) -> list[dict[str, Any]]:
    if isinstance(stored, str):
        stored = _parsed(stored)
    if isinstance(stored, dict):
        stored = [stored]
    groups = stored if isinstance(stored, list) else []
    return [group for group in groups if isinstance(group, dict)]


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    """Parse a stored text; cached because each subfield of a group needs it, and never changed."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


DRAFT = "draft"
MAX_CODE_LENGTH = 500
"""Maximum length of an unknown code that is kept; IRIs of codes are shorter."""


def may_keep_code(code: str, data: FlattenDataDict, context: Context) -> bool:
    """Return whether the record is a draft, which may keep an unknown code."""
    try:
        text_values.clean_text(code)
    except ValueError:
        return False
    return len(code) <= MAX_CODE_LENGTH and _state(data, context) == DRAFT


def publishes_draft(data: FlattenDataDict, context: Context) -> bool:
    """Return whether a draft is being published, which must not have unknown codes."""
    package = cast("Any", context.get("package"))
    was_draft = package is not None and package.state == DRAFT
    return was_draft and _state(data, context) == model.State.ACTIVE


def _state(data: FlattenDataDict, context: Context) -> Any:
    state = data.get(("state",))
    if state not in (tk.missing, None, ""):
        return state
    package = cast("Any", context.get("package"))
    return package.state if package is not None else model.State.ACTIVE
