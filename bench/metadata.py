"""Measures what the suite adds to CKAN's actions: create, update and show of a full dataset.

Two portals run side by side on one database, each in a process of its own: one with our schema,
one with `dcat_ap_full` of ckanext-dcat. They take turns, so that whatever else the machine does
falls on both. Run by `make bench`, or alone by `python -m bench.metadata` with the variables of a
test database.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from uuid import uuid4

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.scheming.helpers import scheming_get_dataset_schema

from bench import CONFIGURATION, empty_portal
from bench.portals import started

LIMIT = 1.15
"""How many times as long as on the other portal an action may take."""

ROUNDS = 30
QUICK = 8
UNDISTURBED = 4
"""One part of so many: the fastest times, which other work on the machine has not made longer."""

WARM_UP = 3

STOCK_SCHEMA = {
    "scheming.dataset_schemas": "ckanext.dcat.schemas:dcat_ap_full.yaml",
    "scheming.presets": "ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml",
}
PORTALS: dict[str, dict[str, str]] = {
    "nd47": {
        "ckan.plugins": "nd47 scheming_datasets scheming_organizations dcat",
        # The rules are part of what a saving costs; test.ini puts them off.
        "ckanext.nd47.rules_from": "",
    },
    "dcat_ap_full": {"ckan.plugins": "scheming_datasets dcat", **STOCK_SCHEMA},
}

CORE = frozenset({"owner_org", "resources", "tags", "url"})

ASSESSMENT = [
    {
        "assessed_by": "Phòng Kế hoạch - Tài chính",
        "date": "2025-08-01",
        "content": "Không có dữ liệu cá nhân; không ảnh hưởng đến an toàn, an ninh.",
    }
]
FULL: dict[str, Any] = {
    "title": "Danh sách trường tiểu học trên địa bàn tỉnh năm học 2024-2025",
    "notes": "Danh sách **trường tiểu học**, số lớp, số học sinh và địa chỉ. " * 8,
    "tags": [{"name": "trường học"}, {"name": "giáo dục"}, {"name": "tiểu học"}],
    "open_data_category": "thong-ke-dung-chung",
    "theme": ["giao-duc", "xa-hoi"],
    "frequency": "hang-nam",
    "sharing_class": "du-lieu-mo",
    "access_rights": "cong-khai",
    "license_id": "vn-open-data-2023",
    "applicable_legislation": ["luat-20-2023", "nd-194-2025"],
    "catalogue_entry": [
        {
            "decision_number": "2053/QĐ-UBND",
            "decision_date": "2026-07-07",
            "issuer": "Ủy ban nhân dân tỉnh",
            "code": "GD-12",
        }
    ],
    "contact": [
        {
            "name": "Phòng Kế hoạch - Tài chính",
            "position": "Chuyên viên",
            "function": "Tiếp nhận phản hồi",
            "email": "kh@sgd.example",
            "telephone": "0203 3835 123",
            "url": "https://sgd.example/lien-he",
        }
    ],
    "attribution": "Nguồn: Sở Giáo dục và Đào tạo",
    "usage_regulation": "https://sgd.example/quy-che",
    "url": "https://sgd.example/truong",
    "temporal_coverage": [{"start": "2024", "end": "2025-06-30"}],
    "spatial_coverage": [{"uri": "79", "text": "Thành phố Hồ Chí Minh"}],
    "issued": "2025-09-01",
    "modified": "2026-09-01",
    "language": ["vi"],
    "source_database": [
        {
            "name": "Cơ sở dữ liệu ngành giáo dục",
            "owner": "Sở Giáo dục và Đào tạo",
            "purpose": "Quản lý trường, lớp",
            "scope": "Toàn tỉnh",
            "collection": "Các trường nhập trực tuyến",
            "updating": "Đầu mỗi năm học",
            "overlap": "co-dong-bo",
            "synchronised_from": "Cơ sở dữ liệu của Bộ",
        }
    ],
    "provenance": "Tổng hợp từ báo cáo của các trường.",
    "conforms_to": ["TCVN 7980-1:2024"],
    "documentation": ["https://sgd.example/tai-lieu"],
    "version": "1.0",
    "version_notes": "Bản đầu",
    "quality_plan": [
        {
            "state": "can-hoan-thien",
            "improvement": "Bổ sung tọa độ",
            "responsible": "Phòng Kế hoạch - Tài chính",
            "deadline": "2027-01-01",
        }
    ],
    "yearly_check": [{"date": "2025-12-01", "result": "Đạt", "document": "15/BC-SGDĐT"}],
    "personal_data_assessment": ASSESSMENT,
    "security_assessment": ASSESSMENT,
    "national_portal": [{"url": "https://data.gov.vn/x", "sent_date": "2025-09-02"}],
    "resources": [
        {
            "url": f"https://sgd.example/truong-{year}.csv",
            "name": f"Năm {year}",
            "description": "Mỗi dòng là một trường.",
            "format": "CSV",
            "publication_method": "goi-tai-ve",
            "period": str(year),
            "data_dictionary": "ma_truong: mã trường\nten_truong: tên trường",
            "language": ["vi"],
            "mimetype": "text/csv",
            "size": 20_480,
            "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
        for year in (2023, 2024, 2025)
    ],
}
"""A dataset with a value in every field that a person fills in."""

Seconds = tuple[float, float]
"""On the clock, and of the processor."""


@dataclass
class Times:
    """Seconds that an action took, one after another."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Measure, print the figures, and return 1 where the limit is broken.

    The limit applies to processor time: wall-clock time is mostly waiting for PostgreSQL and Solr,
    and on a busy machine depends on the machine.

    Args:
        arguments: `--quick` for a few rounds.
    """
    ours, theirs = measured(QUICK if "--quick" in arguments else ROUNDS)
    slow = False
    for action, taken in ours.items():
        clock = undisturbed(taken.clock) / undisturbed(theirs[action].clock)
        own, compared = undisturbed(taken.processor), undisturbed(theirs[action].processor)
        slow = slow or own / compared > LIMIT
        print(  # noqa: T201 - the figures are the result
            f"{action:<16} {own * 1000:7.1f} ms of processor time, {compared * 1000:7.1f} there: "
            f"{own / compared:5.2f} times; {clock:5.2f} times on the clock"
        )
    return int(slow)


def undisturbed(times: list[float]) -> float:
    """Return the median of the fastest times."""
    return statistics.median(sorted(times)[: max(1, len(times) // UNDISTURBED)])


def measured(rounds: int) -> tuple[dict[str, Times], dict[str, Times]]:
    """Run rounds on both portals in turn.

    Returns:
        The times of each action, by its name: ours, and those of the portal that we compare with.
    """
    first = multiprocessing.get_context("spawn").Process(target=empty_database)
    first.start()
    first.join()
    with (
        started(serve, "nd47") as ask_ours,
        started(serve, "dcat_ap_full") as ask_theirs,
    ):
        ours: dict[str, Times] = defaultdict(Times)
        theirs: dict[str, Times] = defaultdict(Times)
        portals = [(ask_ours, ours), (ask_theirs, theirs)]
        for turn in range(WARM_UP + rounds):
            # Who comes first pays for what the machine has forgotten in between.
            for ask, times in portals if turn % 2 else reversed(portals):
                for action, (clock, processor) in ask().items():
                    if turn >= WARM_UP:
                        times[action].clock.append(clock)
                        times[action].processor.append(processor)
    return ours, theirs


def empty_database() -> None:
    """Empty the database and make our tables, in a process of its own.

    Such a process opens a new connection for each transaction, which would slow one side only.
    """
    empty_portal(PORTALS["nd47"])


def serve(connection: Connection, name: str) -> None:
    """Run rounds on a portal as long as they are requested."""
    config = load_config(str(CONFIGURATION))
    config.update({**PORTALS[name], "ckan.views.default_views": ""})
    app = CKANTestApp(make_app(config))
    with app.flask_app.test_request_context("/"):
        owner = factories.Organization(title="Sở Giáo dục và Đào tạo")
        fields = {**FULL, "owner_org": owner["id"]}
        if name != "nd47":
            fields = for_other_schema(fields)
        connection.send(None)
        while connection.recv():
            connection.send(run_round(fields))


def run_round(fields: Mapping[str, Any]) -> dict[str, Seconds]:
    """Create a dataset, show it, and update it with one changed field; return the seconds."""
    name = f"bo-du-lieu-{uuid4()}"
    seconds: dict[str, Seconds] = {}

    def timed(action: str, **data: Any) -> dict[str, Any]:
        model.Session.remove()
        gc.collect()
        start, busy = time.perf_counter(), time.process_time()
        result = call_action(action, **data)
        seconds[action] = time.perf_counter() - start, time.process_time() - busy
        return result

    timed("package_create", name=name, **fields)
    shown = timed("package_show", id=name)
    timed("package_update", **{**shown, "version": "2.0"})
    return seconds


def for_other_schema(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dataset as the other schema can hold it: what it has no field for is an extra."""
    schema: Any = scheming_get_dataset_schema("dataset")
    definitions = {field["field_name"]: field for field in schema["dataset_fields"]}
    own: dict[str, Any] = {}
    extras: list[dict[str, str]] = []
    for name, value in fields.items():
        if name in CORE or name in definitions and "repeating_subfields" not in definitions[name]:
            own[name] = value
            continue
        subfields = definitions.get(name, {}).get("repeating_subfields", ())
        taken, left = parted(value, {field["field_name"] for field in subfields})
        if taken:
            own[name] = taken
        if left:
            extras.append({"key": f"{name}_khac" if taken else name, "value": text(left)})
    return {**own, "extras": extras}


def parted(value: Any, subfields: set[str]) -> tuple[list[dict[str, Any]], Any]:
    """Part groups into the subfields that a schema knows and the rest."""
    if not subfields:
        return [], value
    taken = [{k: v for k, v in group.items() if k in subfields} for group in value]
    left = [{k: v for k, v in group.items() if k not in subfields} for group in value]
    return taken, left if any(left) else None


def text(value: Any) -> str:
    """Return a value as an extra holds it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
