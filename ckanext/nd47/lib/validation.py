"""What the modules of validators share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import ckan.plugins.toolkit as tk
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

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


def error_messages(error: tk.ValidationError) -> dict[str, list[str]]:
    """Return the messages of an action's error by field."""
    errors: dict[str, Any] = dict(error.error_dict)
    return {
        name: [str(item) for item in value] if isinstance(value, list) else [str(value)]
        for name, value in errors.items()
    }


def hidden_character(character: str) -> str:
    """Return the message about a character that cannot be stored."""
    return tk._(
        "The text holds a character that cannot be seen and cannot be stored ({character}). "
        "Type the text anew, or paste it as plain text."
    ).format(character=character)
