"""Runs: what they change, how they go on after an interruption, and how they are undone."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.migrate import mapping, proposal, rehearse, run
from ckanext.nd47.rules import edition
from ckanext.nd47.rules.model import Level
from tests.migrate import old_portal
from tests.migrate.conftest import Make

pytestmark = pytest.mark.usefixtures("portal")

SIMPLE = """
fields:
- {from: Tần suất, to: frequency}
- {from: Liên hệ, to: contact, remove_source: true}
defaults:
- {for: {all: true}, set: {sharing_class: du-lieu-mo}, confirmed: true}
"""
PLAIN = {"Tần suất": "hàng tháng", "Liên hệ": "Nguyễn Văn A - 0912 345 678", "Ghi chú": "x"}


COUNTED = (24, 5, 22, 0)
"""Values that are typed, confirmations, lines for extras, and those that are not sure, as
docs/migrate.md says."""


def confirmed(written: str) -> str:
    """Return a proposed map as a person hands it back: defaults confirmed, blanks filled in."""
    whole = yaml.safe_load(written)
    answers = {
        "catalogue_entry.decision_number": "2053/QĐ-UBND",
        "catalogue_entry.decision_date": "07/07/2023",
        "personal_data_assessment.content": "Không có thông tin cá nhân.",
        "personal_data_assessment.assessed_by": "Phòng Tổng hợp",
        "security_assessment.content": "Không có rủi ro.",
        "national_portal.sent_date": "01/08/2023",
        "usage_regulation": "https://haison.example/quy-che",
        "source_database.name": "CSDL chuyên ngành",
        "source_database.purpose": "Quản lý nhà nước",
        "source_database.scope": "Toàn tỉnh",
        "source_database.collection": "Báo cáo định kỳ",
        "source_database.updating": "Hằng tháng",
    }
    for default in whole["defaults"]:
        default["confirmed"] = True
        for path in default["set"]:
            default["set"][path] = answers.get(path, default["set"][path])
    return yaml.safe_dump(whole, allow_unicode=True)


def begin_and_work(written: str = SIMPLE) -> run.Run:
    return run.work(run.begin(written, {}, "").id)


def unmet(found: list[rehearse.Rehearsed], level: Level) -> tuple[int, int]:
    """Return how often rules of a level are not met after a map, and how often they are asked."""
    rules = {rule.id for rule, of in edition.in_force().rules if of is level}
    missed = sum(rule in rules for one in found for rule in one["unmet_after"])
    return missed, len(rules) * len(found)


def test_the_proposed_map_of_200_datasets_meets_all_binding_rules_and_nine_in_ten_others(
    make: Make,
) -> None:
    ids = make(200)
    written = confirmed(proposal.propose())
    found = list(rehearse.rehearse(mapping.parse(written), {}))
    assert len(found) == len(ids)
    assert unmet(found, Level.ERROR)[0] == 0
    missed = sum(unmet(found, level)[0] for level in (Level.WARNING, Level.ADVICE))
    asked = sum(unmet(found, level)[1] for level in (Level.WARNING, Level.ADVICE))
    assert missed <= asked / 10, sorted({rule for one in found for rule in one["unmet_after"]})


def typed(proposed: str, handed_back: str) -> tuple[int, int]:
    """Return how many values a person typed into a proposal, and how often they confirmed."""
    before, after = yaml.safe_load(proposed), yaml.safe_load(handed_back)
    values = confirmations = 0
    for old, new in zip(before["defaults"], after["defaults"], strict=True):
        values += sum(new["set"][path] != old["set"][path] for path in new["set"])
        confirmations += new["confirmed"] != old["confirmed"]
    moves = zip(before["fields"], after["fields"], strict=True)
    values += sum(old != new for old, new in moves)
    return values, confirmations


def test_200_datasets_take_a_person_an_hour_at_most(make: Make) -> None:
    make(200)
    proposed = proposal.propose()
    unsure = proposed.count(proposal.UNSURE)
    values, confirmations = typed(proposed, confirmed(proposed))
    looked_at = len(yaml.safe_load(proposed)["fields"])
    assert (values, confirmations, looked_at, unsure) == COUNTED
    assert values + confirmations + looked_at <= 60, "a minute for each is an hour"


def test_a_proposed_map_that_nobody_confirmed_claims_nothing(make: Make) -> None:
    ids = make(20)
    begin_and_work(proposal.propose())
    extras = [row["extras"] for row in old_portal.rows(ids).values()]
    claims = {"sharing_class", "access_rights", "applicable_legislation", "language"}
    assert not any(claims & one.keys() for one in extras)
    assert {row["license_id"] for row in old_portal.rows(ids).values()} == {
        "cc-by",
        "notspecified",
        "odc-by",
    }


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
    assert {one: row["extras"] for one, row in after.items()} == {
        one: row["extras"] for one, row in before.items()
    }


def test_dates_stay_and_no_activity_tells_of_an_edit(make: Make) -> None:
    ids = make(3)
    begin_and_work()
    assert {row["metadata_modified"] for row in old_portal.rows(ids).values()} == {old_portal.DAY}


def test_pages_and_search_show_the_new_values(make: Make) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    begin_and_work()
    assert call_action("package_show", id=dataset_id)["frequency"] == "hang-thang"
    found = call_action("package_search", fq=f"id:{dataset_id}")["results"]
    assert [one["frequency"] for one in found] == ["hang-thang"]


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
    monkeypatch.setattr("ckanext.nd47.migrate.sources.ids_after.__defaults__", (4,))
    begun = run.begin(SIMPLE, {}, "")
    with pytest.raises(KeyboardInterrupt):
        run.work(begun.id, _stop)
    model.Session.rollback()
    changed = [one for one in old_portal.rows(ids).values() if "frequency" in one["extras"]]
    assert len(changed) == 4
    done = run.work(begun.id)
    assert (done.state, done.done) == ("done", 9)
    assert all("frequency" in one["extras"] for one in old_portal.rows(ids).values())


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
    found = call_action("package_search", fq=f"id:{dataset_id}")["results"]
    assert [one["frequency"] for one in found] == ["hang-thang"]
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
    assert not run.is_worked_at()
    with run.alone():
        assert run.is_worked_at()
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
    found = list(rehearse.rehearse(mapping.parse(SIMPLE), corrections))
    assert [one["reason"] for one in found[0]["unread"]] == ["was changed since the file was made"]
    run.work(run.begin(SIMPLE, corrections, "").id)
    assert old_portal.rows([dataset_id])[dataset_id]["extras"]["frequency"] == "hang-nam"


ACTIONS = ("look", "map", "rehearse", "apply", "undo", "report", "status")


@pytest.mark.parametrize("name", ACTIONS)
def test_nobody_but_sysadmins_brings_datasets_in(name: str) -> None:
    user = factories.User()
    with pytest.raises(tk.NotAuthorized):
        call_action(f"nd47_migrate_{name}", {"user": user["name"], "ignore_auth": False})
