"""What the actions about rules take."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

PAGE = 100
LARGEST_PAGE = 1000


def rule_check() -> Schema:
    """Return the schema of `nd47_rule_check`."""
    given: Any = tk.get_validator
    optional = [given("ignore_missing"), given("unicode_only")]
    return {
        "id": optional,
        "owner_org": optional,
        "after": [given("default")(""), given("unicode_only")],
        "limit": [given("default")(PAGE), _page_size],
        "only_unmet": [given("default")(False), given("boolean_validator")],
        "__extras": [given("ignore")],
    }


def _page_size(value: Any) -> int:
    try:
        limit = int(value)
    except (TypeError, ValueError):
        limit = 0
    if limit < 1:
        raise tk.Invalid(tk._("Must be a positive integer"))
    return min(limit, LARGEST_PAGE)
