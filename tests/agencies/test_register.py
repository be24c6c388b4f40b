"""The register of agencies through CKAN's actions."""

from __future__ import annotations

from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import inputs
from tests.agencies.conftest import People, agency

pytestmark = pytest.mark.usefixtures("portal")


class TestOrganisationActions:
    def test_the_fields_go_to_the_register_and_stay(self, department: dict[str, Any]) -> None:
        group: Any = model.Group.get(department["id"])
        entry = call_action("nd47_agency_show", id=department["id"])
        assert (group.extras["identifier"], group.extras["agency_level"]) == (
            "H99.02",
            "department",
        )
        assert (entry["code"], entry["level"]) == ("H99.02", "department")
        assert entry["email"] == "vanthu@sgd.haison.example"

    def test_the_organisation_shows_them(self, department: dict[str, Any]) -> None:
        shown = call_action("organization_show", id=department["id"])
        assert shown["identifier"] == "H99.02"
        assert shown["agency_level"] == "department"
        assert shown["email"] == "vanthu@sgd.haison.example"

    def test_a_change_in_the_register_shows_in_the_organisation(self) -> None:
        made = agency("Sở Nội vụ", identifier="H99.20")
        call_action("nd47_agency_update", id="H99.20", code="H99.21", email="moi@snv.example")
        shown = call_action("organization_show", id=made["id"])
        assert (shown["identifier"], shown["email"]) == ("H99.21", "moi@snv.example")

    def test_an_update_without_the_fields_leaves_the_register_alone(self) -> None:
        made = agency("Sở Tư pháp", identifier="H99.22", telephone="0203 1")
        call_action("organization_update", id=made["id"], name=made["name"], title="Sở Tư pháp mới")
        entry = call_action("nd47_agency_show", id=made["id"])
        assert (entry["code"], entry["telephone"]) == ("H99.22", "0203 1")
        assert entry["title"] == "Sở Tư pháp mới"

    def test_a_patch_keeps_what_it_does_not_name(self) -> None:
        made = agency("Sở Xây dựng", identifier="H99.23", email="a@sxd.example")
        call_action("organization_patch", id=made["id"], telephone="0203 2")
        entry = call_action("nd47_agency_show", id=made["id"])
        assert (entry["code"], entry["email"]) == ("H99.23", "a@sxd.example")
        assert entry["telephone"] == "0203 2"

    def test_an_empty_field_clears(self) -> None:
        made = agency("Sở Du lịch", identifier="H99.24", email="a@sdl.example")
        call_action("organization_patch", id=made["id"], email="")
        assert call_action("nd47_agency_show", id=made["id"])["email"] == ""

    def test_a_taken_code_is_refused_and_nothing_is_made(self, department: dict[str, Any]) -> None:
        with pytest.raises(tk.ValidationError) as refused:
            agency("Sở giả", name="so-gia", identifier="H99.02")
        assert "Sở Giáo dục và Đào tạo" in inputs.error_messages(refused.value)["identifier"][0]
        model.Session.rollback()
        assert model.Group.get("so-gia") is None

    def test_a_refused_code_is_not_written_by_the_next_query(
        self, department: dict[str, Any]
    ) -> None:
        made = agency("Sở Ngoại vụ", identifier="H99.25")
        with pytest.raises(tk.ValidationError):
            call_action("nd47_agency_update", id=made["id"], code=department["identifier"])
        assert call_action("nd47_agency_show", id=made["id"])["code"] == "H99.25"

    def test_a_parent_is_kept_by_an_update_that_does_not_name_it(
        self, province: dict[str, Any]
    ) -> None:
        made = agency("Sở Công Thương", groups=[{"name": province["name"]}])
        call_action("organization_update", id=made["id"], name=made["name"], title="Sở Công Thương")
        shown = call_action("organization_show", id=made["id"])
        assert [group["name"] for group in shown["groups"]] == [province["name"]]
        top = directory.top_agency(made["id"])
        assert top
        assert top.id == province["id"]


class TestTree:
    def test_a_parent_of_the_register_is_one_for_ckan_too(self, province: dict[str, Any]) -> None:
        made = agency("Chi cục Thú y")
        call_action("nd47_agency_update", id=made["id"], parent="H99")
        shown = call_action("organization_show", id=made["id"])
        assert [group["name"] for group in shown["groups"]] == [province["name"]]

    def test_ckan_s_own_tree_which_ckanext_hierarchy_reads_is_that_of_the_register(self) -> None:
        top, middle, low = (agency(f"Cấp {number}") for number in range(3))
        call_action("nd47_agency_update", id=middle["id"], parent=top["id"])
        call_action("nd47_agency_update", id=low["id"], parent=middle["id"])
        group: Any = model.Group.get(top["id"])
        below = group.get_children_group_hierarchy(type="organization")
        assert [one[0] for one in below] == [middle["id"], low["id"]]
        lowest: Any = model.Group.get(low["id"])
        above = lowest.get_parent_group_hierarchy(type="organization")
        assert [one.id for one in above] == [top["id"], middle["id"]]
        call_action("nd47_agency_update", id=middle["id"], parent="")
        assert group.get_children_group_hierarchy(type="organization") == []

    @pytest.mark.parametrize("field", ["parent", "successor"])
    def test_a_loop_is_refused(self, field: str) -> None:
        one, two, three = (agency(f"Trung tâm {number}") for number in range(3))
        call_action("nd47_agency_update", id=two["id"], **{field: one["id"]})
        call_action("nd47_agency_update", id=three["id"], **{field: two["id"]})
        with pytest.raises(tk.ValidationError, match="loop"):
            call_action("nd47_agency_update", id=one["id"], **{field: three["id"]})
        model.Session.rollback()
        with pytest.raises(tk.ValidationError, match="loop"):
            call_action("nd47_agency_update", id=one["id"], **{field: one["id"]})
        model.Session.rollback()

    def test_a_loop_through_the_organisation_is_refused(self) -> None:
        one = agency("Trung tâm A")
        two = agency("Trung tâm B", groups=[{"name": one["name"]}])
        with pytest.raises(tk.ValidationError):
            call_action("organization_patch", id=one["id"], groups=[{"name": two["name"]}])


class TestEntry:
    def test_all_fields_come_back(self, province: dict[str, Any]) -> None:
        given = {
            "code": "H99.30",
            "former_code": "000.30.00.H99",
            "legal_name": "Sở Nông nghiệp và Môi trường tỉnh Hải Sơn",
            "short_name": "Sở NN&MT",
            "title_en": "Department of Agriculture and Environment",
            "level": "department",
            "administrative_unit": "99",
            "address": "1 Trần Phú",
            "telephone": "0203 3",
            "email": "a@snnmt.example",
            "url": "https://snnmt.example/",
            "valid_from": "2025-03-01",
            "valid_to": "2030-12-31",
        }
        made = agency("Sở Nông nghiệp và Môi trường")
        call_action("nd47_agency_create", organization=made["id"], parent="H99", **given)
        entry = call_action("nd47_agency_show", id="H99.30")
        assert given.items() <= entry.items()
        assert entry["parent"] == province["id"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("code", "99.H02"),
            ("code", "H99." + "A" * 40),
            ("former_code", "H99.02"),
            ("level", "kingdom"),
            ("administrative_unit", "123"),
            ("parent", "no-such-agency"),
            ("valid_from", "2025"),
            ("valid_from", "31/02/2025"),
            ("email", "not a mailbox"),
            ("url", "javascript:alert(1)"),
            ("telephone", "<script>"),
            ("address", ["a", "list"]),
            ("legal_name", "a\x00b"),
        ],
    )
    def test_a_wrong_value_is_refused_at_its_field(
        self, department: dict[str, Any], field: str, value: Any
    ) -> None:
        with pytest.raises(tk.ValidationError) as refused:
            call_action("nd47_agency_update", id=department["id"], **{field: value})
        assert set(refused.value.error_dict) == {field}

    @pytest.mark.parametrize(
        ("field", "written", "stored"),
        [
            ("telephone", "(0236) 3822999", "(0236) 3822999"),
            ("telephone", "0694.000.211\n02000.818.568", "0694.000.211; 02000.818.568"),
            ("telephone", "Liên hệ Cục A05: 069.000.4053", "Liên hệ Cục A05: 069.000.4053"),
            ("telephone", "Không công bố", None),
            ("email", "a@x.example, b@x.example", "a@x.example; b@x.example"),
            ("email", "mailto:a@x.example\u00a0", "a@x.example"),
            ("email", "Không có thông tin", None),
        ],
    )
    def test_numbers_and_mailboxes_are_taken_as_directories_print_them(
        self, department: dict[str, Any], field: str, written: str, stored: str | None
    ) -> None:
        entry = call_action("nd47_agency_update", id=department["id"], **{field: written})
        assert (entry.get(field) or None) == stored

    def test_a_body_of_its_own_kind_has_a_code_too(self) -> None:
        made = agency("Hội Khuyến học")
        entry = call_action("nd47_agency_update", id=made["id"], code="Z01HOIKHUYENHOC")
        assert entry["code"] == "Z01HOIKHUYENHOC"

    def test_the_last_day_is_not_before_the_first(self) -> None:
        made = agency("Ban quản lý")
        with pytest.raises(tk.ValidationError) as refused:
            call_action(
                "nd47_agency_update", id=made["id"], valid_from="2025-02-01", valid_to="2025-01-31"
            )
        assert "valid_to" in refused.value.error_dict
        model.Session.rollback()

    def test_a_new_organisation_can_be_made(self, people: People) -> None:
        entry = call_action(
            "nd47_agency_create",
            {"user": people.sysadmin["name"]},
            organization="ubnd-xa-moi",
            title="UBND xã Mới",
            code="H99.77",
        )
        assert call_action("organization_show", id="ubnd-xa-moi")["identifier"] == "H99.77"
        assert entry["title"] == "UBND xã Mới"

    def test_an_entry_in_use_is_not_deleted(self, province: dict[str, Any]) -> None:
        agency("Sở Tài chính", groups=[{"name": province["name"]}])
        with pytest.raises(tk.ValidationError, match="Sở Tài chính"):
            call_action("nd47_agency_delete", id="H99")
        model.Session.rollback()

    def test_an_unused_entry_is_deleted_and_the_organisation_stays(self) -> None:
        made = agency("Trung tâm bỏ", identifier="H99.78")
        call_action("nd47_agency_delete", id="H99.78")
        assert "identifier" not in call_action("organization_show", id=made["id"])


class TestHistory:
    def test_a_code_once_borne_is_remembered(self) -> None:
        made = agency("Sở Khoa học", identifier="H99.40")
        call_action("nd47_agency_update", id=made["id"], code="H99.41")
        changes = call_action("nd47_register_history", agency=made["id"])["results"]
        assert changes[0]["before"] == {"code": "H99.40"}
        assert changes[0]["after"] == {"code": "H99.41"}
        assert changes[0]["moment"]

    def test_nothing_is_noted_where_nothing_changed(self) -> None:
        made = agency("Sở Văn hóa", identifier="H99.42")
        before = call_action("nd47_register_history", agency=made["id"])["count"]
        call_action("nd47_agency_update", id=made["id"], code="H99.42")
        assert call_action("nd47_register_history", agency=made["id"])["count"] == before


class TestList:
    @pytest.mark.parametrize(
        "q", ["giáo dục", "giao duc", "GIAO  DUC", "H99.02", "đào tạo", "(Giáo dục),", "“đào tạo”?"]
    )
    def test_words_are_found_with_and_without_diacritics(
        self, department: dict[str, Any], q: str
    ) -> None:
        found = call_action("nd47_agency_list", q=q)
        assert [result["id"] for result in found["results"]] == [department["id"]]

    @pytest.mark.parametrize("q", ["%", "_", "\\", "khong-co", "' OR 1=1 --"])
    def test_other_words_find_nothing(self, department: dict[str, Any], q: str) -> None:
        assert call_action("nd47_agency_list", q=q)["results"] == []

    def test_a_page_is_a_part_of_the_whole(self, department: dict[str, Any]) -> None:
        whole = call_action("nd47_agency_list")
        page = call_action("nd47_agency_list", limit=2, offset=1)
        assert page["count"] == whole["count"]
        assert page["results"] == whole["results"][1:3]


class TestOrder:
    def test_agencies_stand_in_vietnamese_order(self, portal: None) -> None:
        titles = ["Xếp thứ đài", "Xếp thứ dài", "Xếp thứ xã 10", "Xếp thứ xã 9", "xếp thứ ăn"]
        for title in titles:
            agency(title)
        listed = call_action("nd47_agency_list", q="xep thu")["results"]
        assert [one["title"] for one in listed] == [
            "xếp thứ ăn",
            "Xếp thứ dài",
            "Xếp thứ đài",
            "Xếp thứ xã 9",
            "Xếp thứ xã 10",
        ]
