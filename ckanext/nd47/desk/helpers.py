"""Functions of the templates."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

__all__ = ["nd47_rules_title", "nd47_work_title"]


def nd47_work_title() -> str:
    """Return the title of the work list, for menus."""
    return tk._("My work")


def nd47_rules_title() -> str:
    """Return the title of the page of the rules, for the administrator's menu."""
    return tk._("Rules")
