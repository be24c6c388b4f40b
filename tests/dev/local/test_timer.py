"""The timer of `make portal` runs each command as often as administrators are told to."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import click
import pytest

from ckanext.nd47.lib.fields.values import VIETNAM
from ckanext.nd47.lib.plugins import nd47
from dev.local import timer
from dev.local.instances import PORTAL, SAMPLE
from dev.local.run_folder import REPOSITORY
from dev.local.timer import TASKS, Task, Timer

MORNING = dt.datetime(2026, 4, 6, 6, 0, tzinfo=VIETNAM)


def runs(tasks: tuple[Task, ...], begin: dt.datetime, minutes: int) -> Counter[str]:
    """Return how often each task runs in a time."""
    counted: Counter[str] = Counter()
    one = Timer(lambda command: counted.update([command]), tasks)
    for second in range(0, minutes * 60, 5):
        one.look(begin + dt.timedelta(seconds=second))
    return counted


def test_an_hour_of_the_morning_has_each_task_as_often_as_it_is_due():
    assert runs(TASKS, MORNING.replace(hour=8), 60) == {
        "work refresh": 1,
        "publish-scheduled": 60,
        "remind": 4,
        "files check --waiting": 1,
        "usage flush": 1,
        "report take": 1,
        "report mail": 1,
        "tables check-links": 1,
        "bulk resume": 4,
    }


def test_nobody_is_reminded_outside_of_office_hours():
    remind = next(task for task in TASKS if task.command == "remind")
    assert runs((remind,), MORNING, 90) == {}
    assert runs((remind,), MORNING.replace(hour=16, minute=46), 600) == {}
    assert runs((remind,), MORNING, 24 * 60)["remind"] == 38


def test_a_daily_task_runs_once_on_a_day():
    refresh = next(task for task in TASKS if task.every == timer.DAY)
    assert runs((refresh,), MORNING, 2 * timer.DAY) == {refresh.command: 3}


def test_what_was_slept_through_is_run_once():
    counted: list[str] = []
    one = Timer(counted.append, (Task("publish-scheduled", 1),))
    one.look(MORNING)
    one.look(MORNING + dt.timedelta(hours=3))
    assert len(counted) == 2


@pytest.mark.parametrize("page", ["maintenance.md", "maintenance.vi.md"])
def test_it_runs_what_administrators_are_told_to_run(page: str):
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `ckan nd47 ([^`]+)` \|", text, re.MULTILINE)
    assert rows == [task.command for task in TASKS]


def test_only_the_portal_of_people_has_it():
    assert "portal-timer" in PORTAL.processes
    assert "sample-timer" not in SAMPLE.processes


@pytest.mark.parametrize("error", [click.ClickException("no table"), RuntimeError("no table")])
def test_a_command_that_fails_does_not_end_it(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    def failing(*_given: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr(nd47, "main", failing)
    monkeypatch.setattr(timer.app_globals.app_globals, "_check_uptodate", lambda: None)
    timer.run("remind")
    said = "".join(capfd.readouterr())
    assert "no table" in said
