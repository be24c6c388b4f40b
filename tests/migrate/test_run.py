"""Runs: what they change, how they continue after an interruption, and how they are undone."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.migrate import mapping, proposal, reports, run
from tests.migrate import old_portal
from tests.migrate.conftest import Make
from tests.migrate.old_portal import PLAIN, SIMPLE, confirmed

pytestmark = pytest.mark.usefixtures("portal")


def begin_and_work(written: str = SIMPLE) -> run.Run:
    return run.work(run.begin(written, {}, "").id)


def test_a_run_brings_values_in_and_leaves_what_it_does_not_know(make: Make) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    begin_and_work()
    extras = old_portal.rows([dataset_id])[dataset_id]["extras"]
    assert json.loads(extras.pop("contact")) == [
        {"name": "Nguyễn Văn A", "telephone": "0912 345 678"}
    ]
    assert extras == {
        "Tần suất": "hàng tháng",
        "Ghi chú": "x",
        "frequency": "hang-thang",
        "sharing_class": "du-lieu-mo",
    }


def test_what_a_run_stores_is_what_a_saving_stores(make: Make) -> None:
    ids = make(12)
    begin_and_work(confirmed(proposal.propose()))
    before = old_portal.rows(ids)
    for dataset_id in ids:
        call_action("package_patch", id=dataset_id, title="Tên khác")
    after = old_portal.rows(ids)
    assert {dataset_id: row["extras"] for dataset_id, row in after.items()} == {
        dataset_id: row["extras"] for dataset_id, row in before.items()
    }


def test_dates_stay_and_no_activity_tells_of_an_edit(make: Make) -> None:
    ids = make(3)
    begin_and_work()
    assert {row["metadata_modified"] for row in old_portal.rows(ids).values()} == {old_portal.DAY}


def test_pages_and_search_show_the_new_values(make: Make) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    begin_and_work()
    assert call_action("package_show", id=dataset_id)["frequency"] == "hang-thang"
    results = call_action("package_search", fq=f"id:{dataset_id}")["results"]
    assert [row["frequency"] for row in results] == ["hang-thang"]


def test_a_value_that_is_there_stays(make: Make) -> None:
    (dataset_id,) = make(1, extras={**PLAIN, "frequency": "hang-nam"})
    begin_and_work()
    assert old_portal.rows([dataset_id])[dataset_id]["extras"]["frequency"] == "hang-nam"


def test_a_field_of_ours_with_words_of_before_is_read_anew(make: Make) -> None:
    (dataset_id,) = make(1, extras={"frequency": "Hàng  THÁNG", "contact": "A B - 0912345678"})
    begin_and_work("fields: [{from: frequency, to: frequency}, {from: contact, to: contact}]")
    extras = old_portal.rows([dataset_id])[dataset_id]["extras"]
    assert extras["frequency"] == "hang-thang"
    assert json.loads(extras["contact"])[0]["telephone"] == "0912345678"


def test_an_extra_that_was_not_understood_is_not_removed(make: Make) -> None:
    (dataset_id,) = make(1, extras={"Tần suất": "khi có yêu cầu của lãnh đạo"})
    begin_and_work("fields: [{from: Tần suất, to: frequency, remove_source: true}]")
    assert old_portal.rows([dataset_id])[dataset_id]["extras"] == {
        "Tần suất": "khi có yêu cầu của lãnh đạo"
    }


@pytest.mark.parametrize("condition", ["organization: so-y-te", "dataset: {name}", "tag: Mật"])
def test_datasets_that_are_to_be_left_alone_are(make: Make, condition: str) -> None:
    ids = make(2, extras=PLAIN)
    row = old_portal.rows(ids)[ids[0]]
    model.Session.execute(sa.insert(model.tag_table).values(id="mat", name="mật"))
    model.Session.execute(
        sa.insert(model.package_tag_table).values(
            id="mat", package_id=ids[0], tag_id="mat", state="active"
        )
    )
    model.Session.commit()
    selected = condition.format(name=row["name"]).replace("Mật", "MẬT")
    begin_and_work(f"{SIMPLE}\nleave_alone: [{{{selected}}}]")
    now = old_portal.rows(ids)
    assert (now[ids[0]]["extras"] == PLAIN, now[ids[1]]["extras"] == PLAIN) == (True, False)
    model.Session.execute(sa.delete(model.package_tag_table))
    model.Session.execute(sa.delete(model.tag_table))
    model.Session.commit()


def test_a_run_that_was_killed_between_batches_goes_on(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = make(9, extras=PLAIN)
    monkeypatch.setattr("ckanext.nd47.migrate.datasets.ids_after.__defaults__", (4,))
    begun = run.begin(SIMPLE, {}, "")
    with pytest.raises(KeyboardInterrupt):
        run.work(begun.id, _stop)
    model.Session.rollback()
    changed = [row for row in old_portal.rows(ids).values() if "frequency" in row["extras"]]
    assert len(changed) == 4
    done = run.work(begun.id)
    assert (done.state, done.done) == ("done", 9)
    assert all("frequency" in row["extras"] for row in old_portal.rows(ids).values())


def _stop(_done: int, _total: int) -> None:
    raise KeyboardInterrupt


def test_a_run_that_was_killed_before_the_index_followed_indexes_what_it_changed(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    begun = run.begin(SIMPLE, {}, "")
    with monkeypatch.context() as patched:
        patched.setattr(run.search, "commit", _interrupted)
        patched.setattr(run, "index_update_package", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            run.work(begun.id)
    model.Session.rollback()
    run.work(begun.id)
    results = call_action("package_search", fq=f"id:{dataset_id}")["results"]
    assert [row["frequency"] for row in results] == ["hang-thang"]
    assert run.undo(begun.id) == (4, 0)
    assert old_portal.rows([dataset_id])[dataset_id]["extras"] == PLAIN


def _interrupted(*_given: Any, **_named: Any) -> None:
    raise KeyboardInterrupt


def test_a_second_run_is_refused_while_one_is_unfinished(make: Make) -> None:
    make(1)
    run.begin(SIMPLE, {}, "")
    with pytest.raises(run.BusyError, match="--resume"):
        run.begin(SIMPLE, {}, "")


def test_two_processes_do_not_work_at_once(make: Make) -> None:
    make(1)
    begun = run.begin(SIMPLE, {}, "")
    assert not run.is_working()
    with run.exclusive_lock():
        assert run.is_working()
        with pytest.raises(run.BusyError):
            run.work(begun.id)
        with pytest.raises(run.BusyError):
            run.undo(begun.id)
    assert run.work(begun.id).state == "done"


def test_after_an_undo_all_rows_are_what_they_were(make: Make) -> None:
    ids = make(20)
    before = old_portal.rows(ids)
    done = begin_and_work(confirmed(proposal.propose()))
    assert old_portal.rows(ids) != before
    returned, kept = run.undo(done.id)
    assert (returned > 0, kept) == (True, 0)
    assert old_portal.rows(ids) == before
    shown = call_action("package_show", id=ids[0])
    assert "frequency" not in shown


def test_an_undo_keeps_what_people_edited_since(make: Make) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    done = begin_and_work()
    call_action("package_patch", id=dataset_id, frequency="hang-nam", title="Tên mới")
    assert run.undo(done.id) == (3, 1)
    row = old_portal.rows([dataset_id])[dataset_id]
    assert row["title"] == "Tên mới"
    assert row["extras"] == {**PLAIN, "frequency": "hang-nam"}


def test_one_dataset_can_be_undone_alone_and_the_rest_later(make: Make) -> None:
    ids = make(2, extras=PLAIN)
    done = begin_and_work()
    run.undo(done.id, ids[0])
    now = old_portal.rows(ids)
    assert (now[ids[0]]["extras"] == PLAIN, now[ids[1]]["extras"] == PLAIN) == (True, False)
    assert run.get(done.id).state == "done"
    run.undo(done.id)
    assert run.get(done.id).state == "undone"
    assert old_portal.rows(ids)[ids[1]]["extras"] == PLAIN


def test_an_undo_that_was_killed_goes_on(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = make(1, extras=PLAIN)
    done = begin_and_work()
    with monkeypatch.context() as patched:
        patched.setattr(run, "index_update_package", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            run.undo(done.id)
    model.Session.rollback()
    assert run.undo(done.id) == (4, 0)
    assert old_portal.rows(ids)[ids[0]]["extras"] == PLAIN


def test_an_unfinished_run_can_be_undone_and_another_begun(make: Make) -> None:
    make(1, extras=PLAIN)
    begun = run.begin(SIMPLE, {}, "")
    run.undo(begun.id)
    assert run.begin(SIMPLE, {}, "").state == "running"


def test_a_correction_goes_before_the_map(make: Make) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    corrections = {dataset_id: {"contact.name": ("", "Văn phòng"), "frequency": ("", "")}}
    run.work(run.begin(SIMPLE, corrections, "").id)
    extras = old_portal.rows([dataset_id])[dataset_id]["extras"]
    assert json.loads(extras["contact"])[0]["name"] == "Văn phòng"
    assert "frequency" not in extras


def test_a_correction_of_a_value_that_changed_since_is_not_made(make: Make) -> None:
    (dataset_id,) = make(1, extras={**PLAIN, "frequency": "hang-nam"})
    corrections = {dataset_id: {"frequency": ("hang-quy", "hang-ngay")}}
    rehearsed = list(reports.rehearse(mapping.parse(SIMPLE), corrections))
    assert [problem["reason"] for problem in rehearsed[0]["unread"]] == [
        "was changed since the file was made"
    ]
    run.work(run.begin(SIMPLE, corrections, "").id)
    assert old_portal.rows([dataset_id])[dataset_id]["extras"]["frequency"] == "hang-nam"


def test_purging_a_dataset_purges_what_a_run_noted_of_it(make: Make) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    done = run.work(run.begin(SIMPLE, {}, "").id)
    call_action("dataset_purge", id=dataset_id)
    assert run.undo(done.id) == (0, 0)
    assert model.Package.get(dataset_id) is None
