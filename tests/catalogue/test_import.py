"""Tables that offices have, read into a draft: looked at, applied, applied again, undone."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.catalogue.documents import model as tables
from tests.catalogue.conftest import DECISION, drafted, issued, items_of, with_item
from tests.desk.conftest import World
from tests.lib.files.spreadsheets.workbooks import xlsx

HEADER = [
    "STT",
    "Mã danh mục",
    "Tên tập dữ liệu",
    "Cơ quan chủ trì cung cấp",
    "Tần suất cung cấp",
    "Định dạng, hình thức chia sẻ",
    "Phân loại",
    "Ngày cung cấp lần đầu",
    "Hệ thống đang dùng",
]
SCHOOLS = ["1", "GD.01", "Danh sách trường", "Sở Giáo dục và Đào tạo", "Hằng năm", "Excel, API"]
SCHOOLS += ["Mở", "01/01/2027", "vnEdu"]
HOSPITALS = ["2", "YT.01", "Danh sách bệnh viện", "Sở Y tế", "Hằng quý", "CSV", "Mở", "", ""]


def as_csv(*rows: list[str]) -> bytes:
    return "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows).encode()


def as_docx(*rows: list[str], merged: tuple[int, ...] = ()) -> bytes:
    made = docx.Document()
    made.add_paragraph("Phụ lục")
    table = made.add_table(0, len(HEADER))
    for row in rows:
        added = table.add_row().cells
        for cell, value in zip(added, [*row, *[""] * (len(HEADER) - len(row))], strict=True):
            cell.text = value
    for number in merged:
        cells = table.rows[number].cells
        text = cells[0].text
        cells[0].merge(cells[-1]).text = text
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def sent(world: World, draft: Any, data: bytes, account: str = "compiler", **more: Any) -> Any:
    upload = FileStorage(io.BytesIO(data), "danh-muc.xlsx")
    return world.call(
        account, "nd47_catalogue_import_preview", id=draft["id"], upload=upload, **more
    )


def applied(world: World, run: Any, account: str = "compiler") -> Any:
    return world.call(account, "nd47_catalogue_import_apply", id=run["id"])


class TestReading:
    @pytest.mark.parametrize("written", [as_csv, xlsx, as_docx], ids=["csv", "xlsx", "docx"])
    def test_columns_are_recognised_by_their_headings(self, world: World, written: Any):
        run = sent(world, drafted(world), written(HEADER, SCHOOLS, HOSPITALS))
        assert run["counts"] == {"new": 2, "changed": 0, "same": 0, "refused": 0}
        assert [one["field"] for one in run["columns"]] == [
            "-",
            "code",
            "name",
            "provider",
            "frequency",
            "formats",
            "sharing_class",
            "planned",
            "",
        ]

    def test_nothing_is_changed_before_it_is_applied(self, world: World):
        draft = drafted(world)
        sent(world, draft, as_csv(HEADER, SCHOOLS))
        assert items_of(world, draft) == []

    def test_words_of_offices_become_codes(self, world: World):
        draft = drafted(world)
        applied(world, sent(world, draft, as_csv(HEADER, SCHOOLS)))
        item = items_of(world, draft)[0]
        assert item["provider_id"] == world.agencies["own"]["id"]
        assert item["formats"] == ["XLSX", "API"]
        assert item["sharing_class"] == "du-lieu-mo"
        assert item["planned"] == "2027-01-01"

    def test_a_way_of_sharing_in_the_column_of_formats_goes_to_its_field(self, world: World):
        draft = drafted(world)
        row = [*SCHOOLS[:5], "Excel, dịch vụ", *SCHOOLS[6:]]
        applied(world, sent(world, draft, as_csv(HEADER, row)))
        item = items_of(world, draft)[0]
        assert (item["formats"], item["methods"]) == (["XLSX"], ["dich-vu-chia-se"])

    def test_a_column_that_no_field_is_for_stays_with_the_item(self, world: World):
        draft = drafted(world)
        applied(world, sent(world, draft, as_csv(HEADER, SCHOOLS)))
        assert items_of(world, draft)[0]["other"] == {"Hệ thống đang dùng": "vnEdu"}

    def test_visitors_are_not_told_what_is_in_it(self, world: World):
        draft = drafted(world)
        applied(world, sent(world, draft, as_csv(HEADER, SCHOOLS)))
        world.call("compiler", "nd47_catalogue_propose", id=draft["id"])
        world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)
        listed = world.call("stranger", "nd47_catalogue_item_list", catalogue=draft["id"])
        assert [item["other"] for item in listed["results"]] == [{}]

    def test_a_cell_that_is_no_code_stays_with_the_item_and_is_named(self, world: World):
        draft = drafted(world)
        row = [*SCHOOLS[:4], "Theo yêu cầu của lãnh đạo", *SCHOOLS[5:]]
        run = sent(world, draft, as_csv(HEADER, row))
        assert [note["field"] for note in run["results"][0]["notes"]] == ["frequency"]
        applied(world, run)
        assert "Theo yêu cầu của lãnh đạo" in items_of(world, draft)[0]["other"].values()

    @pytest.mark.parametrize(
        ("written", "day"),
        [
            ("Quý I/2027", "2027-03-31"),
            ("tháng 6/2027", "2027-06-30"),
            ("Năm 2027", "2027-12-31"),
            ("31.3.2027", "2027-03-31"),
            ("46388", "2027-01-01"),
        ],
    )
    def test_a_period_is_planned_for_its_last_day(self, world: World, written: str, day: str):
        draft = drafted(world)
        row = [*SCHOOLS[:7], written, ""]
        applied(world, sent(world, draft, as_csv(HEADER, row)))
        assert items_of(world, draft)[0]["planned"] == day

    def test_a_numbered_row_names_the_field_of_the_rows_below(self, world: World):
        draft = drafted(world)
        groups = (["I", "", "Lĩnh vực Giáo dục đào tạo"], ["II", "", "Y tế"])
        run = sent(world, draft, as_csv(HEADER, groups[0], SCHOOLS, groups[1], HOSPITALS))
        assert [one["text"] for one in run["groups"]] == [
            "I. Lĩnh vực Giáo dục đào tạo",
            "II. Y tế",
        ]
        applied(world, run)
        assert [item["field"] for item in items_of(world, draft)] == ["giao-duc", "y-te"]
        assert items_of(world, draft)[0]["group_title"] == "I. Lĩnh vực Giáo dục đào tạo"

    def test_a_merged_row_names_the_field_of_the_rows_below(self, world: World):
        draft = drafted(world)
        data = as_docx(HEADER, ["I. Lĩnh vực y tế"], HOSPITALS, merged=(1,))
        applied(world, sent(world, draft, data))
        assert items_of(world, draft)[0]["field"] == "y-te"

    def test_a_row_above_may_name_the_agency(self, world: World):
        draft = drafted(world)
        row = ["1", "YT.02", "Danh sách nhà thuốc", "", "", "", "", "", ""]
        run = sent(world, draft, as_csv(HEADER, ["A", "", "Sở Y tế"], row))
        applied(world, run)
        assert items_of(world, draft)[0]["provider_id"] == world.agencies["foreign"]["id"]

    def test_an_agency_that_the_register_does_not_have_stays_a_name(self, world: World):
        draft = drafted(world)
        row = [*SCHOOLS[:3], "Trung tâm Dữ liệu số", *SCHOOLS[4:]]
        applied(world, sent(world, draft, as_csv(HEADER, row)))
        item = items_of(world, draft)[0]
        assert (item["provider"], item["provider_id"]) == ("Trung tâm Dữ liệu số", "")

    def test_totals_and_signatures_are_left_out_and_named(self, world: World):
        rows = (["", "", "Tổng cộng: 1 mục"], ["", "", "NGƯỜI LẬP BIỂU"])
        run = sent(world, drafted(world), as_csv(HEADER, SCHOOLS, *rows))
        assert [one["reason"] for one in run["left_out"]] == ["total", "signature"]
        assert run["counts"]["new"] == 1

    def test_unknown_headings_are_shown_for_a_choice(self, world: World):
        draft = drafted(world)
        run = sent(world, draft, as_csv(["TT", "Thông tin công khai"], ["1", "Danh sách trường"]))
        assert run["message"]
        unknown = run["columns"][1]
        assert (unknown["heading"], unknown["field"]) == ("Thông tin công khai", "")
        again = world.call(
            "compiler",
            "nd47_catalogue_import_columns",
            id=run["id"],
            columns={unknown["key"]: "name"},
        )
        assert (again["message"], again["counts"]["new"]) == ("", 1)

    def test_a_column_can_be_left_out(self, world: World):
        draft = drafted(world)
        run = sent(world, draft, as_csv(HEADER, SCHOOLS))
        key = run["columns"][-1]["key"]
        world.call("compiler", "nd47_catalogue_import_columns", id=run["id"], columns={key: "-"})
        applied(world, run)
        assert items_of(world, draft)[0]["other"] == {}

    def test_a_column_is_not_read_into_something_else(self, world: World):
        run = sent(world, drafted(world), as_csv(HEADER, SCHOOLS))
        with pytest.raises(tk.ValidationError, match="columns"):
            world.call(
                "compiler", "nd47_catalogue_import_columns", id=run["id"], columns={"x": "id"}
            )

    @pytest.mark.parametrize(
        "data",
        [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old", b"\x00\x01\x02"],
        ids=["zip", "xls", "binary"],
    )
    def test_a_hostile_file_ends_in_a_sentence(self, world: World, data: bytes):
        with pytest.raises(tk.ValidationError, match="upload"):
            sent(world, drafted(world), data)

    @pytest.mark.parametrize("data", [b"", b"%PDF-1.7"], ids=["empty", "pdf"])
    def test_a_file_without_a_table_ends_in_a_sentence(self, world: World, data: bytes):
        assert sent(world, drafted(world), data)["message"]

    def test_a_file_is_needed(self, world: World):
        with pytest.raises(tk.ValidationError, match="upload"):
            world.call(
                "compiler", "nd47_catalogue_import_preview", id=drafted(world)["id"], upload="x"
            )


class TestApplying:
    def test_the_same_table_again_makes_no_doubles(self, world: World):
        draft = drafted(world)
        data = as_csv(HEADER, SCHOOLS, [*HOSPITALS[:1], "", *HOSPITALS[2:]])
        applied(world, sent(world, draft, data))
        again = sent(world, draft, data)
        assert again["counts"] == {"new": 0, "changed": 0, "same": 2, "refused": 0}
        applied(world, again)
        assert len(items_of(world, draft)) == 2

    def test_an_item_is_the_same_by_its_name_within_the_agency(self, world: World):
        draft = drafted(world)
        with_item(world, draft, name="Danh sách trường", code="")
        run = sent(world, draft, as_csv(HEADER, SCHOOLS))
        assert run["counts"]["changed"] == 1
        applied(world, run)
        assert [item["code"] for item in items_of(world, draft)] == ["GD.01"]

    def test_an_item_of_another_agency_with_this_name_is_another_one(self, world: World):
        draft = drafted(world)
        with_item(world, draft, "foreign", name="Danh sách trường", code="")
        assert sent(world, draft, as_csv(HEADER, SCHOOLS))["counts"]["new"] == 1

    def test_an_empty_cell_changes_nothing(self, world: World):
        draft = drafted(world)
        with_item(world, draft, code="GD.01", note="Giữ lại", source_database="CSDL giáo dục")
        applied(
            world, sent(world, draft, as_csv(["Mã", "Tên", "Ghi chú"], ["GD.01", "Tên mới", ""]))
        )
        item = items_of(world, draft)[0]
        assert (item["name"], item["note"]) == ("Tên mới", "Giữ lại")
        assert item["source_database"] == "CSDL giáo dục"

    def test_a_change_is_shown_in_words(self, world: World):
        draft = drafted(world)
        with_item(world, draft, code="GD.01", name="Tên cũ")
        run = sent(world, draft, as_csv(["Mã", "Tên"], ["GD.01", "Tên mới"]))
        change = run["results"][0]["changes"][0]
        assert (change["before"], change["after"]) == ("Tên cũ", "Tên mới")

    def test_two_rows_about_one_item_refuse_the_second(self, world: World):
        run = sent(world, drafted(world), as_csv(HEADER, SCHOOLS, SCHOOLS))
        assert [row["outcome"] for row in run["results"]] == ["new", "refused"]

    def test_refused_rows_are_left_out_and_the_others_applied(self, world: World):
        draft = drafted(world)
        row = ["3", "GD.09", "x" * 600, "", "", "", "", "", ""]
        run = sent(world, draft, as_csv(HEADER, SCHOOLS, row))
        assert run["counts"] == {"new": 1, "changed": 0, "same": 0, "refused": 1}
        applied(world, run)
        assert [item["code"] for item in items_of(world, draft)] == ["GD.01"]

    def test_a_table_is_applied_once(self, world: World):
        run = sent(world, drafted(world), as_csv(HEADER, SCHOOLS))
        applied(world, run)
        with pytest.raises(tk.ValidationError, match="state"):
            applied(world, run)

    def test_an_issued_catalogue_takes_no_table(self, world: World):
        with pytest.raises(tk.ValidationError, match="state"):
            sent(world, issued(world), as_csv(HEADER, SCHOOLS))

    def test_what_somebody_changed_meanwhile_is_seen_when_it_is_applied(self, world: World):
        draft = drafted(world)
        first, second = (sent(world, draft, as_csv(HEADER, SCHOOLS)) for _ in range(2))
        applied(world, first)
        assert applied(world, second)["counts"]["same"] == 1
        assert len(items_of(world, draft)) == 1


class TestUndoing:
    def test_new_items_go_and_changed_ones_are_as_before(self, world: World):
        draft = drafted(world)
        old = with_item(world, draft, "foreign", code="YT.01", planned="01/02/2027")
        row = [*HOSPITALS[:7], "01/03/2027", ""]
        run = sent(world, draft, as_csv(HEADER, SCHOOLS, row))
        applied(world, run)
        undone = world.call("compiler", "nd47_catalogue_import_undo", id=run["id"])
        assert (undone["state"], undone["stayed"]) == ("undone", [])
        items = items_of(world, draft)
        assert [(item["name"], item["planned"]) for item in items] == [(old["name"], "2027-02-01")]

    def test_an_item_that_was_changed_since_stays(self, world: World):
        draft = drafted(world)
        run = sent(world, draft, as_csv(HEADER, SCHOOLS))
        applied(world, run)
        item = items_of(world, draft)[0]
        world.call("compiler", "nd47_catalogue_item_update", id=item["id"], note="Đã xem")
        undone = world.call("compiler", "nd47_catalogue_import_undo", id=run["id"])
        assert undone["stayed"] == ["Danh sách trường"]
        assert len(items_of(world, draft)) == 1

    def test_old_tables_are_deleted_with_the_next(self, world: World):
        draft = drafted(world)
        old = sent(world, draft, as_csv(HEADER, SCHOOLS))["id"]
        long_ago = tables.now() - tables.KEPT * 2
        model.Session.execute(sa.update(tables.Import).values(created=long_ago))
        model.Session.commit()
        new = sent(world, draft, as_csv(HEADER, SCHOOLS))["id"]
        assert model.Session.scalars(sa.select(tables.Import.id)).all() == [new]
        with pytest.raises(tk.ObjectNotFound):
            world.call("compiler", "nd47_catalogue_import_show", id=old)

    def test_what_was_not_applied_is_not_undone(self, world: World):
        run = sent(world, drafted(world), as_csv(HEADER, SCHOOLS))
        with pytest.raises(tk.ValidationError, match="state"):
            world.call("compiler", "nd47_catalogue_import_undo", id=run["id"])


class TestProposing:
    def test_an_agency_proposes_items_by_a_table(self, world: World):
        draft = drafted(world)
        agency = world.agencies["own"]["name"]
        run = sent(world, draft, as_csv(HEADER, SCHOOLS), "editor", agency=agency)
        assert run["target"] == "proposals"
        applied(world, run, "editor")
        assert items_of(world, draft) == []
        waiting = world.call("compiler", "nd47_catalogue_proposal_list", catalogue=draft["id"])
        assert [one["content"]["code"] for one in waiting["results"]] == ["GD.01"]

    def test_items_of_other_agencies_are_refused(self, world: World):
        agency = world.agencies["own"]["name"]
        run = sent(world, drafted(world), as_csv(HEADER, HOSPITALS), "editor", agency=agency)
        assert run["counts"]["refused"] == 1

    def test_rows_without_an_agency_are_those_of_the_sender(self, world: World):
        draft = drafted(world)
        agency = world.agencies["own"]["name"]
        data = as_csv(["Mã", "Tên"], ["GD.05", "Điểm thi"])
        applied(world, sent(world, draft, data, "editor", agency=agency), "editor")
        waiting = world.call("compiler", "nd47_catalogue_proposal_list", catalogue=draft["id"])
        assert waiting["results"][0]["content"]["provider_id"] == world.agencies["own"]["id"]

    def test_nobody_proposes_for_another_agency(self, world: World):
        agency = world.agencies["foreign"]["name"]
        with pytest.raises(tk.NotAuthorized):
            sent(world, drafted(world), as_csv(HEADER, SCHOOLS), "editor", agency=agency)


class TestAccess:
    @pytest.mark.parametrize("account", ["editor", "leader", "stranger", "foreign"])
    def test_only_who_compiles_reads_a_table_into_the_draft(self, world: World, account: str):
        with pytest.raises(tk.NotAuthorized):
            sent(world, drafted(world), as_csv(HEADER, SCHOOLS), account)

    @pytest.mark.parametrize("action", ["show", "apply", "undo", "columns"])
    def test_a_table_belongs_to_who_sent_it(self, world: World, action: str):
        run = sent(world, drafted(world), as_csv(HEADER, SCHOOLS))
        with pytest.raises(tk.NotAuthorized):
            world.call("editor", f"nd47_catalogue_import_{action}", id=run["id"])

    def test_an_unknown_table_is_not_found(self, world: World):
        with pytest.raises(tk.ObjectNotFound):
            world.call("compiler", "nd47_catalogue_import_show", id="khong-co")


class TestPages:
    def test_the_page_shows_what_each_row_would_do(self, app: CKANTestApp, world: World):
        run = sent(world, drafted(world), as_csv(HEADER, SCHOOLS, SCHOOLS))
        page = app.get(
            f"/work/catalogue-imports/{run['id']}",
            headers=world.headers("compiler"),
        )
        assert "Danh sách trường" in page.get_data(as_text=True)
        assert "Hệ thống đang dùng" in page.get_data(as_text=True)

    def test_a_file_is_sent_and_applied_on_the_pages(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        sent_page = app.post(
            f"/work/catalogues/{draft['name']}/import",
            headers=world.headers("compiler"),
            data={"upload": (io.BytesIO(as_csv(HEADER, SCHOOLS)), "danh-muc.csv")},
            follow_redirects=False,
        )
        address = sent_page.headers["Location"]
        app.post(address, headers=world.headers("compiler"), data={"apply": "1"})
        assert len(items_of(world, draft)) == 1

    def test_a_broken_file_is_said_on_the_page(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        page = app.post(
            f"/work/catalogues/{draft['name']}/import",
            headers=world.headers("compiler"),
            data={"upload": (io.BytesIO(b"PK\x03\x04x"), "danh-muc.xlsx")},
        )
        assert page.status_code == 200
        assert 'role="alert"' in page.get_data(as_text=True)

    def test_visitors_are_sent_to_log_in(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        page = app.get(f"/work/catalogues/{draft['name']}/import", follow_redirects=False)
        assert page.status_code == 302
        assert "/user/login" in page.headers["Location"]
