"""One edit of a focal point, and every dataset says it: API, search, page and DCAT."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from tests.agencies.conftest import agency, dataset, focal_point, result_of, stored
from tests.support.statements import statements

pytestmark = pytest.mark.usefixtures("portal")

DECREE = "full_name position function telephone email"


@pytest.fixture
def fresh() -> dict[str, Any]:
    return agency("Sở Liên hệ", email="vanthu@slh.example", telephone="0203 100")


def contacts(made: dict[str, Any]) -> list[dict[str, Any]]:
    return call_action("package_show", id=made["id"])["contact_points"]


class TestDefault:
    def test_the_office_answers_where_nobody_is_recorded(self, fresh: dict[str, Any]) -> None:
        assert contacts(dataset(fresh)) == [
            {"name": "Sở Liên hệ", "email": "vanthu@slh.example", "telephone": "0203 100"}
        ]

    def test_one_edit_shows_with_every_dataset(self, fresh: dict[str, Any]) -> None:
        officer = focal_point(fresh["id"])
        made = [dataset(fresh) for _ in range(3)]
        before = [one["metadata_modified"] for one in made]
        call_action("nd47_focal_point_update", id=officer["id"], email="moi@slh.example")
        found = call_action("package_search", fq=f"owner_org:{fresh['id']}")["results"]
        assert [one["contact_points"][0]["email"] for one in found] == ["moi@slh.example"] * 3
        assert [contacts(one)[0]["email"] for one in made] == ["moi@slh.example"] * 3
        shown = [call_action("package_show", id=one["id"]) for one in made]
        assert [one["metadata_modified"] for one in shown] == before

    def test_feedback_comes_before_sharing_and_main_before_deputy(
        self, fresh: dict[str, Any]
    ) -> None:
        made = dataset(fresh)
        for role, rank in (
            ("sharing", "deputy"),
            ("sharing", "main"),
            ("feedback", "deputy"),
            ("feedback", "main"),
        ):
            focal_point(fresh["id"], role=role, rank=rank, email=f"{role}.{rank}@slh.example")
            assert contacts(made)[0]["email"] == f"{role}.{rank}@slh.example"

    def test_the_default_set_tells_no_name(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"])
        [contact] = contacts(dataset(fresh))
        assert contact["name"] == "Sở Liên hệ"
        assert contact["position"] == "Trưởng phòng Dữ liệu"
        assert contact["telephone"] == "0203 100"
        assert "Ánh" not in str(contact)

    @pytest.mark.ckan_config("ckanext.nd47.focal_point_public_fields", DECREE)
    def test_the_set_of_the_decree_is_one_setting_away(
        self, ckan_config: Any, fresh: dict[str, Any]
    ) -> None:
        focal_point(fresh["id"])
        [contact] = contacts(dataset(fresh))
        assert contact["name"] == "Nguyễn Thị Ánh"
        assert contact["telephone"] == "0203 3835 123"
        assert "rieng" not in str(contact)

    def test_the_contact_of_a_dataset_goes_first(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"])
        made = dataset(fresh, contact=[{"name": "Tổ dữ liệu", "email": "to@slh.example"}])
        assert contacts(made) == [{"name": "Tổ dữ liệu", "email": "to@slh.example"}]

    def test_a_dataset_that_was_read_may_be_sent_back(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"])
        made = dataset(fresh)
        call_action("package_update", **call_action("package_show", id=made["id"]))
        assert stored(made["id"]).get("contact") is None

    def test_the_successor_of_an_agency_answers_for_it(self, fresh: dict[str, Any]) -> None:
        made = dataset(fresh)
        heir = agency("Sở Kế thừa", email="vanthu@skt.example")
        call_action(
            "nd47_agency_update",
            id=fresh["id"],
            email="",
            telephone="",
            successor=heir["id"],
            valid_to="2025-03-01",
        )
        assert contacts(made)[0]["email"] == "vanthu@skt.example"


class TestReference:
    def test_a_dataset_may_name_a_focal_point(self, fresh: dict[str, Any]) -> None:
        officer = focal_point(fresh["id"], role="sharing", email="chiase@slh.example")
        focal_point(fresh["id"], role="feedback")
        made = dataset(fresh, contact=[{"identifier": officer["id"]}])
        assert contacts(made)[0]["email"] == "chiase@slh.example"

    def test_whoever_follows_is_named_after_the_term(self, fresh: dict[str, Any]) -> None:
        officer = focal_point(fresh["id"])
        made = dataset(fresh, contact=[{"identifier": officer["id"]}])
        call_action(
            "nd47_focal_point_succeed", id=officer["id"], full_name="Sau", email="sau@slh.example"
        )
        assert contacts(made)[0]["email"] == "sau@slh.example"

    def test_the_agency_is_named_where_nobody_follows(self, fresh: dict[str, Any]) -> None:
        officer = focal_point(fresh["id"])
        made = dataset(fresh, contact=[{"identifier": officer["id"]}])
        call_action("nd47_focal_point_update", id=officer["id"], valid_to="2025-06-30")
        assert contacts(made)[0]["email"] == "vanthu@slh.example"


class TestSearch:
    def found(self, q: str) -> list[str]:
        return sorted(result["id"] for result in call_action("package_search", q=q)["results"])

    def test_one_of_several_mailboxes_and_numbers_finds_the_datasets(
        self, fresh: dict[str, Any]
    ) -> None:
        focal_point(
            fresh["id"],
            email="Văn thư <hai.hop@tkcu.vn>; ba.hop@tkcu.vn",
            telephone="(0203) 3835 777; 0905.123.777 máy lẻ 5",
        )
        made = dataset(fresh)
        for asked in ("hai.hop@tkcu.vn", "ba.hop@tkcu.vn"):
            assert made["id"] in self.found(asked)
        assert made["id"] not in self.found("hop@tkcu.vn")

    def test_a_mailbox_finds_the_datasets_at_once(self, fresh: dict[str, Any]) -> None:
        officer = focal_point(fresh["id"], email="timkiem@tkcu.vn")
        made = dataset(fresh)
        assert self.found("TimKiem@tkcu.vn") == [made["id"]]
        call_action("nd47_focal_point_update", id=officer["id"], email="timmoi@slhm.vn")
        assert self.found("timmoi@slhm.vn") == [made["id"]]
        assert self.found("timkiem@tkcu.vn") == []

    def test_the_agency_above_is_found_for_those_that_have_no_contact(self) -> None:
        mailbox = f"tren{uuid4().hex[:8]}@ubnd.example"
        top = agency("UBND tỉnh Tìm", email=mailbox)
        middle = agency("Sở Không Hộp Thư", groups=[{"name": top["name"]}])
        low = agency("Trung tâm Dưới", groups=[{"name": middle["name"]}])
        own = agency("Sở Có Hộp Thư", email="co@rieng.example", groups=[{"name": top["name"]}])
        staffed = agency("Sở Có Đầu Mối", groups=[{"name": top["name"]}])
        focal_point(staffed["id"])
        silent = [dataset(one)["id"] for one in (top, middle, low)]
        for one in (own, staffed):
            dataset(one)
        assert self.found(mailbox) == sorted(silent)
        assert all(
            call_action("package_show", id=one)["contact_points"][0]["email"] == mailbox
            for one in silent
        )

    def test_an_agency_in_the_middle_of_the_tree_is_not_found_for_those_below(self) -> None:
        """They name the top of the tree, or nobody."""
        mailbox = f"giua{uuid4().hex[:8]}@so.example"
        top = agency("UBND tỉnh Đỉnh", email="dinh@ubnd.example")
        middle = agency("Sở Giữa", email=mailbox, groups=[{"name": top["name"]}])
        low = agency("Trung tâm Thấp", groups=[{"name": middle["name"]}])
        made, below = dataset(middle), dataset(low)
        assert self.found(mailbox) == [made["id"]]
        assert contacts(below)[0]["email"] == "dinh@ubnd.example"

    def test_a_successor_is_found_for_an_agency_that_has_ended(self) -> None:
        mailbox = f"sau{uuid4().hex[:8]}@so.example"
        old, heir = agency("Sở Đã Hết"), agency("Sở Kế Thừa", email=mailbox)
        made = dataset(old)
        change = {"id": old["id"], "successor": heir["id"]}
        call_action("nd47_agency_update", **change, valid_to="2999-12-31")
        assert self.found(mailbox) == []
        call_action("nd47_agency_update", **change, valid_to="2025-02-28")
        assert self.found(mailbox) == [made["id"]]

    def test_the_agency_that_a_dataset_names_as_responsible_is_found(self) -> None:
        mailbox = f"chu{uuid4().hex[:8]}@quan.example"
        one = agency("Sở Chủ Quản", email=mailbox)
        made = dataset(agency("Trung tâm Làm"), responsible_agency=one["id"])
        assert self.found(mailbox) == [made["id"]]
        assert contacts(made)[0]["email"] == mailbox

    def test_a_hidden_name_finds_nothing(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], full_name="Đặng Thị Khuất")
        dataset(fresh)
        assert self.found("Đặng Thị Khuất") == []

    @pytest.mark.ckan_config("ckanext.nd47.focal_point_public_fields", DECREE)
    @pytest.mark.parametrize(
        "q", ["Đỗ Thị Tường Vy", "do thi tuong vy", "TƯỜNG VY", "tuong vi", "0203.77.88.99"]
    )
    def test_a_public_name_or_number_finds_them(
        self, ckan_config: Any, fresh: dict[str, Any], q: str
    ) -> None:
        focal_point(fresh["id"], full_name="Đỗ Thị Tường Vy", telephone="0203 77 88 99")
        made = dataset(fresh)
        assert made["id"] in self.found(q)

    @pytest.mark.ckan_config("ckanext.nd47.focal_point_public_fields", DECREE)
    def test_a_name_is_found_after_another_plugin_has_folded_the_query(
        self, ckan_config: Any, fresh: dict[str, Any]
    ) -> None:
        from ckanext.nd47.agencies.lookup import search
        from ckanext.nd47.l10n.search import query

        focal_point(fresh["id"], full_name="Lê Thị Hạ Uyên Ly")
        folded = query.adapt_parameters({"q": "Hạ Uyên Ly"})
        assert folded["q"] == "ha uyen li"
        widened = search.extend(folded)["q"]
        assert widened.startswith(f'text:(ha uyen li) OR owner_org:("{fresh["id"]}")')

    @pytest.mark.parametrize(
        "q", ['a@b.example"', "a@b) OR (*:*", "{!func}a@b", "title:a@b", "@", "a@b \\"]
    )
    def test_a_query_with_signs_of_the_index_is_left_alone(self, q: str) -> None:
        params = {"q": q}
        from ckanext.nd47.agencies.lookup import search

        assert search.extend(params) == params

    def test_private_datasets_stay_hidden(self, app: CKANTestApp, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], email="rieng@slh.example")
        dataset(fresh, private=True)
        reply = result_of(app.get("/api/3/action/package_search?q=rieng@slh.example"))
        assert reply["count"] == 0


class TestElsewhere:
    def test_page_and_dcat_say_the_same_as_the_api(
        self, app: CKANTestApp, fresh: dict[str, Any]
    ) -> None:
        officer = focal_point(fresh["id"], email="mot@slh.example")
        made = dataset(fresh)
        for email in ("hai@slh.example", "ba@slh.example"):
            call_action("nd47_focal_point_update", id=officer["id"], email=email)
            assert email in app.get(f"/dataset/{made['name']}").text
            turtle = app.get(f"/dataset/{made['name']}.ttl").text
            assert email in turtle
            assert f"/organization/{fresh['id']}#contact-feedback>" in turtle
        assert "mot@slh.example" not in turtle

    def test_the_publisher_in_dcat_is_read_from_the_register(
        self, app: CKANTestApp, fresh: dict[str, Any]
    ) -> None:
        made = dataset(fresh)
        call_action("nd47_agency_update", id=fresh["id"], code="H77.01", email="cq@slh.example")
        turtle = app.get(f"/dataset/{made['name']}.ttl").text
        assert "H77.01" in turtle
        assert "cq@slh.example" in turtle


class TestStatements:
    def test_a_list_of_datasets_takes_no_more_for_more_agencies(self) -> None:
        """Twenty datasets of twenty agencies take as many statements as two of two."""
        counts = []
        for amount in (2, 20):
            # The index outlives the database of an earlier run.
            marker = uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
            for number in range(amount):
                one = agency(f"Đơn vị {marker} {number}", email=f"x{number}@dv.example")
                focal_point(one["id"], email=f"dm{number}@dv.example")
                dataset(one, notes=marker)
            model.Session.commit()
            with statements() as sent:
                found = tk.get_action("package_search")(
                    {"ignore_auth": True}, {"q": marker, "rows": 100}
                )
            assert found["count"] == amount
            assert all(result["contact_points"][0]["email"] for result in found["results"])
            counts.append(len(sent))
        assert counts[0] == counts[1]
