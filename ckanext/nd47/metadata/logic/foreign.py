"""Codes of other portals: a draft keeps what is not mapped until it is to be published.

Records move in from elsewhere with codes that have no counterpart here. They are kept in a draft,
where the officer sees them and chooses; publishing refuses them in words, at their fields.
"""

from __future__ import annotations

from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, FlattenDataDict

from ckanext.nd47.lib import values

DRAFT = "draft"
LENGTH = 500
"""Of a code that is kept; addresses of codes are shorter."""


def is_kept(code: str, data: FlattenDataDict, context: Context) -> bool:
    """Say whether the record that is saved is a draft, which keeps a code that is not known."""
    try:
        values.clean_text(code)
    except ValueError:
        return False
    return len(code) <= LENGTH and _state(data, context) == DRAFT


def to_be_published(data: FlattenDataDict, context: Context) -> bool:
    """Say whether a draft is being published, which no code may pass that is not known."""
    package = cast("Any", context.get("package"))
    drafted = package is not None and package.state == DRAFT
    return drafted and _state(data, context) == model.State.ACTIVE


def _state(data: FlattenDataDict, context: Context) -> Any:
    state = data.get(("state",))
    if state not in (tk.missing, None, ""):
        return state
    package = cast("Any", context.get("package"))
    return package.state if package is not None else model.State.ACTIVE
