"""What is left to background workers, and what happens where there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError as Unreachable

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs as ckan_jobs
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies import days
from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.store import jobs, settle
from tests.agencies.conftest import focal_point
from tests.dcat.portal import committed, dataset, entry

pytestmark = pytest.mark.usefixtures("portal", "nothing_asked")


@pytest.fixture
def nothing_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No job waits, nobody has asked for one, and there is a storage."""
    monkeypatch.setitem(tk.config, "ckan.storage_path", str(tmp_path))
    monkeypatch.setattr(jobs, "_next_look", 0.0)
    monkeypatch.setattr(jobs, "_day", days.today())
    forget()
    yield
    forget()


def forget() -> None:
    redis = connect_to_redis()
    for key in redis.scan_iter(f"ckan:{tk.config['ckan.site_id']}:nd47:dcat:*"):
        redis.delete(key)
    queue = ckan_jobs.get_queue()
    queue.empty()
    for one in queue.scheduled_job_registry.get_job_ids():
        queue.scheduled_job_registry.remove(one, delete_job=True)


def scheduled() -> list[Any]:
    queue = ckan_jobs.get_queue()
    found = (queue.fetch_job(one) for one in queue.scheduled_job_registry.get_job_ids())
    return [one.func_name for one in found if one]


def waiting() -> list[Any]:
    return [one.func_name for one in ckan_jobs.get_queue().jobs]


def unreachable() -> Any:
    raise Unreachable


@pytest.mark.parametrize("job", [jobs.catch_up, jobs.write_dump])
def test_several_changes_ask_for_one(department: dict[str, Any], job: Any) -> None:
    made = dataset(department)
    call_action("package_patch", id=made["id"], title="Đập dâng")
    assert scheduled().count(f"{jobs.__name__}.{job.__name__}") == 1


class TestDump:
    def test_the_job_writes_it(self, department: dict[str, Any]) -> None:
        made = dataset(department)
        jobs.write_dump()
        known = dump.manifest()
        assert known is not None
        assert made["id"] in [one["id"] for one in known["datasets"]]

    @pytest.mark.parametrize(
        ("option", "value"), [("ckanext.nd47.dcat_dump_minutes", 0), ("ckan.storage_path", "")]
    )
    def test_a_portal_may_do_without(
        self,
        department: dict[str, Any],
        monkeypatch: pytest.MonkeyPatch,
        option: str,
        value: object,
    ) -> None:
        monkeypatch.setitem(tk.config, option, value)
        dataset(department)
        assert scheduled() == [f"{jobs.__name__}.catch_up"]

    def test_without_redis_the_dataset_is_saved(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "connect_to_redis", unreachable)
        assert entry(dataset(department)["id"]).state == "live"

    def test_without_redis_the_log_says_what_to_run(
        self,
        department: dict[str, Any],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(jobs, "connect_to_redis", unreachable)
        dataset(department)
        assert "ckan nd47 dcat rebuild --stale" in caplog.text
        assert "ckan nd47 dcat dump" in caplog.text


class TestCatchUp:
    def test_the_job_writes_what_waits(self, department: dict[str, Any]) -> None:
        made = dataset(department, title="Trạm bơm Nà Hang")
        assert (committed(made["id"]).etag, committed(made["id"]).due is None) == ("", False)
        jobs.catch_up()
        found = committed(made["id"])
        assert (found.etag != "", found.due) == (True, None)
        assert "Trạm bơm Nà Hang" in bytes(found.ttl).decode()

    def test_what_is_saved_after_it_began_asks_for_another(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = dataset(department)

        def save_meanwhile() -> None:
            call_action("package_patch", id=made["id"], title="Đập dâng")

        monkeypatch.setattr(settle, "catch_up", save_meanwhile)
        jobs.catch_up()
        assert scheduled().count(f"{jobs.__name__}.catch_up") == 2

    def test_an_edit_of_an_agency_asks_for_it(self, department: dict[str, Any]) -> None:
        call_action("organization_patch", id=department["id"], title="Sở Nông nghiệp")
        assert f"{jobs.__name__}.catch_up" in scheduled()

    def test_it_may_take_longer_than_other_jobs(self, department: dict[str, Any]) -> None:
        dataset(department)
        queue = ckan_jobs.get_queue()
        found = [queue.fetch_job(one) for one in queue.scheduled_job_registry.get_job_ids()]
        assert found
        assert all((one.timeout or 0) > tk.config["ckan.jobs.timeout"] for one in found if one)


class TestStale:
    @pytest.fixture
    def other_settings(self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
        made = dataset(department)
        name = made["name"]
        jobs.catch_up()
        forget()
        monkeypatch.setitem(tk.config, "ckanext.nd47.dcat_place", "48")
        model.Session.rollback()
        return name

    @pytest.mark.parametrize("address", ["/catalog.ttl", "/dataset/{name}.ttl"])
    def test_its_first_reader_asks_for_a_refresh(
        self, app: CKANTestApp, other_settings: str, address: str
    ) -> None:
        for _ in range(2):
            app.get(address.format(name=other_settings), status=200)
        assert waiting() == [f"{jobs.__name__}.refresh"]

    def test_after_the_refresh_nothing_is_stale(
        self, app: CKANTestApp, other_settings: str
    ) -> None:
        jobs.refresh()
        app.get(f"/dataset/{other_settings}.ttl", status=200)
        assert waiting() == []

    @pytest.mark.parametrize("address", ["/catalog.ttl", "/dataset/{name}.ttl"])
    def test_without_redis_the_page_is_there(
        self,
        app: CKANTestApp,
        other_settings: str,
        monkeypatch: pytest.MonkeyPatch,
        address: str,
    ) -> None:
        monkeypatch.setattr(jobs, "connect_to_redis", unreachable)
        app.get(address.format(name=other_settings), status=200)

    def test_what_is_as_it_should_be_asks_for_nothing(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        name = dataset(department)["name"]
        jobs.refresh()
        forget()
        app.get(f"/dataset/{name}.ttl", status=200)
        assert waiting() == []


class TestNewDay:
    @pytest.fixture
    def officer(self) -> dict[str, Any]:
        """A focal point in office, and a dataset of its agency."""
        owner = factories.Organization(title="Sở Đổi người")
        until = days.today() + dt.timedelta(days=1)
        point = focal_point(owner["id"], valid_to=until.isoformat())
        made = dataset(owner)
        assert point["id"] in bytes(entry(made["id"]).nt).decode()
        return {"dataset": made["id"], "point": point["id"]}

    def test_a_term_that_ended_by_itself_is_no_longer_shown(
        self, officer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = days.today() + dt.timedelta(days=3)
        jobs.new_day()
        assert officer["point"] in bytes(entry(officer["dataset"]).nt).decode()
        monkeypatch.setattr(days, "today", lambda: later)
        jobs.new_day()
        assert officer["point"] not in bytes(entry(officer["dataset"]).nt).decode()

    def test_the_first_reader_of_a_day_asks_for_it_once(
        self, app: CKANTestApp, officer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = days.today() + dt.timedelta(days=3)
        monkeypatch.setattr(days, "today", lambda: later)
        monkeypatch.setattr(jobs, "_day", None)
        for _ in range(2):
            app.get("/catalog.ttl", status=200)
            monkeypatch.setattr(jobs, "_day", None)
        assert waiting().count(f"{jobs.__name__}.new_day") == 1
