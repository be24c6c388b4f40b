"""Links of files and pages are asked politely, and what is dead is told."""

from __future__ import annotations

import datetime as dt
import http.server
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.tables.cli import tables_commands
from ckanext.nd47.tables.findings import faults
from ckanext.nd47.tables.links import run, uses
from ckanext.nd47.tables.links.model import LinkCheck, LinkUse
from ckanext.nd47.tables.links.probe import Host
from tests.support.statements import statements

pytestmark = pytest.mark.usefixtures("no_links")


class _Server(http.server.BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, str, str]]] = []
    moments: ClassVar[list[float]] = []
    robots: ClassVar[bytes] = b""
    first_fails: ClassVar[set[str]] = set()

    def do_HEAD(self) -> None:  # noqa: N802 - the name that http.server calls
        self._answer("HEAD")

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        self._answer("GET")

    def _answer(self, method: str) -> None:
        self.asked.append((method, self.path, self.headers.get("Range") or ""))
        self.moments.append(time.monotonic())
        status = 200
        if self.path.startswith("/gone"):
            status = 404
        elif self.path == "/guarded":
            status = 403
        elif self.path == "/no-head" and method == "HEAD":
            status = 405
        elif self.path in self.first_fails:
            status = 503
            if method == "GET":
                self.first_fails.discard(self.path)
        elif self.path == "/moved":
            status = 302
        self.send_response(status)
        if status == 302:  # noqa: PLR2004 - moved
            self.send_header("Location", "http://127.0.0.1:1/inside")
        content = self.robots if self.path == "/robots.txt" else b"a,b\n"
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if method == "GET":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of the private network."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture
def no_links(portal: None) -> Iterator[None]:
    """A portal without links, before and after."""

    def clean() -> None:
        model.Session.rollback()
        model.Session.execute(sa.delete(LinkCheck))
        model.Session.execute(sa.update(model.package_table).values(state=model.State.DELETED))
        model.Session.commit()
        _Server.asked.clear()
        _Server.moments.clear()
        _Server.robots = b""
        _Server.first_fails = set()

    clean()
    yield
    clean()


@pytest.fixture
def linked(accounts, server, ckan_config):
    """Publishes a dataset with links to the server, which the portal may reach as its own."""
    ckan_config["ckan.site_url"] = server

    def make(*paths: str, **fields: Any) -> dict[str, Any]:
        return factories.Dataset(
            owner_org=accounts["agency"],
            resources=[
                {"url": path if "://" in path else f"{server}{path}", "format": "CSV", "name": path}
                for path in paths
            ],
            **fields,
        )

    return make


def ask(pause: float = 0.0) -> int:
    """Collect the links and ask what is due."""
    uses.collect()
    return run.check(100, pause)


def rows() -> dict[str, LinkCheck]:
    """Return what is stored, by the address without its host."""
    model.Session.expire_all()
    return {
        row.address.partition("://")[2].partition("/")[2]: row
        for row in model.Session.scalars(sa.select(LinkCheck))
    }


def later(**values: Any) -> None:
    """Make all links due, and put what was noted about them in the past."""
    model.Session.execute(sa.update(LinkCheck).values(due=sa.func.now(), **values))
    model.Session.commit()


def rewrite(resource_id: str, address: str) -> None:
    """Give a file an address that the form would refuse, as an import of before may have."""
    table = model.resource_table
    model.Session.execute(sa.update(table).where(table.c.id == resource_id).values(url=address))
    model.Session.commit()


@pytest.mark.sockets
class TestAsking:
    def test_a_link_that_answers_is_good(self, linked):
        linked("/a.csv")
        assert ask() == 1
        row = rows()["a.csv"]
        assert (row.status, row.answer, row.failures) == ("good", "200", 0)
        assert row.last_good
        assert row.first_failed is None

    def test_only_the_head_is_asked_for_where_that_is_enough(self, linked):
        linked("/a.csv")
        ask()
        assert _Server.asked == [("HEAD", "/a.csv", "")]

    def test_a_server_that_knows_no_head_is_asked_for_one_byte(self, linked):
        linked("/no-head")
        ask()
        assert _Server.asked == [("HEAD", "/no-head", ""), ("GET", "/no-head", "bytes=0-0")]
        assert rows()["no-head"].status == "good"

    def test_a_server_that_fails_for_a_moment_is_asked_again(self, linked):
        _Server.first_fails = {"/busy"}
        linked("/busy")
        ask()
        assert rows()["busy"].status == "good"

    def test_a_first_failure_is_no_dead_link_yet(self, linked):
        linked("/gone.csv")
        ask()
        row = rows()["gone.csv"]
        assert (row.status, row.answer, row.failures) == ("failing", "404", 1)

    def test_a_second_failure_on_another_day_is_a_dead_link(self, linked):
        linked("/gone.csv")
        ask()
        first = rows()["gone.csv"].first_failed
        later(last_checked=sa.func.now() - dt.timedelta(days=1))
        ask()
        row = rows()["gone.csv"]
        assert (row.status, row.failures, row.first_failed) == ("dead", 2, first)
        assert [one["status"] for one in row.history] == ["dead", "failing"]

    def test_two_failures_within_an_hour_are_one(self, linked):
        linked("/gone.csv")
        ask()
        later()
        ask()
        assert rows()["gone.csv"].status == "failing"

    def test_a_link_that_answers_again_is_good_again(self, linked):
        linked("/a.csv")
        ask()
        later(status="dead", failures=5, first_failed=sa.func.now())
        ask()
        row = rows()["a.csv"]
        assert (row.status, row.failures, row.first_failed) == ("good", 0, None)

    def test_a_server_that_refuses_programs_is_not_called_dead(self, linked):
        linked("/guarded")
        ask()
        assert rows()["guarded"].status == "unknown"

    def test_a_private_network_is_not_asked(self, linked, server, ckan_config):
        linked("/a.csv")
        ckan_config["ckan.site_url"] = "https://cong.example"
        ask()
        row = rows()["a.csv"]
        assert (row.status, row.answer) == ("failing", "not-public")
        assert _Server.asked == []

    def test_a_redirect_into_the_private_network_is_not_followed(self, linked):
        linked("/moved")
        ask()
        assert rows()["moved"].answer == "not-public"

    def test_one_host_is_asked_with_a_pause(self, linked):
        linked("/a.csv", "/b.csv", "/c.csv")
        ask(pause=0.3)
        steps = [after - before for before, after in pairwise(_Server.moments)]
        assert len(steps) == 2  # noqa: PLR2004 - between three requests
        assert min(steps) >= 0.2  # noqa: PLR2004 - the pause

    def test_what_is_not_due_is_not_asked_again(self, linked):
        linked("/a.csv")
        assert ask() == 1
        assert ask() == 0

    def test_the_same_address_of_two_datasets_is_asked_once(self, linked):
        linked("/a.csv")
        linked("/a.csv")
        assert ask() == 1
        assert len(_Server.asked) == 1

    def test_a_hostile_address_ends_in_a_word(self, linked):
        hostile = ("http://[::1", "http://a..b/", "http://xn--/x", "https://" + "a" * 70 + ".vn/")
        dataset = linked(*(f"/{number}" for number, _ in enumerate(hostile)))
        for resource, address in zip(dataset["resources"], hostile, strict=True):
            rewrite(resource["id"], address)
        ask()
        found = model.Session.scalars(sa.select(LinkCheck)).all()
        assert {(row.address, row.status) for row in found} == {
            (address, "failing") for address in hostile
        }

    def test_the_command_says_what_it_did(self, linked, cli):
        linked("/a.csv")
        done = cli.invoke(tables_commands, ["check-links", "--most", "1"])
        assert done.exit_code == 0, done.output
        assert "1 datasets, 1 links asked, 0 still due." in done.output


@pytest.mark.sockets
class TestRobots:
    """The hosts of others; the portal's own robots.txt is for search engines."""

    @pytest.fixture
    def host(self, no_links) -> Iterator[Host]:
        host = Host("127.0.0.1", own=False, pause=0.0)
        yield host
        host.close()

    def test_what_robots_txt_forbids_is_not_asked(self, host, server):
        _Server.robots = b"User-agent: *\nDisallow: /kin\n"
        assert host.ask(f"{server}/kin/a.csv") == ("refused", "robots")
        assert host.ask(f"{server}/mo/a.csv") == ("ok", "200")
        assert [path for _, path, _ in _Server.asked] == ["/robots.txt", "/mo/a.csv"]

    def test_the_pause_that_robots_txt_asks_for_is_made(self, host, server):
        _Server.robots = b"User-agent: *\nCrawl-delay: 1\n"
        host.ask(f"{server}/a.csv")
        assert _Server.moments[1] - _Server.moments[0] >= 0.9  # noqa: PLR2004 - seconds


@pytest.mark.sockets
class TestKilled:
    def test_what_a_killed_run_took_is_due_again_later(self, linked):
        linked("/a.csv")
        uses.collect()
        assert len(run.take(10)) == 1  # and then it is killed
        assert run.check(10, 0.0) == 0
        later()
        assert run.check(10, 0.0) == 1

    def test_two_runs_at_once_ask_nothing_twice(self, linked):
        linked("/a.csv", "/b.csv")
        uses.collect()
        first, second = run.take(1), run.take(1)  # of two runs
        assert len({*first, *second}) == 2  # noqa: PLR2004 - each another one
        assert run.take(1) == []


class TestUses:
    def test_pages_of_the_dataset_are_asked_too(self, linked):
        linked(url="https://so.example/du-lieu")
        uses.collect()
        used = model.Session.scalars(sa.select(LinkUse)).one()
        assert (used.resource_id, used.field) == ("", "url")

    def test_an_address_that_was_replaced_is_forgotten(self, linked):
        dataset = linked("/a.csv")
        uses.collect()
        call_action(
            "resource_patch", id=dataset["resources"][0]["id"], url="https://so.example/b.csv"
        )
        uses.collect()
        assert set(rows()) == {"b.csv"}

    def test_a_deleted_dataset_is_forgotten(self, linked):
        dataset = linked("/a.csv")
        uses.collect()
        call_action("package_delete", id=dataset["id"])
        uses.collect()
        assert rows() == {}

    def test_what_is_no_web_address_is_left_out(self, linked):
        rewrite(linked("/a.csv")["resources"][0]["id"], "ftp://tep.example/a.csv")
        uses.collect()
        assert rows() == {}

    def test_an_uploaded_file_is_looked_for_in_the_storage(self, upload):
        resource = upload("a.csv", b"a,b\n1,2\n")
        ask()
        row = model.Session.scalars(sa.select(LinkCheck)).one()
        assert (row.address, row.status) == (f"upload:{resource['id']}", "good")

    def test_the_number_of_statements_does_not_grow(self, linked):
        linked("/a.csv")
        with statements() as few:
            uses.collect()
        for number in range(5):
            linked(f"/{number}.csv", f"/{number}.json", url=f"https://so.example/{number}")
        with statements() as many:
            uses.collect()
        assert len(many) == len(few)


class TestTold:
    @pytest.fixture
    def dead(self, linked):
        def make(days: float) -> dict[str, Any]:
            dataset = linked("/gone.csv", url="https://so.example/trang")
            uses.collect()
            later(status="dead", failures=3, first_failed=sa.func.now() - dt.timedelta(days=days))
            return dataset

        return make

    @pytest.mark.parametrize(
        ("status", "expected"),
        [("good", [True]), ("failing", [False]), ("dead", [False]), ("new", []), ("unknown", [])],
    )
    def test_whether_a_file_answers_is_known(self, dead, status, expected):
        dataset = dead(2)
        later(status=status)
        answers = faults.links_answer([dataset["id"], "other"])
        assert list(answers.values()) == expected
        assert set(answers) <= {dataset["resources"][0]["id"]}

    @pytest.mark.parametrize("path", ["/dataset/{0}", "/dataset/{0}/resource/{1}"])
    @pytest.mark.parametrize(("days", "is_told"), [(2, False), (8, True)])
    def test_citizens_are_told_after_a_week(self, app, dead, path, days, is_told):
        dataset = dead(days)
        page = app.get(path.format(dataset["name"], dataset["resources"][0]["id"])).body
        assert bool(BeautifulSoup(page, "html.parser").select(".nd47-dead-link")) is is_told
