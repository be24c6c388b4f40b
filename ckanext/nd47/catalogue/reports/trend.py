"""The figures of the months up to this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.reports import model as tables
from ckanext.nd47.catalogue.reports.data import facts, figures
from ckanext.nd47.catalogue.reports.data.figures import Figures, Query
from ckanext.nd47.catalogue.reports.data.period import months_before, of_month, this_month


class Month(TypedDict):
    """The figures of a month of a trend; `stored` is false where nothing was stored of it."""

    period: str
    title: str
    stored: bool
    figures: Figures


def of_months(number: int, query: Query, today: Figures | None = None) -> list[Month]:
    """Return the months up to this one in order, in a constant number of statements.

    Args:
        number: how many months.
        query: what counts; its period is this month.
        today: the figures of this month, where they are known.
    """
    running = this_month()
    months = [months_before(running, place) for place in reversed(range(number))]
    stored = {
        row.month: row.closed
        for row in model.Session.execute(
            sa.select(tables.months.c.month, tables.months.c.closed).where(
                tables.months.c.month.in_(months)
            )
        )
    }
    counted: dict[dt.date, dict[str, Any]] = {month: {} for month in months}
    of_datasets = figures.chosen(sa.select(tables.datasets), query)
    of_items = figures.chosen(sa.select(tables.items), query)
    last_day = sa.cast(of_items.c.month + sa.text("interval '1 month - 1 day'"), sa.Date)
    for rows, part in (
        (of_datasets, [*figures.sums_of_datasets(of_datasets), *figures.sums_of_use(of_datasets)]),
        (of_items, figures.sums_of_items(of_items, last_day)),
        (used := _open_use(months, stored, query), figures.sums_of_use(used)),
    ):
        statement = sa.select(rows.c.month, *part).where(rows.c.month.in_(months))
        for row in model.Session.execute(statement.group_by(rows.c.month)).mappings():
            sums = dict(row)
            counted[sums.pop("month")].update(sums)
    of_today = (
        today or figures.report(replace(query, period=of_month(running), group="kind"))["total"]
    )
    return [
        {
            "period": f"{month:%Y-%m}",
            "title": of_month(month).title,
            "stored": month in stored or month == running,
            "figures": of_today if month == running else figures.of_sums(counted[month]),
        }
        for month in months
    ]


def _open_use(
    months: Sequence[dt.date], stored: Mapping[dt.date, Any], query: Query
) -> sa.Subquery:
    """Return the use of datasets in months that are not closed, as a statement."""
    closed = [month for month, moment in stored.items() if moment]
    counted = facts.use(months[0], of_month(months[-1]).last, closed, by_month=True)
    return figures.chosen(counted, query)


def proposing(months: Sequence[dt.date], agencies: frozenset[str] | None) -> int:
    """Return how many agencies propose something in some months."""
    said = tables.texts.c
    query = sa.select(sa.func.count(said.agency_id.distinct())).where(
        said.month.in_(months), said.proposals != ""
    )
    if agencies is not None:
        query = query.where(said.agency_id.in_(agencies))
    return model.Session.scalar(query) or 0
