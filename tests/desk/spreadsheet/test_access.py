"""Tables of datasets that people send: who may, what is undone, and what others changed."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes
from tests.desk.spreadsheet.spreadsheets import (
    FOREIGN,
    HEADER,
    OWN,
    SCHOOLS,
    apply,
    brought,
    csv,
    no_runs,
    number_of_datasets,
    outcomes,
    preview,
    refusals,
    show,
    stored,
    undo,
)

__all__ = ["no_runs"]


class TestAccess:
    def test_to_datasets_of_another_agency_is_refused_by_cell(self, world, create):
        dataset = create("foreign", title="Bệnh viện")
        run = preview(world, csv(["Mã định danh", "Mô tả"], [dataset["identifier"], "Mới"]))
        assert refusals(run) == [(2, "A", "Mã định danh")]
        assert not call_action("package_show", id=dataset["id"]).get("notes")

    def test_does_not_reach_new_datasets_of_another_agency(self, world):
        run = preview(world, csv(HEADER, ["Bệnh viện", FOREIGN, "Hằng năm"]))
        assert refusals(run) == [(2, "B", "Cơ quan cung cấp")]

    def test_does_not_give_a_dataset_to_another_agency(self, world, create):
        dataset = create(title="Giá đất")
        run = preview(world, csv(["Đường dẫn", "Cơ quan"], [dataset["name"], FOREIGN]))
        assert refusals(run) == [(2, "B", "Cơ quan")]

    def test_of_administrators_is_to_all(self, world):
        table = csv(HEADER, SCHOOLS, ["Bệnh viện", FOREIGN, "Hằng năm"])
        assert outcomes(preview(world, table, account="sysadmin")) == ["new", "new"]

    @pytest.mark.parametrize("account", ["member", "stranger", "leader"])
    def test_of_accounts_that_edit_nothing_is_refused(self, world, account):
        with pytest.raises(tk.NotAuthorized):
            preview(world, csv(HEADER, SCHOOLS), account=account)

    def test_to_a_table_of_others_is_refused(self, world):
        run = preview(world, csv(HEADER, SCHOOLS))
        for action in ("nd47_spreadsheet_show", "nd47_bulk_apply"):
            with pytest.raises(tk.NotAuthorized):
                world.call("admin", action, id=run["id"])

    def test_is_that_of_the_moment_when_it_is_applied(self, world):
        run = preview(world, csv(HEADER, SCHOOLS))
        world.call("editor", "nd47_bulk_apply", id=run["id"])
        membership = {"id": world.agencies["own"]["id"], "username": world.accounts["editor"]}
        call_action(
            "organization_member_delete", {"user": world.accounts["sysadmin"]}, **membership
        )
        try:
            changes.apply(run["id"])
        finally:
            call_action("organization_member_create", role="editor", **membership)
        assert number_of_datasets() == 0
        assert outcomes(show(world, run)) == ["refused"]


class TestUndo:
    def test_removes_new_datasets_and_restores_changed_ones(self, world, create):
        dataset = create(title="Giá đất", frequency="hang-nam", tags=[{"name": "giá"}])
        header = [*HEADER, "Từ khóa"]
        table = csv(header, [*SCHOOLS, ""], ["Giá đất", OWN, "hằng tháng", "đất"])
        run = brought(world, table)
        assert stored("Giá đất")["frequency"] == "hang-thang"
        undone = undo(world, run)
        assert undone["progress"]["state"] == "undone"
        after = call_action("package_show", id=dataset["id"])
        assert after["frequency"] == "hang-nam"
        assert [tag["name"] for tag in after["tags"]] == ["giá"]
        assert number_of_datasets() == 1

    def test_leaves_what_was_changed_since(self, world, create):
        dataset = create(title="Giá đất", frequency="hang-nam")
        run = brought(world, csv(["Tên", "Tần suất"], ["Giá đất", "hằng tháng"]))
        call_action("package_patch", id=dataset["id"], notes="Sửa sau")
        undone = undo(world, run)
        assert undone["results"][0]["state"] == "undo-refused"
        assert stored("Giá đất")["frequency"] == "hang-thang"


def test_a_dataset_that_changed_after_the_check_is_refused(world, create):
    dataset = create(title="Giá đất", frequency="hang-nam")
    run = preview(world, csv(["Tên", "Tần suất"], ["Giá đất", "hằng tháng"]))
    call_action("package_patch", id=dataset["id"], notes="Sửa sau")
    assert outcomes(apply(world, run)) == ["refused"]
    assert stored("Giá đất")["frequency"] == "hang-nam"
