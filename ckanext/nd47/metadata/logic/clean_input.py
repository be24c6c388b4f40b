"""Cleans the input of dataset actions: values of a wrong type are refused before they are read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.inputs import hidden_character

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
