"""How fast reports are: 2,000 agencies, 10,000 datasets, 1,000 items, twelve months; and counting.

Run by `make bench`, or alone by `python -m bench.reports` with the variables of a test database.
Besides the elapsed time, it prints how long the web server and its process of PostgreSQL computed,
which other programs of the machine hardly change; PostgreSQL gets no parallel workers.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context

from bench import empty_portal
from bench.agencies import DATASETS, REPEATS, fill
from bench.desk import accounts, vary
from ckanext.nd47.catalogue.plans.model import PUBLISH, Entry, Plan
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
CATALOGUES, ITEMS, MONTHS = 10, 1000, 12
LIMIT_REPORT = 3000.0
"""Milliseconds of a report of the whole portal."""

LIMIT_PAGE = 300.0
"""Milliseconds of a page of a catalogue or a plan."""

LIMIT_DOCUMENT = 10_000.0
"""Milliseconds of a document of 1,000 rows."""

LIMIT_COUNTING = 500.0
"""Microseconds of the processor of a request."""

REQUESTS = 2000

REPORTS = (
    "/work/reports",
    "/work/reports?group=field",
    "/work/reports?period={last}",
    "/work/leader",
    "/work/score",
    "/work?kind=points",
    "/work/reports.xlsx",
    "/work/reports.docx?group=kind",
)
CATALOGUE_PAGES = (
    "/catalogues",
    "/catalogues/bench-0",
    "/work/catalogues",
    "/work/catalogues/bench-0",
    "/work/catalogues/bench-0/matching",
    "/work/catalogues/gaps",
    "/work/catalogues/gaps?view=unlisted",
    "/work/plans/bench",
)
DOCUMENTS = ("/work/plans/bench/docx", "/catalogues/bench-0/docx")
LIMITS = {
    "nd47_report_show": LIMIT_REPORT,
    **dict.fromkeys(REPORTS, LIMIT_REPORT),
    **dict.fromkeys(CATALOGUE_PAGES, LIMIT_PAGE),
    **dict.fromkeys(DOCUMENTS, LIMIT_DOCUMENT),
}


@dataclass(frozen=True)
class Figure:
    """How long something took, in milliseconds.

    Attributes:
        elapsed: by the clock, the median.
        python: of the processor, this process, the median.
        statements: how many it sends.
    """

    elapsed: float
    python: float
    statements: int


def main() -> int:
    """Measure, print the figures, and return 1 where a limit is broken."""
    app = empty_portal({"ckan.plugins": PLUGINS})
    portal()
    figures = measure_all(app)
    print(f"load of the machine: {os.getloadavg()[0]:.0f}")  # noqa: T201 - the figures
    print(f"{'':<40} {'clock':>8} {'python':>8} {'statements':>11}")  # noqa: T201
    for name, one in figures.items():
        times = f"{one.elapsed:8.0f} {one.python:8.0f}"
        print(f"{name:<40} {times} {one.statements:11d}", flush=True)  # noqa: T201
    micro = counted(app)
    print(f"counting a view: {micro:.0f} microseconds of the processor")  # noqa: T201
    slow = [name for name, one in figures.items() if one.elapsed > LIMITS[name]]
    return int(bool(slow) or micro > LIMIT_COUNTING)


def portal() -> None:
    """Fill the tables."""
    fill()
    vary()
    model.Session.execute(sa.text("UPDATE package SET state = 'active'"))
    model.Session.commit()
    refresh.rebuild()
    _time("scores of all datasets", store.refresh)
    items()
    plan()
    use()
    for number in reversed(range(MONTHS)):
        month = months_before(this_month(), number)
        with dates.on(month):
            snapshot.take(month)
    _time("closing a month", lambda: snapshot.take(dates.today() + dt.timedelta(days=31)))
    model.Session.execute(sa.text("ANALYZE"))
    model.Session.commit()


def measure_all(app: Any) -> dict[str, Figure]:
    """Return the figures of the action, of all pages and files."""
    headers = {"Authorization": accounts()["sysadmin"]}
    client = CKANTestApp(app)
    last = f"{months_before(this_month(), 1):%Y-%m}"
    figures = {"nd47_report_show": measured(report)}
    for page in (*REPORTS, *CATALOGUE_PAGES, *DOCUMENTS):
        address = page.format(last=last)
        figures[page] = measured(
            lambda address=address: client.get(address, headers=headers, status=200)
        )
    return figures


def measured(call: Callable[[], Any]) -> Figure:
    """Return how long a call takes."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    call()
    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)
    elapsed, python = [], []
    for _ in range(REPEATS):
        model.Session.remove()
        start, computed = time.perf_counter(), time.process_time()
        call()
        elapsed.append((time.perf_counter() - start) * 1000)
        python.append((time.process_time() - computed) * 1000)
    return Figure(statistics.median(elapsed), statistics.median(python), len(sent))


def items() -> None:
    """Create ten catalogues of 1,000 items together, half of them with a dataset."""
    rows = model.Session.execute(sa.select(model.Package.id, model.Package.owner_org).limit(ITEMS))
    today = dates.today()
    for number, (dataset_id, owner) in enumerate(rows.all()):
        place = number % CATALOGUES
        name = f"bench-{place}"
        if number < CATALOGUES:
            edition = Catalogue(
                id=name, name=name, series_id=name, kind="province", agency_id="", title=name
            )
            model.Session.add(edition)
            model.Session.flush()
        line_id = f"line-{number}"
        model.Session.add(Line(id=line_id, series_id=name))
        model.Session.flush()
        model.Session.add(
            Item(
                catalogue_id=name,
                line_id=line_id,
                name=f"Mục {number}",
                position=number + 1,
                provider_id=owner or "",
                planned=today + dt.timedelta(days=number % 400 - 200),
            )
        )
        if number % 2:
            model.Session.add(Link(line_id=line_id, dataset_id=dataset_id))
    model.Session.flush()
    model.Session.execute(sa.update(Catalogue).values(state=ISSUED))
    model.Session.commit()


def plan() -> None:
    """Create a plan of all items."""
    today = dates.today()
    made = Plan(
        id="bench",
        name="bench",
        title="Bench",
        agency_id="",
        first_day=today - dt.timedelta(days=200),
        last_day=today + dt.timedelta(days=200),
    )
    model.Session.add(made)
    model.Session.flush()
    lines = model.Session.scalars(sa.select(Item))
    model.Session.add_all(
        Entry(
            plan_id=made.id,
            kind=PUBLISH,
            name=item.name,
            line_id=item.line_id,
            provider_id=item.provider_id,
            due=item.planned,
        )
        for item in lines
    )
    model.Session.flush()
    made.state = ISSUED
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
    """Return the microseconds of the processor that counting adds to a request."""
    flask_app = app._wsgi_app if hasattr(app, "_wsgi_app") else app  # noqa: SLF001
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101"}
    with flask_app.test_request_context("/dataset/bo-du-lieu", headers=agent):
        counting.add(counting.VIEW, "bo-du-lieu")
        begun = time.process_time()
        for _ in range(REQUESTS):
            counting.add(counting.VIEW, "bo-du-lieu")
        taken = time.process_time() - begun
    flush.flush()
    return taken / REQUESTS * 1e6


def _time(name: str, work: Any) -> None:
    begun = time.perf_counter()
    work()
    print(f"{name}: {time.perf_counter() - begun:.1f} s ({DATASETS} datasets)")  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main())
