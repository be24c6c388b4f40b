"""What is left to background workers, and what happens where there is none."""

from __future__ import annotations

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

from ckanext.nd47.dcat import dump, tasks
from ckanext.nd47.dcat.store import jobs
from ckanext.nd47.lib import once
from tests.dcat.portal import dataset, entry

pytestmark = pytest.mark.usefixtures("portal", "nothing_asked")


@pytest.fixture
def nothing_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No job waits, nobody has asked for one, and there is a storage."""
    monkeypatch.setitem(tk.config, "ckan.storage_path", str(tmp_path))
    monkeypatch.setattr(jobs, "_next_look", 0.0)
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
    return [job.func_name for job in ckan_jobs.get_queue().jobs]


def unreachable() -> Any:
    raise Unreachable


def test_several_changes_ask_for_one_dump(department: dict[str, Any]) -> None:
    made = dataset(department)
    call_action("package_patch", id=made["id"], title="Đập dâng")
    assert scheduled() == [jobs.WRITE_DUMP]
    assert waiting() == []


class TestDump:
    def test_the_job_writes_it(self, department: dict[str, Any]) -> None:
        made = dataset(department)
        tasks.write_dump()
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
        assert scheduled() == []

    def test_without_redis_the_dataset_is_saved(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(once, "connect_to_redis", unreachable)
        assert entry(dataset(department)["id"]).state == "live"

    def test_without_redis_the_log_says_what_to_run(
        self,
        department: dict[str, Any],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(once, "connect_to_redis", unreachable)
        dataset(department)
        call_action("organization_patch", id=department["id"], title="Sở Nông nghiệp")
        assert "ckan nd47 dcat rebuild --stale" in caplog.text
        assert "ckan nd47 dcat dump" in caplog.text


class TestRefresh:
    @pytest.fixture
    def renamed(self) -> tuple[str, str]:
        """An agency that has got another name, and a dataset of it."""
        owner = factories.Organization(title="Sở Trước")
        made = dataset(owner)
        call_action("organization_patch", id=owner["id"], title="Sở Sau")
        return owner["id"], made["id"]

    def test_a_rename_asks_for_it_once(self, renamed: tuple[str, str]) -> None:
        call_action("organization_patch", id=renamed[0], title="Sở Sau nữa")
        assert waiting() == [jobs.REFRESH]

    def test_the_job_writes_what_repeats_the_name(self, renamed: tuple[str, str]) -> None:
        assert "Sở Trước" in entry(renamed[1]).nt
        tasks.refresh()
        assert "Sở Trước" not in entry(renamed[1]).nt

    def test_what_changes_after_it_began_asks_for_another(
        self, renamed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def rename_meanwhile() -> None:
            call_action("organization_patch", id=renamed[0], title="Sở Sau nữa")

        monkeypatch.setattr(tasks.maintenance, "refresh", rename_meanwhile)
        call_action("package_patch", id=renamed[1], version="2")
        tasks.refresh()
        assert waiting() == [jobs.REFRESH] * 2

    @pytest.mark.parametrize("address", ["/catalog.ttl", "/catalog/changes.json"])
    def test_where_the_job_was_lost_a_reader_asks_again(
        self,
        app: CKANTestApp,
        renamed: tuple[str, str],
        monkeypatch: pytest.MonkeyPatch,
        address: str,
    ) -> None:
        forget()
        monkeypatch.setitem(tk.config, "ckanext.dcat.datasets_per_page", 1000)
        app.get(address, status=200)
        assert waiting() == [jobs.REFRESH]

    def test_it_may_take_longer_than_other_jobs(self, renamed: tuple[str, str]) -> None:
        found = ckan_jobs.get_queue().jobs
        assert found
        assert all((one.timeout or 0) > tk.config["ckan.jobs.timeout"] for one in found)


class TestStale:
    @pytest.fixture
    def other_settings(self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
        made = dataset(department)
        name = made["name"]
        tasks.refresh()
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
        assert waiting() == [jobs.REFRESH]

    def test_after_the_refresh_nothing_is_stale(
        self, app: CKANTestApp, other_settings: str
    ) -> None:
        tasks.refresh()
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
        monkeypatch.setattr(once, "connect_to_redis", unreachable)
        app.get(address.format(name=other_settings), status=200)

    def test_what_is_as_it_should_be_asks_for_nothing(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        name = dataset(department)["name"]
        tasks.refresh()
        forget()
        app.get(f"/dataset/{name}.ttl", status=200)
        assert waiting() == []
