"""Compares the export with stock ckanext-dcat over HTTP, on the same datasets.

Run by `make bench`, or alone by `python -m bench.dcat` with the variables of a test database. Two
gunicorn servers of one worker each share database and search index; one has the plugin nd47_dcat,
the other ckanext-dcat alone. There is no proxy.
"""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.types import Context

from bench import CONFIGURATION, empty_portal
from bench.rules import FIELDS
from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.store import render, session_hooks

REPOSITORY = Path(__file__).parents[1]
PAGE = 100
WHOLE = 10_000
MANY = 100_000
FEW = 1_000
REPEATS = 7
UPDATES = 40
RENDER_LIMIT_MS = 5.0
MEMORY_LIMIT_MB = 64
LIMITS = {
    "page, Turtle": 40.0,
    "page, N-Triples against stock Turtle": 40.0,
    "page, RDF/XML": 20.0,
    "page, JSON-LD": 20.0,
    "unchanged page (304)": 100.0,
}
STOCK_PLUGINS = "nd47 nd47_l10n activity scheming_datasets scheming_organizations dcat"


def main(arguments: list[str]) -> int:
    """Measure, print the table, and return 1 where a limit is broken."""
    quick = "--quick" in arguments
    app = empty_portal(migrations=("activity", "nd47"))
    with app.test_request_context():
        ids = fill()
        broken = [not rendering(ids), not updates(ids)]
        # As autovacuum does before long on a portal.
        model.Session.execute(sa.text("ANALYZE"))
        model.Session.commit()
    with servers() as (ours, stock):
        broken.append(not pages(ours.address, stock.address))
        seconds = median(lambda: fetch(f"{stock.address}/catalog.ttl"))
        copy(PAGE + 1, FEW, full=True)
        small = median(lambda: fetch(f"{ours.address}/catalog.ttl"), 25)
        count = FEW if quick else WHOLE
        if not quick:
            copy(FEW + 1, WHOLE, full=True)
        with app.test_request_context():
            broken.append(not whole(ours, seconds, count))
        broken.append(not many(ours, small, count, 2 * FEW if quick else MANY))
    return int(any(broken))


def say(name: str, value: str, within_limit: bool = True) -> None:
    """Print one line of the table."""
    print(f"{name:<58} {value}{'' if within_limit else '   LIMIT BROKEN'}", flush=True)  # noqa: T201


def fill() -> list[str]:
    """Make a page of full datasets by the API; return their ids."""
    owner = factories.Organization(title="Sở Nông nghiệp và Môi trường", identifier="H99.10")
    user = factories.Sysadmin()
    ids = []
    for number in range(PAGE):
        resources = [
            {"url": f"https://tep.example/{number}-{n}.csv", "format": "CSV", "name": f"Tệp {n}"}
            for n in range(3)
        ]
        fields = {
            **FIELDS,
            "identifier": f"H99.10-{number:06}",
            "name": f"bo-du-lieu-{number}",
            "title": f"Danh sách công trình thủy lợi số {number}",
            "notes": "Danh sách công trình thủy lợi trên địa bàn tỉnh. " * 5,
            "tag_string": "thủy lợi, công trình, hồ chứa",
            "license_id": "cc-by",
            "owner_org": owner["id"],
            "resources": resources,
        }
        context = Context(user=user["name"], ignore_auth=True)
        ids.append(tk.get_action("package_create")(context, fields)["id"])
    return ids


def rendering(ids: list[str]) -> bool:
    """Measure how long rendering a full dataset of three files takes."""
    shown = [
        tk.get_action("package_show")(Context(ignore_auth=True), {"id": dataset_id})
        for dataset_id in ids
    ]
    times = []
    for data in [*shown[:10], *shown]:
        start = time.process_time()
        render.dataset(data)
        times.append(time.process_time() - start)
    milliseconds = statistics.median(times[10:]) * 1000
    within_limit = milliseconds <= RENDER_LIMIT_MS
    say("a full record of three files, processor time", f"{milliseconds:6.1f} ms", within_limit)
    return within_limit


def updates(ids: list[str]) -> bool:
    """Compare `package_patch` with and without the store, in turns, by processor time."""
    user = factories.Sysadmin()
    active = session_hooks.active
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(UPDATES * 2):
        on = bool(number % 2)
        session_hooks.active = active if on else lambda: False
        start = time.process_time()
        tk.get_action("package_patch")(
            Context(user=user["name"], ignore_auth=True),
            {"id": ids[number // 2 % PAGE], "title": f"Lần {number}"},
        )
        times[on].append(time.process_time() - start)
    session_hooks.active = active
    with_it, without = statistics.median(times[True]), statistics.median(times[False])
    ratio = with_it / without
    within_limit = ratio <= 1.10  # noqa: PLR2004 - the limit
    figures = f"{ratio:6.2f} times ({with_it * 1000:.0f} ms against {without * 1000:.0f} ms)"
    say("package_update, processor time, with and without", figures, within_limit)
    return within_limit


class Server:
    """A gunicorn server with one worker."""

    def __init__(self, ini: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", "dev.local.wsgi:application", "--workers", "1"]
        command += ["--log-level", "error", "--no-control-socket"]
        self.process = subprocess.Popen(  # noqa: S603 - a program of ours
            [*command, "--bind", f"127.0.0.1:{port}", "--timeout", "600"],
            cwd=REPOSITORY,
            env={**os.environ, "CKAN_INI": str(ini), "CKAN_SITE_URL": self.address},
        )

    def wait(self) -> None:
        """Wait until it answers."""
        patience = Retry(total=100, connect=100, backoff_factor=0.5, backoff_max=2)
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=patience))
            session.get(f"{self.address}/api/3/action/status_show", timeout=60)

    def memory(self) -> float:
        """Return the maximum memory of its worker, in MB."""
        parent = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        status = Path(f"/proc/{parent.read_text().split()[0]}/status").read_text()
        match = re.search(r"VmHWM:\s+(\d+)", status)
        return int(match[1]) / 1024 if match else 0.0


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """Run a portal with the plugin and one without it on the same database."""
    with tempfile.TemporaryDirectory() as folder:
        stock = Path(folder) / "stock.ini"
        text = CONFIGURATION.read_text()
        stock.write_text(
            re.sub(r"(?m)^ckan\.plugins = .*$", f"ckan.plugins = {STOCK_PLUGINS}", text)
        )
        running = [Server(CONFIGURATION), Server(stock)]
        try:
            for server in running:
                server.wait()
            yield running[0], running[1]
        finally:
            for server in running:
                server.process.terminate()
                server.process.wait()


def fetch(address: str, **headers: str) -> HTTPResponse:
    """Fetch an address and insist on an answer.

    By the plainest of clients: requests takes some milliseconds of its own for each call.
    """
    where = urlsplit(address)
    connection = HTTPConnection(where.netloc, timeout=600)
    connection.request("GET", address.removeprefix(f"http://{where.netloc}"), headers=headers)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    if reply.status >= HTTPStatus.BAD_REQUEST:
        msg = f"{address}: {reply.status}"
        raise RuntimeError(msg)
    return reply


def median(call: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the median time of a call in seconds, after a warm-up call."""
    call()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def pages(ours: str, stock: str) -> bool:
    """Compare a page of a hundred datasets in each format, and an unchanged one."""
    tag = fetch(f"{ours}/catalog.ttl").headers["ETag"]
    calls = {
        "page, Turtle": ("ttl", "ttl", {}),
        "page, N-Triples against stock Turtle": ("nt", "ttl", {}),
        "page, RDF/XML": ("xml", "xml", {}),
        "page, JSON-LD": ("jsonld", "jsonld", {}),
        "unchanged page (304)": ("ttl", "ttl", {"If-None-Match": tag}),
    }
    stock_times: dict[str, float] = {}
    within_limits = True
    for name, (own, other, headers) in calls.items():
        if other not in stock_times:
            address = f"{stock}/catalog.{other}"
            stock_times[other] = median(lambda address=address: fetch(address), 3)
        address = f"{ours}/catalog.{own}"
        mine = median(lambda address=address, headers=headers: fetch(address, **headers), 25)
        ratio = stock_times[other] / mine
        within_limit = ratio >= LIMITS[name]
        within_limits = within_limits and within_limit
        figures = (
            f"{ratio:6.0f} times ({stock_times[other] * 1000:.0f} ms against {mine * 1000:.1f} ms)"
        )
        say(name, figures, within_limit)
    return within_limits


_COPY_PACKAGES = """
    INSERT INTO package (id, name, title, type, state, private, owner_org, metadata_created,
        metadata_modified, extras)
    SELECT 'copy-' || n, 'copy-' || n, title, type, state, private, owner_org, metadata_created,
        metadata_modified, extras
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n,
        (SELECT * FROM package WHERE name = 'bo-du-lieu-0') AS p
"""
_COPY_ENTRIES = """
    INSERT INTO nd47_dcat_entry (id, name, iri, state, change, ordinal, seq, first_published,
        modified, source_modified, etag, fingerprint, registered, shared, nt, ttl,
        xml, jsonld)
    SELECT 'copy-' || n, 'copy-' || n, iri || '-' || n, state, change, n, n + 1000000,
        first_published, modified, source_modified, etag, fingerprint, registered, shared,
        CASE WHEN :full THEN nt ELSE '' END, CASE WHEN :full THEN ttl ELSE '' END,
        CASE WHEN :full THEN xml ELSE '' END, CASE WHEN :full THEN jsonld ELSE '' END
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
        JOIN nd47_dcat_entry e ON e.ordinal = (n - 1) % 100 + 1
"""


def copy(first: int, last: int, *, full: bool) -> None:
    """Write copies of the first page to further places, straight into the tables."""
    values = {"first": first, "last": last, "full": full}
    for statement in (_COPY_PACKAGES, _COPY_ENTRIES):
        model.Session.execute(sa.text(statement), values)
    model.Session.execute(
        sa.text("UPDATE nd47_dcat_state SET ordinal = :last, live = :last"), values
    )
    model.Session.commit()
    model.Session.execute(sa.text("ANALYZE nd47_dcat_entry, package"))
    model.Session.commit()


def whole(ours: Server, stock_page: float, count: int) -> bool:
    """Read a large catalogue as a dump and by pages; stock is calculated from a page."""
    dump.write(always=True)
    stock = stock_page * count / PAGE
    fetch(f"{ours.address}/catalog.ttl")
    before = ours.memory()
    start = time.perf_counter()
    for number in range(1, count // PAGE + 1):
        fetch(f"{ours.address}/catalog.ttl?page={number}")
    taken = time.perf_counter() - start
    file = median(lambda: fetch(f"{ours.address}/catalog/dump.ttl.gz"))
    grown = ours.memory() - before
    within_limit = stock / file >= 100 and grown < MEMORY_LIMIT_MB  # noqa: PLR2004 - the limit
    say(
        f"whole catalogue of {count}, Turtle, as a dump",
        f"{stock / file:6.0f} times ({stock:.0f} s against {file:.2f} s), memory +{grown:.0f} MB",
        within_limit,
    )
    figures = f"{stock / taken:6.0f} times ({stock:.0f} s against {taken:.2f} s)"
    say(f"whole catalogue of {count}, Turtle, page by page", figures)
    return within_limit


def many(ours: Server, small: float, last: int, top: int) -> bool:
    """Compare the first page of a small and of a very large catalogue."""
    copy(last + 1, top, full=False)
    large = median(lambda: fetch(f"{ours.address}/catalog.ttl"), 25)
    ratio = large / small
    within_limit = ratio <= 1.2  # noqa: PLR2004 - the limit
    figures = f"{ratio:6.2f} times ({large * 1000:.1f} ms against {small * 1000:.1f} ms)"
    say(f"a page at {top} datasets against one at {FEW}", figures, within_limit)
    return within_limit


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
