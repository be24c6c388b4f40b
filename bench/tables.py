"""How fast a table of a million rows is: its load, its page, its search and its downloads.

Run by `make bench`, or alone by `python -m bench.tables` with the variables of a test database.
`--quick` takes a tenth of the rows. The table has seven columns, as a register of parcels has:
codes, names of communes and streets, prices with decimal commas, dates with the day first.
"""

from __future__ import annotations

import csv
import io
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from bench import empty_portal
from bench.agencies import measured
from ckanext.nd47.tables.check_jobs import process
from ckanext.nd47.tables.datastore.loading import store

PLUGINS = "nd47_tables nd47 nd47_l10n datastore scheming_datasets scheming_organizations"
LIMIT_MS = 500.0
"""Of the median repetition of a page."""

COMMUNES = ("Xã Kỳ Lâm", "Xã Nậm Khuê", "Phường Hòa Bình", "Xã Thượng Lộc", "Xã Mỹ Khuê",
            "Phường Đông Phố", "Xã Quế Lĩnh", "Xã Yên Khuê")  # fmt: skip
STREETS = ("Đường Phan Chu Trinh", "Đường Lê Lợi", "Quốc lộ 8A", "Đường Trần Hưng Đạo")
USES = ("Đất ở", "Đất trồng lúa", "Đất thương mại, dịch vụ")

PAGES: dict[str, dict[str, str]] = {
    "first page": {},
    "two words, of a hundred thousand rows": {"q": "ky lam"},
    "a rare word": {"q": "Thủy Nguyên"},
    "a word that no row has": {"q": "khong co tu nay"},
    "column of text": {"filter:xa_phuong": "Hòa Bình"},
    "column of numbers": {"filter:gia": "1.000..1.010"},
    "column of dates": {"filter:ngay": "7/2023"},
    "sorted by number": {"sort": "gia", "order": "desc"},
    "two words, sorted by number": {"q": "kỳ lâm", "sort": "gia"},
    "page 1,000": {"page": "1000"},
}


def main() -> int:
    """Measure, print the figures, and return 1 where a limit is broken."""
    count = 100_000 if "--quick" in sys.argv else 1_000_000
    app = CKANTestApp(empty_portal({"ckan.plugins": PLUGINS}))
    dataset = factories.Dataset(owner_org=factories.Organization()["id"])
    made = factories.Resource(package_id=dataset["id"], format="CSV", url="https://a.example/a.csv")
    with tempfile.TemporaryDirectory() as folder:
        source, rows = Path(folder) / "a.csv", Path(folder) / "rows"
        write(source, count)
        size = source.stat().st_size / 2**20
        begun = time.perf_counter()
        found = process.load(source, "a.csv", "CSV", rows, {})
        examined = time.perf_counter()
        assert found.table, found  # noqa: S101 - otherwise nothing is measured
        store.replace(made["id"], found.table["columns"], {}, rows)
        loaded = time.perf_counter()
    call_action("resource_patch", id=made["id"], datastore_active=True)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{count} rows, {size:.0f} MB of CSV")  # noqa: T201 - the figures
    print(f"examined and written: {examined - begun:.1f} s, {memory:.0f} MB")  # noqa: T201
    print(f"loaded into the database: {loaded - examined:.1f} s")  # noqa: T201
    path = f"/vi/dataset/{made['package_id']}/resource/{made['id']}/table"
    figures = {
        name: measured(lambda given=given: app.get(f"{path}?{urlencode(given)}", status=200))
        for name, given in PAGES.items()
    }
    figures["datastore_search, two words"] = measured(
        lambda: tk.get_action("datastore_search")(
            {"ignore_auth": True}, {"resource_id": made["id"], "q": "Kỳ Lâm", "limit": 50}
        )
    )
    print(f"{'':<44} {'best':>8} {'median':>8} {'statements':>11}")  # noqa: T201 - the figures
    for name, (best, median, statements) in figures.items():
        print(f"{name:<44} {best:8.1f} {median:8.1f} {statements:11d}")  # noqa: T201
    begun = time.perf_counter()
    response: Any = app.get(f"{path}/rows.csv?q=ky+lam", status=200)
    lines = sum(1 for _ in io.BytesIO(response.get_data()))
    seconds = time.perf_counter() - begun
    print(f"CSV of {lines - 1} rows: {seconds:.1f} s")  # noqa: T201 - the figures
    return 0 if all(median < LIMIT_MS for _, median, _ in figures.values()) else 1


def write(target: Path, count: int) -> None:
    """Write a table, the same each time."""
    choose = random.Random(47)  # noqa: S311 - sample data, no secret
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(
            ["ma_thua", "xa_phuong", "tuyen_duong", "loai_dat", "dien_tich_m2", "gia", "ngay"]
        )
        for number in range(count):
            street = "Đường Thủy Nguyên" if not number % 50_000 else choose.choice(STREETS)
            area = choose.randrange(500, 99_999) / 10
            day, month = choose.randrange(1, 29), choose.randrange(1, 13)
            writer.writerow(
                [
                    f"{number:08d}",
                    choose.choice(COMMUNES),
                    street,
                    choose.choice(USES),
                    f"{area:,.1f}".translate(str.maketrans(",.", ".,")),
                    f"{choose.randrange(600, 98_000):,}".replace(",", "."),
                    f"{day:02}/{month:02}/{choose.randrange(2015, 2026)}",
                ]
            )


if __name__ == "__main__":
    raise SystemExit(main())
