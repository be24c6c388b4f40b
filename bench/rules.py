"""Measures the rules: for a single dataset, and for a whole portal.

Run by `make bench`, or alone by `python -m bench.rules` with the variables of a test database.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ckan import model

from bench import empty_portal
from ckanext.nd47.rules import cli, records, report

DATASETS = 10_000
QUICK = 1_000
AGENCIES = 60
RESOURCES = 3
REPEATS = 2_000
ONE_LIMIT_MS = 1.0
ALL_LIMIT_S = 20.0
MEMORY_LIMIT_MB = 32

ASSESSMENT = [{"assessed_by": "Sở Y tế", "date": "2026-10-01", "content": "Rủi ro thấp"}]
FIELDS: dict[str, Any] = {
    "identifier": "H99.02-000001",
    "open_data_category": "thong-ke-dung-chung",
    "theme": ["giao-duc", "y-te"],
    "sharing_class": "du-lieu-mo",
    "access_rights": "cong-khai",
    "applicable_legislation": ["luat-20-2023", "nd-194-2025"],
    "frequency": "hang-nam",
    "issued": "2026-02-03",
    "modified": "2026-10-02",
    "language": ["vi"],
    "provenance": "Tổng hợp từ báo cáo của các đơn vị",
    "usage_regulation": "https://du-lieu.example/quy-che",
    "catalogue_entry": [{"decision_number": "12/QĐ-UBND", "decision_date": "2026-01-05"}],
    "contact": [{"name": "Phòng Kế hoạch", "email": "a@b.vn", "telephone": "1022"}],
    "temporal_coverage": [{"start": "2024", "end": "2025"}],
    "spatial_coverage": [{"uri": "01"}],
    "personal_data_assessment": ASSESSMENT,
    "security_assessment": ASSESSMENT,
    "source_database": [
        {
            "name": "CSDL ngành",
            "purpose": "Quản lý",
            "scope": "Toàn tỉnh",
            "collection": "Nhập trực tuyến",
            "updating": "Hằng năm",
        }
    ],
}
"""A full record, as CKAN stores the fields of the schema."""


def main(arguments: list[str]) -> int:
    """Measure, print the figures, and return 1 where a limit is broken.

    Args:
        arguments: `--quick` for a tenth of the datasets.
    """
    empty_portal()

    datasets = QUICK if "--quick" in arguments else DATASETS
    fill(datasets)
    full = next(iter(records.page_after("", 1)))
    bare = {key: value for key, value in full.items() if key != "contact"}
    figures = {
        "one full record, ms": milliseconds(lambda: report.examine(full)),
        "one record whose contact is that of its agency, ms": milliseconds(
            lambda: report.examine(bare)
        ),
    }
    slow = max(figures.values()) >= ONE_LIMIT_MS
    for name, work in {
        f"{datasets} datasets": every_dataset,
        f"{datasets} datasets as JSON": lambda: as_json(every_dataset()),
    }.items():
        elapsed, busy, growth = all_of(work, datasets)
        figures |= {
            f"{name}, s": elapsed,
            f"{name}, s of processor time": busy,
            f"{name}, MB of memory beyond the first tenth": growth,
        }
        # On a busy machine, wall-clock time depends more on the machine than on the rules.
        slow = slow or busy >= ALL_LIMIT_S or growth >= MEMORY_LIMIT_MB
    for name, value in figures.items():
        print(f"{name:<60} {value:8.2f}")  # noqa: T201 - the figures are the result
    return int(slow)


def every_dataset() -> Iterator[tuple[dict[str, Any], list[report.Finding]]]:
    """Examine all datasets in the batches of the command."""
    after = ""
    while batch := report.examine_page(after, cli.BATCH):
        yield from batch
        after = batch[-1][0]["id"]


def as_json(results: Iterator[Any]) -> Iterator[Any]:
    """Yield the results as JSON, as the command does."""
    for dataset, findings in results:
        yield json.dumps(report.as_dict(dataset, findings, "vi", only_unmet=True))


def milliseconds(work: Callable[[], Any]) -> float:
    """Return the median time of a piece of work."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def all_of(work: Callable[[], Iterator[Any]], datasets: int) -> tuple[float, float, float]:
    """Go through all datasets.

    Args:
        work: gives something for each dataset.
        datasets: how many there are.

    Returns:
        Seconds on the clock, seconds of processor time, and the growth of memory in MB after the
        first tenth.
    """
    gc.collect()
    start, started, count, base = time.perf_counter(), time.process_time(), 0, 0.0
    for count, _ in enumerate(work(), start=1):  # noqa: B007 - the last one is the number
        if count == datasets // 10:
            base = peak()
    if count != datasets:
        msg = f"{count} datasets instead of {datasets}"
        raise RuntimeError(msg)
    return time.perf_counter() - start, time.process_time() - started, peak() - base


def peak() -> float:
    """Return the maximum memory of the process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(datasets: int) -> None:
    """Store the datasets, their resources and agencies, as CKAN would."""
    now = dt.datetime(2026, 10, 2)  # noqa: DTZ001 - CKAN stores UTC without saying so
    stored = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in FIELDS.items()
    }
    model.Session.execute(
        sa.insert(model.group_table),
        [
            {
                "id": identifier(1, number),
                "name": f"so-{number}",
                "title": f"Sở số {number}",
                "type": "organization",
                "is_organization": True,
                "state": "active",
                "approval_status": "approved",
                "extras": {"identifier": f"H99.{number:02}", "email": f"so{number}@tinh.example"},
                "created": now,
            }
            for number in range(AGENCIES)
        ],
    )
    for start in range(0, datasets, 1000):
        numbers = range(start, min(start + 1000, datasets))
        model.Session.execute(
            sa.insert(model.package_table), [_row(n, stored, now) for n in numbers]
        )
        model.Session.execute(
            sa.insert(model.resource_table),
            [_resource(n, position) for n in numbers for position in range(RESOURCES)],
        )
    model.Session.commit()


def _row(number: int, stored: dict[str, str], now: dt.datetime) -> dict[str, Any]:
    # Every third has gaps, and the contact of its agency.
    gaps = {"contact", "provenance", "catalogue_entry"} if number % 3 == 0 else set()
    return {
        "id": identifier(2, number),
        "name": f"bo-du-lieu-{number}",
        "title": f"Bộ dữ liệu số {number}",
        "notes": "Mô tả " * 40,
        "license_id": "vn-open-data-2023",
        "owner_org": identifier(1, number % AGENCIES),
        "type": "dataset",
        "state": "active",
        "private": False,
        "metadata_created": now,
        "metadata_modified": now,
        "extras": {key: value for key, value in stored.items() if key not in gaps},
    }


def _resource(number: int, position: int) -> dict[str, Any]:
    return {
        "id": identifier(3 + position, number),
        "package_id": identifier(2, number),
        "url": f"https://du-lieu.example/{number}/{position}.csv",
        "format": ("CSV", "XLSX", "PDF")[position],
        "description": "",
        "hash": "",
        "name": f"Tệp {position}",
        "position": position,
        "size": 1024,
        "state": "active",
        "extras": {"publication_method": "goi-tai-ve", "period": "2025"},
    }


def identifier(kind: int, number: int) -> str:
    """Return an id that is the same in every run."""
    return str(UUID(int=(kind << 96) + number))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
