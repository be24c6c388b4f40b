"""Tables of datasets that people send: checked row by row, applied and repeated."""

from __future__ import annotations

import datetime as dt
import io

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.lib import config
from tests.desk.spreadsheet.spreadsheets import (
    FILE_HEADER,
    HEADER,
    OWN,
    SCHOOLS,
    apply,
    archive,
    book,
    brought,
    csv,
    frequency,
    messages,
    no_runs,
    number_of_datasets,
    outcomes,
    preview,
    refusals,
    stored,
    values,
)
from tests.support.statements import statements

__all__ = ["no_runs"]


class TestRows:
    def test_of_a_title_that_the_agency_does_not_have_are_new_drafts(self, world):
        run = preview(world, csv(HEADER, SCHOOLS))
        assert outcomes(run) == ["new"]
        assert number_of_datasets() == 0
        apply(world, run)
        dataset = stored(SCHOOLS[0])
        assert dataset["owner_org"] == world.agencies["own"]["id"]
        assert (dataset["frequency"], dataset["state"]) == ("hang-nam", "draft")
        assert dataset["name"] == "danh-sach-truong-hoc"

    @pytest.mark.parametrize(
        "header",
        [
            ["TÊN BỘ DỮ LIỆU", "cơ quan, đơn vị", "Tần suất"],
            ["ten bo du lieu (*)", "2. Đơn vị cung cấp", "CHU KỲ CẬP NHẬT"],
            ["title", "owner_org", "frequency"],
            ["Title", "Providing agency", "Update frequency"],
            ["Tên bộ dữ liệu mở", "Mã cơ quan", "Định kỳ cập nhật"],
        ],
    )
    def test_are_read_under_headings_in_any_spelling(self, world, header):
        run = preview(world, csv(["DANH MỤC NĂM 2026"], header, SCHOOLS))
        assert outcomes(run) == ["new"]
        assert {cell["heading"] for cell in run["results"][0]["changes"]} == set(header)

    @pytest.mark.parametrize("written", ["hàng năm", "Hang nam", "HẰNG NĂM", "hang-nam", "Yearly"])
    def test_have_codes_in_any_spelling(self, world, written):
        brought(world, csv(HEADER, [*SCHOOLS[:2], written]))
        assert stored(SCHOOLS[0])["frequency"] == "hang-nam"

    @pytest.mark.parametrize("written", ["31/12/2025", "31.12.2025", "2025-12-31", "46022"])
    def test_have_dates_as_people_write_them(self, world, written):
        brought(world, csv([*HEADER, "Ngày công bố"], [*SCHOOLS, written]))
        assert stored(SCHOOLS[0])["issued"] == "2025-12-31"

    def test_may_have_dates_of_excel(self, world):
        brought(world, book([[*HEADER, "Ngày công bố"], [*SCHOOLS, dt.date(2025, 12, 31)]]))
        assert stored(SCHOOLS[0])["issued"] == "2025-12-31"

    def test_need_no_agency_where_the_account_works_for_one(self, world):
        run = brought(world, csv(["Tên bộ dữ liệu"], ["Giá đất"]))
        assert outcomes(run) == ["new"]
        assert stored("Giá đất")["owner_org"] == world.agencies["own"]["id"]

    def test_have_several_values_and_groups(self, world):
        header = ["Tên", "Từ khóa", "Tiêu chuẩn áp dụng", "contact.name", "contact.email"]
        header += ["Khoảng thời gian của dữ liệu"]
        row = ["Giá đất", "đất đai; giá", "TCVN 1\nTCVN 2", "Phòng A\nPhòng B", "a@h.example"]
        brought(world, csv(header, [*row, "2021-2024"]))
        dataset = stored("Giá đất")
        assert sorted(tag["name"] for tag in dataset["tags"]) == ["giá", "đất đai"]
        assert dataset["conforms_to"] == ["TCVN 1", "TCVN 2"]
        assert dataset["contact"] == [
            {"name": "Phòng A", "email": "a@h.example"},
            {"name": "Phòng B"},
        ]
        assert dataset["temporal_coverage"][0]["start"].startswith("2021")

    def test_show_old_and_new_value(self, world, create):
        create(title="Giá đất", frequency="hang-nam", notes="Cũ")
        run = preview(world, csv(["Tên", "Tần suất", "Mô tả"], ["Giá đất", "hằng tháng", "Mới"]))
        assert outcomes(run) == ["changed"]
        assert values(run) == {
            "Tần suất": (frequency("hang-nam"), frequency("hang-thang")),
            "Mô tả": ("Cũ", "Mới"),
        }

    def test_leave_what_has_no_column_and_clear_what_is_empty(self, world, create):
        dataset = create(title="Giá đất", frequency="hang-nam", notes="Mô tả", version="1")
        brought(world, csv(["Tên", "Mô tả"], ["Giá đất", ""]))
        after = call_action("package_show", id=dataset["id"])
        assert not after.get("notes")
        assert (after["frequency"], after["version"]) == ("hang-nam", "1")

    def test_that_say_what_is_there_are_the_same(self, world, create):
        create(title="Giá đất", frequency="hang-nam", tags=[{"name": "giá"}, {"name": "đất"}])
        run = preview(
            world, csv(["Tên", "Tần suất", "Từ khóa"], ["giá đất", "HÀNG NĂM", "đất, giá"])
        )
        assert outcomes(run) == ["changed"]
        assert list(values(run)) == ["Tên"]
        assert outcomes(preview(world, csv(["Tên", "Tần suất"], ["Giá đất", "hang nam"]))) == [
            "same"
        ]

    def test_may_publish_and_hide(self, world, create):
        create(title="Giá đất")
        brought(world, csv(["Tên", "Tình trạng"], ["Giá đất", "nội bộ"]))
        assert stored("Giá đất")["private"] is True
        brought(world, csv(["Tên", "Tình trạng"], ["Giá đất", "Công khai"]))
        assert stored("Giá đất")["private"] is False

    def test_that_the_rules_forbid_are_refused_with_the_cell(self, world, ckan_config):
        ckan_config[config.RULES_FROM] = ""
        header = ["Tên", "Phân loại chia sẻ", "Tình trạng"]
        run = preview(world, csv(header, ["Giá đất", "Dữ liệu mở", "Công khai"]))
        assert outcomes(run) == ["refused"]
        assert refusals(run)
        assert all(cell["message"] for cell in run["results"][0]["errors"])


class TestMatching:
    def test_is_by_identifier_first(self, world, create):
        one, other = create(title="Giá đất"), create(title="Giá đất")
        table = csv(["Mã định danh", "Tên"], [other["identifier"], "Giá đất năm 2026"])
        run = brought(world, table)
        assert run["results"][0]["dataset"] == other["id"]
        assert call_action("package_show", id=one["id"])["title"] == "Giá đất"

    def test_is_by_name(self, world, create):
        dataset = create(title="Giá đất")
        run = preview(world, csv(["Đường dẫn", "Tên"], [dataset["name"], "Tên mới"]))
        assert (run["results"][0]["dataset"], outcomes(run)) == (dataset["id"], ["changed"])

    def test_is_by_title_within_the_agency_alone(self, world, create):
        create("foreign", title="Giá đất")
        assert outcomes(preview(world, csv(["Tên"], ["GIA DAT"]))) == ["new"]
        own = create(title="Giá đất")
        run = preview(world, csv(["Tên"], ["GIA DAT"]))
        assert run["results"][0]["dataset"] == own["id"]

    def test_of_a_title_that_two_datasets_have_is_refused(self, world, create):
        create(title="Giá đất")
        create(title="Giá đất")
        run = preview(world, csv(["Tên"], ["Giá đất"]))
        assert refusals(run) == [(2, "A", "Tên")]

    def test_makes_no_doubles_however_often_a_table_is_applied(self, world):
        table = csv(HEADER, SCHOOLS, ["Giá đất", OWN, "hằng tháng"])
        brought(world, table)
        again = preview(world, table)
        assert outcomes(again) == ["same", "same"]
        assert number_of_datasets() == 2  # noqa: PLR2004 - two rows

    def test_of_two_tables_applied_at_once_makes_no_doubles(self, world):
        runs = [preview(world, csv(HEADER, SCHOOLS)) for _ in range(2)]
        first, second = (apply(world, run) for run in runs)
        assert (outcomes(first), outcomes(second)) == (["new"], ["refused"])
        assert number_of_datasets() == 1

    def test_gives_datasets_of_one_title_different_names(self, world, create):
        create("foreign", title="Giá đất", name="gia-dat")
        brought(world, csv(["Tên"], ["Giá đất"]))
        names = {row.name for row in model.Session.query(model.Package)}
        assert names == {"gia-dat", "gia-dat-2"}

    def test_does_not_bring_back_what_was_deleted(self, world, create):
        call_action("package_delete", id=create(title="Giá đất")["id"])
        assert outcomes(preview(world, csv(["Tên"], ["Giá đất"]))) == ["new"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("heading", "written"),
        [
            ("Ngày công bố", "31/02/2025"),
            ("Tần suất cập nhật", "thỉnh thoảng"),
            ("Giấy phép", "giấy phép lạ"),
            ("Trang giới thiệu", "khong phai dia chi"),
            ("Đường dẫn", "Có Dấu Cách"),
            ("Tình trạng", "một nửa"),
            ("Phạm vi không gian – Tỉnh, thành phố", "Tỉnh không có"),
            ("Cơ quan chủ quản", "Cơ quan không có"),
        ],
    )
    def test_name_the_cell_and_the_reason(self, world, heading, written):
        run = preview(world, csv(["Tên", heading], ["Giá đất", written]))
        assert outcomes(run) == ["refused"]
        assert refusals(run) == [(2, "B", heading)]
        assert messages(run)
        assert number_of_datasets() == 0

    @pytest.mark.parametrize(
        "row", [["", OWN], ["Giá đất", "Cơ quan không có"]], ids=["no title", "unknown agency"]
    )
    def test_of_rows_that_are_no_dataset(self, world, row):
        run = preview(world, csv(["Tên", "Cơ quan"], row))
        assert outcomes(run) == ["refused"]

    def test_of_a_row_that_is_there_twice_name_the_other(self, world):
        run = preview(world, csv(HEADER, SCHOOLS, SCHOOLS))
        assert outcomes(run) == ["new", "refused"]
        assert "2" in messages(run)

    def test_of_formulas(self, world):
        run = preview(world, book([["Tên", "Mô tả"], ["Giá đất", "=1+1"]]))
        assert refusals(run) == [(2, "B", "Mô tả")]

    def test_leave_the_other_rows(self, world):
        table = csv(HEADER, SCHOOLS, ["Giá đất", OWN, "thỉnh thoảng"])
        run = brought(world, table)
        assert outcomes(run) == ["new", "refused"]
        assert number_of_datasets() == 1

    def test_leave_nothing_where_it_is_all_or_nothing(self, world):
        table = csv(HEADER, SCHOOLS, ["Giá đất", OWN, "thỉnh thoảng"])
        run = preview(world, table, all_or_nothing=True)
        with pytest.raises(tk.ValidationError):
            world.call("editor", "nd47_bulk_apply", id=run["id"])
        assert number_of_datasets() == 0

    def test_of_an_identifier_that_belongs_to_another_dataset(self, world, create):
        dataset = create(title="Giá đất")
        header = ["Mã định danh", "Đường dẫn", "Tên"]
        rows = [[dataset["identifier"], "", "Một"], ["", dataset["name"], "Hai"]]
        assert outcomes(preview(world, csv(header, *rows))) == ["changed", "refused"]

    def test_of_a_value_that_nobody_can_store(self, world):
        run = preview(world, csv(["Tên", "Mô tả"], ["Giá đất", "a\x07b"]))
        assert outcomes(run) == ["refused"]


class TestTables:
    @pytest.mark.parametrize(
        "table",
        [
            b"",
            b"a,b\nc,d\n",
            b"PK\x03\x04 broken",
            b"\xd0\xcf\x11\xe0" + b"x" * 600,
            "Tên bộ dữ liệu\n".encode(),
            ("Tên bộ dữ liệu" + "," * 10**6 + "\n").encode(),
            archive({"bomb.csv": b"a,b\n" * 8 * 2**20}),
            archive({"x.csv": b'"'}),
        ],
        ids=["empty", "headings", "broken", "xls", "no rows", "wide", "bomb", "quotes"],
    )
    def test_that_are_none_end_in_a_sentence(self, world, table):
        with pytest.raises(tk.ValidationError) as caught:
            preview(world, table)
        assert caught.value.error_dict["upload"]

    @pytest.mark.parametrize("sent", [None, "", "text", 5, []])
    def test_that_are_no_files_are_refused(self, world, sent):
        with pytest.raises(tk.ValidationError):
            world.call("editor", "nd47_spreadsheet_preview", upload=sent)

    def test_name_columns_and_rows_that_are_not_read(self, world):
        table = csv([*HEADER, "Cột lạ"], [*SCHOOLS, "x"], ["Tổng cộng: 1", "", ""])
        reading = preview(world, table)["reading"]["datasets"]
        assert [one["heading"] for one in reading["columns"] if not one["field"]] == ["Cột lạ"]
        assert [one["reason"] for one in reading["left_out"]] == ["total"]

    def test_may_be_two_csv_files_in_a_zip(self, world):
        files = csv(FILE_HEADER, [SCHOOLS[0], "https://a.example/2.csv", "Hai"])
        run = preview(world, archive({"a.csv": csv(HEADER, SCHOOLS), "b.csv": files}))
        assert outcomes(run) == ["new"]
        assert set(run["reading"]) == {"datasets", "files"}

    def test_cost_as_many_statements_with_many_rows(self, world, monkeypatch):
        monkeypatch.setattr(changes, "AT_ONCE", 0)

        def cost(number: int) -> int:
            rows = [[f"Số liệu {one}", OWN, "Hằng năm"] for one in range(number)]
            files = [[f"Số liệu {one}", "https://a.example/a.csv", ""] for one in range(number)]
            table = book([HEADER, *rows], [FILE_HEADER, *files])
            with statements() as sent:
                preview(world, table)
            return len(sent)

        assert cost(100) <= cost(10) + 2


def test_a_table_may_come_as_a_stream_that_cannot_go_back(world):
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

    run = world.call("editor", "nd47_spreadsheet_preview", upload=Stream(csv(HEADER, SCHOOLS)))
    assert outcomes(run) == ["new"]
