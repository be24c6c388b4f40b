"""The kinds of work, in the order in which they are listed.

A new kind is a module with a `Kind`, added here: its statement yields the same columns for all
agencies, and the list chooses those that an account sees. A room that this one does not know
answers the signal `asked` with its kinds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import ckan.plugins.toolkit as tk

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
"""The kinds of this room, by the code that addresses and the API use."""

asked = tk.signals.ckanext.signal("nd47:work_kinds")
"""Sent without a sender; receivers return a list of `Kind`, which are listed after these."""


def known() -> Mapping[str, Kind]:
    """Return the kinds of this room and those of others by their codes, in their order."""
    answers: Iterable[tuple[object, list[Kind]]] = asked.send()
    return {**KINDS, **{kind.code: kind for _receiver, kinds in answers for kind in kinds}}


def used() -> Mapping[str, Kind]:
    """Return the kinds of work that the portal has, by their codes."""
    return {code: kind for code, kind in known().items() if kind.is_used()}
