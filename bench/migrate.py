"""How long bringing old datasets in takes: 1,000 are measured, 10,000 are allowed ten minutes.

Run by `make bench`, or alone by `python -m bench.migrate` with the variables of a test database;
`--datasets 100` measures fewer, `--quick` a hundred.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ckan.tests import factories

from bench import empty_portal
from ckanext.nd47.migrate import look, mapping, proposal, reports, run
from tests.migrate import old_portal

DATASETS, QUICK = 1_000, 100
AGENCIES = 20
LARGE = 10_000
LIMIT_S = 600.0
"""For `LARGE` datasets, of a run with its index."""


@contextmanager
def measured(name: str, figures: dict[str, float]) -> Iterator[None]:
    """Note how long a step takes, and print it at once."""
    started = time.perf_counter()
    yield
    figures[name] = time.perf_counter() - started
    print(f"{name:<10} {figures[name]:8.1f} s", flush=True)  # noqa: T201 - the figures


def main(arguments: list[str]) -> int:
    """Measure, print the figures, and return 1 where the limit is broken."""
    parser = argparse.ArgumentParser(prog="bench.migrate")
    parser.add_argument("--datasets", type=int, default=DATASETS)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_known_args(arguments)[0]
    count: int = QUICK if options.quick else options.datasets
    figures: dict[str, float] = {}
    app = empty_portal(migrations=("activity", "nd47"))
    with app.test_request_context():
        with measured("datasets", figures):
            owners: list[str] = []
            for _ in range(AGENCIES):
                organization: dict[str, str] = factories.Organization()
                owners.append(organization["id"])
            old_portal.make(count, owners)
        with measured("look", figures):
            look.list_sources()
        with measured("map", figures):
            map_text = old_portal.confirmed(proposal.propose())
        with measured("rehearse", figures):
            for _dataset in reports.rehearse(mapping.parse(map_text), {}):
                pass
        with measured("apply", figures):
            finished = run.work(run.begin(map_text, {}, "").id)
        with measured("undo", figures):
            run.undo(finished.id)
    expected = figures["apply"] * LARGE / count
    print(  # noqa: T201 - as above
        f"{count} datasets; load of the machine {os.getloadavg()[0]:.1f}; "
        f"apply, {LARGE} datasets: {expected:.0f} s, limit {LIMIT_S:.0f} s"
    )
    return int(finished.done != count or expected > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
