"""Stores by month what is so, so that trends are true and a closed month never changes.

Each day the rows of the running month are replaced. So its last run says what was so at its end,
and a portal whose timer failed for some days loses no more than these. A month that is over is
left as it is but for the numbers of its use, and closed some days later, when the agencies have
said what they want to say about it; from then on the database refuses every change.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.catalogue.reports import model as tables
from ckanext.nd47.catalogue.reports.data import facts, items
from ckanext.nd47.catalogue.reports.data.period import months_before, of_month
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates

LOCK = 470012
"""Number of the lock of the database that one node holds while it takes a month."""


class Taken(TypedDict):
    """What a run did: the month taken, whether it was taken again, and the months closed."""

    month: str
    taken: bool
    closed: list[str]


def take(day: dt.date, *, again: bool = False) -> Taken:
    """Take the month of a day, and close those that are due; commits.

    Of two nodes at once one waits for the other and finds the work done. It can be repeated.

    Args:
        day: today.
        again: also if that was done on this day.
    """
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    month = day.replace(day=1)
    closed = _close_due(day)
    with dates.on(day):
        taken = _take(month, day, again=again)
    model.Session.commit()
    return {"month": f"{month:%Y-%m}", "taken": taken, "closed": closed}


def closing_day(month: dt.date) -> dt.date:
    """Return the day on which a month is closed."""
    following = months_before(month, -1)
    return following + dt.timedelta(days=config.report_close_day() - 1)


def agencies() -> dict[str, dict[str, str]]:
    """Return name and title of all active agencies by id, in one statement."""
    group = model.Group
    rows = model.Session.execute(
        sa.select(group.id, group.name, group.title).where(
            group.is_organization.is_(True), group.state == model.State.ACTIVE
        )
    )
    return {row.id: {"name": row.name, "title": row.title or row.name} for row in rows}


def _take(month: dt.date, day: dt.date, *, again: bool) -> bool:
    """Store what is so now as what is so in a month; return whether that was to be done."""
    header = model.Session.execute(
        sa.select(tables.months.c.taken, tables.months.c.closed).where(
            tables.months.c.month == month
        )
    ).first()
    if header and (header.closed or header.taken > day or (header.taken == day and not again)):
        return False
    values = {"month": month, "taken": day, "agencies": agencies()}
    statement = insert(tables.months).values(values)
    model.Session.execute(statement.on_conflict_do_update(index_elements=["month"], set_=values))
    for table, source in ((tables.datasets, facts.datasets()), (tables.items, items.in_force())):
        model.Session.execute(sa.delete(table).where(table.c.month == month))
        rows = source.subquery()
        names = [column.name for column in rows.c]
        model.Session.execute(
            insert(table).from_select(
                ["month", *names], sa.select(sa.literal(month, sa.Date), *rows.c)
            )
        )
    return True


def _close_due(day: dt.date) -> list[str]:
    months = model.Session.scalars(
        sa.select(tables.months.c.month)
        .where(tables.months.c.closed.is_(None), tables.months.c.month < day.replace(day=1))
        .order_by(tables.months.c.month)
    ).all()
    due = [month for month in months if closing_day(month) <= day]
    for month in due:
        _close(month)
    return [f"{month:%Y-%m}" for month in due]


def _close(month: dt.date) -> None:
    """Add how often datasets were used, and refuse every change from now on."""
    table, period = tables.datasets, of_month(month)
    used = facts.use(period.first, period.last).subquery()
    columns = ["dataset_id", "agency_id", "fields", "kind", *facts.USES]
    statement = insert(table).from_select(
        ["month", *columns],
        sa.select(sa.literal(month, sa.Date), *(used.c[name] for name in columns)),
    )
    counts: dict[str, Any] = {name: statement.excluded[name] for name in facts.USES}
    model.Session.execute(
        statement.on_conflict_do_update(index_elements=["month", "dataset_id"], set_=counts)
    )
    model.Session.execute(
        sa.update(tables.months).where(tables.months.c.month == month).values(closed=sa.func.now())
    )
