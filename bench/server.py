"""Server time of pages and actions, side by side with CKAN without the suite.

Two portals run on one database with the same datasets, each in a process of its own and with a
part of the search index of its own: CKAN with our plugins, and CKAN without any. They take turns,
so that whatever else the machine does falls on both. Run by `make bench`, or alone by
`python -m bench.server` with the variables of a test database; a number sets how many datasets.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any
from unittest import mock
from urllib.parse import quote

from sqlalchemy import event

from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.lib import search
from ckan.lib.search import index as search_index
from ckan.tests.helpers import CKANTestApp

from bench import CONFIGURATION, empty_portal, rules
from bench.metadata import Times, undisturbed
from bench.portals import started

LIMIT = 1.2
"""How many times as long as without the suite a request may take."""

SIZES = (100, 10_000)
ROUNDS = 40
QUICK = 8
WARM_UP = 4

SAMPLE = 120
"""Datasets whose documents CKAN makes for the index; a multiple of the agencies and of the gaps."""

BATCH = 500

PORTALS = {
    "nd47": "nd47_portal nd47 nd47_l10n scheming_datasets scheming_organizations",
    "stock": "",
}

HTTP_OK = 200


@dataclass(frozen=True)
class Cost:
    """What one request cost: seconds on the clock, seconds of the processor, SQL statements."""

    clock: float
    processor: float
    statements: int


def main(arguments: list[str]) -> int:
    """Measure, print the figures, and return 1 where the limit is broken.

    The limit applies to processor time of the web server, as in `bench.metadata`.

    Args:
        arguments: `--quick` for a few rounds with few datasets, or numbers of datasets.
    """
    quick = "--quick" in arguments
    sizes = [int(one) for one in arguments if one.isdigit()] or (SIZES[:1] if quick else SIZES)
    slow = False
    for size in sizes:
        for request, (ours, theirs, statements) in measured(size, QUICK if quick else ROUNDS):
            own, stock = undisturbed(ours.processor), undisturbed(theirs.processor)
            clock = undisturbed(ours.clock) / undisturbed(theirs.clock)
            slow = slow or own / stock > LIMIT
            print(  # noqa: T201 - the figures are the result
                f"{size:>6} {request:<24} {own * 1000:7.1f} ms of processor time, "
                f"{stock * 1000:7.1f} without: {own / stock:5.2f} times; {clock:5.2f} times on the "
                f"clock; {statements[0]} statements, {statements[1]} without",
                flush=True,
            )
    return int(slow)


def measured(
    datasets: int, rounds: int
) -> Iterator[tuple[str, tuple[Times, Times, tuple[int, int]]]]:
    """Run rounds on both portals in turn.

    Yields:
        Name of a request; its times on our portal and on the other one, and the SQL statements.
    """
    first = multiprocessing.get_context("spawn").Process(target=fill, args=(datasets,))
    first.start()
    first.join()
    with started(serve, "nd47") as ask_ours, started(serve, "stock") as ask_theirs:
        times: dict[str, dict[str, Times]] = {name: defaultdict(Times) for name in PORTALS}
        statements: dict[str, dict[str, int]] = {name: {} for name in PORTALS}
        portals = [("nd47", ask_ours), ("stock", ask_theirs)]
        for turn in range(WARM_UP + rounds):
            # Who comes first pays for what the machine has forgotten in between.
            for name, ask in portals if turn % 2 else reversed(portals):
                for request, cost in ask().items():
                    if turn >= WARM_UP:
                        times[name][request].clock.append(cost.clock)
                        times[name][request].processor.append(cost.processor)
                        statements[name][request] = cost.statements
    for request in times["nd47"]:
        both = statements["nd47"][request], statements["stock"][request]
        yield request, (times["nd47"][request], times["stock"][request], both)


def fill(datasets: int) -> None:
    """Write the datasets, in a process of its own: both portals read what it wrote."""
    empty_portal({"ckan.plugins": PORTALS["nd47"]})
    rules.fill(datasets)


def serve(connection: Connection, name: str) -> None:
    """Index the datasets as this portal does, and run rounds as long as they are requested."""
    app = application(name)
    with app.flask_app.test_request_context("/"):
        index()
    requests = addresses()
    connection.send(None)
    while connection.recv():
        connection.send({request: cost(app, path) for request, path in requests.items()})


class Recorder:
    """Takes the place of the connection to Solr and keeps the documents."""

    def __init__(self) -> None:
        """Create one without documents."""
        self.documents: list[dict[str, Any]] = []

    def add(self, docs: list[dict[str, Any]], commit: bool) -> None:  # noqa: FBT001 - as pysolr's
        """Keep documents."""
        self.documents += docs


def index() -> None:
    """Index the datasets; CKAN makes the documents of the first ones, which the others repeat.

    A copy has another id, name and title. To make all documents of 10,000 datasets for both portals
    would take longer than everything that is measured.
    """
    search.clear_all()
    datasets, recorder = model.Session.query(model.Package).count(), Recorder()
    ids = [rules.identifier(2, number) for number in range(min(SAMPLE, datasets))]
    with mock.patch.object(search_index, "make_connection", return_value=recorder):
        search.rebuild(package_ids=ids, defer_commit=True, quiet=True)
    documents = {document["id"]: document for document in recorder.documents}
    connection = search_index.make_connection()
    for start in range(0, datasets, BATCH):
        numbers = range(start, min(start + BATCH, datasets))
        connection.add([copied(documents[ids[n % SAMPLE]], n) for n in numbers], commit=False)
    connection.commit()


def copied(document: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the document of a dataset of the sample as that of the dataset with a number."""
    original = number % SAMPLE
    titles = f"Bộ dữ liệu số {original}", f"Bộ dữ liệu số {number}"
    changes = {
        rules.identifier(2, original): rules.identifier(2, number),
        f"bo-du-lieu-{original}": f"bo-du-lieu-{number}",
        titles[0]: titles[1],
        # In the dataset as JSON
        json.dumps(titles[0])[1:-1]: json.dumps(titles[1])[1:-1],
    }

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return list(map(renamed, value))
        if isinstance(value, str):
            for old, new in changes.items():
                value = value.replace(old, new)
        return value

    copy = {name: renamed(value) for name, value in document.items()}
    return {**copy, "index_id": f"{copy['site_id']}-{copy['id']}"}


def application(name: str) -> CKANTestApp:
    """Return a client of a portal, with a part of the index of its own."""
    config = load_config(str(CONFIGURATION))
    config.update(
        {
            "ckan.plugins": PORTALS[name],
            "ckan.site_id": f"bench-{name}",
            "ckan.locale_default": "vi",
            "ckan.views.default_views": "",
        }
    )
    return CKANTestApp(make_app(config))


def addresses() -> dict[str, str]:
    """Return the address of each request, by its name."""
    dataset = model.Session.query(model.Package.name).order_by(model.Package.name).first()
    if dataset is None:
        msg = "there is no dataset"
        raise RuntimeError(msg)
    api = "/api/3/action"
    return {
        "home": "/",
        "search": "/dataset/",
        "search with words": f"/dataset/?q={quote('bộ dữ liệu số')}",
        "dataset": f"/dataset/{dataset.name}",
        "agencies": "/organization/",
        "package_search, 20 rows": f"{api}/package_search?rows=20",
        "package_show": f"{api}/package_show?id={dataset.name}",
    }


def cost(app: CKANTestApp, path: str) -> Cost:
    """Answer a request of a visitor.

    Raises:
        RuntimeError: it is not answered with a page.
    """
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    model.Session.remove()
    gc.collect()
    event.listen(model.meta.engine, "before_cursor_execute", count)
    start, busy = time.perf_counter(), time.process_time()
    answer = app.get(path)
    taken = Cost(time.perf_counter() - start, time.process_time() - busy, statements)
    event.remove(model.meta.engine, "before_cursor_execute", count)
    if answer.status_code != HTTP_OK:
        msg = f"{path}: {answer.status_code}"
        raise RuntimeError(msg)
    return Cost(taken.clock, taken.processor, statements)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
