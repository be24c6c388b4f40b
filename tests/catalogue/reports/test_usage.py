"""Views, downloads and API calls are counted once each, without anything about the visitor."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from freezegun import freeze_time
from redis.exceptions import ConnectionError as NoRedis

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.catalogue.reports.usage import counting, flush, one_way, robots
from ckanext.nd47.catalogue.reports.usage.cli import usage_commands
from ckanext.nd47.catalogue.reports.usage.model import OWN, TRACKING, UsageDay
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from tests.catalogue.reports.conftest import Create, World, used

pytestmark = pytest.mark.usefixtures("world")

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def get(app: CKANTestApp, address: str, agent: str = BROWSER, **headers: str) -> Any:
    status = headers.pop("status", None)
    extra = {"status": int(status)} if status else {}
    return app.get(
        address, headers={"User-Agent": agent, **headers}, follow_redirects=False, **extra
    )


def counted() -> dict[str, int]:
    """Return the numbers in Redis of all days."""
    numbers: dict[str, int] = {}
    for key in connect_to_redis().scan_iter(f"{counting.prefix()}day:*"):
        stored: Any = connect_to_redis().hgetall(key)
        for field, value in stored.items():
            numbers[field.decode()] = numbers.get(field.decode(), 0) + int(value)
    return numbers


def day_of(dataset: dict[str, Any], day: dt.date | None = None) -> UsageDay | None:
    model.Session.expire_all()
    return model.Session.get(UsageDay, (day or dates.today(), dataset["id"], OWN))


class TestWhatIsCounted:
    def test_a_view_a_download_and_an_api_call_are_counted_apart(
        self, app: CKANTestApp, create: Create
    ):
        dataset = create(resources=[{"url": "https://so.example/a.csv", "format": "CSV"}])
        resource = dataset["resources"][0]["id"]
        get(app, f"/dataset/{dataset['name']}")
        get(app, f"/dataset/{dataset['id']}/resource/{resource}")
        get(app, f"/dataset/{dataset['id']}/resource/{resource}/download")
        get(app, f"/api/3/action/package_show?id={dataset['name']}", "curl/8.0")
        flush.flush()
        row = day_of(dataset)
        assert row is not None
        assert (row.views, row.downloads, row.api_calls) == (2, 1, 1)
        assert (row.robot_views, row.robot_downloads, row.robot_api_calls) == (0, 0, 0)

    def test_robots_are_counted_apart(self, app: CKANTestApp, create: Create):
        dataset = create()
        get(app, f"/dataset/{dataset['name']}", ROBOT)
        get(app, f"/api/3/action/package_show?id={dataset['name']}", ROBOT)
        flush.flush()
        row = day_of(dataset)
        assert row is not None
        assert (row.views, row.robot_views, row.robot_api_calls) == (0, 1, 1)

    def test_a_posted_api_call_is_counted(self, app: CKANTestApp, create: Create):
        dataset = create()
        app.post(
            "/api/3/action/package_show",
            json={"id": dataset["name"]},
            headers={"User-Agent": "python-requests/2.32"},
        )
        assert counted() == {f"api {dataset['name']}": 1}

    @pytest.mark.parametrize("action", ["status_show", "site_read"])
    def test_who_asks_whether_the_portal_is_there_is_not_counted(self, app: CKANTestApp, action):
        get(app, f"/api/3/action/{action}")
        assert counted() == {}

    def test_what_is_not_found_or_refused_is_not_counted(self, app: CKANTestApp, create: Create):
        private = create(private=True)
        get(app, "/dataset/khong-co", status="404")
        get(app, f"/dataset/{private['name']}", status="404")
        get(app, "/api/3/action/package_show?id=khong-co", status="404")
        assert counted() == {}

    def test_head_is_not_counted(self, app: CKANTestApp, create: Create):
        client = app.flask_app.test_client()
        answer = client.head(f"/dataset/{create()['name']}", headers={"User-Agent": BROWSER})
        assert answer.status_code == 200
        assert counted() == {}

    def test_accounts_are_not_counted_as_visitors(
        self, app: CKANTestApp, world: World, create: Create
    ):
        get(app, f"/dataset/{create()['name']}", **world.headers("editor"))
        assert counted() == {}

    def test_pages_of_the_portal_that_ask_the_api_are_not_counted(
        self, app: CKANTestApp, create: Create
    ):
        address = f"/api/3/action/package_show?id={create()['name']}"
        get(app, address, **{"Sec-Fetch-Site": "same-origin"})
        assert counted() == {}

    def test_a_change_by_the_api_is_not_counted(self, app: CKANTestApp, world: World):
        app.post(
            "/api/3/action/package_create", json={}, headers=world.headers("editor"), status=409
        )
        assert counted() == {}

    @pytest.mark.parametrize("agent", ["ckanext-nd47 evidence", "Zabbix 7.0"])
    def test_own_programs_and_those_that_watch_the_portal_are_not_counted(
        self, app: CKANTestApp, create: Create, monkeypatch, agent
    ):
        monkeypatch.setitem(tk.config, config.USAGE_MONITORS, "Zabbix UptimeRobot")
        get(app, f"/dataset/{create()['name']}", agent)
        assert counted() == {}

    def test_nothing_about_the_visitor_is_stored(self, app: CKANTestApp, create: Create):
        name = create()["name"]
        get(app, f"/dataset/{name}", **{"X-Forwarded-For": "203.0.113.9", "Cookie": "a=b"})
        assert counted() == {f"view {name}": 1}

    def test_the_page_works_without_redis(self, app: CKANTestApp, create: Create, monkeypatch):
        class Away:
            def hincrby(self, *_given: object) -> None:
                raise NoRedis

        monkeypatch.setattr(one_way, "connected", lambda _url: Away())
        monkeypatch.setattr(counting, "_again_at", 0.0)
        get(app, f"/dataset/{create()['name']}")
        assert counted() == {}


class TestRobots:
    @pytest.mark.parametrize(
        "agent", [ROBOT, "Mozilla/5.0 (compatible; bingbot/2.0)", "GPTBot/1.0"]
    )
    def test_known_robots(self, agent):
        assert robots.is_robot(agent, for_data=True)
        assert robots.is_robot(agent, for_data=False)

    def test_a_library_is_a_robot_among_pages_and_a_program_among_data(self):
        assert robots.is_robot("python-requests/2.32", for_data=False)
        assert not robots.is_robot("python-requests/2.32", for_data=True)

    @pytest.mark.parametrize("for_data", [True, False])
    def test_a_browser_is_none(self, for_data):
        assert not robots.is_robot(BROWSER, for_data=for_data)


class TestFlush:
    def count(self, reference: str, times: int = 1, day: str = "") -> None:
        key = counting.key_of(day or dates.today().isoformat())
        connect_to_redis().hincrby(key, f"view {reference}", times)

    def test_names_ids_and_files_are_the_same_dataset(self, create: Create):
        dataset = create(resources=[{"url": "https://so.example/a.csv"}])
        for reference in (dataset["name"], dataset["id"], dataset["resources"][0]["id"]):
            self.count(reference)
        assert flush.flush() == 3
        row = day_of(dataset)
        assert row is not None
        assert row.views == 3

    def test_days_are_kept_apart(self, create: Create):
        dataset = create()
        self.count(dataset["id"], 2, "2026-01-31")
        self.count(dataset["id"], 3, "2026-02-01")
        flush.flush()
        for day, views in ((dt.date(2026, 1, 31), 2), (dt.date(2026, 2, 1), 3)):
            row = day_of(dataset, day)
            assert row is not None
            assert row.views == views

    def test_a_day_begins_at_midnight_in_vietnam(self, app: CKANTestApp, create: Create):
        dataset = create()
        with freeze_time("2026-03-31 18:00:00"):
            get(app, f"/dataset/{dataset['name']}")
        assert connect_to_redis().exists(counting.key_of("2026-04-01"))

    def test_it_can_be_repeated(self, create: Create):
        dataset = create()
        self.count(dataset["id"], 2)
        assert [flush.flush(), flush.flush()] == [2, 0]
        self.count(dataset["id"])
        flush.flush()
        row = day_of(dataset)
        assert row is not None
        assert row.views == 3

    def test_a_process_killed_before_the_commit_loses_nothing(self, create: Create, monkeypatch):
        dataset = create()
        self.count(dataset["id"], 2)

        def killed(*_given: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(flush, "_add", killed)
            with pytest.raises(KeyboardInterrupt):
                flush.flush()
        model.Session.rollback()
        self.count(dataset["id"])
        flush.flush()
        row = day_of(dataset)
        assert row is not None
        assert row.views == 3

    def test_a_process_killed_after_the_commit_adds_nothing_twice(
        self, create: Create, monkeypatch
    ):
        dataset = create()
        self.count(dataset["id"], 2)

        class Killed:
            def __getattr__(self, name: str) -> Any:
                if name == "delete":
                    raise KeyboardInterrupt
                return getattr(connect_to_redis(), name)

        with monkeypatch.context() as patched:
            patched.setattr(flush, "connect_to_redis", Killed)
            with pytest.raises(KeyboardInterrupt):
                flush.flush()
        model.Session.rollback()
        assert flush.flush() == 0
        row = day_of(dataset)
        assert row is not None
        assert row.views == 2
        assert not list(connect_to_redis().scan_iter(f"{counting.prefix()}*"))

    def test_what_is_not_public_counts_for_no_dataset(self, create: Create):
        dataset = create(private=True)
        self.count(dataset["id"])
        flush.flush()
        assert day_of(dataset) is None
        assert day_of({"id": ""}) is not None

    def test_the_command_says_what_it_has_written(self, create: Create):
        self.count(create()["id"], 4)
        result = CliRunner().invoke(usage_commands, ["flush"])
        assert result.exit_code == 0, result.output
        assert "4 views" in result.output


class TestTracking:
    @pytest.fixture(autouse=True)
    def summary(self, create: Create) -> Any:
        """CKAN's table with three days of a dataset and its file."""
        model.Session.execute(
            sa.text(
                "CREATE TABLE IF NOT EXISTS tracking_summary (url text NOT NULL, package_id text,"
                " tracking_type varchar(10) NOT NULL, count integer NOT NULL,"
                " running_total integer NOT NULL DEFAULT 0,"
                " recent_views integer NOT NULL DEFAULT 0, tracking_date date)"
            )
        )
        dataset = create(resources=[{"url": "https://so.example/a.csv"}])
        resource = dataset["resources"][0]["id"]
        address = f"/dataset/{dataset['id']}/resource/{resource}/download/a.csv"
        for day in (1, 2, 3):
            for url, package_id, kind, times in (
                (f"/dataset/{dataset['name']}", dataset["id"], "page", 10),
                (address, None, "resource", 4),
                ("/about", "~~not~found~~", "page", 99),
            ):
                model.Session.execute(
                    sa.text(
                        "INSERT INTO tracking_summary (url, package_id, tracking_type, count,"
                        " tracking_date) VALUES (:url, :id, :kind, :times, :day)"
                    ),
                    {
                        "url": url,
                        "id": package_id,
                        "kind": kind,
                        "times": times,
                        "day": dt.date(2026, 5, day),
                    },
                )
        model.Session.commit()
        self.dataset = dataset
        yield
        model.Session.rollback()
        model.Session.execute(sa.text("DELETE FROM tracking_summary"))
        model.Session.commit()

    def rows(self) -> list[tuple[int, int]]:
        query = sa.select(UsageDay.views, UsageDay.downloads).where(UsageDay.source == TRACKING)
        return list(model.Session.execute(query).tuples())

    def read(self, *options: str) -> str:
        result = CliRunner().invoke(usage_commands, ["read-tracking", *options])
        assert result.exit_code == 0, result.output
        return result.output

    def test_a_dry_run_changes_nothing(self):
        assert "30 views and 12 downloads of 1 datasets on 3 days would be read" in self.read(
            "--dry-run"
        )
        assert self.rows() == []

    def test_it_can_be_repeated(self):
        self.read()
        self.read()
        assert self.rows() == [(10, 4)] * 3

    def test_days_that_the_suite_has_counted_are_left_out(self):
        used(self.dataset, dt.date(2026, 5, 3), views=1)
        assert "before 2026-05-03" in self.read()
        assert len(self.rows()) == 2


def test_an_account_without_any_role_is_still_no_visitor(app: CKANTestApp, create: Create):
    token = factories.APIToken(user=factories.User()["name"])["token"]
    get(app, f"/dataset/{create()['name']}", Authorization=token)
    assert counted() == {}


def test_the_dataset_of_an_old_count_stays_after_a_purge(create: Create):
    dataset = create()
    used(dataset, dates.today(), views=3)
    call_action("dataset_purge", id=dataset["id"])
    assert day_of(dataset) is not None
