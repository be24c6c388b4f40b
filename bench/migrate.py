"""How long bringing old datasets in takes: 1,000 are measured, 10,000 are allowed ten minutes.

Run by `make bench`, or alone by `python -m bench.migrate` with the variables of a test database.
"""

from __future__ import annotations

import os
import sys
import time

from ckan.tests import factories

from bench import empty_portal
from ckanext.nd47.migrate import look, mapping, proposal, rehearse, run
from tests.migrate import old_portal
from tests.migrate.test_run import confirmed

DATASETS = 1_000
AGENCIES = 20
LARGE = 10_000
LIMIT_S = 600.0
"""For `LARGE` datasets, of a run with its index."""


def main() -> int:
    """Measure, print the figures, and return 1 where the limit is broken."""
    app = empty_portal(migrations=("activity", "nd47"))
    with app.test_request_context():
        owners: list[str] = []
        for _ in range(AGENCIES):
            made: dict[str, str] = factories.Organization()
            owners.append(made["id"])
        old_portal.make(DATASETS, owners)
        figures: dict[str, float] = {}

        def measured(name: str, started: float) -> None:
            figures[name] = time.perf_counter() - started

        started = time.perf_counter()
        look.look()
        measured("look", started)
        started = time.perf_counter()
        written = confirmed(proposal.propose())
        measured("map", started)
        started = time.perf_counter()
        for _found in rehearse.rehearse(mapping.parse(written), {}):
            pass
        measured("rehearse", started)
        started = time.perf_counter()
        done = run.work(run.begin(written, {}, "").id)
        measured("apply", started)
        started = time.perf_counter()
        run.undo(done.id)
        measured("undo", started)
    load = os.getloadavg()[0]
    print(f"{DATASETS} datasets; load of the machine {load:.1f}")  # noqa: T201 - the figures
    for name, seconds in figures.items():
        print(f"{name:<10} {seconds:8.1f} s")  # noqa: T201 - as above
    expected = figures["apply"] * LARGE / DATASETS
    print(f"apply, {LARGE} datasets: {expected:.0f} s, limit {LIMIT_S:.0f} s")  # noqa: T201
    return int(done.done != DATASETS or expected > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
