"""What the desk knows of each public dataset, for the reports of other rooms."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ckan import model
from ckan.types import Context

from ckanext.nd47.desk import scope
from ckanext.nd47.desk.work_list import listing
from ckanext.nd47.desk.work_list import model as tables
from ckanext.nd47.desk.work_list.kinds import approvals, unmet_rules
from ckanext.nd47.desk.work_list.kinds.kind import is_published
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.metadata import update_state
from ckanext.nd47.rules import edition


def of_public_datasets() -> sa.Select[Any]:
    """Return the statement for what is known of public datasets today.

    Its columns are `id`; `periodic`, whether its data fall due; `overdue`, whether they are
    overdue; `meets_rules`, whether it meets all rules that are not off.
    """
    work, states = WorkDataset, update_state.ranges()
    overdue = _in(states["overdue"])
    periodic = sa.or_(overdue, _in(states["due-soon"]), _in(states["on-time"]))
    unmet = [
        unmet_rules.has_any(rule_set, level)
        for rule_set in edition.applied().values()
        for level in unmet_rules.WEIGHTS
    ]
    return (
        sa.select(
            work.id,
            sa.func.coalesce(periodic, sa.false()).label("periodic"),
            sa.func.coalesce(overdue, sa.false()).label("overdue"),
            sa.not_(sa.or_(sa.false(), *unmet)).label("meets_rules"),
        )
        .join_from(work, model.Package, model.Package.id == work.id)
        .where(is_published())
    )


def waiting_for_approval(context: Context) -> int:
    """Return how many datasets wait for the decision of the account of a context."""
    if not tables.ready():
        return 0
    return listing.number_of(scope.of(context), approvals.WAITING.code)


def _in(ranges: list[update_state.DayRange]) -> sa.ColumnElement[bool]:
    work = WorkDataset
    return sa.or_(
        sa.false(),
        *(
            sa.and_(work.frequency == days.frequency, work.data_date.between(days.first, days.last))
            for days in ranges
        ),
    )
