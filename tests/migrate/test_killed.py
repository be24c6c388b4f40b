"""A run whose process is killed loses nothing and goes on; an undo weeks later harms no edit."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.migrate import plan, run
from tests.dcat.store.test_processes import ended, forked
from tests.migrate import old_portal
from tests.migrate.conftest import Make
from tests.migrate.old_portal import PLAIN, SIMPLE

pytestmark = pytest.mark.usefixtures("portal")

DATASETS, BATCH = 25, 10
OF_RESOURCES = "- {from: resources.Ngôn ngữ, to: resources.language}"


def die(*_given: Any, **_named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_the_middle_of_a_batch() -> None:
    """Kill the process at the second dataset of the second batch, before anything is committed."""
    planned, counted = plan.outcome, iter(range(DATASETS))

    def outcome(*arguments: Any) -> Any:
        if next(counted) == BATCH + 1:
            die()
        return planned(*arguments)

    run.plan.outcome = outcome  # in a child alone


def between_commit_and_index() -> None:
    """Kill the process once the second batch is committed."""
    module: Any = run
    index, counted = module._index, iter(range(DATASETS))  # noqa: SLF001 - place of the fault

    def killed(ids: list[str]) -> None:
        if next(counted) == 2:  # noqa: PLR2004 - one call before the batches
            die()
        index(ids)

    module._index = killed  # noqa: SLF001 - as above


@pytest.mark.parametrize(
    ("fault", "stored"),
    [(in_the_middle_of_a_batch, BATCH), (between_commit_and_index, 2 * BATCH)],
)
def test_a_killed_run_goes_on_and_can_be_undone(
    make: Make, monkeypatch: pytest.MonkeyPatch, fault: Callable[[], None], stored: int
) -> None:
    ids = make(DATASETS, extras=PLAIN, resource_extras={"Ngôn ngữ": "Tiếng Việt"})
    before = old_portal.rows(ids), old_portal.resource_rows(ids)
    monkeypatch.setattr("ckanext.nd47.migrate.datasets.ids_after.__defaults__", (BATCH,))
    map_text = SIMPLE.replace("fields:", f"fields:\n{OF_RESOURCES}", 1)
    begun = run.begin(map_text, {}, "").id

    def work() -> None:
        fault()
        run.work(begun)

    assert ended(forked(work)) == -signal.SIGKILL
    changed = [row for row in old_portal.rows(ids).values() if "frequency" in row["extras"]]
    assert len(changed) == stored
    assert not run.is_working()
    done = run.work(begun)
    assert (done.state, done.done) == ("done", DATASETS)
    results = call_action("package_search", fq="frequency:hang-thang", rows=100)["results"]
    assert {row["id"] for row in results} >= set(ids)
    assert [row["extras"].get("language") for row in old_portal.resource_rows(ids)] == [
        '["vi"]'
    ] * DATASETS
    assert run.undo(begun) == (5 * DATASETS, 0)
    assert (old_portal.rows(ids), old_portal.resource_rows(ids)) == before


def test_one_dataset_is_undone_weeks_later_without_harm_to_newer_edits(make: Make) -> None:
    ids = make(3, extras=PLAIN)
    done = run.work(run.begin(SIMPLE, {}, "").id)
    weeks_ago = dt.datetime.now(dt.timezone.utc) - dt.timedelta(weeks=7)
    done.started, done.finished = weeks_ago, weeks_ago
    model.Session.commit()
    call_action("package_patch", id=ids[0], frequency="hang-nam", notes="Sửa sau")
    later = run.work(
        run.begin(
            "defaults: [{for: {all: true}, set: {access_rights: cong-khai}, confirmed: true}]",
            {},
            "",
        ).id
    )
    others = {
        dataset_id: row for dataset_id, row in old_portal.rows(ids).items() if dataset_id != ids[0]
    }
    assert run.undo(done.id, ids[0]) == (3, 1)
    row = old_portal.rows(ids)[ids[0]]
    assert row["notes"] == "Sửa sau"
    assert row["extras"] == {**PLAIN, "frequency": "hang-nam", "access_rights": "cong-khai"}
    assert {dataset_id: old_portal.rows(ids)[dataset_id] for dataset_id in others} == others
    assert run.get(later.id).state == "done"
    model.Session.execute(sa.text("DELETE FROM nd47_migration_change"))
    model.Session.commit()
