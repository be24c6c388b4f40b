"""A year of figures before the sample province was loaded, so that reports have something to show.

Run with the configuration of a portal that holds the sample: `python -m dev.province.history
ckan.ini`. The months are made from the datasets that are there, with values that the seed fixes,
and marked as a sample; the counts of days are too. Running it again replaces nothing: months that
are stored stay.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins as p
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

from ckanext.nd47.catalogue.reports import model as tables
from ckanext.nd47.catalogue.reports.data import snapshot
from ckanext.nd47.catalogue.reports.data.period import months_before, this_month
from ckanext.nd47.catalogue.reports.score import store
from ckanext.nd47.catalogue.reports.usage.model import SAMPLE, UsageDay
from ckanext.nd47.desk.work_list.store import refresh
from ckanext.nd47.lib.calendar import dates

SEED = 47
MONTHS = 12
DAYS = 365
WEEKEND = 5
LEAST = 0.45
"""Share of the datasets that were public in the first month."""

FLAGS = ("has_api", "open_format", "machine_readable", "meets_rules")


def main(arguments: Sequence[str]) -> int:
    """Make the year; return the exit code."""
    app = make_app(load_config(arguments[0]))
    if not p.plugin_loaded("nd47_catalogue"):
        return 0
    with application(app).test_request_context():
        refresh.refresh()
        store.refresh()
        chance = random.Random(SEED)  # noqa: S311 - a sample, no secret
        _count(chance)
        # The timer has stored what was so before the sample was loaded.
        snapshot.take(dates.today(), again=True)
        made = [
            month
            for number in reversed(range(1, MONTHS + 1))
            if _make(month := months_before(this_month(), number), number, chance)
        ]
    print(f"{len(made)} months of the sample were made.")
    return 0


def application(app: Any) -> Flask:
    """Return the Flask application that CKAN's own wraps."""
    return app._wsgi_app  # noqa: SLF001 - CKAN's commands do the same


def _count(chance: random.Random) -> None:
    """Store how often each dataset was used on each day, more often as time passes."""
    if model.Session.scalar(sa.select(UsageDay.day).where(UsageDay.source == SAMPLE).limit(1)):
        return
    ids = sorted(model.Session.scalars(sa.select(model.Package.id)))
    rows = list(_days(ids, chance))
    for start in range(0, len(rows), 5000):
        model.Session.execute(
            insert(UsageDay.__table__).on_conflict_do_nothing(), rows[start : start + 5000]
        )
    model.Session.commit()


def _days(ids: Sequence[str], chance: random.Random) -> Iterator[dict[str, Any]]:
    for dataset_id in ids:
        liked = chance.random() ** 3 * 14 + 0.5
        for number in range(1, DAYS + 1):
            day = dates.today() - dt.timedelta(days=number)
            growth = 0.5 + 0.5 * (DAYS - number) / DAYS
            quiet = 0.4 if day.weekday() >= WEEKEND else 1.0
            views = round(liked * growth * quiet * chance.uniform(0.4, 1.6))
            if views:
                yield {
                    "day": day,
                    "dataset_id": dataset_id,
                    "source": SAMPLE,
                    "views": views,
                    "downloads": round(views * chance.uniform(0.0, 0.5)),
                    "api_calls": round(views * chance.uniform(0.0, 0.8)),
                    "robot_views": round(views * chance.uniform(0.5, 2.0)),
                }


def _make(month: dt.date, number: int, chance: random.Random) -> bool:
    """Store a month from what is so today, with fewer datasets the longer ago it is."""
    header = {
        "month": month,
        "taken": months_before(month, -1) - dt.timedelta(days=1),
        "agencies": snapshot.agencies(),
        "sample": True,
    }
    added = insert(tables.months).values(header).on_conflict_do_nothing()
    if not model.Session.scalar(added.returning(tables.months.c.month)):
        model.Session.rollback()
        return False
    share = 1 - (1 - LEAST) * number / MONTHS
    for table in (tables.datasets, tables.items):
        query = sa.select(table).where(table.c.month == this_month())
        rows = [dict(row) for row in model.Session.execute(query).mappings()]
        kept = [_as_it_was(row, month, number, chance) for row in rows if chance.random() < share]
        if kept:
            model.Session.execute(insert(table), kept)
    model.Session.commit()
    if snapshot.closing_day(month) <= dates.today():
        snapshot.take(dates.today())
    return True


def _as_it_was(
    row: dict[str, Any], month: dt.date, number: int, chance: random.Random
) -> dict[str, Any]:
    """Return a row of a month, with less of what has become better since."""
    was = {**row, "month": month}
    if "points" not in row:
        was["published"] = row["published"] and chance.random() > number / (MONTHS * 2)
        return was
    for name in FLAGS:
        was[name] = row[name] and chance.random() > number / (MONTHS * 3)
    was["overdue"] = row["periodic"] and (row["overdue"] or chance.random() < number / 80)
    was["points"] = max(row["points"] - 5 * chance.randrange(number + 1), 0)
    return was


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
