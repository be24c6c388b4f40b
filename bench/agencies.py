"""How fast the register is: 2,000 agencies, 4,000 focal points, 10,000 datasets.

Run by `make bench`, or alone by `python -m bench.agencies` with the variables of a test database.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context

from bench import empty_portal
from ckanext.nd47.agencies import alerts
from ckanext.nd47.agencies.lookup import search
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.language.text import sort_key
from ckanext.nd47.metadata import dataset_reader

AGENCIES = 2_000
FOCAL_POINTS = 4_000
DATASETS = 10_000
BUSY_DATASETS = 5_000
"""Datasets of one agency, to compare an edit of its focal point with one of an agency without
datasets."""

REPEATS = 15
LIMIT_MS = 150.0
"""Of the median repetition."""

Figure = tuple[float, float, int]
"""Best and median time in milliseconds, and the number of SQL statements."""

WORDS = ("Sở", "Chi cục", "Trung tâm", "Ủy ban nhân dân xã", "Phòng")


def main() -> int:
    """Measure, print the figures, and return 1 where a limit is broken."""
    app = empty_portal()
    fill()
    client = CKANTestApp(app)
    figures = {**pages(client), **actions(), **edits()}
    print(f"{'':<44} {'best':>8} {'median':>8} {'statements':>11}")  # noqa: T201 - the figures
    for name, (best, median, statements) in figures.items():
        print(f"{name:<44} {best:8.1f} {median:8.1f} {statements:11d}")  # noqa: T201
    counts = {name: figure[2] for name, figure in figures.items()}
    constant = all(
        counts[f"{name}, first page"] == counts[f"{name}, last page"]
        for name in ("/focal-points", "nd47_focal_point_list", "nd47_agency_list")
    )
    same = counts["edit, agency without datasets"] == counts[f"edit, agency with {BUSY_DATASETS}"]
    fast = all(median < LIMIT_MS for _, median, _ in figures.values())
    return 0 if constant and same and fast else 1


def pages(client: CKANTestApp) -> dict[str, Figure]:
    """Measure the public list."""
    last = FOCAL_POINTS // 50
    return {
        "/focal-points, first page": measured(lambda: client.get("/focal-points")),
        "/focal-points, last page": measured(lambda: client.get(f"/focal-points?page={last}")),
        "/focal-points, search": measured(lambda: client.get("/focal-points?q=trung+tam+12")),
    }


def actions() -> dict[str, Figure]:
    """Measure what the API does."""
    datasets = [
        {"owner_org": owner, "type": "dataset"}
        for owner in model.Session.scalars(sa.select(model.Package.owner_org).limit(1000))
    ]

    def resolve() -> None:
        dataset_reader.prime(datasets)
        for dataset in datasets:
            dataset_reader.contacts(dataset)

    last = FOCAL_POINTS - 100
    return {
        "nd47_focal_point_list, first page": measured(lambda: act("nd47_focal_point_list")),
        "nd47_focal_point_list, last page": measured(
            lambda: act("nd47_focal_point_list", offset=last)
        ),
        "nd47_focal_point_list, search": measured(
            lambda: act("nd47_focal_point_list", q="trung tam 12")
        ),
        "nd47_agency_list, first page": measured(lambda: act("nd47_agency_list")),
        "nd47_agency_list, last page": measured(
            lambda: act("nd47_agency_list", offset=AGENCIES - 100)
        ),
        "alerts of the whole portal": measured(alerts.pending),
        "contacts of 1,000 datasets": measured(resolve),
        "query widened by a mailbox": measured(lambda: search.extend({"q": "dm17@x.example"})),
    }


def edits() -> dict[str, Figure]:
    """Measure an edit of a focal point, with many datasets and with none."""
    figures = {}
    for number, name in (
        (0, f"edit, agency with {BUSY_DATASETS}"),
        (1, "edit, agency without datasets"),
    ):
        point = model.Session.scalars(
            sa.select(FocalPoint.id).where(FocalPoint.agency_id == key(number))
        ).first()
        turn = iter(range(REPEATS + 3))
        figures[name] = measured(
            lambda point=point, turn=turn: act(
                "nd47_focal_point_update", id=point, function=f"lần {next(turn)}"
            )
        )
    return figures


def measured(call: Callable[[], Any]) -> Figure:
    """Return the best and the median time of a call in milliseconds, and its SQL statements."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    call()
    model.Session.remove()
    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)
    times = []
    for _ in range(REPEATS):
        model.Session.remove()
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return min(times), statistics.median(times), len(sent)


def act(action: str, **data: Any) -> Any:
    """Call an action with all rights."""
    return tk.get_action(action)(Context(ignore_auth=True, user=""), data)


def key(number: int, kind: int = 0) -> str:
    """Return the id of a record."""
    return str(UUID(int=(kind << 64) + number + 1))


def fill() -> None:
    """Write agencies, focal points and datasets straight into the tables."""
    now = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
    titles = [f"{WORDS[n % len(WORDS)]} Đổi mới số {n}" for n in range(AGENCIES)]
    insert(
        model.meta.registry.metadata.tables["group"],
        (
            {
                "id": key(n),
                "name": f"co-quan-{n}",
                "title": title,
                "type": "organization",
                "is_organization": True,
                "state": "active",
                "approval_status": "approved",
                "created": now,
                "description": "",
                "extras": {},
            }
            for n, title in enumerate(titles)
        ),
    )
    insert(
        Agency.__table__,
        (
            {
                "id": key(n),
                "code": f"H99.{n}",
                "level": "department",
                "parent_id": key(n // 10) if n else None,
                "email": f"vt{n}@x.example",
                "folded": text.fold(title),
                "sort_key": sort_key(title),
            }
            for n, title in enumerate(titles)
        ),
    )
    insert(
        FocalPoint.__table__,
        (
            {
                "id": key(n, 1),
                "agency_id": key(n % AGENCIES),
                "role": ("feedback", "sharing")[n // AGENCIES],
                "rank": "main",
                "full_name": f"Nguyễn Văn {n}",
                "position": "Trưởng phòng",
                "email": f"dm{n}@x.example",
                "valid_from": dt.date(2025, 1, 1),
                "folded": {"email": f"dm{n}@x.example", "position": "truong phong"},
            }
            for n in range(FOCAL_POINTS)
        ),
    )
    insert(
        model.meta.registry.metadata.tables["package"],
        (
            {
                "id": key(n, 2),
                "name": f"bo-du-lieu-{n}",
                "title": f"Bộ dữ liệu {n}",
                "type": "dataset",
                "state": "active",
                "private": False,
                "owner_org": key(0 if n < BUSY_DATASETS else 2 + n % (AGENCIES - 2)),
                "metadata_created": now,
                "metadata_modified": now,
                "extras": {},
            }
            for n in range(DATASETS)
        ),
    )
    model.Session.execute(sa.text("ANALYZE"))
    model.Session.commit()


def insert(table: Any, rows: Any) -> None:
    """Write rows of a table."""
    model.Session.execute(sa.insert(table), list(rows))
    model.Session.commit()


if __name__ == "__main__":
    raise SystemExit(main())
