"""The words of a dataset search as they were typed, which `nd47_l10n` folds for the index."""

from __future__ import annotations

from typing import Any

from ckanext.nd47.lib import text

TYPED = "ext_nd47_typed"
"""Key among the `extras` of a search under which the words stand as they were typed."""


def typed(params: dict[str, Any]) -> Any:
    """Return the query of `package_search` as it was typed, folded or not."""
    return extras(params).get(TYPED, params.get("q"))


def scrubbed(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters without characters that no text has, which Solr cannot be sent."""
    return {name: _scrubbed(value) for name, value in params.items()}


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return text.NO_TEXT.sub(" ", value) if text.NO_TEXT.search(value) else value
    if isinstance(value, list):
        return [_scrubbed(one) for one in value]
    return value


def extras(params: dict[str, Any]) -> dict[str, Any]:
    """Return the `extras` of the parameters of a search."""
    value = params.get("extras")
    return value if isinstance(value, dict) else {}
