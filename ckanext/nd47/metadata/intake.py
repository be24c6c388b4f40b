"""What has to be right before CKAN looks at an input.

Authorisation, uploads and the flattening of an input come before any validator, and ask the
database with what they were given: a list, a number or a NUL in the wrong place ends there in a
server error. These checks turn it into a message at the field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.metadata import values

MAX_DEPTH = 20
"""Levels of lists and groups in one field; the deepest field of ckanext-dcat has four."""

ASKED_FIELDS = ("id", "name", "owner_org", "state", "type")
"""Fields of a dataset that go into a query before they are validated."""

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
            problems[_printable(name)] = [str(error)]
    if problems:
        raise tk.ValidationError(problems)
    # An absent list leaves resources as they are; CKAN does not know an empty value for one.
    return {k: v for k, v in checked.items() if v is not None or k not in PART_FIELDS}


def _checked(name: str, value: Any) -> Any:
    check_structure(name, value)
    if name in ASKED_FIELDS:
        return _text(value)
    if name == "tag_string":
        return _tag_string(value)
    return _parts(value, PART_FIELDS[name]) if name in PART_FIELDS else value


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


def hidden_character(character: str) -> str:
    """Return the message about a character that cannot be stored."""
    return tk._(
        "The text holds a character that cannot be seen and cannot be stored ({character}). "
        "Type the text anew, or paste it as plain text."
    ).format(character=character)


def _tag_string(value: Any) -> Any:
    if not isinstance(value, list):
        return _text(value)
    return [_text(item) for item in value]


def _parts(value: Any, asked: tuple[str, ...]) -> list[dict[str, Any]] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        raise ValueError(
            tk._("Give a list of groups here, each with the names and values of its fields.")
        )
    return [_part(part, asked) for part in value]


def _part(part: Mapping[str, Any], asked: tuple[str, ...]) -> dict[str, Any]:
    checked = dict(part)
    for name in asked:
        if name in part:
            checked[name] = _text(part[name])
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
    for level, key in _levels([name], value):
        if level > MAX_DEPTH:
            raise ValueError(tk._("The value has too many levels of lists or groups."))
        try:
            values.clean_text(key)
        except ValueError as error:
            raise ValueError(hidden_character(str(error))) from error


def _levels(names: list[str], value: Any) -> Iterator[tuple[int, str]]:
    """Go through the keys in a value, each with its level, without recursion."""
    yield 0, names[0]
    waiting = [(1, value)]
    while waiting:
        level, one = waiting.pop()
        if isinstance(one, Mapping):
            yield level, ""
            for key, inner in one.items():
                yield level, str(key)
                waiting.append((level + 1, inner))
        elif isinstance(one, list):
            yield level, ""
            # A text or number in a list has no keys, and there may be very many.
            waiting.extend((level + 1, item) for item in one if isinstance(item, (Mapping, list)))


def _printable(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode() if not name.isprintable() else name
