"""Input of actions and validators: access, types, and characters that can be stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, NoReturn, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.lib.language import text

NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that cause an error in PostgreSQL."""

CLEANED = frozenset({"package_create", "package_patch", "package_update"})
"""Actions that check all fields themselves and report the field of such a character."""

CLEANED_INSIDE = frozenset({"nd47_bulk_preview"})
"""Actions that check lists and groups themselves and report the field of such a character."""

_SAVED = ("id", "name", "owner_org")
_TABLES: Mapping[str, Any] = {
    "package": model.Package,
    "organization": model.Group,
    "group": model.Group,
}


def storable(value: str) -> bool:
    """Return whether a text can be used in a query."""
    return not NOT_STORABLE.search(value)


def checked(name: str, action: Callable[..., Any]) -> Callable[..., Any]:
    """Return an action that refuses parameters with characters that cannot be stored.

    Args:
        name: name of the action.
        action: a plain or chained action.
    """
    if name in CLEANED:
        return action

    @wraps(action)
    def refusing(*args: Any) -> Any:
        problems = {
            key: _in_ckan_form(key, not_storable(character))
            for key, character in _not_storable(args[-1] or {}, inside=name not in CLEANED_INSIDE)
        }
        if problems:
            raise tk.ValidationError(cast("Any", problems))
        return action(*args)

    return refusing


def _not_storable(data: Mapping[str, Any], *, inside: bool) -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if match := NOT_STORABLE.search(str(key)):
            yield "__junk", match[0]
        if not inside and not isinstance(value, str):
            continue
        for part in _texts(value):
            if match := NOT_STORABLE.search(part):
                yield key, match[0]
                break


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in a value, those in lists and names and values of groups included."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, Mapping):
            waiting += [*current.keys(), *current.values()]
        elif isinstance(current, (list, tuple)):
            waiting += current


def _in_ckan_form(name: str, message: str) -> list[Any]:
    """Return the error of a field in the shape that CKAN expects there."""
    inside = {"extras": "key", "tags": "name"}.get(name)
    return [{inside: message}] if inside else [message]


def not_storable(character: str) -> str:
    """Return the message about a character that cannot be stored."""
    return hidden_character(f"U+{ord(character):04X}")


def none_of(value: str, allowed: Iterable[str]) -> str:
    """Return the message about a parameter with an invalid value."""
    return tk._("“{value}” is none of: {values}.").format(
        value=value[:80], values=", ".join(allowed)
    )


def require_access(action: str, context: Context, data_dict: DataDict) -> None:
    """Refuse unauthorised saves of a dataset, organisation or group before any other work.

    CKAN checks access again with the complete input. Here the authorization function gets only
    plain references, since it may not expect arbitrary input in the other fields.

    Raises:
        ckan.plugins.toolkit.NotAuthorized: the user may not do it.
    """
    references = {name: data_dict.get(name) for name in _SAVED}
    names = {name: v for name, v in references.items() if isinstance(v, str) and storable(v)}
    kind, _, verb = action.rpartition("_")
    if verb != "create":
        reference = names.get("id") or (names.get("name") if kind == "package" else None)
        record = _TABLES[kind].get(reference) if reference else None
        if record is None:
            # CKAN reports that it does not exist.
            return
        names = {"id": record.id}
    # CKAN's authorization functions would use objects of an earlier call in the context.
    own_context = {key: value for key, value in context.items() if key not in ("package", "group")}
    tk.check_access(action, cast("Context", own_context), names)


MOST_NAMES = 1000
"""Maximum number of names in a list of suggestions, as in CKAN's own lists."""

LONGEST_PARAMETER = 1000
"""Maximum length of a parameter."""

MOST_DIGITS = 100

LARGEST = 10**9
"""Larger than any list, and within the range of the database."""


def search_words(data_dict: DataDict, name: str = "q") -> str:
    """Return the search words; of a long query its beginning.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing or not a text.
    """
    return text.search_words(_text(tk.get_or_bust(data_dict, name), name))


def search_terms(data_dict: DataDict) -> list[str]:
    """Return the search terms for a list of tags; empty for all tags.

    Raises:
        ckan.plugins.toolkit.ValidationError: one of them is not a text.
    """
    for name in ("query", "q"):
        if value := data_dict.get(name):
            values = value if isinstance(value, list) else [value]
            terms = [text.search_words(_text(item, name)) for item in values[: text.MOST_WORDS]]
            return [term for term in terms if term]
    return []


def number(data_dict: Mapping[str, Any], name: str, default: int, maximum: int = MOST_NAMES) -> int:
    """Return an optional whole number, limited to a maximum.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not a number, or negative.
    """
    value = data_dict.get(name)
    if value is None or value == "":
        return default
    digits = str(value).strip() if isinstance(value, (str, int)) else ""
    # Python refuses to parse more than some thousand digits.
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
        raise tk.ValidationError({name: [tk._("Enter a whole number here, 0 or more.")]})
    return min(int(digits), maximum)


def flag(data_dict: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    """Return an optional truth value.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is none.
    """
    value = data_dict.get(name)
    return default if value is None or value == "" else _flag(value, name)


def of_kinds(data_dict: DataDict, **kinds: str) -> DataDict:
    """Return an input whose parameters have the types that CKAN's own action expects.

    Args:
        data_dict: the input.
        kinds: by name of the parameter: `text`, which refers to something or is searched, so that
            its beginning is enough; `words`, which are stored; `number`, `flag` or `list`.

    Raises:
        ckan.plugins.toolkit.ValidationError: a parameter has another type, or words or a list are
            too long.
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
        ckan.plugins.toolkit.ValidationError: a field has the wrong shape.
    """
    checked = of_kinds(data_dict, **dict.fromkeys(("id", "name", "type", "state"), "text"))
    for name in ("users", "groups", "extras", "tags", "packages"):
        value = data_dict.get(name)
        if value is None or value == "":
            checked.pop(name, None)
        elif not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            message = tk._("Enter a list of names and values here.")
            # CKAN expects the message of these two at a field of their parts.
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
    if len(items) > MOST_NAMES:
        message = tk._("At most {number} at once.").format(number=MOST_NAMES)
        raise tk.ValidationError({name: [message]})
    return [_text(item, name).strip() for item in items]


def _words(value: Any, name: str) -> str:
    if isinstance(value, str) and len(value) > LONGEST_PARAMETER:
        message = tk._("This is too long: at most {limit} characters.")
        raise tk.ValidationError({name: [message.format(limit=LONGEST_PARAMETER)]})
    return _text(value, name)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, (str, int, float)):
        message = tk._("Enter a text here, not a list or another structure.")
        raise tk.ValidationError({name: [message]})
    return text.NO_TEXT.sub(" ", str(value)[:LONGEST_PARAMETER])


_KINDS: Mapping[str, Callable[[Any, str], Any]] = {
    "text": _text,
    "words": _words,
    "number": lambda value, name: number({name: value}, name, 0, LARGEST),
    "flag": _flag,
    "list": _list,
}


TYPED = "ext_nd47_typed"
"""Key in the `extras` of a search with the query as typed."""


def typed_query(params: dict[str, Any]) -> Any:
    """Return the query of `package_search` as typed, before it is folded."""
    return search_extras(params).get(TYPED, params.get("q"))


def without_control_characters(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters without control characters, which Solr does not accept."""
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
    """Add a message to a field and stop its validation."""
    errors.setdefault(key, []).append(message)
    raise tk.StopOnError


def text_of(value: Any, key: FlattenKey, errors: FlattenErrorDict) -> str:
    """Return a value as text; numbers are converted, other values are refused."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        refuse(key, errors, tk._("Enter a text here, not a list or another structure."))
    return value


def hidden_character(character: str) -> str:
    """Return the message about a character that cannot be stored."""
    return tk._(
        "The text contains an invisible character that cannot be stored ({character}). "
        "Type the text again, or paste it as plain text."
    ).format(character=character)


def error_messages(error: tk.ValidationError) -> dict[str, list[str]]:
    """Return the messages of an action's error by field."""
    errors: dict[str, Any] = dict(error.error_dict)
    return {
        name: [str(item) for item in value] if isinstance(value, list) else [str(value)]
        for name, value in errors.items()
    }
