"""Published datasets whose data are overdue, or will soon be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list.kinds.kind import (
    Description,
    Kind,
    Thing,
    Weight,
    address,
    columns,
    dataset_page,
    is_published,
)
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import update_state


def _statement(state: update_state.State, weight: Weight) -> sa.Select[Any]:
    work = WorkDataset
    ranges = [
        sa.and_(work.frequency == days.frequency, work.data_date.between(days.first, days.last))
        for days in update_state.ranges()[state]
    ]
    return (
        columns(
            state,
            agency_id=model.Package.owner_org,
            dataset_id=work.id,
            day=due_day(work.frequency, work.data_date),
            weight=weight,
        )
        .join_from(work, model.Package, model.Package.id == work.id)
        .where(is_published(), sa.or_(sa.false(), *ranges))
    )


def due_day(frequency: Any, last: Any) -> sa.ColumnElement[Any]:
    """Return the day by which an update is due, for the order of a list.

    The states themselves come from `update_state.ranges`.

    Args:
        frequency: code of the frequency.
        last: day of the last update.
    """
    plans = [(term.code, update_state.schedule(term)) for term in vocabulary.get("frequency")]
    due = {
        code: sa.cast(last + sa.func.make_interval(0, plan.months), sa.Date) + plan.days
        for code, plan in plans
        if plan
    }
    return sa.case(due, value=frequency) if due else sa.null()


def _describe(words: Callable[[int], str], thing: Thing, scope: Scope) -> Description:
    days = abs((dates.today() - thing.day).days) if thing.day else 0
    term = vocabulary.term("frequency", thing.frequency or "")
    text = words(days).format(
        number=days,
        day=tk.h.nd47_day(thing.day),
        frequency=tk.h.nd47_label("frequency", term.code) if term else thing.frequency,
    )
    if not scope.may_edit(thing.agency_id):
        return dataset_page(thing)._replace(words=text)
    page = address("nd47_publishing.new_period", id=thing.dataset_name)
    return Description(text, tk._("Update with a new period"), page)


def _overdue(days: int) -> str:
    return tk.ungettext(
        "Overdue for {number} day: was due on {day} ({frequency}).",
        "Overdue for {number} days: was due on {day} ({frequency}).",
        days,
    )


def _due_soon(days: int) -> str:
    if not days:
        return tk._("Due today ({frequency}).")
    return tk.ungettext(
        "Due in {number} day, on {day} ({frequency}).",
        "Due in {number} days, on {day} ({frequency}).",
        days,
    )


OVERDUE = Kind(
    "overdue",
    lambda: tk._("Overdue updates"),
    partial(_statement, "overdue", Weight.NOW),
    partial(_describe, _overdue),
)
DUE_SOON = Kind(
    "due-soon",
    lambda: tk._("Updates due soon"),
    partial(_statement, "due-soon", Weight.SOON),
    partial(_describe, _due_soon),
)
