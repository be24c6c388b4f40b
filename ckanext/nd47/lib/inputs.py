"""What actions and validators are given: who may send it, its kind, and what can be stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, NoReturn, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.lib import text

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
    def refusing(*args: Any) -> Any:
        problems = {
            key: _as_ckan_reads(key, not_storable(character))
            for key, character in _not_storable(args[-1] or {})
        }
        if problems:
            raise tk.ValidationError(cast("Any", problems))
        return action(*args)

    return refusing


def _not_storable(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if match := NOT_STORABLE.search(str(key)):
            yield "__junk", match[0]
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str) and (match := NOT_STORABLE.search(item)):
                yield key, match[0]
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
    references = {name: data_dict.get(name) for name in _SAVED}
    names = {name: v for name, v in references.items() if isinstance(v, str) and storable(v)}
    kind, _, verb = action.rpartition("_")
    if verb != "create":
        reference = names.get("id") or (names.get("name") if kind == "package" else None)
        record = _TABLES[kind].get(reference) if reference else None
        if record is None:
            # CKAN says that it is missing; nothing is saved.
            return
        names = {"id": record.id}
    # CKAN's authorization functions take what an earlier call left here for what is asked about.
    own_context = {key: value for key, value in context.items() if key not in ("package", "group")}
    tk.check_access(action, cast("Context", own_context), names)


MOST_NAMES = 1000
"""Names that a list of suggestions gives at once, as CKAN's own lists do."""

LONGEST_PARAMETER = 1000
"""Characters of a parameter that are looked at."""

MOST_DIGITS = 100

LARGEST = 10**9
"""Beyond any list, and within what the database can count."""


def search_words(data_dict: DataDict, name: str = "q") -> str:
    """Return the words to look for.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing or no text.
    """
    return text.search_words(_text(tk.get_or_bust(data_dict, name), name))


def search_terms(data_dict: DataDict) -> list[str]:
    """Return the terms that a list of tags was asked for; none where it is to give all.

    Raises:
        ckan.plugins.toolkit.ValidationError: one of them is no text.
    """
    for name in ("query", "q"):
        if value := data_dict.get(name):
            several = value if isinstance(value, list) else [value]
            terms = [text.search_words(_text(item, name)) for item in several[: text.MOST_WORDS]]
            return [term for term in terms if term]
    return []


def number(data_dict: Mapping[str, Any], name: str, default: int, maximum: int = MOST_NAMES) -> int:
    """Return a whole number that may be left out, at most the largest that makes sense.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is none, or below zero.
    """
    value = data_dict.get(name)
    if value is None or value == "":
        return default
    digits = str(value).strip() if isinstance(value, (str, int)) else ""
    # Python refuses to read more than some thousand digits.
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
        raise tk.ValidationError({name: [tk._("Enter a whole number here, 0 or more.")]})
    return min(int(digits), maximum)


def of_kinds(data_dict: DataDict, **kinds: str) -> DataDict:
    """Return an input in which some parameters are of the kind that CKAN's own action expects.

    Args:
        data_dict: the input.
        kinds: by name of the parameter `text`, `number`, `flag` or `list`.

    Raises:
        ckan.plugins.toolkit.ValidationError: one is of another kind.
    """
    checked = dict(data_dict)
    for name, kind in kinds.items():
        value = data_dict.get(name)
        if value is None or value == "":
            checked.pop(name, None)
        else:
            checked[name] = _KINDS[kind](value, name)
    return checked


def group_input(data_dict: DataDict) -> DataDict:
    """Return an organisation or group in the shape that CKAN's own actions expect.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape.
    """
    checked = of_kinds(data_dict, **dict.fromkeys(("id", "name", "type", "state"), "text"))
    for name in ("users", "groups", "extras", "tags", "packages"):
        value = data_dict.get(name)
        if value is None or value == "":
            checked.pop(name, None)
        elif not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            message = tk._("Enter a list of names and values here.")
            # CKAN looks for the message of these two at a field of their parts.
            inside = {"extras": "key", "tags": "name"}.get(name)
            raise tk.ValidationError({name: [{inside: message} if inside else message]})
    return checked


def _flag(value: Any, name: str) -> bool:
    try:
        return tk.asbool(value)
    except (ValueError, TypeError):
        raise tk.ValidationError({name: [tk._("Enter true or false here.")]}) from None


def _list(value: Any, name: str) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise tk.ValidationError({name: [tk._("Enter a list here.")]})
    return [_text(item, name).strip() for item in items[:MOST_NAMES]]


def _text(value: Any, name: str) -> str:
    if not isinstance(value, (str, int, float)):
        message = tk._("Enter a text here, not a list or another structure.")
        raise tk.ValidationError({name: [message]})
    return text.NO_TEXT.sub(" ", str(value)[:LONGEST_PARAMETER])


_KINDS: Mapping[str, Callable[[Any, str], Any]] = {
    "text": _text,
    "number": lambda value, name: number({name: value}, name, 0, LARGEST),
    "flag": _flag,
    "list": _list,
}


TYPED = "ext_nd47_typed"
"""Key among the `extras` of a search under which the words stand as they were typed."""


def typed_query(params: dict[str, Any]) -> Any:
    """Return the query of `package_search` as it was typed, folded or not."""
    return search_extras(params).get(TYPED, params.get("q"))


def without_control_characters(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters without characters that no text has, which Solr cannot be sent."""
    return {name: _without_control_characters(value) for name, value in params.items()}


def _without_control_characters(value: Any) -> Any:
    if isinstance(value, str):
        return text.NO_TEXT.sub(" ", value) if text.NO_TEXT.search(value) else value
    if isinstance(value, list):
        return [_without_control_characters(item) for item in value]
    return value


def search_extras(params: dict[str, Any]) -> dict[str, Any]:
    """Return the `extras` of the parameters of a search."""
    value = params.get("extras")
    return value if isinstance(value, dict) else {}


Validator = Callable[[FlattenKey, FlattenDataDict, FlattenErrorDict, Context], None]


def refuse(key: FlattenKey, errors: FlattenErrorDict, message: str) -> NoReturn:
    """Put a message at a field and end its validation."""
    errors.setdefault(key, []).append(message)
    raise tk.StopOnError


def text_of(value: Any, key: FlattenKey, errors: FlattenErrorDict) -> str:
    """Return a value as text; numbers are taken as such, anything else is refused."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        refuse(key, errors, tk._("Enter a text here, not a list or another structure."))
    return value


def hidden_character(character: str) -> str:
    """Return the message about a character that cannot be stored."""
    return tk._(
        "The text holds a character that cannot be seen and cannot be stored ({character}). "
        "Type the text anew, or paste it as plain text."
    ).format(character=character)


def error_messages(error: tk.ValidationError) -> dict[str, list[str]]:
    """Return the messages of an action's error by field."""
    errors: dict[str, Any] = dict(error.error_dict)
    return {
        name: [str(item) for item in value] if isinstance(value, list) else [str(value)]
        for name, value in errors.items()
    }
