"""Functions of the templates of reports."""

from __future__ import annotations

from collections.abc import Sequence

import ckan.plugins.toolkit as tk

__all__ = ["nd47_bar_width", "nd47_figure", "nd47_handover_title", "nd47_reports_title"]

FIRST_WITH_GROUPS = 1000
"""The first number whose digits are written in groups."""


def nd47_reports_title() -> str:
    """Return the title of the reports, for menus."""
    return tk._("Reports")


def nd47_handover_title() -> str:
    """Return the title of the book of the national hand-over, for menus."""
    return tk._("National hand-over")


def nd47_bar_width(value: int | None, values: Sequence[int | None]) -> int:
    """Return the width of a bar in per cent of the largest of some values."""
    largest = max((number or 0 for number in values), default=0)
    return round(100 * (value or 0) / largest) if largest else 0


def nd47_figure(value: int | None) -> str:
    """Return a number for a cell; a dash where there is none."""
    if value is None:
        return "–"
    # Babel takes as long for a small number as for a large one, and tables have thousands.
    return str(value) if 0 <= value < FIRST_WITH_GROUPS else tk.h.localised_number(value)
