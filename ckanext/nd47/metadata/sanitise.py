"""What has to be right before CKAN looks at an input.

Authorisation, uploads and the flattening of an input come before any validator, and ask the
database with what they were given: a list, a number or a NUL in the wrong place ends there in a
server error. These checks turn it into a message at the field.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.lib import values
from ckanext.nd47.lib.inputs import hidden_character

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


def check(data: Mapping[str, Any]) -> dict[str, Any]:
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
    for one in text.split(",") if isinstance(text, str) else []:
        _tag(one.strip())
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
    waiting = [(0, value)]
    while waiting:
        level, one = waiting.pop()
        if level > MAX_DEPTH:
            raise ValueError(tk._("The value has too many levels of lists or groups."))
        if isinstance(one, Mapping):
            for key in one:
                clean_key(str(key))
            waiting.extend((level + 1, inner) for inner in one.values())
        elif isinstance(one, list):
            # A list may be very long; a text or a whole number in it needs no second look.
            waiting.extend((level + 1, item) for item in one if not isinstance(item, (str, int)))
        elif isinstance(one, float) and not math.isfinite(one):
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
