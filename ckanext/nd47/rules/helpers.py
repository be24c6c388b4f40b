"""Template helpers about the rules."""

from __future__ import annotations

from typing import Any

from ckanext.nd47.rules import advice

__all__ = ["nd47_rule_results"]


def nd47_rule_results(dataset: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rules that a dataset does not meet, the weightiest first, in words."""
    return advice.unmet(dataset)
