"""Parameters of the actions about rules."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

PAGE = 100
LARGEST_PAGE = 1000


def rule_check() -> Schema:
    """Return the schema of `nd47_rule_check`."""
    validator: Any = tk.get_validator
    optional = [validator("ignore_missing"), validator("unicode_only")]
    return {
        "id": optional,
        "owner_org": optional,
        "after": [validator("default")(""), validator("unicode_only")],
        "limit": [validator("default")(PAGE), _page_size],
        "only_unmet": [validator("default")(False), validator("boolean_validator")],
        "__extras": [validator("ignore")],
    }


def _page_size(value: Any) -> int:
    try:
        limit = int(value)
    except (TypeError, ValueError):
        limit = 0
    if limit < 1:
        raise tk.Invalid(tk._("Must be a positive integer"))
    return min(limit, LARGEST_PAGE)
