"""What the database holds of the record that is being validated.

Validators ask it so that a value that was stored before stays valid: a dataset made before the
plugin, or before a list changed, must be editable as it is (ckanext-scheming has no such notion).

Records from other portals have codes without a counterpart here. A draft keeps them, where the
officer sees them and chooses; publishing refuses them with a message at the field.
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
from ckanext.nd47.lib import values as text_values

PART_DEPTH = 3
"""Length of the key of a field of a resource or an extra: `("resources", 0, "period")`."""


def values(key: FlattenKey, data: FlattenDataDict, context: Context) -> list[Any]:
    """Return the stored values that the value under `key` may repeat unchecked.

    One for a plain field; one per group for a subfield, since groups move when one is removed.
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
    """Say whether the record, or the resource, that a key belongs to is being created."""
    if key[0] == "resources":
        return _resource(key, data) is None
    return not (context.get("package") or context.get("group"))


def unchanged(value: Any, key: FlattenKey, data: FlattenDataDict, context: Context) -> bool:
    """Say whether a value is what the database holds already."""
    return any(value == old for old in values(key, data, context))


def owner(data: FlattenDataDict, context: Context) -> str | None:
    """Return the organisation that a dataset is to belong to, as given or as it is stored."""
    given = data.get(("owner_org",))
    if isinstance(given, str) and given:
        return given
    package: Any = context.get("package")
    return package.owner_org if package else None


def same_lines(text: str, before: list[Any]) -> str | None:
    """Return the stored value that a text repeats but for its line ends, which browsers change."""
    spelled = text_values.paragraphs(text)
    found = (o for o in before if isinstance(o, str) and text_values.paragraphs(o) == spelled)
    return next(found, None)


def _of_record(record: Any, field: str) -> Any:
    column = directory.ORGANISATION_FIELDS.get(field)
    if column and isinstance(record, model.Group):
        known = directory.cached().get(record.id)
        return getattr(known, column) or None if known else None
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
    """Parse a stored text, which every subfield of a group asks for; nobody changes the result."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


DRAFT = "draft"
MAX_CODE_LENGTH = 500
"""Of a code that is kept; addresses of codes are shorter."""


def may_keep_code(code: str, data: FlattenDataDict, context: Context) -> bool:
    """Say whether the record that is saved is a draft, which keeps a code that is not known."""
    try:
        text_values.clean_text(code)
    except ValueError:
        return False
    return len(code) <= MAX_CODE_LENGTH and _state(data, context) == DRAFT


def publishes_draft(data: FlattenDataDict, context: Context) -> bool:
    """Say whether a draft is being published, which no code may pass that is not known."""
    package = cast("Any", context.get("package"))
    drafted = package is not None and package.state == DRAFT
    return drafted and _state(data, context) == model.State.ACTIVE


def _state(data: FlattenDataDict, context: Context) -> Any:
    state = data.get(("state",))
    if state not in (tk.missing, None, ""):
        return state
    package = cast("Any", context.get("package"))
    return package.state if package is not None else model.State.ACTIVE
