"""What a refused input says, in one form."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk


def of(error: tk.ValidationError) -> dict[str, list[str]]:
    """Return the messages of a refusal by field."""
    found: dict[str, Any] = dict(error.error_dict)
    return {name: _words(value) for name, value in found.items()}


def _words(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
