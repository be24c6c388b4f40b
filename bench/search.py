"""What search in any spelling costs: the same CKAN with the plugin and without it, side by side.

Run by `make bench`, or alone by `python -m bench.search` with the variables of a test database.
The two variants run in turn, each with its own index; the fastest turn counts, since
whatever else a machine does only adds to the others.
"""

from __future__ import annotations

import itertools
import math
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.tests.helpers import call_action, reset_db
from ckan.types import Context

from bench import empty_portal
from dev.province import DEFAULT_SEED, province

VARIANTS: dict[str, list[str]] = {"without": [], "with": ["nd47_l10n"]}
DATASETS, QUICK_DATASETS = 300, 86
TURNS, QUICK_TURNS = 10, 2
INDEXING, QUERYING = "one dataset into the index", "one query, median of those below"
LIMITS = {INDEXING: 1.05, QUERYING: 1.2}
"""Times that the plugin may need, as multiples of those without it; a single query of a few
milliseconds varies by more than that."""

FACETS = ["organization", "groups", "tags", "res_format", "license_id"]
ONLY_OURS = "thuy loi"
"""Finds nothing without the plugin, which is faster than twenty datasets; not in the median."""

QUERIES = (
    "thủy lợi",
    ONLY_OURS,
    "đất đai",
    "giá vật liệu xây dựng",
    "Ủy ban nhân dân xã",
    "kết quả quan trắc chất lượng nước",
    '"ngân sách"',
    "doanh nghiệp",
    "dân số",
    "ngập úng đô thị",
    "title:lúa",
    "",
)


def main() -> int:
    """Measure, print the figures, and return 1 where the plugin costs more than the limit."""
    quick = "--quick" in sys.argv
    app = empty_portal()
    before = tk.config["ckan.plugins"]
    with app.test_request_context():
        figures = run(QUICK_DATASETS if quick else DATASETS, QUICK_TURNS if quick else TURNS)
    tk.config["ckan.plugins"] = before
    within_limit = True
    for what in figures["with"]:
        bare, ours = figures["without"][what], figures["with"][what]
        within_limit = within_limit and ours <= bare * LIMITS.get(what, math.inf)
        print(f"{what:<42} {bare:7.2f} ms {ours:7.2f} ms {ours / bare - 1:+7.1%}")  # noqa: T201
    return 0 if within_limit else 1


def run(datasets: int, turns: int) -> dict[str, dict[str, float]]:
    """Run both variants in turn; return milliseconds by variant and operation."""
    use([])
    reset_db()
    ids = fill(datasets)
    best: dict[str, dict[str, float]] = {name: {} for name in VARIANTS}
    for _ in range(turns):
        for name, plugins in VARIANTS.items():
            use(plugins)
            search.clear_all()
            times = {INDEXING: indexing(ids)}
            times |= {f"query: {query or '(everything)'}": asking(query) for query in QUERIES}
            for what, milliseconds in times.items():
                best[name][what] = min(best[name].get(what, milliseconds), milliseconds)
    for name in VARIANTS:
        times = [
            value
            for what, value in best[name].items()
            if what.startswith("query") and what != f"query: {ONLY_OURS}"
        ]
        best[name][QUERYING] = statistics.median(times)
    return {
        name: {what: row[what] for what in sorted(row, key=lambda what: what.startswith("query"))}
        for name, row in best.items()
    }


def use(plugins: list[str]) -> None:
    """Load these plugins and no other."""
    p.unload_all()
    tk.config["ckan.plugins"] = plugins
    p.load_all(force_update=True)


def fill(count: int) -> list[str]:
    """Write the datasets of the sample province, again and again, into the database."""
    agency = call_action("organization_create", context=rights(), name="so", title="Sở Mẫu")
    return [
        call_action(
            "package_create",
            context=rights(),
            name=f"bo-du-lieu-{number}",
            owner_org=agency["id"],
            **fields,
        )["id"]
        for number, fields in enumerate(itertools.islice(endless(), count))
    ]


def endless() -> Iterator[dict[str, Any]]:
    """Yield the parts of the province's datasets that plain CKAN stores."""
    for dataset in itertools.cycle(province(DEFAULT_SEED).datasets):
        metadata = dataset.metadata
        yield {
            "title": metadata["title"],
            "notes": metadata.get("notes", ""),
            "tag_string": metadata.get("tag_string", ""),
            "extras": [{"key": "provenance", "value": str(metadata.get("provenance", ""))}],
            "resources": [
                {"name": file.name, "description": file.description, "format": file.format}
                | {"url": "https://so.example/a"}
                for file in dataset.files
            ],
        }


def rights() -> dict[str, Any]:
    """Return a context that may do everything."""
    return {"ignore_auth": True, "user": call_site_user()}


def call_site_user() -> str:
    """Return the name of CKAN's own user."""
    return tk.get_action("get_site_user")(Context(ignore_auth=True), {})["name"]


def indexing(ids: list[str]) -> float:
    """Index all datasets as `ckan search-index rebuild` does; return milliseconds for one."""
    model.Session.remove()
    start = time.perf_counter()
    search.rebuild(package_ids=ids, defer_commit=True, force=True)
    search.commit()
    return (time.perf_counter() - start) * 1000 / len(ids)


def asking(query: str) -> float:
    """Search as the page of datasets does; return milliseconds of the fastest of some times."""
    times = []
    for _ in range(6):
        start = time.perf_counter()
        tk.get_action("package_search")(
            Context(ignore_auth=True, user=""),
            {"q": query, "rows": 20, "facet.field": FACETS},
        )
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


if __name__ == "__main__":
    raise SystemExit(main())
