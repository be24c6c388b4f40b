"""Items: their status, proposals, datasets, agencies that merge, the two views of gaps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.nd47.catalogue.matching import expected
from ckanext.nd47.lib.calendar import dates
from tests.catalogue.conftest import (
    DECISION,
    FILE,
    dataset,
    drafted,
    issued,
    items_of,
    with_item,
)
from tests.desk.conftest import World


def linked(world: World, item: Any, **fields: Any) -> Any:
    """Return a dataset that is linked with an item."""
    made = dataset(world, **fields)
    world.call("compiler", "nd47_catalogue_link", id=item["id"], datasets=[made["id"]])
    return made


def status_of(world: World, item: Any) -> str:
    return world.call("compiler", "nd47_catalogue_item_show", id=item["id"])["status"]


def in_days(number: int) -> str:
    return (dates.today() + dt.timedelta(days=number)).isoformat()


class TestStatus:
    @pytest.mark.parametrize(
        ("planned", "status"), [(-1, "late"), (0, "planned"), (400, "planned"), (None, "planned")]
    )
    def test_without_a_dataset_the_planned_day_decides(
        self, world: World, planned: int | None, status: str
    ):
        day = "" if planned is None else in_days(planned)
        assert with_item(world, drafted(world), planned=day)["status"] == status

    def test_a_dataset_without_files_is_registered(self, world: World):
        item = with_item(world, drafted(world))
        linked(world, item)
        assert status_of(world, item) == "registered"

    def test_a_dataset_with_a_file_is_downloadable(self, world: World):
        item = with_item(world, drafted(world), planned=in_days(-30))
        linked(world, item, resources=[FILE])
        assert status_of(world, item) == "downloadable"

    def test_a_private_dataset_does_not_count(self, world: World):
        item = with_item(world, drafted(world))
        made = linked(world, item, resources=[FILE])
        call_action("package_patch", id=made["id"], private=True)
        assert status_of(world, item) == "planned"

    def test_the_first_day_is_that_of_the_dataset(self, world: World):
        item = with_item(world, drafted(world), planned="2026-01-01")
        linked(world, item, issued="2026-02-01")
        shown = world.call("compiler", "nd47_catalogue_item_show", id=item["id"])
        assert (shown["first_provided"], shown["is_late"]) == ("2026-02-01", True)

    def test_a_stated_first_day_comes_before_it(self, world: World):
        item = with_item(world, drafted(world), planned="2026-01-01")
        linked(world, item, issued="2026-02-01")
        shown = world.call(
            "editor", "nd47_catalogue_item_status", id=item["id"], first_provided="2025-12-30"
        )
        assert (shown["first_provided"], shown["is_late"]) == ("2025-12-30", False)

    @pytest.mark.parametrize("status", ["suspended", "stopped"])
    def test_officers_suspend_and_stop_with_a_reason(self, world: World, status: str):
        item = with_item(world, drafted(world))
        with pytest.raises(tk.ValidationError, match="reason"):
            world.call("editor", "nd47_catalogue_item_status", id=item["id"], status=status)
        shown = world.call(
            "editor",
            "nd47_catalogue_item_status",
            id=item["id"],
            status=status,
            reason="Chuyển hệ thống",
        )
        assert (shown["status"], shown["reason"]) == (status, "Chuyển hệ thống")

    def test_the_status_of_an_issued_item_can_be_set(self, world: World):
        item = items_of(world, issued(world))[0]
        shown = world.call(
            "editor",
            "nd47_catalogue_item_status",
            id=item["id"],
            status="suspended",
            reason="Chuyển hệ thống",
        )
        assert shown["status"] == "suspended"

    def test_the_list_counts_and_filters_by_status(self, world: World):
        draft = drafted(world)
        with_item(world, draft, planned=in_days(-1))
        linked(world, with_item(world, draft), resources=[FILE])
        found = world.call("compiler", "nd47_catalogue_item_list", catalogue=draft["id"])
        assert (found["counts"]["late"], found["counts"]["downloadable"]) == (1, 1)
        assert len(items_of(world, draft, status="late")) == 1

    @pytest.mark.parametrize("typed", ["trường học", "“Trường” (học),", "--truong & hoc?"])
    def test_the_search_takes_what_is_typed_as_text(self, world: World, typed: str):
        draft = drafted(world)
        with_item(world, draft, name="Danh sách trường học")
        with_item(world, draft, name="Giá đất")
        found = items_of(world, draft, q=typed)
        assert [item["name"] for item in found] == ["Danh sách trường học"]


class TestValues:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("frequency", "hang-nghin-nam"),
            ("planned", "hôm nào đó"),
            ("planned", "2026-13-01"),
            ("delay", "-3"),
            ("delay", "nhiều"),
            ("delay", "0" * 10 + "9" * 20),
            ("formats", ["không có"]),
            ("formats", ["csv"] * 51),
            ("licence", "giấy phép lạ"),
            ("name", ""),
            ("name", ["a"]),
            ("description", "a\x00b"),
            ("columns", [{"name": "a", "aliases": "b"}]),
            ("columns", [{"name": "a", "aliases": ["b"] * 51}]),
            ("columns", ["a"] * 201),
            ("provider_id", "khong-co"),
        ],
    )
    def test_wrong_values_are_refused_by_field(self, world: World, field: str, value: Any):
        draft = drafted(world)
        with pytest.raises(tk.ValidationError) as refused:
            with_item(world, draft, **{"name": "Dữ liệu", field: value})
        assert field.removesuffix("_id") in refused.value.error_dict
        assert items_of(world, draft) == []

    def test_codes_are_recognised_by_their_labels(self, world: World):
        item = with_item(world, drafted(world), sharing_class="Dữ liệu mở", frequency="Hằng năm")
        assert (item["sharing_class"], item["frequency"]) == ("du-lieu-mo", "hang-nam")

    @pytest.mark.parametrize(
        "written",
        [
            "cc-by",
            "CC-BY-4.0",
            "https://creativecommons.org/licenses/by/4.0/deed.vi",
            "Creative Commons Attribution",
        ],
    )
    def test_a_licence_is_recognised_by_its_usual_names(self, world: World, written: str):
        assert with_item(world, drafted(world), licence=written)["licence"] == "cc-by"

    def test_an_agency_that_the_register_does_not_have_stays_a_name(self, world: World):
        item = with_item(world, drafted(world), provider_id="", provider="UBND xã Thượng Sơn")
        assert (item["provider_id"], item["provider"]) == ("", "UBND xã Thượng Sơn")


class TestProposals:
    def propose(self, world: World, draft: Any, **more: Any) -> Any:
        agency = world.agencies["own"]["id"]
        given = {"catalogue": draft["id"], "agency": agency, **more}
        return world.call("editor", "nd47_catalogue_item_propose", **given)

    def decide(self, world: World, proposal: Any, decision: str = "merge", **more: Any) -> Any:
        given = {"ids": [proposal["id"]], "decision": decision, **more}
        return world.call("compiler", "nd47_catalogue_proposal_decide", **given)["results"][0]

    def test_a_merged_proposal_becomes_an_item_of_the_agency(self, world: World):
        draft = drafted(world)
        assert self.decide(world, self.propose(world, draft, name="Danh sách trường"))["done"]
        item = items_of(world, draft)[0]
        assert item["provider_id"] == world.agencies["own"]["id"]

    def test_the_compiler_corrects_while_merging(self, world: World):
        draft = drafted(world)
        made = self.propose(world, draft, name="danh sach truong")
        self.decide(world, made, changes={"name": "Danh sách trường"})
        assert items_of(world, draft)[0]["name"] == "Danh sách trường"

    def test_a_proposed_change_and_removal_are_merged(self, world: World):
        draft = drafted(world)
        item = with_item(world, draft)
        self.decide(world, self.propose(world, draft, id=item["id"], frequency="hang-nam"))
        assert items_of(world, draft)[0]["frequency"] == "hang-nam"
        self.decide(world, self.propose(world, draft, id=item["id"], kind="remove"))
        assert items_of(world, draft) == []

    def test_it_is_declined_with_a_reason(self, world: World):
        draft = drafted(world)
        made = self.propose(world, draft, name="Danh sách trường")
        with pytest.raises(tk.ValidationError, match="reason"):
            self.decide(world, made, "decline")
        assert self.decide(world, made, "decline", reason="Đã có ở mục khác.")["done"]
        assert items_of(world, draft) == []

    def test_it_is_decided_once(self, world: World):
        draft = drafted(world)
        made = self.propose(world, draft, name="Danh sách trường")
        self.decide(world, made)
        result = self.decide(world, made)
        assert not result["done"]
        assert "already" in result["message"]
        assert len(items_of(world, draft)) == 1

    def test_a_change_of_an_item_that_somebody_changed_is_not_merged_unseen(self, world: World):
        draft = drafted(world)
        item = with_item(world, draft)
        made = self.propose(world, draft, id=item["id"], frequency="hang-nam")
        world.call("sysadmin", "nd47_catalogue_item_update", id=item["id"], note="Khác")
        result = self.decide(world, made, versions={made["id"]: made["item_version"]})
        assert not result["done"]
        assert items_of(world, draft)[0]["frequency"] == ""

    def test_nothing_is_issued_while_proposals_wait(self, world: World):
        draft = drafted(world)
        with_item(world, draft)
        self.propose(world, draft, name="Danh sách trường")
        with pytest.raises(tk.ValidationError, match="proposals"):
            world.call("compiler", "nd47_catalogue_propose", id=draft["id"])


class TestExpectedColumns:
    COLUMNS = ({"name": "Tên trường", "aliases": ["ten_truong"]}, "Số lớp")

    def test_an_item_in_force_expects_its_columns_in_the_files_of_its_datasets(self, world: World):
        draft = drafted(world)
        item = with_item(world, draft, columns=list(self.COLUMNS))
        made = linked(world, item)
        assert expected.of_dataset(made["id"]) == []
        world.call("compiler", "nd47_catalogue_propose", id=draft["id"])
        world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)
        assert expected.of_dataset(made["id"]) == [[["Tên trường", "ten_truong"], ["Số lớp"]]]

    def test_other_datasets_are_expected_to_have_none(self, world: World):
        assert expected.of_dataset(dataset(world)["id"]) == []


class TestDatasets:
    def test_a_link_is_there_in_the_next_edition(self, world: World):
        first = issued(world)
        linked(world, items_of(world, first)[0])
        second = world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])
        assert items_of(world, second)[0]["published"] == 1

    def test_a_purged_dataset_leaves_the_item_intact(self, world: World):
        made = issued(world)
        item = items_of(world, made)[0]
        gone = linked(world, item, resources=[FILE])
        call_action("dataset_purge", id=gone["id"])
        shown = world.call("compiler", "nd47_catalogue_item_show", id=item["id"])
        assert shown["status"] in ("planned", "late")
        assert [(one["title"], one["state"]) for one in shown["linked"]] == [
            (gone["title"], "purged")
        ]
        visitor: Any = {"user": "", "ignore_auth": False}
        found = tk.get_action("nd47_catalogue_item_show")(visitor, {"id": item["id"]})
        assert found["linked"] == []

    def test_an_item_has_several_datasets_and_a_dataset_several_items(self, world: World):
        draft = drafted(world)
        one, two = with_item(world, draft), with_item(world, draft)
        first = linked(world, one)
        linked(world, one)
        world.call("compiler", "nd47_catalogue_link", id=two["id"], datasets=[first["name"]])
        assert [item["datasets"] for item in items_of(world, draft)] == [2, 1]

    def test_an_unknown_dataset_is_refused(self, world: World):
        item = with_item(world, drafted(world))
        with pytest.raises(tk.ValidationError, match="datasets"):
            world.call("compiler", "nd47_catalogue_link", id=item["id"], datasets=["khong-co"])

    def test_a_dataset_says_which_decisions_list_it(self, world: World):
        made = issued(world)
        one = linked(world, items_of(world, made)[0])
        visitor: Any = {"user": "", "ignore_auth": False}
        found = tk.get_action("nd47_catalogue_of_dataset")(visitor, {"id": one["id"]})
        assert [entry["decision_number"] for entry in found] == ["804/QĐ-UBND"]

    def test_a_draft_is_no_decision(self, world: World):
        one = linked(world, with_item(world, drafted(world)))
        assert call_action("nd47_catalogue_of_dataset", id=one["id"]) == []


class TestMatching:
    def candidates(self, world: World, draft: Any) -> list[Any]:
        found = world.call("compiler", "nd47_catalogue_match", catalogue=draft["id"])
        return found["results"][0]["candidates"]

    def test_the_code_that_a_dataset_names_comes_first(self, world: World):
        draft = drafted(world)
        with_item(world, draft, code="GD.07")
        dataset(world)
        named = dataset(world, "foreign", title="Khác", catalogue_entry=[{"code": "GD.07"}])
        assert self.candidates(world, draft)[0]["id"] == named["id"]

    def test_the_identifier_may_be_the_code(self, world: World):
        draft = drafted(world)
        made = dataset(world, title="Khác")
        with_item(world, draft, code=made["identifier"])
        assert [one["id"] for one in self.candidates(world, draft)] == [made["id"]]

    def test_a_similar_title_of_the_agency_is_proposed_with_the_reason(self, world: World):
        draft = drafted(world)
        with_item(world, draft)
        made = dataset(world, title="Danh sách các trường tiểu học")
        found = self.candidates(world, draft)[0]
        assert (found["id"], len(found["reasons"])) == (made["id"], 2)

    @pytest.mark.parametrize(
        "fields", [{"title": "Giá nước sạch"}, {"private": True}, {"state": "draft"}]
    )
    def test_others_are_not_proposed(self, world: World, fields: Any):
        draft = drafted(world)
        with_item(world, draft)
        dataset(world, **fields)
        assert self.candidates(world, draft) == []

    def test_an_item_with_a_dataset_is_not_matched_again(self, world: World):
        draft = drafted(world)
        linked(world, with_item(world, draft))
        found = world.call("compiler", "nd47_catalogue_match", catalogue=draft["id"])
        assert found["count"] == 0


class TestGaps:
    def gaps(self, world: World, view: str, **more: Any) -> Any:
        return world.call("editor", "nd47_catalogue_gaps", view=view, **more)

    def test_listed_and_not_published(self, world: World):
        made = issued(world)
        found = self.gaps(world, "unpublished")
        assert [one["catalogue_name"] for one in found["results"]] == [made["name"]]
        linked(world, items_of(world, made)[0])
        assert self.gaps(world, "unpublished")["count"] == 0

    def test_published_and_not_listed(self, world: World):
        made = issued(world)
        one = dataset(world, title="Chưa có trong danh mục")
        agency = world.agencies["own"]["id"]
        names = [row["id"] for row in self.gaps(world, "unlisted", agency=agency)["results"]]
        assert one["id"] in names
        item = items_of(world, made)[0]
        world.call("compiler", "nd47_catalogue_link", id=item["id"], datasets=[one["id"]])
        names = [row["id"] for row in self.gaps(world, "unlisted", agency=agency)["results"]]
        assert one["id"] not in names

    def test_an_item_of_two_editions_in_force_counts_once(self, world: World):
        first = issued(world)
        second = world.call(
            "compiler", "nd47_catalogue_new_edition", id=first["id"], relation="supplements"
        )
        world.call("compiler", "nd47_catalogue_propose", id=second["id"])
        world.call("leader", "nd47_catalogue_issue", id=second["id"], **DECISION)
        found = self.gaps(world, "unpublished")
        assert [one["catalogue_id"] for one in found["results"]] == [second["id"]]

    def test_drafts_are_in_no_view(self, world: World):
        with_item(world, drafted(world))
        assert self.gaps(world, "unpublished")["count"] == 0

    def test_both_are_of_one_agency(self, world: World):
        issued(world)
        agency = world.agencies["foreign"]["id"]
        assert self.gaps(world, "unpublished", agency=agency)["count"] == 0


def test_an_item_whose_agency_merged_shows_its_successor(world: World):
    draft = drafted(world)
    made = with_item(world, draft, "below", provider="Phòng Khảo thí")
    world.call("compiler", "nd47_catalogue_propose", id=draft["id"])
    world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)
    below, own = world.agencies["below"]["id"], world.agencies["own"]["id"]
    call_action("nd47_agency_update", id=below, valid_to=in_days(-1), successor=own)
    item = world.call("compiler", "nd47_catalogue_item_show", id=made["id"])
    agency = item["provider_agency"]
    assert (agency["title"], agency["successor"]) == ("Phòng Khảo thí", "Sở Giáo dục và Đào tạo")
    # Its editors answer for what they took over.
    shown = world.call(
        "editor",
        "nd47_catalogue_item_status",
        id=made["id"],
        status="suspended",
        reason="Sáp nhập",
    )
    assert shown["status"] == "suspended"
    call_action("nd47_agency_update", id=below, valid_to="", successor="")
