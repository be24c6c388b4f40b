"""The kinds of work, in the order in which they are listed.

A new kind is a module with a `Kind`, added here: its statement yields the same columns for all
agencies, and the list chooses those that an account sees.
"""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.nd47.desk.work_list.kinds import (
    approvals,
    drafts,
    faults,
    focal_points,
    unmet_rules,
    updates,
)
from ckanext.nd47.desk.work_list.kinds.kind import Kind

KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        approvals.WAITING,
        approvals.RETURNED,
        updates.OVERDUE,
        updates.DUE_SOON,
        unmet_rules.UNMET_RULES,
        faults.FAULTY_FILES,
        faults.DEAD_LINKS,
        focal_points.NO_FOCAL_POINT,
        focal_points.TERM_ENDS,
        drafts.DRAFTS,
    )
}
"""By the code that addresses and the API use."""


def used() -> tuple[str, ...]:
    """Return the codes of the kinds of work that the portal has."""
    return tuple(code for code, kind in KINDS.items() if kind.is_used())
