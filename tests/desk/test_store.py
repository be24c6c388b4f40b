"""The rows behind the list say what the rules say, whichever way a dataset changed."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from freezegun import freeze_time

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.desk import health
from ckanext.nd47.desk.cli import work_commands
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.desk.work_list.store import examine, refresh
from ckanext.nd47.lib import config
from ckanext.nd47.rules import report
from tests.desk.conftest import Create, World, in_days
from tests.support.statements import statements


def row(dataset_id: str) -> WorkDataset:
    """Return the row of a dataset as it is in the database."""
    model.Session.expire_all()
    return model.Session.get_one(WorkDataset, dataset_id)


def unmet(dataset_id: str) -> set[str]:
    """Return the rules that the dataset does not meet, as the report of the rules says."""
    found = call_action("nd47_rule_check", id=dataset_id, only_unmet=True)["results"]
    return {rule["rule"] for rule in found}


class TestAtTheCommit:
    def test_a_new_dataset_is_examined(self, create: Create):
        dataset = create()
        assert set(row(dataset["id"]).unmet) >= unmet(dataset["id"]) != set()

    @pytest.mark.parametrize("action", ["package_update", "package_patch"])
    def test_a_changed_dataset_is_examined(self, create: Create, action):
        dataset = create()
        before = unmet(dataset["id"])
        call_action(action, **{**dataset, "notes": "Mô tả", "provenance": "Báo cáo"})
        assert before - unmet(dataset["id"])
        assert set(row(dataset["id"]).unmet) == unmet(dataset["id"])

    def test_a_changed_file_is_examined(self, create: Create):
        dataset = create()
        before = set(row(dataset["id"]).unmet)
        call_action(
            "resource_create",
            package_id=dataset["id"],
            url="https://so.example/a.csv",
            format="CSV",
        )
        assert set(row(dataset["id"]).unmet) == unmet(dataset["id"]) != before

    def test_a_save_that_fails_changes_nothing(self, create: Create):
        dataset = create()
        before = row(dataset["id"]).unmet
        with pytest.raises(tk.ValidationError):
            call_action("package_patch", id=dataset["id"], notes="Mô tả", license_id="khong-co\x00")
        assert row(dataset["id"]).unmet == before

    def test_rolled_back_changes_leave_no_row(self, create: Create):
        dataset = create()
        package = model.Package.get(dataset["id"])
        assert package is not None
        package.title = "Tên khác"
        model.Session.flush()
        model.Session.rollback()
        assert "ten khac" not in row(dataset["id"]).folded

    def test_a_fault_of_a_rule_does_not_prevent_the_save(self, create: Create, monkeypatch):
        def fail(*_given: object, **_named: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(report, "examine", fail)
        assert row(create(private=True)["id"]).unmet == []

    def test_a_fault_of_the_database_does_not_prevent_the_save(self, create: Create, monkeypatch):
        def fail(*_given: object) -> None:
            model.Session.execute(sa.text("SELECT 1/0"))

        monkeypatch.setattr(examine, "write", fail)
        dataset = create()
        assert call_action("package_show", id=dataset["id"])["name"] == dataset["name"]
        assert refresh.waiting() == 1

    def test_many_datasets_take_as_many_statements_as_one(self, create: Create):
        ids = [create()["id"] for _ in range(5)]
        numbers = []
        for some in (ids[:1], ids):
            with statements() as sent:
                examine.write(some)
            numbers.append(len(sent))
            model.Session.rollback()
        assert numbers[0] == numbers[1]


class TestWhatElseRulesRead:
    def test_a_new_focal_point_marks_the_datasets(self, world: World, create: Create):
        dataset = create()
        assert not row(dataset["id"]).stale
        person = call_action(
            "nd47_focal_point_create",
            agency=world.agencies["own"]["id"],
            role="feedback",
            rank="main",
            full_name="Trần Văn Minh",
            position="Chuyên viên",
            function="Đầu mối dữ liệu",
            telephone="0203 3835 123",
            email="minh@so.example",
        )
        try:
            assert row(dataset["id"]).stale
            assert refresh.waiting() == 1
            assert world.work("editor")["waiting"] == 1
            assert refresh.refresh() == 1
            assert not row(dataset["id"]).stale
            assert set(row(dataset["id"]).unmet) == unmet(dataset["id"])
        finally:
            model.Session.execute(
                sa.text("DELETE FROM nd47_focal_point WHERE id = :id"), {"id": person["id"]}
            )
            model.Session.commit()

    def test_a_new_dataset_marks_no_other_of_its_agency(self, create: Create):
        first = create()
        create()
        assert not row(first["id"]).stale

    def test_a_new_member_marks_no_dataset(self, world: World, create: Create):
        dataset = create()
        user = factories.User()["name"]
        own = world.agencies["own"]["id"]
        call_action("organization_member_create", id=own, username=user, role="member")
        assert not row(dataset["id"]).stale

    def test_a_new_title_of_the_agency_marks_its_datasets(self, world: World, create: Create):
        dataset = create()
        own = world.agencies["own"]
        call_action("organization_patch", id=own["id"], title="Sở Giáo dục")
        marked = row(dataset["id"]).stale
        call_action("organization_patch", id=own["id"], title=own["title"])
        assert marked

    def test_the_datasets_of_others_are_not_marked(self, world: World, create: Create):
        dataset = create("foreign")
        call_action("nd47_agency_update", id=world.agencies["own"]["id"], address="Số 1")
        assert not row(dataset["id"]).stale

    def test_another_day_makes_all_wait(self, create: Create):
        create()
        assert refresh.waiting() == 0
        with freeze_time(dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=1)):
            assert refresh.waiting() == 1
            assert refresh.refresh() == 1
            assert refresh.waiting() == 0

    def test_other_settings_make_all_wait(self, create: Create, monkeypatch):
        create()
        monkeypatch.setitem(tk.config, config.LEGAL_EDITION, "nd-47-2020")
        assert refresh.waiting() == 1

    def test_levels_of_rules_make_nothing_wait(self, create: Create, monkeypatch):
        create()
        monkeypatch.setitem(tk.config, config.RULES, "catalogue-entry: error")
        assert refresh.waiting() == 0


class TestRebuild:
    def test_fills_an_empty_table(self, create: Create, draft: Create):
        ids = {create()["id"], draft()["id"], create(private=True)["id"]}
        model.Session.execute(sa.text("DELETE FROM nd47_work_dataset"))
        model.Session.commit()
        assert health.waiting() == len(ids)
        result = CliRunner().invoke(work_commands, ["rebuild"])
        assert result.exit_code == 0, result.output
        assert f"{len(ids)} datasets" in result.output
        assert health.waiting() == 0

    def test_refresh_leaves_what_is_right(self, create: Create):
        create()
        result = CliRunner().invoke(work_commands, ["refresh"])
        assert "0 datasets" in result.output

    def test_deleted_datasets_are_left_out(self, create: Create):
        call_action("package_delete", id=create()["id"])
        assert refresh.rebuild() == 0

    def test_a_dataset_that_is_being_saved_is_left_to_its_save(self, create: Create):
        dataset = create()
        other = model.meta.create_local_session()
        other.execute(
            sa.text("SELECT 1 FROM package WHERE id = :id FOR UPDATE"), {"id": dataset["id"]}
        )
        model.Session.execute(sa.text("UPDATE nd47_work_dataset SET stale = true"))
        model.Session.commit()
        try:
            refresh.refresh()
        finally:
            other.rollback()
            other.close()
        assert row(dataset["id"]).stale


def test_the_stored_day_is_that_of_the_data(create: Create):
    dataset = create(frequency="hang-quy", modified=in_days(-3).isoformat())
    stored = row(dataset["id"])
    assert (stored.frequency, stored.data_date) == ("hang-quy", in_days(-3))
