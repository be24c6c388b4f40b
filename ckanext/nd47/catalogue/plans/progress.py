"""The plan against what was published, on any day, also on past ones.

Where the days come from: a publication is the day that an officer stated for the item, otherwise
the earliest day on which one of its datasets that are public now was published, by its field
`issued` or by its creation on the portal. A slip counts from the day on which it was recorded. An
improvement is done on the day that an officer recorded. What was withdrawn since is not published
on past days either: CKAN keeps no days of withdrawals.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.items import progress as items
from ckanext.nd47.catalogue.plans import history
from ckanext.nd47.catalogue.plans.history import Event
from ckanext.nd47.catalogue.plans.model import PUBLISH, Entry, Plan, Stage
from ckanext.nd47.catalogue.records.model import Line, Link
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import update_state

DONE, LATE, OPEN = STATES = ("done", "late", "open")
PERCENT = 100


class Slip(NamedTuple):
    """A day that was put off: when, by whom, to which day, and why."""

    recorded: dt.date
    account: str
    day: dt.date
    reason: str


@dataclass
class EntryRow:
    """An entry on a day.

    Attributes:
        entry: the entry.
        stage: position of the stage in which it is due, 0 for none.
        expected: the day that holds, after all slips until then.
        done_on: the day on which it was done, None where it was not by then.
        state: one of `STATES`.
        slips: the slips until then, the oldest first.
    """

    entry: Entry
    stage: int
    expected: dt.date | None
    done_on: dt.date | None
    state: str
    slips: list[Slip] = field(default_factory=list)

    @property
    def is_on_time(self) -> bool:
        """Whether it was done by the planned day."""
        return bool(self.done_on and self.entry.due and self.done_on <= self.entry.due)

    @property
    def agency(self) -> str:
        """The agency by id, or by name where the register does not have it."""
        return self.entry.provider_id or self.entry.provider


class Reached(NamedTuple):
    """How far a target is: done and all of them, and the share in percent."""

    done: int
    total: int

    @property
    def share(self) -> int:
        """Full percent, rounded down; 0 of nothing."""
        return self.done * PERCENT // self.total if self.total else 0


@dataclass(frozen=True)
class StageRow:
    """A stage on a day, or on its last day where that is past.

    Attributes:
        stage: the stage.
        day: the day that its numbers are of.
        items: items of the plan that are published.
        agencies: agencies of the plan with at least one maintained dataset.
        due: entries that are due in this stage.
        done: those of them that are done.
        late: those of them that are late.
    """

    stage: Stage
    day: dt.date
    items: Reached
    agencies: Reached
    due: int
    done: int
    late: int


@dataclass(frozen=True)
class PlanDay:
    """A plan on a day."""

    day: dt.date
    rows: list[EntryRow]
    stages: list[StageRow]
    items: Reached
    agencies: Reached

    @property
    def counts(self) -> dict[str, int]:
        """How many entries have each state."""
        return {state: sum(row.state == state for row in self.rows) for state in STATES}


def of_plan(plan: Plan, day: dt.date) -> PlanDay:
    """Return a plan on a day, in four statements."""
    stages = list(
        model.Session.scalars(
            sa.select(Stage).where(Stage.plan_id == plan.id).order_by(Stage.position)
        )
    )
    rows = _rows(plan.id, stages, day)
    maintained = _Maintained(plan.id)
    in_stages = [_stage_row(stage, rows, maintained, day) for stage in stages]
    return PlanDay(day, rows, in_stages, _items(rows, day), maintained.agencies(rows, day))


def expected_day(entry: Entry) -> dt.date | None:
    """Return the day that holds for an entry now."""
    slips = [
        row.day
        for row in history.of_entries(entry.plan_id, [entry.id])
        if row.event == Event.SLIP.value
    ]
    return slips[-1] if slips else entry.due


def _rows(plan_id: str, stages: Sequence[Stage], day: dt.date) -> list[EntryRow]:
    linked = (
        sa.select(Link.line_id, sa.func.min(items.first_day()).label("day"))
        .join(model.Package, sa.and_(model.Package.id == Link.dataset_id, items.is_public()))
        .join(Entry, sa.and_(Entry.line_id == Link.line_id, Entry.plan_id == plan_id))
        .group_by(Link.line_id)
        .subquery()
    )
    stated = sa.func.to_char(Line.first_provided, "YYYY-MM-DD")
    query = (
        sa.select(Entry, sa.func.coalesce(stated, linked.c.day).label("published"))
        .join(Line, Line.id == Entry.line_id, isouter=True)
        .join(linked, linked.c.line_id == Entry.line_id, isouter=True)
        .where(Entry.plan_id == plan_id)
        .order_by(Entry.due.nulls_last(), Entry.provider, Entry.name, Entry.id)
    )
    rows = model.Session.execute(query).all()
    by_entry: defaultdict[str, list[Any]] = defaultdict(list)
    for event in history.of_entries(plan_id):
        if event.moment.astimezone(values.VIETNAM).date() <= day:
            by_entry[event.entry_id].append(event)
    return [_row(row.Entry, row.published, by_entry[row.Entry.id], stages, day) for row in rows]


def _row(
    entry: Entry, published: str | None, events: list[Any], stages: Sequence[Stage], day: dt.date
) -> EntryRow:
    slips = [
        Slip(
            event.moment.astimezone(values.VIETNAM).date(),
            event.fullname or event.user_name or "",
            event.day,
            event.note,
        )
        for event in events
        if event.event == Event.SLIP.value
    ]
    expected = slips[-1].day if slips else entry.due
    done_on = _day(published) if entry.kind == PUBLISH else _recorded(events)
    done_on = done_on if done_on and done_on <= day else None
    state = DONE if done_on else LATE if expected and expected < day else OPEN
    stage = next(
        (
            candidate.position
            for candidate in stages
            if entry.due and entry.due <= candidate.last_day
        ),
        0,
    )
    return EntryRow(entry, stage, expected, done_on, state, slips)


def _recorded(events: Sequence[Any]) -> dt.date | None:
    done = [event for event in events if event.event != Event.SLIP.value]
    return done[-1].day if done else None


def _day(written: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(written) if written else None
    except ValueError:
        # A date in a dataset that no calendar has.
        return None


def _items(rows: Sequence[EntryRow], day: dt.date) -> Reached:
    lines = [row for row in rows if row.entry.kind == PUBLISH]
    return Reached(sum(bool(row.done_on and row.done_on <= day) for row in lines), len(lines))


def _stage_row(
    stage: Stage, rows: Sequence[EntryRow], maintained: _Maintained, day: dt.date
) -> StageRow:
    on = min(day, stage.last_day)
    own = [row for row in rows if row.stage == stage.position]
    return StageRow(
        stage,
        on,
        _items(rows, on),
        maintained.agencies(rows, on),
        len(own),
        sum(row.state == DONE for row in own),
        sum(row.state == LATE for row in own),
    )


class _Maintained:
    """Which lines of a plan have a dataset whose data are not overdue, on any day.

    Only the latest update of a dataset is known, so on a past day a dataset counts as maintained
    that was overdue then and was updated since.
    """

    def __init__(self, plan_id: str) -> None:
        extras = model.Package.extras
        query = (
            sa.select(
                Link.line_id,
                extras["frequency"].astext.label("frequency"),
                extras["modified"].astext.label("modified"),
                model.Package.metadata_modified,
            )
            .join(model.Package, sa.and_(model.Package.id == Link.dataset_id, items.is_public()))
            .join(Entry, sa.and_(Entry.line_id == Link.line_id, Entry.plan_id == plan_id))
        )
        self._datasets: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in model.Session.execute(query):
            self._datasets[row.line_id].append(
                {
                    "type": "dataset",
                    "frequency": row.frequency or "",
                    "modified": row.modified or "",
                    "metadata_modified": row.metadata_modified.isoformat(),
                }
            )

    def agencies(self, rows: Sequence[EntryRow], day: dt.date) -> Reached:
        """Return how many agencies have at least one maintained dataset."""
        lines = [row for row in rows if row.entry.kind == PUBLISH]
        with vocabulary.preloaded():
            having = {
                row.agency
                for row in lines
                if row.done_on and row.done_on <= day and self._is_maintained(row, day)
            }
        return Reached(len(having), len({row.agency for row in lines}))

    def _is_maintained(self, row: EntryRow, day: dt.date) -> bool:
        datasets = self._datasets[row.entry.line_id]
        return any(update_state.of(dataset, day) != "overdue" for dataset in datasets)


def is_past(day: dt.date) -> bool:
    """Return whether a day is before today."""
    return day < dates.today()
