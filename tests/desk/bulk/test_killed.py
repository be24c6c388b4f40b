"""A change of many datasets whose process is killed loses nothing, and is continued by another."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import index as search_index
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.cli import bulk_commands
from ckanext.nd47.desk.bulk.job import saving, steps
from ckanext.nd47.desk.work_list import model as work_tables
from tests.dcat.store.test_processes import ended, forked
from tests.desk.conftest import World
from tests.metadata.conftest import new_name
from tests.support.fixtures import portal_and_app

PLUGINS = (
    "nd47_desk nd47 nd47_l10n nd47_dcat dcat activity scheming_datasets scheming_organizations"
)
DATASETS, FATAL = 4, 2
DAILY = {"field": "frequency", "operation": "set", "value": "hang-ngay"}

portal, app = portal_and_app(PLUGINS, prepare=work_tables.reset)


@pytest.fixture(autouse=True)
def no_runs(world: World) -> Iterator[None]:
    """Delete the runs of a test."""
    yield
    model.Session.rollback()
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()


@pytest.fixture
def ids(world: World) -> list[str]:
    """Ids of datasets; activities need an account that creates them."""
    context: Any = {"user": world.accounts["sysadmin"]}
    fields = {"title": "Danh sách", "owner_org": world.agencies["own"]["id"]}
    names = [new_name() for _ in range(DATASETS)]
    return [call_action("package_create", context, name=one, **fields)["id"] for one in names]


@pytest.fixture
def planned(world: World, ids: list[str]) -> str:
    """Id of a run that is planned."""
    return world.call("editor", "nd47_bulk_preview", datasets=ids, changes=[DAILY])["id"]


def killing(owner: Any, name: str, *, afterwards: bool = False) -> None:
    """Kill the process at the second call of a function; in a child alone."""
    function, counted = getattr(owner, name), iter(range(1, 100))

    def killed(*given: Any, **named: Any) -> Any:
        is_fatal = next(counted) == FATAL
        if is_fatal and not afterwards:
            die()
        result = function(*given, **named)
        if is_fatal:
            die()
        return result

    setattr(owner, name, killed)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_the_save() -> None:
    killing(saving, "save")


def between_index_and_commit() -> None:
    killing(search_index.PackageSearchIndex, "update_dict", afterwards=True)


def after_the_commit() -> None:
    killing(saving, "save", afterwards=True)


def between_two_datasets() -> None:
    killing(steps, "apply_next", afterwards=True)
    killing(steps, "undo_next", afterwards=True)


FAULTS = (before_the_save, between_index_and_commit, after_the_commit, between_two_datasets)


def frequencies(ids: list[str]) -> list[str | None]:
    model.Session.expire_all()
    return [call_action("package_show", id=one).get("frequency") for one in ids]


def activities(dataset_id: str) -> int:
    listed = call_action("package_activity_list", id=dataset_id, include_hidden_activity=True)
    return sum(entry["activity_type"] == "changed package" for entry in listed)


def killed(fault: Callable[[], None], job: Callable[[str], None], run_id: str) -> None:
    def work() -> None:
        fault()
        job(run_id)

    assert ended(forked(work)) == -signal.SIGKILL


@pytest.mark.parametrize("fault", FAULTS)
def test_a_killed_change_goes_on(world, ids, planned, fault):
    world.call("editor", "nd47_bulk_apply", id=planned)
    killed(fault, changes.apply, planned)
    done = frequencies(ids).count("hang-ngay")
    # The dataset and what is noted of it are one transaction.
    assert changes.progress(planned)["counts"]["done"] == done < DATASETS
    assert changes.progress(planned)["state"] == "running"
    changes.apply(planned)
    assert changes.progress(planned)["state"] == "finished"
    assert changes.progress(planned)["counts"]["done"] == DATASETS
    assert frequencies(ids) == ["hang-ngay"] * DATASETS


@pytest.mark.parametrize("fault", FAULTS)
def test_a_killed_undo_goes_on(world, ids, planned, fault):
    world.call("editor", "nd47_bulk_apply", id=planned)
    changes.apply(planned)
    world.call("editor", "nd47_bulk_undo", id=planned)
    killed(fault, changes.undo, planned)
    undone = frequencies(ids).count(None)
    assert changes.progress(planned)["counts"]["undone"] == undone < DATASETS
    changes.undo(planned)
    assert changes.progress(planned)["state"] == "undone"
    assert frequencies(ids) == [None] * DATASETS


def test_a_killed_preview_goes_on_and_saves_nothing(world, ids, monkeypatch):
    monkeypatch.setattr(changes, "AT_ONCE", 0)
    run_id = world.call("editor", "nd47_bulk_preview", datasets=ids, changes=[DAILY])["id"]
    killed(lambda: killing(saving, "rehearsed", afterwards=True), changes.prepare, run_id)
    assert changes.progress(run_id)["state"] == "preparing"
    assert frequencies(ids) == [None] * DATASETS
    changes.prepare(run_id)
    assert changes.progress(run_id)["state"] == "planned"
    assert frequencies(ids) == [None] * DATASETS


def test_all_or_nothing_stays_so_if_it_is_killed_while_it_is_taken_back(world, ids, monkeypatch):
    asked = {"datasets": ids, "changes": [DAILY], "all_or_nothing": True}
    run_id = world.call("editor", "nd47_bulk_preview", **asked)["id"]
    world.call("editor", "nd47_bulk_apply", id=run_id)

    def fault() -> None:
        save, count = saving.save, iter(range(100))

        def refuse_last(*given: Any) -> str:
            number = next(count)
            if number == DATASETS - 1:
                raise tk.ValidationError({"message": ["Không được."]})
            if number > DATASETS:
                die()
            return save(*given)

        monkeypatch.setattr(saving, "save", refuse_last)

    killed(fault, changes.apply, run_id)
    assert changes.progress(run_id)["state"] == "reverting"
    assert changes.resume(run_id)
    changes.undo(run_id)
    assert changes.progress(run_id)["state"] == "stopped"
    assert frequencies(ids) == [None] * DATASETS


def test_two_processes_share_the_work_of_a_run(world, ids, planned):
    world.call("editor", "nd47_bulk_apply", id=planned)
    child = forked(lambda: changes.apply(planned))
    changes.apply(planned)
    assert ended(child) == 0
    assert changes.progress(planned)["state"] == "finished"
    assert frequencies(ids) == ["hang-ngay"] * DATASETS
    assert [activities(one) for one in ids] == [1] * DATASETS


def test_the_command_continues_what_nobody_works_on(world, ids, planned, cli, monkeypatch):
    world.call("editor", "nd47_bulk_apply", id=planned)
    asked: list[str] = []
    monkeypatch.setattr(changes, "_enqueue", lambda _job, run_id: asked.append(run_id))
    cli.invoke(bulk_commands, ["resume"])
    assert asked == []
    monkeypatch.setattr(changes, "STALLED", changes.STALLED * 0)
    cli.invoke(bulk_commands, ["resume"])
    assert asked == [planned]


def test_the_export_and_the_work_list_follow(world, ids, planned):
    world.call("editor", "nd47_bulk_apply", id=planned)
    changes.apply(planned)
    rows = model.Session.execute(
        sa.text("SELECT frequency FROM nd47_work_dataset WHERE id = ANY(:ids)"), {"ids": ids}
    )
    assert [row.frequency for row in rows] == ["hang-ngay"] * DATASETS


def test_the_activities_name_who_asked_for_it(world, ids, planned):
    assert activities(ids[0]) == 0
    world.call("editor", "nd47_bulk_apply", id=planned)
    changes.apply(planned)
    (entry,) = (
        one
        for one in call_action("package_activity_list", id=ids[0])
        if one["activity_type"] == "changed package"
    )
    editor = model.User.get(world.accounts["editor"])
    assert editor is not None
    assert entry["user_id"] == editor.id


def test_a_preview_leaves_no_trace_outside(world, ids):
    before = {one: activities(one) for one in ids}
    world.call("editor", "nd47_bulk_preview", datasets=ids, changes=[DAILY])
    assert {one: activities(one) for one in ids} == before


def test_a_plugin_that_commits_does_not_make_a_preview_a_change(world, ids, monkeypatch):
    save = saving.save

    def committing(*given: Any) -> str:
        saved = save(*given)
        model.Session.commit()
        return saved

    monkeypatch.setattr(saving, "save", committing)
    run = world.call("editor", "nd47_bulk_preview", datasets=ids[:1], changes=[DAILY])
    assert run["results"][0]["state"] == "refused"
    assert frequencies(ids) == [None] * DATASETS
