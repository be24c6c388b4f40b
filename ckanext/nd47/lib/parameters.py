"""What suggestions and lists take: the words to look for, and how many names to give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.lib import text

MOST = 1000
"""Names that a list of suggestions gives at once, as CKAN's own lists do."""

LONGEST = 1000
"""Characters of a parameter that are looked at."""

MOST_DIGITS = 100

LARGEST = 10**9
"""Beyond any list, and within what the database can count."""


def words(data_dict: DataDict, name: str = "q") -> str:
    """Return the words to look for.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing or no text.
    """
    return text.search_words(_text(tk.get_or_bust(data_dict, name), name))


def terms(data_dict: DataDict) -> list[str]:
    """Return the terms that a list of tags was asked for; none where it is to give all.

    Raises:
        ckan.plugins.toolkit.ValidationError: one of them is no text.
    """
    for name in ("query", "q"):
        if given := data_dict.get(name):
            several = given if isinstance(given, list) else [given]
            found = [text.search_words(_text(one, name)) for one in several[: text.MOST_WORDS]]
            return [one for one in found if one]
    return []


def number(data_dict: Mapping[str, Any], name: str, default: int, most: int = MOST) -> int:
    """Return a whole number that may be left out, at most the largest that makes sense.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is none, or below zero.
    """
    given = data_dict.get(name)
    if given is None or given == "":
        return default
    text_of_it = str(given).strip() if isinstance(given, (str, int)) else ""
    # Python refuses to read more than some thousand digits.
    if not (text_of_it.isascii() and text_of_it.isdigit() and len(text_of_it) <= MOST_DIGITS):
        raise tk.ValidationError({name: [tk._("Enter a whole number here, 0 or more.")]})
    return min(int(text_of_it), most)


def plain(data_dict: DataDict, **kinds: str) -> DataDict:
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


def shaped(data_dict: DataDict) -> DataDict:
    """Return an organisation or group in the shape that CKAN's own actions expect.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field has another shape.
    """
    checked = plain(data_dict, **dict.fromkeys(("id", "name", "type", "state"), "text"))
    for name in ("users", "groups", "extras", "tags", "packages"):
        value = data_dict.get(name)
        if value is None or value == "":
            checked.pop(name, None)
        elif not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
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
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list):
        raise tk.ValidationError({name: [tk._("Enter a list here.")]})
    return [_text(one, name).strip() for one in given[:MOST]]


def _text(value: Any, name: str) -> str:
    if not isinstance(value, (str, int, float)):
        message = tk._("Enter a text here, not a list or another structure.")
        raise tk.ValidationError({name: [message]})
    return text.NO_TEXT.sub(" ", str(value)[:LONGEST])


_KINDS: Mapping[str, Callable[[Any, str], Any]] = {
    "text": _text,
    "number": lambda value, name: number({name: value}, name, 0, LARGEST),
    "flag": _flag,
    "list": _list,
}
