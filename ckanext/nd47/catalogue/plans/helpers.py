"""Template helpers of the plans."""

from __future__ import annotations

from ckanext.nd47.lib import values

__all__ = ["nd47_plan_day"]


def nd47_plan_day(day: str) -> str:
    """Return an ISO date as people read it, empty for none."""
    return values.day_first(day) if day else ""
