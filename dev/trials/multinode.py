"""Kills nodes of a portal while it works, and reports which promises held.

    python -m dev.trials.multinode .run/credentials.json [--seconds N] [--every N]

Two web servers and two workers share PostgreSQL, Solr, Redis and the storage; nginx is the proxy.
One of the four at a time is killed (`kill -9`, with all its processes) and comes back by its
supervisor. Meanwhile datasets, the register and the settings are changed on one node and read on
the other, jobs are enqueued, and the dump is written and fetched.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import xmlrpc.client
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry

from dev.console import say
from dev.local import supervision
from dev.local.instances import MULTI
from dev.local.run_folder import REPOSITORY, own_environment, ports
from dev.local.toolchain import program
from dev.trials import multinode_jobs
from dev.trials.harvest import ActionError, HarvestError, Portal, read_portals
from dev.trials.storm import OWNER, Province

WRITE_DUMP = "ckanext.nd47.dcat.tasks.write_dump"
TEMPLATE = "ckanext.nd47.attribution_template"
SETTLED_SECONDS = 240
"""How long the workers may take for the remaining jobs after the last kill."""

HTTP_OK = 200
EDITORS = 3
READINGS = 4
"""Maximum number of requests until a node has read new settings."""

MOST_WAITING = 6
"""Jobs that may wait for a worker."""


class UnansweredError(Exception):
    """A node did not respond, or not completely: the client has to retry."""


def get(address: str) -> requests.Response:
    """Fetch an address of a node or of nginx.

    Raises:
        UnansweredError: there was no complete response, or nginx found no node.
    """
    try:
        answer = requests.get(address, timeout=60)
    except requests.RequestException as error:
        raise UnansweredError(str(error)) from error
    if answer.status_code in {502, 503, 504}:
        raise UnansweredError(f"{answer.status_code} {address}")
    answer.encoding = "utf-8"  # of RDF always; requests guesses where none is named
    return answer


@dataclass
class Promise:
    """Something that has to hold whatever is killed.

    Attributes:
        text: the promise.
        confirmed: how often it was checked and held.
        unanswered: how often a node that was just killed did not respond.
        faults: the differences, a line each.
    """

    text: str
    confirmed: int = 0
    unanswered: int = 0
    faults: list[str] = field(default_factory=list)

    def look(self, expected: object, actual: object, where: str) -> None:
        """Compare the actual value with the expected one."""
        if expected == actual:
            self.confirmed += 1
        else:
            self.faults.append(f"{where}: {expected!r} was saved, {actual!r} is there")


class Nodes:
    """The portal: through nginx, and each web server alone."""

    def __init__(self, front: Portal, seed: int = 47) -> None:
        self.front = front
        self.chance = random.Random(seed)  # noqa: S311 - no secret depends on it
        self.each = [
            Portal(f"http://127.0.0.1:{ports()[f'{MULTI.name}-{node}']}", front.token)
            for node in MULTI.nodes
        ]
        self.killed: Counter[str] = Counter()

    def saved(self, action: str, **data: object) -> Any:
        """Call an action through nginx until it is done; what broke off is sent again."""
        deadline = time.monotonic() + SETTLED_SECONDS
        while True:
            try:
                return self.front.call(action, **data)
            except ActionError as error:  # noqa: PERF203 - each of few calls takes long
                if "gave no answer" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def kill(self, victim: str) -> None:
        """Kill a process and all its children, unless it is not up again yet."""
        state = supervision.remote().getProcessInfo(victim)
        if state["statename"] != "RUNNING":
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(state["pid"], signal.SIGKILL)
            self.killed[victim] += 1

    def answering(self) -> list[Portal]:
        """Return the web servers that answer."""
        return [node for node in self.each if answers(node)]


def answers(portal: Portal) -> bool:
    """Tell whether a web server answers."""
    try:
        return get(f"{portal.url}/api/3/action/status_show").status_code == HTTP_OK
    except UnansweredError:
        return False


Round = Callable[[], None]


class Work:
    """The work while nodes are killed; each round runs in its own thread."""

    def __init__(self, nodes: Nodes, province: Province) -> None:
        self.nodes, self.province = nodes, province
        self.titles: dict[str, str] = {}
        self.jobs: list[str] = []
        self.resume = ""
        self.export = Promise("a saved dataset is in its export and in the feed, on every node")
        self.register = Promise("a change of the register is seen on the other node at once")
        self.settings = Promise("a change of the settings is seen on the other node within seconds")
        self.dump = Promise("a file of the dump is whole, and of one run")
        self.ran = Promise("a job runs once, by either worker; one that was cut off is listed")
        self.equal = Promise("in the end both nodes serve the same, and it is what was saved")
        connection = Redis.from_url(redis_url(), socket_timeout=60)
        self.redis = connection
        self.queue = Queue(f"ckan:{MULTI.name}:default", connection=connection)

    @property
    def promises(self) -> list[Promise]:
        """All promises, in the order of the report."""
        return [self.export, self.register, self.settings, self.dump, self.ran, self.equal]

    def prepare(self) -> None:
        """Record the position of the feed, and empty the list of jobs."""
        self.redis.delete(multinode_jobs.BEGUN, multinode_jobs.ENDED)
        self.resume = get(f"{self.nodes.front.url}/catalog/changes.json").json()["resume"]

    def rounds(self) -> dict[Round, Promise]:
        """Return the rounds that run at the same time, with the promise that each checks."""
        editors = {self._editor(number): self.export for number in range(EDITORS)}
        return {
            **editors,
            self._register: self.register,
            self._settings: self.settings,
            self._dump: self.dump,
            self._job: self.ran,
        }

    def _editor(self, number: int) -> Round:
        mine = self.province.stable[number::EDITORS]

        def edit() -> None:
            chosen = self.nodes.chance.choice(mine)
            title = f"Quan trắc mực nước, bản {time.monotonic_ns()}"
            self.nodes.saved("package_patch", id=chosen, title=title)
            self.titles[chosen] = title
            for node in self.nodes.each:
                with self._counting_unanswered(self.export):
                    text = get(f"{node.url}/dataset/{chosen}.ttl").text
                    self.export.look(True, title in text, f"{node.url} {chosen}")
            with self._counting_unanswered(self.export):
                changed = {change["id"] for change in self._changes()}
                self.export.look(True, chosen in changed, f"feed {chosen}")

        return edit

    def _changes(self) -> Iterator[dict[str, Any]]:
        """Yield all changes since the beginning, as a client of the feed reads them."""
        address: str | None = self.resume
        while address:
            page = get(address).json()
            yield from page["changes"]
            address = page["next"]

    def _register(self) -> None:
        value = f"Số {time.monotonic_ns()} đường Hùng Vương"
        writer, reader = self._two()
        try:
            writer.call("nd47_agency_update", id=OWNER, address=value)
            shown = reader.call("nd47_agency_show", id=OWNER)["address"]
        except ActionError as error:
            self._count_unanswered(self.register, error)
            return
        self.register.look(value, shown, reader.url)

    def _settings(self) -> None:
        value = f"{{agency}}, {{title}}, {time.monotonic_ns()}"
        writer, reader = self._two()
        some = self.province.stable[0]
        number, shown = value.rpartition(" ")[2], ""
        try:
            writer.call("config_option_update", **{TEMPLATE: value})
            # In CKAN one thread may read the new options while others still use the old ones.
            for _ in range(READINGS):
                shown = reader.call("package_show", id=some)["attribution_statement"]
                if number in shown:
                    break
                time.sleep(1)
        except ActionError as error:
            self._count_unanswered(self.settings, error)
            return
        self.settings.look(True, number in shown, f"{reader.url} {shown}")
        time.sleep(0.5)

    def _dump(self) -> None:
        self._enqueue(WRITE_DUMP)
        time.sleep(1)
        base = f"{self.nodes.front.url}/catalog/dump"
        with self._counting_unanswered(self.dump):
            before = manifest(base)
            if before is None:
                return
            content = get(f"{base}.nt.gz").content
            digests = {digest for digest in (before, manifest(base)) if digest}
            digest = hashlib.sha256(content).hexdigest()
            self.dump.look(True, digest in digests, f"{base}.nt.gz is of no manifest")
            lines = gzip.decompress(content).decode().splitlines()
            self.dump.look(True, all(line.endswith(" .") for line in lines), "a line is cut off")

    def _job(self) -> None:
        number = len(self.jobs)
        job = self._enqueue(multinode_jobs.note, number)
        if job:
            self.jobs.append(job.id)
        time.sleep(0.6)

    def _enqueue(self, *call: Any) -> Job | None:
        """Enqueue a job, unless too many are waiting: the end waits for all of them."""
        return self.queue.enqueue(*call) if self.queue.count < MOST_WAITING else None

    def _two(self) -> tuple[Portal, Portal]:
        writer, reader = self.nodes.chance.sample(self.nodes.each, 2)
        return writer, reader

    @contextlib.contextmanager
    def _counting_unanswered(self, promise: Promise) -> Iterator[None]:
        try:
            yield
        except UnansweredError:
            promise.unanswered += 1

    def _count_unanswered(self, promise: Promise, error: ActionError) -> None:
        if "gave no answer" in str(error):
            promise.unanswered += 1
            time.sleep(0.2)
        else:
            promise.faults.append(str(error))

    def end(self) -> None:
        """Wait for the workers, and check the final state."""
        wait_until(lambda: len(self.nodes.answering()) == len(self.nodes.each), "both nodes")
        title = f"Sở Khí tượng {time.monotonic_ns()}"
        self.nodes.saved("organization_patch", id=OWNER, title=title)
        wait_until(lambda: self._missing(title) <= 0, "the name of the agency in every export")
        self._look_at_jobs()
        pages = [catalogue(node) for node in self.nodes.each]
        self.equal.look(pages[0], pages[1], "the catalogue")
        for chosen, saved in self.titles.items():
            self.equal.look(True, any(saved in page for page in pages[0]), f"{chosen} {saved}")
        command = [program("ckan"), "-c", MULTI.ini, "nd47", "dcat", "check"]
        done = subprocess.run(
            list(map(str, command)),
            env=own_environment(),
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        self.equal.look(0, done.returncode, f"nd47 dcat check: {done.stdout[-500:]}")

    def _missing(self, title: str) -> int:
        """Return how many exports do not have the name of the agency."""
        pages = "".join(catalogue(self.nodes.front))
        iris = [self.province.iri(dataset_id) for dataset_id in self.province.stable]
        return len(iris) - pages.count(f"{title},")

    def _look_at_jobs(self) -> None:
        wait_until(lambda: not self.queue.count, "an empty queue")
        time.sleep(multinode_jobs.SECONDS * 2)
        begun, ended = (
            Counter(int(entry.split()[0]) for entry in self.redis.lrange(key, 0, -1))
            for key in (multinode_jobs.BEGUN, multinode_jobs.ENDED)
        )
        workers = {entry.split()[1] for entry in self.redis.lrange(multinode_jobs.ENDED, 0, -1)}
        cut_off = {
            *StartedJobRegistry(queue=self.queue).get_job_ids(cleanup=False),
            *FailedJobRegistry(queue=self.queue).get_job_ids(cleanup=False),
            *self.queue.intermediate_queue.get_job_ids(),
        }
        for number, job_id in enumerate(self.jobs):
            once = begun[number] <= 1 and ended[number] <= 1
            listed = bool(ended[number]) or job_id in cut_off
            self.ran.look((True, True), (once, listed), f"job {number}")
        self.ran.look(True, len(workers) > 1, "a single worker ran all jobs")
        say(
            f"jobs: {len(self.jobs)} enqueued, {len(ended)} ended, "
            f"{len(self.jobs) - len(ended)} cut off with their worker"
        )


def manifest(base: str) -> str | None:
    """Return the checksum of the N-Triples file of the newest dump, None before the first."""
    answer = get(f"{base}.json")
    if answer.status_code != HTTP_OK:
        return None
    return str(answer.json()["files"]["nt"]["sha256"])


def catalogue(portal: Portal) -> list[str]:
    """Return the pages of the catalogue as a node serves them."""
    pages: list[str] = []
    while True:
        text = get(f"{portal.url}/catalog.nt?page={len(pages) + 1}").text
        if "http://www.w3.org/ns/dcat#dataset>" not in text:
            return pages
        pages.append(text)


def redis_url() -> str:
    """Return the address of the Redis database of the portal."""
    return MULTI.settings()["ckan.redis.url"]


def wait_until(done: Callable[[], bool], what: str) -> None:
    """Wait for a condition.

    Raises:
        HarvestError: it is not met in time.
    """
    deadline = time.monotonic() + SETTLED_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(UnansweredError):
            if done():
                return
        time.sleep(1)
    msg = f"after {SETTLED_SECONDS} s there is not yet {what}"
    raise HarvestError(msg)


def run(work: Work, seconds: float, every: float) -> None:
    """Run all rounds for a time, and kill processes one after another."""
    over = threading.Event()
    failed: list[str] = []

    def repeat(work_round: Round) -> None:
        while not over.is_set():
            try:
                work_round()
            except (ActionError, requests.RequestException, ValueError) as error:  # noqa: PERF203
                failed.append(f"{getattr(work_round, '__name__', work_round)}: {error!r}")
                time.sleep(0.5)

    threads = [threading.Thread(target=repeat, args=(work_round,)) for work_round in work.rounds()]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(every * (0.5 + work.nodes.chance.random()))
        strike(work.nodes)
    over.set()
    for thread in threads:
        thread.join()
    work.equal.faults += failed


def strike(nodes: Nodes) -> None:
    """Kill a worker, or a web server while the other one answers."""
    victim = nodes.chance.choice([name for name in MULTI.processes if name != MULTI.web])
    with contextlib.suppress(OSError, xmlrpc.client.Error):
        if "-web-" not in victim or len(nodes.answering()) == len(nodes.each):
            nodes.kill(victim)


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; 0 if every promise held."""
    parser = argparse.ArgumentParser(prog="python -m dev.trials.multinode", description=__doc__)
    parser.add_argument("credentials", type=Path, help="JSON file with address and token")
    parser.add_argument("--seconds", type=float, default=180, help="how long nodes are killed")
    parser.add_argument("--every", type=float, default=8, help="seconds between two kills, about")
    parser.add_argument("--datasets", type=int, default=50)
    options = parser.parse_args(arguments)
    try:
        (front,) = read_portals(options.credentials, (MULTI.name,))
        nodes, province = Nodes(front), Province(front)
        province.fill(options.datasets)
        work = Work(nodes, province)
        work.prepare()
        run(work, options.seconds, options.every)
        try:
            work.end()
        except HarvestError as error:
            work.equal.faults.append(str(error))
    except (HarvestError, requests.RequestException, UnansweredError) as error:
        print(error, file=sys.stderr)
        return 2
    return report(work, nodes)


def report(work: Work, nodes: Nodes) -> int:
    """Print the results, and return the exit code."""
    say(f"killed: {json.dumps(nodes.killed)}")
    for promise in work.promises:
        holds = bool(promise.confirmed) and not promise.faults
        counts = f"{promise.confirmed} times, {promise.unanswered} without an answer"
        say(f"{'held' if holds else 'FAULT':6} {promise.text} ({counts})")
        for fault in promise.faults[:5]:
            say(f"       {fault}")
    every = all(promise.confirmed and not promise.faults for promise in work.promises)
    say("Every promise held." if every else "Not every promise held.")
    return int(not every)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
