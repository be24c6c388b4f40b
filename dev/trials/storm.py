"""Harvests a portal while it changes, by three kinds of client, and says whether any was misled.

    python -m dev.trials.storm .run/credentials.json [--datasets N] [--rate N] [--rounds N]

Four fifths of the datasets stay public throughout: they are edited, and harvesters must find
each of them once, and never delete one. The others are published, withdrawn and deleted, and new
ones come. The clients are ckanext-dcat's stock harvester on a second portal, one that follows
`hydra:next`, and one that counts `?page=`. All of it goes over HTTP to web servers, workers and
queue consumers of the usual kind.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from pyoxigraph import NamedNode, RdfFormat, Store

from dev.console import say
from dev.trials.harvest import (
    JOB_SECONDS,
    ActionError,
    HarvestError,
    Portal,
    end_job,
    ensure_source,
    job_errors,
    read_portals,
    run_job,
)

OWNER = "so-bao"
HANDS = 24
"""Data officers who save at the same time."""

TOGETHER = 4
"""Datasets that an officer ticks in the list of the agency, to publish or withdraw them at once."""

INDEXED_SECONDS = 5
"""Until Solr shows what was saved: it commits by itself here (`dev/local/solr/solrconfig.xml`)."""

_HYDRA = "http://www.w3.org/ns/hydra/core#"
_DATASET = NamedNode("http://www.w3.org/ns/dcat#dataset")


@dataclass
class Verdict:
    """The faults, a line each; empty if there are none."""

    faults: list[str] = field(default_factory=list)

    def walked(self, client: str, received: Sequence[str], stable: Sequence[str]) -> None:
        """Check a reading of the complete catalogue.

        Args:
            client: how it was read.
            received: IRIs in the order in which they came.
            stable: IRIs of what was public throughout.
        """
        count = Counter(received)
        missing = [iri for iri in stable if not count[iri]]
        repeated = [iri for iri in stable if count[iri] > 1]
        for fault, some in (("missed", missing), ("repeated", repeated)):
            if some:
                self.faults.append(f"{client} {fault} {len(some)}: {some[0]} ...")

    def check_harvest(
        self, before: Sequence[str], after: Sequence[str], stable: Sequence[str]
    ) -> None:
        """Check the datasets of the second portal after a harvest during the storm."""
        gone = set(before) & set(stable) - set(after)
        if gone:
            self.faults.append(f"the harvest deleted {len(gone)}: {min(gone)} ...")
        self.walked("the harvest", after, stable)

    def equal(self, expected: Sequence[str], actual: Sequence[str]) -> None:
        """Check at the end that both portals have the same datasets."""
        for fault, some in (
            ("are not on the second portal", set(expected) - set(actual)),
            ("are no longer public, and still on the second portal", set(actual) - set(expected)),
        ):
            if some:
                self.faults.append(f"in the end {len(some)} {fault}: {min(some)} ...")


def record(name: str, **fields: object) -> dict[str, object]:
    """Return a dataset; no file of it is fetched by anybody."""
    resource = {"url": f"https://tep.example/{name}.json", "format": "JSON", "name": "Tệp"}
    return {
        "name": name,
        "title": f"Quan trắc mực nước {name}",
        "notes": "Số liệu quan trắc mực nước theo giờ tại các trạm thủy văn của tỉnh.",
        "tags": [{"name": "thủy văn"}, {"name": "quan trắc"}],
        "license_id": "cc-by",
        "owner_org": OWNER,
        "resources": [resource, {**resource, "format": "XML"}],
        **fields,
    }


@dataclass
class Province:
    """The portal that changes.

    Attributes:
        portal: where it is.
        owner: id of the agency whose datasets they are.
        stable: ids of datasets that stay public.
        changing: ids of those that come and go.
    """

    portal: Portal
    owner: str = ""
    stable: list[str] = field(default_factory=list)
    changing: list[str] = field(default_factory=list)

    def iri(self, dataset_id: str) -> str:
        """Return the IRI of a dataset."""
        return f"{self.portal.url}/dataset/{dataset_id}"

    def iris(self) -> list[str]:
        """Return the IRIs of what is public now, once the search index knows."""
        time.sleep(INDEXED_SECONDS)
        return [self.iri(dataset["id"]) for dataset in self.portal.datasets()]

    def fill(self, count: int) -> None:
        """Bring the portal to a number of public datasets; those of an earlier storm are used."""
        if not self.portal.exists("organization_show", OWNER):
            self.portal.call("organization_create", name=OWNER, title="Sở Khí tượng")
        self.owner = self.portal.call("organization_show", id=OWNER)["id"]
        names = [f"bao-{number:04}" for number in range(count)]
        with ThreadPoolExecutor(HANDS) as hands:
            ids = list(hands.map(self._made, names))
        edge = count * 4 // 5
        self.stable, self.changing = ids[:edge], ids[edge:]

    def close(self, iris: Iterable[str]) -> None:
        """Keep datasets withdrawn for good.

        What a stock harvester has deleted it cannot take in again: ckanext-dcat 2.4.4 on CKAN 2.12
        finds the deleted dataset by its guid, may not read it, and its consumer ends.
        """
        for iri in iris:
            self.portal.call("package_patch", id=iri.rpartition("/")[2], private=True)

    def _made(self, name: str) -> str:
        if not self.portal.exists("package_show", name):
            return self.portal.call("package_create", **record(name))["id"]
        fields = {"id": name, "state": "active", "private": False}
        return self.portal.call("package_patch", **fields)["id"]


Change = tuple[str, int, Callable[[], Any]]
"""Its name, how many datasets it concerns, and how it is made."""


class Storm:
    """Data officers at work, so many changes a second as a clock gives out."""

    def __init__(self, province: Province, rate: float, seed: int = 47) -> None:
        """Begin.

        Args:
            province: the portal.
            rate: changes a second.
            seed: makes the same changes again, as far as the threads allow.
        """
        self.province = province
        self.rate = rate
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.seconds = 0.0
        self._chance = random.Random(seed)  # noqa: S311 - no secret depends on it
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._call = province.portal.call
        self._new: list[str] = []
        self._due = 0.0
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(HANDS)]

    def __enter__(self) -> Storm:
        self._due = self._start = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.seconds = time.monotonic() - self._start

    def _work(self) -> None:
        while not self._over.is_set():
            with self._lock:
                kind, count, act = self._next()
                self._due = max(self._due + count / self.rate, time.monotonic() - 1)
                wait = self._due - time.monotonic()
            self._over.wait(max(wait, 0))
            try:
                act()
                self.done[kind] += count
            except ActionError:
                # Two users edit a dataset: one deletes it while the other has it open.
                self.refused[kind] += count

    def _next(self) -> Change:
        """Return the next change; half of what changes are edits of what stays public."""
        kinds = {
            self._edit: 10,
            self._create: 1,
            self._delete: 2,
            self._restore: 1,
            self._withdraw: 1,
            self._publish: 1,
        }
        return self._chance.choices(list(kinds), list(kinds.values()))[0]()

    def _edit(self) -> Change:
        dataset_id = self._chance.choice(self.province.stable)
        title = f"Quan trắc mực nước, bản {self._chance.random()}"
        return "edited", 1, lambda: self._call("package_patch", id=dataset_id, title=title)

    def _create(self) -> Change:
        new_record = record(f"bao-moi-{time.monotonic_ns()}")
        return (
            "created",
            1,
            lambda: self._new.append(self._call("package_create", **new_record)["id"]),
        )

    def _delete(self) -> Change:
        dataset_id = self._new.pop(0) if self._new else self._chance.choice(self.province.changing)
        return "deleted", 1, lambda: self._call("package_delete", id=dataset_id)

    def _restore(self) -> Change:
        dataset_id = self._chance.choice(self.province.changing)
        again = {"id": dataset_id, "state": "active", "private": False}
        return "restored", 1, lambda: self._call("package_patch", **again)

    def _withdraw(self) -> Change:
        some = self._some()
        return "withdrawn", len(some["datasets"]), lambda: self._call("bulk_update_private", **some)

    def _publish(self) -> Change:
        some = self._some()
        return "published", len(some["datasets"]), lambda: self._call("bulk_update_public", **some)

    def _some(self) -> dict[str, Any]:
        """Return what an officer ticks in the list of the agency."""
        ids = self.province.changing
        return {
            "org_id": self.province.owner,
            "datasets": self._chance.sample(ids, min(TOGETHER, len(ids))),
        }


def fetched(address: str) -> tuple[list[str], Store]:
    """Return the IRIs of a page, and its text."""
    reply = requests.get(address, timeout=120)
    reply.raise_for_status()
    store = Store()
    store.load(reply.content, format=RdfFormat.TURTLE)
    objects = (quad.object for quad in store.quads_for_pattern(None, _DATASET, None))
    return [node.value for node in objects if isinstance(node, NamedNode)], store


def by_links(catalogue: str) -> Iterator[str]:
    """Yield the IRIs of all pages, by the link from one to the next."""
    address = catalogue
    while address:
        iris, store = fetched(address)
        yield from iris
        links = store.quads_for_pattern(None, NamedNode(f"{_HYDRA}next"), None)
        address = next((str(getattr(link.object, "value", "")) for link in links), "")


def by_counting(catalogue: str) -> Iterator[str]:
    """Yield the IRIs of all pages, until a page has none."""
    number = 1
    while iris := fetched(f"{catalogue}?page={number}")[0]:
        yield from iris
        number += 1


CLIENTS = {"hydra:next": by_links, "?page=": by_counting}


def harvest_in(storm: Storm, national: Portal, source: str, rounds: int, verdict: Verdict) -> Any:
    """Harvest while the storm goes on, until it has been read often enough; return the job."""
    province = storm.province
    catalogue = f"{province.portal.url}/catalog.ttl"
    stable = [province.iri(dataset_id) for dataset_id in province.stable]
    deadline = time.monotonic() + JOB_SECONDS
    with storm:
        job = national.call("harvest_job_create", source_id=source, run=True)
        done = 0
        while done < rounds or not job.get("gather_finished"):
            for client, walk in CLIENTS.items():
                verdict.walked(client, list(walk(catalogue)), stable)
            done += 1
            job = national.call("harvest_job_show", id=job["id"])
            if time.monotonic() > deadline:
                raise HarvestError("the harvester does not end its gathering")
        say(f"{done} readings by each of {len(CLIENTS)} clients, one by the stock harvester")
    say(f"{sum(storm.done.values()) / storm.seconds:.1f} changes a second: {dict(storm.done)}")
    say(f"refused, since another had just deleted the dataset: {sum(storm.refused.values())}")
    return end_job(national, source, job)


def held_by(national: Portal, province: Province) -> list[str]:
    """Return the IRIs that the second portal has from the first, once its index knows."""
    time.sleep(INDEXED_SECONDS)
    uris = (str(dataset.get("uri")) for dataset in national.datasets())
    return [uri for uri in uris if uri.startswith(province.portal.url)]


def job_summary(job: dict[str, Any]) -> str:
    """Return what a job did, with its errors."""
    stats = {name: count for name, count in job.get("stats", {}).items() if count}
    return f"{stats} {job_errors(job)}"


def run(province: Province, national: Portal, options: argparse.Namespace) -> Verdict:
    """Fill both portals, harvest in the storm, and harvest once more when it is over."""
    verdict = Verdict()
    start = time.monotonic()
    province.fill(options.datasets)
    say(f"{options.datasets} datasets after {time.monotonic() - start:.0f} s")
    source = ensure_source(province.portal, national)
    national.call("harvest_source_clear", id=source)
    job = run_job(national, source, JOB_SECONDS * 2)
    before = held_by(national, province)
    say(f"first harvest, {time.monotonic() - start:.0f} s: {job_summary(job)}")
    verdict.equal(province.iris(), before)
    job = harvest_in(Storm(province, options.rate), national, source, options.rounds, verdict)
    say(f"harvest in the storm, {time.monotonic() - start:.0f} s: {job_summary(job)}")
    after = held_by(national, province)
    verdict.check_harvest(
        before, after, [province.iri(dataset_id) for dataset_id in province.stable]
    )
    province.close(set(before) - set(after))
    job = run_job(national, source, JOB_SECONDS * 2)
    say(f"harvest after it, {time.monotonic() - start:.0f} s: {job_summary(job)}")
    verdict.equal(province.iris(), held_by(national, province))
    return verdict


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; 0 when no client was misled."""
    parser = argparse.ArgumentParser(prog="python -m dev.trials.storm", description=__doc__)
    parser.add_argument("credentials", type=Path, help="JSON file with address and token of both")
    parser.add_argument("--datasets", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=20.0, help="changes a second")
    parser.add_argument("--rounds", type=int, default=5, help="readings by each client, at least")
    options = parser.parse_args(arguments)
    try:
        storm, shelter = read_portals(options.credentials, ("storm", "shelter"))
        verdict = run(Province(storm), shelter, options)
    except (HarvestError, requests.RequestException) as error:
        print(error, file=sys.stderr)
        return 2
    for fault in verdict.faults:
        say(f"FAULT: {fault}")
    say("No client was misled." if not verdict.faults else "Clients were misled.")
    return int(bool(verdict.faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
