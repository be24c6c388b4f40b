"""The job that checks the files that wait: one for many, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis.exceptions import RedisError

from ckan.lib import jobs as background
from ckan.tests.helpers import CKANCliRunner, call_action

from ckanext.nd47.lib import once
from ckanext.nd47.lib.database import locks
from ckanext.nd47.tables.check_jobs import jobs, queue
from ckanext.nd47.tables.cli import files_commands
from tests.tables.conftest import Upload, stored

SOUND = b"xa,so_ho\nA,1\nB,2\n"


@pytest.fixture(autouse=True)
def nothing_waits(upload: Upload) -> Iterator[None]:
    """No file waits for its check, and no job."""
    queue.check_waiting()
    background.get_queue().empty()
    yield
    once.reset(queue.ENQUEUED)


def enqueued() -> list[str]:
    """Return the titles of the jobs that check files."""
    titles = [job["title"] for job in call_action("job_list")]
    return [title for title in titles if title == "nd47: check of files"]


def states(resources: list[dict[str, Any]]) -> list[str]:
    """Return the states of the checks of some files."""
    rows = [stored(resource["id"]) for resource in resources]
    return [row.state if row else "" for row in rows]


@pytest.fixture
def three(upload: Upload) -> list[dict[str, Any]]:
    """Three files that wait."""
    return [upload(f"{name}.csv", SOUND) for name in "abc"]


def test_many_files_have_one_job(three: list[dict[str, Any]]):
    assert len(enqueued()) == 1


def test_a_job_checks_all_that_wait_the_oldest_first(
    three: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    order: list[str] = []
    run = jobs.run

    def noted(resource_id: str) -> None:
        order.append(resource_id)
        run(resource_id)

    monkeypatch.setattr(jobs, "run", noted)
    queue.check_waiting()
    assert order == [resource["id"] for resource in three]
    assert states(three) == ["done"] * 3


def test_a_file_that_comes_while_a_job_works_has_another_job(
    three: list[dict[str, Any]], upload: Upload
):
    background.get_queue().empty()
    queue.check_waiting()
    assert enqueued() == []
    upload("d.csv", SOUND)
    assert len(enqueued()) == 1


def test_a_file_whose_check_raises_does_not_hold_up_the_others(
    three: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    run = jobs.run
    tried: list[str] = []

    def broken(resource_id: str) -> None:
        tried.append(resource_id)
        if resource_id == three[0]["id"]:
            raise RuntimeError
        run(resource_id)

    monkeypatch.setattr(jobs, "run", broken)
    queue.check_waiting()
    assert states(three) == ["waiting", "done", "done"]
    assert tried.count(three[0]["id"]) == 1
    monkeypatch.undo()
    queue.check_waiting()
    assert states(three)[0] == "done"


def test_the_command_names_a_file_whose_check_raises_and_checks_the_others(
    three: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, cli: CKANCliRunner
):
    run = jobs.run

    def broken(resource_id: str) -> None:
        if resource_id == three[0]["id"]:
            raise RuntimeError
        run(resource_id)

    monkeypatch.setattr(jobs, "run", broken)
    done = cli.invoke(files_commands, ["check", "--waiting"])
    assert done.exit_code == 1
    assert "2 files checked" in done.output
    assert three[0]["id"] in done.output
    assert states(three) == ["waiting", "done", "done"]


def test_what_is_left_after_a_minute_has_the_next_job(
    three: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    background.get_queue().empty()
    monkeypatch.setattr(queue, "SECONDS", -1)
    queue.check_waiting()
    assert states(three) == ["waiting"] * 3
    assert len(enqueued()) == 1


def test_one_process_at_a_time_checks_files(three: list[dict[str, Any]]):
    with locks.exclusive(queue.LOCK) as acquired:
        assert acquired
        queue.check_waiting()
        assert states(three) == ["waiting"] * 3
    queue.check_waiting()
    assert states(three) == ["done"] * 3


def test_a_file_that_found_the_lock_taken_is_checked_by_who_has_it(
    three: list[dict[str, Any]], upload: Upload, monkeypatch: pytest.MonkeyPatch
):
    """The other job ends at once; the file was saved after the last look of the first."""
    late: list[dict[str, Any]] = []
    exclusive = locks.exclusive

    class Lock:
        def __init__(self, name: str) -> None:
            self.lock = exclusive(name)

        def __enter__(self) -> bool:
            return self.lock.__enter__()

        def __exit__(self, *raised: Any) -> None:
            if not late:
                late.append(upload("d.csv", SOUND))
                monkeypatch.setattr(locks, "exclusive", exclusive)
                queue.check_waiting()
                assert states(late) == ["waiting"]
            self.lock.__exit__(*raised)

    monkeypatch.setattr(locks, "exclusive", Lock)
    queue.check_waiting()
    assert states(late) == ["done"]


def test_a_deleted_file_waits_for_nothing(three: list[dict[str, Any]]):
    call_action("resource_delete", id=three[0]["id"])
    assert three[0]["id"] not in jobs.waiting_ids()
    queue.check_waiting()
    assert states(three[1:]) == ["done", "done"]


def test_a_file_is_saved_without_redis_and_the_log_names_the_command(
    upload: Upload, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def gone(*_given: Any) -> Callable[..., Any]:
        raise RedisError

    monkeypatch.setattr(once, "is_first", gone)
    resource = upload("a.csv", SOUND)
    assert states([resource]) == ["waiting"]
    assert "ckan nd47 files check" in caplog.text
