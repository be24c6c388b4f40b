"""How fast reports are: 2,000 agencies, 10,000 datasets, 1,000 items, twelve months; and counting.

Run by `make bench`, or alone by `python -m bench.reports` with the variables of a test database.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context

from bench import empty_portal
from bench.agencies import DATASETS, fill, measured
from bench.desk import accounts, vary
from ckanext.nd47.catalogue.records.model import ISSUED, Catalogue, Item, Line, Link
from ckanext.nd47.catalogue.reports.data import snapshot
from ckanext.nd47.catalogue.reports.data.period import months_before, this_month
from ckanext.nd47.catalogue.reports.score import store
from ckanext.nd47.catalogue.reports.usage import counting, flush
from ckanext.nd47.desk.work_list.store import refresh
from ckanext.nd47.lib.calendar import dates

PLUGINS = (
    "nd47_catalogue nd47_desk nd47 nd47_dcat nd47_l10n scheming_datasets scheming_organizations "
    "dcat"
)
ITEMS, MONTHS = 1000, 12
LIMIT_REPORT = 3000.0
"""Milliseconds of the median repetition."""

LIMIT_COUNTING = 500.0
"""Microseconds of a request."""

REQUESTS = 2000

PAGES = (
    "/work/reports",
    "/work/reports?group=field",
    "/work/reports?period={last}",
    "/work/leader",
    "/work/score",
    "/work/reports.xlsx",
    "/work/reports.docx?group=kind",
)


def main() -> int:
    """Measure, print the figures, and return 1 where a limit is broken."""
    app = empty_portal({"ckan.plugins": PLUGINS})
    fill()
    vary()
    model.Session.execute(sa.text("UPDATE package SET state = 'active'"))
    model.Session.commit()
    refresh.rebuild()
    _time("scores of all datasets", store.refresh)
    items()
    use()
    for number in reversed(range(MONTHS)):
        month = months_before(this_month(), number)
        with dates.on(month):
            snapshot.take(month)
    _time("closing a month", lambda: snapshot.take(dates.today() + dt.timedelta(days=31)))
    model.Session.execute(sa.text("ANALYZE"))
    model.Session.commit()
    token = accounts()["sysadmin"]
    client = CKANTestApp(app)
    last = f"{months_before(this_month(), 1):%Y-%m}"
    figures = {"nd47_report_show": measured(report)}
    for page in PAGES:
        figures[page] = measured(
            lambda page=page: client.get(
                page.format(last=last), headers={"Authorization": token}, status=200
            )
        )
    print(f"{'':<44} {'best':>8} {'median':>8} {'statements':>11}")  # noqa: T201 - the figures
    for name, (best, median, number) in figures.items():
        print(f"{name:<44} {best:8.1f} {median:8.1f} {number:11d}", flush=True)  # noqa: T201
    micro = counted(app)
    print(f"counting a view: {micro:.0f} microseconds")  # noqa: T201
    slow = [name for name, (_, median, _) in figures.items() if median > LIMIT_REPORT]
    return int(bool(slow) or micro > LIMIT_COUNTING)


def items() -> None:
    """Create a catalogue of 1,000 items, half of them with a dataset."""
    ids = list(model.Session.scalars(sa.select(model.Package.id).limit(ITEMS)))
    owners = list(model.Session.scalars(sa.select(model.Package.owner_org).limit(ITEMS)))
    made = Catalogue(name="bench", series_id="bench", kind="province", agency_id="", title="Bench")
    model.Session.add(made)
    model.Session.flush()
    for number in range(ITEMS):
        line = Line(series_id="bench")
        model.Session.add(line)
        model.Session.flush()
        planned = dates.today() + dt.timedelta(days=number % 400 - 200)
        model.Session.add(
            Item(
                catalogue_id=made.id,
                line_id=line.id,
                name=f"Mục {number}",
                position=number + 1,
                provider_id=owners[number] or "",
                planned=planned,
            )
        )
        if number % 2:
            model.Session.add(Link(line_id=line.id, dataset_id=ids[number]))
    model.Session.flush()
    model.Session.execute(sa.update(Catalogue).values(state=ISSUED))
    model.Session.commit()


def use() -> None:
    """Store the use of each dataset on 30 days of the last year."""
    model.Session.execute(
        sa.text(
            "INSERT INTO nd47_usage_day (day, dataset_id, source, views, downloads, api_calls)"
            " SELECT :today - n * 12, id, 'nd47', 5, 2, 1"
            " FROM package, generate_series(0, 29) n"
        ),
        {"today": dates.today()},
    )
    model.Session.commit()


def report() -> Any:
    """Return the report of the whole portal."""
    context = Context(ignore_auth=True, user="")
    return tk.get_action("nd47_report_show")(context, {})


def counted(app: Any) -> float:
    """Return the microseconds that counting adds to a request."""
    flask_app = app._wsgi_app if hasattr(app, "_wsgi_app") else app  # noqa: SLF001
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101"}
    with flask_app.test_request_context("/dataset/bo-du-lieu", headers=agent):
        counting.add(counting.VIEW, "bo-du-lieu")
        begun = time.perf_counter()
        for _ in range(REQUESTS):
            counting.add(counting.VIEW, "bo-du-lieu")
        taken = time.perf_counter() - begun
    flush.flush()
    return taken / REQUESTS * 1e6


def _time(name: str, work: Any) -> None:
    begun = time.perf_counter()
    work()
    print(f"{name}: {time.perf_counter() - begun:.1f} s ({DATASETS} datasets)")  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main())
