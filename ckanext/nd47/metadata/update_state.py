"""Whether the data of a dataset are up to date, for pages, searches and rules.

The state follows from the date of the data, the frequency and the current day in Vietnam. It is not
stored: the search index has date and frequency, and `ranges` returns which of them have a state on
a day. So it is correct each day without reindexing, and also after a portal has changed the delays
in its list of frequencies.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader

State = Literal["overdue", "due-soon", "on-time", "not-periodic"]
STATES: tuple[State, ...] = get_args(State)

NOT_PERIODIC: State = "not-periodic"

VOCABULARY = "update-state"
FREQUENCY = "frequency"
DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")
MONTHS_OF_YEAR = 12


class Schedule(NamedTuple):
    """When an update is due: months and days after the last one.

    `notice` is the number of days before the due date from which it is due soon.
    """

    months: int
    days: int
    notice: int


class DayRange(NamedTuple):
    """Datasets of a frequency whose last update is in a range of days."""

    frequency: str
    first: dt.date
    last: dt.date


def schedule(term: vocabulary.Term | None) -> Schedule | None:
    """Return when updates of a frequency are due, None if they never are."""
    if term is None or not term["period"]:
        return None
    # A vocabulary of the portal may have any values in its columns.
    return _schedule(
        str(term["period"]), _whole_number(term["delay"]), max(_whole_number(term["notice"]), 0)
    )


@lru_cache(maxsize=256)
def _schedule(period: str, delay: int, notice: int) -> Schedule | None:
    match = DURATION.fullmatch(period)
    if match is None:
        return None
    years, months, days = (int(part or 0) for part in match.groups())
    return Schedule(years * MONTHS_OF_YEAR + months, days + delay, notice)


def last_update(dataset: Mapping[str, Any]) -> dt.date | None:
    """Return the day of the last update of the data; the last day of a year or a month."""
    parts = [int(part) for part in dataset_reader.updated(dataset).split("-") if part]
    if not parts:
        return None
    if len(parts) == 1:
        return dt.date(parts[0], 12, 31)
    if len(parts) == 2:  # noqa: PLR2004 - a year and a month
        return dates.last_of_month(parts[0], parts[1])
    return dt.date(parts[0], parts[1], parts[2])


def next_due(dataset: Mapping[str, Any]) -> dt.date | None:
    """Return the day by which the data are to be updated, None where nothing falls due."""
    return state_and_due(dataset)[1]


def of(dataset: Mapping[str, Any], day: dt.date | None = None) -> State:
    """Return the state of a dataset on a day, today if none is named."""
    return state_and_due(dataset, day)[0]


def state_and_due(
    dataset: Mapping[str, Any], day: dt.date | None = None
) -> tuple[State, dt.date | None]:
    """Return the state of a dataset on a day, and the day by which its data are to be updated.

    Args:
        dataset: a dataset as an action shows it, of any schema.
        day: the day in question, today if none is named.
    """
    plan = schedule(vocabulary.term(FREQUENCY, dataset_reader.text(dataset, FREQUENCY)))
    last = last_update(dataset) if plan else None
    due = _due(last, plan) if plan and last else None
    if plan is None or due is None:
        return NOT_PERIODIC, None
    days_left = (due - (day or dates.today())).days
    if days_left < 0:
        return "overdue", due
    return ("due-soon" if days_left <= plan.notice else "on-time"), due


def ranges(day: dt.date | None = None) -> dict[State, list[DayRange]]:
    """Return the datasets that have each state on a day; all others are not periodic."""
    today = (day or dates.today()).toordinal()
    by_state: dict[State, list[DayRange]] = {state: [] for state in STATES if state != NOT_PERIODIC}
    for term in vocabulary.get(FREQUENCY):
        plan = schedule(term)
        if plan is None:
            continue
        start = dt.date.min.toordinal()
        limits = (today - 1, today + plan.notice, dt.date.max.toordinal())
        for state, limit in zip(STATES, limits, strict=False):
            end = _last_due_until(limit, plan)
            if end >= start:
                days = DayRange(term.code, dt.date.fromordinal(start), dt.date.fromordinal(end))
                by_state[state].append(days)
                start = end + 1
    return by_state


def _due(last: dt.date, plan: Schedule) -> dt.date | None:
    month = last.month - 1 + plan.months
    year, month = last.year + month // MONTHS_OF_YEAR, month % MONTHS_OF_YEAR + 1
    try:
        day = min(last.day, dates.last_of_month(year, month).day)
        return dt.date(year, month, day) + dt.timedelta(days=plan.days)
    except (ValueError, OverflowError):
        # A last update in the year 9999, which is a valid date
        return None


@lru_cache(maxsize=256)
def _last_due_until(limit: int, plan: Schedule) -> int:
    """Return the last day of an update whose successor is due by a day, 0 for none; as ordinals.

    Due dates increase with the day of the last update, so this is a binary search. Its results hold
    for a day, and every page of a search needs them.
    """
    low, high = 0, dt.date.max.toordinal()
    while low < high:
        middle = (low + high + 1) // 2
        due = _due(dt.date.fromordinal(middle), plan)
        if due is not None and due.toordinal() <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _whole_number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
