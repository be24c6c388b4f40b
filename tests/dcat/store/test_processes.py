"""Real processes on one database: killed at every step, and all writing while harvests run."""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from rdflib import RDF, Graph
from rdflib.namespace import DCAT, Namespace
from sqlalchemy import event

from ckan import model
from ckan.lib.search import index as search_index
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.store import maintenance, render, session_hooks
from ckanext.nd47.dcat.store.write import Writer
from tests.dcat.portal import content, dataset, entry
from tests.dcat.serve.test_changes import feed, read_to_end

pytestmark = pytest.mark.usefixtures("portal")

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")


def forked(work: Callable[[], object]) -> int:
    """Run work in a process of its own, on connections of its own; return its id."""
    model.Session.rollback()
    model.Session.remove()
    return beside(work)


def beside(work: Callable[[], object]) -> int:
    """Do the same, in the middle of a transaction that goes on here."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        engine: Any = model.meta.engine
        engine.dispose(close=False)
        model.Session.registry.clear()
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - a child must never go on as a second pytest
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Wait for a process and return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die(*_given: Any, **_named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_index() -> None:
    search_index.PackageSearchIndex.update_dict = die


def before_lock() -> None:
    session_hooks.write = die


def before_rendering() -> None:
    render.dataset = die


def before_publishing() -> None:
    Writer.publish = die  # pyright: ignore[reportAttributeAccessIssue] # in a child alone


def before_nodes() -> None:
    Writer.renew_nodes = die  # pyright: ignore[reportAttributeAccessIssue] # as above


def before_counts() -> None:
    Writer.finish = die


def before_commit() -> None:
    event.listen(model.meta.engine, "commit", die)


STEPS = [
    before_index,
    before_lock,
    before_rendering,
    before_publishing,
    before_counts,
    before_commit,
]


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_the_commit_nothing_has_happened(
    department: dict[str, Any], step: Callable[[], None]
) -> None:
    made = dataset(department, title="Trước khi chết")
    before = entry(made["id"])

    def save() -> None:
        step()
        call_action("package_patch", id=made["id"], title="Không kịp lưu")

    assert ended(forked(save)) == -signal.SIGKILL
    assert entry(made["id"]) == before
    assert (
        call_action("package_show", {"use_cache": False}, id=made["id"])["title"] != "Không kịp lưu"
    )
    call_action("package_patch", id=made["id"], title="Sau đó")
    assert "Sau đó" in entry(made["id"]).nt


@pytest.mark.parametrize("step", STEPS[1:])
def test_killed_before_its_publication_there_is_no_trace(
    department: dict[str, Any], step: Callable[[], None]
) -> None:
    hidden = dataset(department, private=True)

    def publish() -> None:
        step()
        call_action("package_patch", id=hidden["id"], private=False)

    assert ended(forked(publish)) == -signal.SIGKILL
    assert entry(hidden["id"]) is None
    call_action("package_patch", id=hidden["id"], private=False)
    assert entry(hidden["id"]).etag


@pytest.mark.parametrize("step", [before_lock, before_nodes, before_counts, before_commit])
def test_killed_before_the_commit_an_agency_is_as_it_was(
    department: dict[str, Any], step: Callable[[], None]
) -> None:
    made = dataset(department)
    name = call_action("organization_show", id=department["id"])["title"]

    def rename() -> None:
        step()
        call_action("organization_patch", id=department["id"], title="Không kịp đổi")

    assert ended(forked(rename)) == -signal.SIGKILL
    assert name in content(made["id"])
    assert maintenance.check().sound


@pytest.mark.parametrize("step", [before_rendering, before_counts, before_commit])
def test_killed_while_it_is_refreshed_it_waits_for_the_next_time(
    step: Callable[[], None],
) -> None:
    owner = factories.Organization(title="Sở Trước")
    made = dataset(owner)
    call_action("organization_patch", id=owner["id"], title="Sở Sau")

    def refresh() -> None:
        step()
        maintenance.refresh()

    assert ended(forked(refresh)) == -signal.SIGKILL
    assert maintenance.check().stale == [made["id"]]
    maintenance.refresh()
    assert "Sở Trước" not in entry(made["id"]).nt


def test_killed_after_the_commit_everything_has_happened(department: dict[str, Any]) -> None:
    made = dataset(department)

    def withdraw() -> None:
        call_action("package_patch", id=made["id"], private=True)
        die()

    assert ended(forked(withdraw)) == -signal.SIGKILL
    assert entry(made["id"]).state == "gone"


def test_a_late_commit_is_never_passed(app: CKANTestApp, department: dict[str, Any]) -> None:
    """Who has read up to a number has missed nothing below it, however long a commit takes."""
    one, other = dataset(department), dataset(department)
    after = read_to_end(app)[1]
    model.Session.rollback()

    def slowly() -> None:
        event.listen(model.meta.engine, "commit", lambda _connection: time.sleep(1.0))
        call_action("package_patch", id=one["id"], version="chậm")

    child = forked(slowly)
    time.sleep(0.3)
    quick = forked(lambda: call_action("package_patch", id=other["id"], version="nhanh"))
    seen: list[str] = []
    for _ in range(100):
        found, after = read_to_end(app, after)
        seen += [change["id"] for change in found]
        if len(seen) == 2:
            break
        time.sleep(0.05)
    assert [ended(child), ended(quick)] == [0, 0]
    assert sorted(seen) == sorted([one["id"], other["id"]])


class TestTogether:
    """A dataset and its agency are saved at the same moment."""

    def test_neither_the_old_name_nor_the_old_title_stays(self) -> None:
        owner = factories.Organization(title="Sở Cũ kỹ")
        made = dataset(owner)

        def rename() -> None:
            event.listen(model.meta.engine, "commit", lambda _connection: time.sleep(0.5))
            call_action("organization_patch", id=owner["id"], title="Sở Mới mẻ")

        def save() -> None:
            call_action("package_patch", id=made["id"], title="Sửa cùng lúc")

        children = [forked(rename), forked(save)]
        assert [ended(child) for child in children] == [0, 0]
        maintenance.refresh()
        assert "Sửa cùng lúc" in content(made["id"])
        assert "Sở Cũ kỹ" not in content(made["id"])
        assert maintenance.check().sound

    def test_twenty_saves_at_once_are_all_in_the_feed(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        made = [dataset(department)["id"] for _ in range(4)]
        after = read_to_end(app)[1]

        def save(number: int) -> Callable[[], None]:
            def run() -> None:
                for turn in range(5):
                    call_action("package_patch", id=made[number], version=f"{turn}")

            return run

        children = [forked(save(number)) for number in range(4)]
        assert [ended(child) for child in children] == [0] * 4
        told = read_to_end(app, after)[0]
        assert sorted(one["id"] for one in told) == sorted(made)
        assert feed(app, "after=" + read_to_end(app)[1])["changes"] == []


class TestStorm:
    """Two processes edit, publish and withdraw while clients of three kinds read."""

    STABLE = 12
    CHANGING = 9
    SECONDS = 8.0

    @pytest.fixture
    def stable(self, department: dict[str, Any]) -> list[str]:
        """Datasets that stay public, among others that come and go."""
        made: list[str] = []
        self.changing: list[str] = []
        for number in range(self.STABLE + self.CHANGING):
            one = dataset(department, title=f"Bão {number}")
            keeps = number % 7 not in (1, 3, 5)
            (made if keeps else self.changing).append(one["id"])
        return made

    def writers(self, department: dict[str, Any], stable: list[str]) -> list[int]:
        until = time.monotonic() + self.SECONDS

        def storm(seed: int) -> Callable[[], None]:
            def run() -> None:
                chance = random.Random(seed)
                mine = [one for n, one in enumerate(self.changing) if n % 2 == seed]
                while time.monotonic() < until:
                    match chance.randrange(5):
                        case 0 | 1:
                            own = [one for n, one in enumerate(stable) if n % 2 == seed]
                            title = f"Sửa {chance.random()}"
                            call_action("package_patch", id=chance.choice(own), title=title)
                        case 2:
                            private = chance.random() < 0.5
                            call_action("package_patch", id=chance.choice(mine), private=private)
                        case 3:
                            dataset(department, title="Mới")
                        case _:
                            state = chance.choice(("active", "draft", "deleted"))
                            call_action("package_patch", id=chance.choice(mine), state=state)

            return run

        return [forked(storm(seed)) for seed in (0, 1)]

    def test_no_harvest_misses_or_repeats_what_was_public_throughout(
        self, app: CKANTestApp, department: dict[str, Any], stable: list[str]
    ) -> None:
        children = self.writers(department, stable)
        deadline = time.monotonic() + self.SECONDS - 1
        rounds = 0
        while time.monotonic() < deadline or rounds == 0:
            for walk in (by_links, by_header, by_counting):
                found = list(walk(app))
                for one in stable:
                    assert found.count(one) == 1, f"{walk.__name__}: {one}"
            rounds += 1
        assert [ended(child) for child in children] == [0, 0]
        model.Session.rollback()
        findings = maintenance.check()
        assert findings.sound, findings
        ordinals = list(model.Session.scalars(sa.text("SELECT ordinal FROM nd47_dcat_entry")))
        assert len(ordinals) == len(set(ordinals))


def fetched(app: CKANTestApp, address: str) -> tuple[Graph, Any]:
    parts = urlsplit(address)
    reply = app.get(f"{parts.path}?{parts.query}", status=200)
    return Graph().parse(data=reply.data, format="turtle"), reply


def ids(graph: Graph) -> list[str]:
    return [str(node).rpartition("/")[2] for node in graph.objects(None, DCAT.dataset)]


def by_links(app: CKANTestApp) -> Iterator[str]:
    address = "/catalog.ttl"
    while address:
        graph, _reply = fetched(app, address)
        yield from ids(graph)
        view = next(graph.subjects(RDF.type, HYDRA.PagedCollection))
        address = str(next(graph.objects(view, HYDRA.nextPage), ""))


def by_header(app: CKANTestApp) -> Iterator[str]:
    address = "/catalog.ttl"
    while address:
        graph, reply = fetched(app, address)
        yield from ids(graph)
        link = reply.headers.get("Link", "")
        address = link.partition(">")[0].lstrip("<")


def by_counting(app: CKANTestApp) -> Iterator[str]:
    number = 1
    while found := ids(fetched(app, f"/catalog.ttl?page={number}")[0]):
        yield from found
        number += 1
