"""What reaches an action: who may send it, and that the database can hold its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.lib.validation import hidden_character

NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that PostgreSQL refuses with an error instead of not finding them."""

CLEANED = frozenset({"package_create", "package_patch", "package_update"})
"""Actions that look into every field themselves and say at which one such a character is."""

_SAVED = ("id", "name", "owner_org")
_TABLES: Mapping[str, Any] = {
    "package": model.Package,
    "organization": model.Group,
    "group": model.Group,
}


def storable(value: str) -> bool:
    """Say whether the database can be asked for a text."""
    return not NOT_STORABLE.search(value)


def checked(name: str, action: Callable[..., Any]) -> Callable[..., Any]:
    """Return an action that refuses what the database cannot be asked for, by parameter.

    Args:
        name: name of the action.
        action: a plain or chained action.
    """
    if name in CLEANED:
        return action

    @wraps(action)
    def refusing(*given: Any) -> Any:
        problems = {
            key: _as_ckan_reads(key, not_storable(found))
            for key, found in _not_storable(given[-1] or {})
        }
        if problems:
            raise tk.ValidationError(cast("Any", problems))
        return action(*given)

    return refusing


def _not_storable(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if found := NOT_STORABLE.search(str(key)):
            yield "__junk", found[0]
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and (found := NOT_STORABLE.search(one)):
                yield key, found[0]
                break


def _as_ckan_reads(name: str, message: str) -> list[Any]:
    """Return the error of a field in the shape in which CKAN looks for a message there."""
    inside = {"extras": "key", "tags": "name"}.get(name)
    return [{inside: message}] if inside else [message]


def not_storable(character: str) -> str:
    """Say that a text holds a character that the database refuses."""
    return hidden_character(f"U+{ord(character):04X}")


def none_of(value: str, allowed: Iterable[str]) -> str:
    """Say that a parameter has none of its allowed values."""
    return tk._("“{value}” is none of: {values}.").format(
        value=value[:80], values=", ".join(allowed)
    )


def need_access(action: str, context: Context, data_dict: DataDict) -> None:
    """Stop who may not save a dataset, organisation or group, before any work is done for them.

    CKAN asks again with the whole input. Here only its plain names are shown to the authorization
    function, which may not expect what a stranger puts into the rest.

    Raises:
        ckan.plugins.toolkit.NotAuthorized: it is not allowed.
    """
    given = {name: data_dict.get(name) for name in _SAVED}
    asked = {name: v for name, v in given.items() if isinstance(v, str) and storable(v)}
    kind, _, verb = action.rpartition("_")
    if verb != "create":
        reference = asked.get("id") or (asked.get("name") if kind == "package" else None)
        found = _TABLES[kind].get(reference) if reference else None
        if found is None:
            # CKAN says that it is missing; nothing is saved.
            return
        asked = {"id": found.id}
    # CKAN's authorization functions take what an earlier call left here for what is asked about.
    own = {key: value for key, value in context.items() if key not in ("package", "group")}
    tk.check_access(action, cast("Context", own), asked)
