"""Tables of datasets that people send: checked row by row, applied, repeated and undone."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.spreadsheet import archive as archives
from ckanext.nd47.desk.spreadsheet.model import Chunk
from ckanext.nd47.lib import config, http, uploads, vocabulary
from tests.desk.conftest import World
from tests.desk.spreadsheets import (
    FILE_HEADER,
    FOREIGN,
    HEADER,
    OWN,
    Run,
    apply,
    archive,
    book,
    brought,
    csv,
    messages,
    number_of_datasets,
    outcomes,
    preview,
    refusals,
    show,
    stored,
    undo,
    values,
)
from tests.statements import statements

SCHOOLS = ["Danh sách trường học", OWN, "Hằng năm"]
CSV_FILE = b"ten,so\na,1\n"


def content(resource: dict[str, Any]) -> bytes:
    """Return the stored file of a resource."""
    found: Any = uploads.content(resource)
    return found[1].read_bytes()


def frequency(code: str) -> str:
    """Return the label of a frequency."""
    return vocabulary.label("frequency", code, http.language())


@pytest.fixture(autouse=True)
def no_runs(world: World) -> Iterator[None]:
    """Delete the runs of a test."""
    yield
    model.Session.rollback()
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()


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


class TestFiles:
    def test_at_an_address_are_added_to_new_datasets(self, world):
        address = "https://du-lieu.example/truong.csv"
        files = [FILE_HEADER, [SCHOOLS[0], address, "Danh sách"]]
        run = brought(world, book([HEADER, SCHOOLS], files))
        (resource,) = stored(SCHOOLS[0])["resources"]
        assert (resource["url"], resource["name"]) == (address, "Danh sách")
        assert resource["format"] == "CSV"
        assert outcomes(run) == ["new"]

    def test_are_added_to_datasets_that_are_there(self, world, create):
        dataset = create(
            title="Giá đất", resources=[{"url": "https://a.example/1.csv", "name": "Một"}]
        )
        files = [FILE_HEADER, [dataset["identifier"], "https://a.example/2.csv", "Hai"]]
        run = brought(world, book([["Không có bảng"]], files))
        assert outcomes(run) == ["changed"]
        names = [resource["name"] for resource in stored("Giá đất")["resources"]]
        assert names == ["Một", "Hai"]

    def test_from_a_zip_are_stored_with_their_checksum(self, world):
        files = [FILE_HEADER, [SCHOOLS[0], "Trường học.csv", ""]]
        zipped = archive({"thư mục/Trường học.csv": CSV_FILE, "khác.txt": b"x"})
        run = brought(world, book([HEADER, SCHOOLS], files), zipped)
        assert outcomes(run) == ["new"]
        (resource,) = stored(SCHOOLS[0])["resources"]
        assert content(resource) == CSV_FILE
        assert resource["url"].endswith("/truong-hoc.csv")
        assert resource["size"] == len(CSV_FILE)
        assert len(resource["checksum"]) == 64  # noqa: PLR2004 - SHA-256
        assert resource["name"] == "Trường học"
        assert model.Session.scalar(sa.select(sa.func.count()).select_from(Chunk)) == 0

    def test_from_a_zip_are_added_to_datasets_that_are_there(self, world, create):
        create(title="Giá đất")
        files = [FILE_HEADER, ["Giá đất", "gia.csv", "Giá"]]
        brought(world, book([["Tên"], ["Giá đất"]], files), archive({"gia.csv": CSV_FILE}))
        (resource,) = stored("Giá đất")["resources"]
        assert content(resource) == CSV_FILE

    def test_that_are_there_already_are_the_same(self, world):
        files = [FILE_HEADER, [SCHOOLS[0], "truong.csv", ""]]
        table, zipped = book([HEADER, SCHOOLS], files), archive({"truong.csv": CSV_FILE})
        brought(world, table, zipped)
        assert outcomes(preview(world, table, zipped)) == ["same"]
        assert outcomes(preview(world, table)) == ["same"]

    def test_are_replaced_at_their_address_and_come_back(self, world):
        files = [FILE_HEADER, [SCHOOLS[0], "truong.csv", ""]]
        table = book([HEADER, SCHOOLS], files)
        brought(world, table, archive({"truong.csv": CSV_FILE}))
        (before,) = stored(SCHOOLS[0])["resources"]
        run = brought(world, table, archive({"truong.csv": b"ten\nb\n"}))
        (after,) = stored(SCHOOLS[0])["resources"]
        assert (after["id"], content(after)) == (before["id"], b"ten\nb\n")
        assert after["checksum"] != before["checksum"]
        undo(world, run)
        (restored,) = stored(SCHOOLS[0])["resources"]
        assert content(restored) == CSV_FILE
        assert restored["checksum"] == before["checksum"]

    @pytest.mark.parametrize(
        ("file", "heading"),
        [
            (["Không có", "a.csv", ""], "Bộ dữ liệu"),
            (["", "a.csv", ""], "Bộ dữ liệu"),
            ([SCHOOLS[0], "khong-co.csv", ""], "Tệp hoặc địa chỉ"),
            ([SCHOOLS[0], "", "Tên"], "Tệp hoặc địa chỉ"),
            ([SCHOOLS[0], "https://", ""], "Tệp hoặc địa chỉ"),
            ([SCHOOLS[0], "../../etc/passwd", ""], "Tệp hoặc địa chỉ"),
        ],
    )
    def test_that_are_wrong_are_refused_by_cell(self, world, file, heading):
        table = book([HEADER, SCHOOLS], [FILE_HEADER, file])
        run = preview(world, table, archive({"a.csv": CSV_FILE}))
        assert (2, heading) in {(row, name) for row, _, name in refusals(run)}

    def test_of_datasets_of_another_agency_are_refused(self, world, create):
        dataset = create("foreign", title="Bệnh viện")
        files = [FILE_HEADER, [dataset["identifier"], "https://a.example/2.csv", ""]]
        run = preview(world, book([["Không"]], files))
        assert outcomes(run) == ["refused"]

    def test_are_never_fetched(self, world, monkeypatch):
        def forbidden(*_given: Any, **_named: Any) -> None:
            pytest.fail("an address was fetched")

        monkeypatch.setattr("requests.sessions.Session.get", forbidden)
        files = [FILE_HEADER, [SCHOOLS[0], "http://127.0.0.1:1/a.csv", ""]]
        assert outcomes(preview(world, book([HEADER, SCHOOLS], files))) == ["new"]


class TestArchives:
    def send(self, world: Any, zipped: bytes, name: str = "a.csv") -> Run:
        files = [FILE_HEADER, [SCHOOLS[0], name, ""]]
        return preview(world, book([HEADER, SCHOOLS], files), zipped)

    @pytest.mark.parametrize("name", ["../../../a.csv", "/etc/a.csv", "C:\\a.csv", "x/../a.csv"])
    def test_with_paths_out_of_their_folder_lead_nowhere(self, world, name):
        run = apply(world, self.send(world, archive({name: CSV_FILE})))
        assert outcomes(run) == ["new"]
        (resource,) = stored(SCHOOLS[0])["resources"]
        assert resource["url"].endswith("/a.csv")
        assert content(resource) == CSV_FILE

    def test_with_an_entry_that_is_too_large_are_refused_by_cell(self, world):
        run = self.send(world, archive({"a.csv": b"\0" * (11 * 2**20)}))
        assert refusals(run) == [(2, "B", "Tệp hoặc địa chỉ")]

    def test_that_say_less_than_they_hold_are_counted_while_they_are_read(self, world, monkeypatch):
        monkeypatch.setattr(archives, "LARGEST_UNPACKED", 2**20)
        bomb = bytearray(archive({"a.csv": b"\0" * (5 * 2**20)}))
        # The size in the directory and in front of the entry.
        size = (5 * 2**20).to_bytes(4, "little")
        assert bomb.count(size) == 2  # noqa: PLR2004 - both places
        run = self.send(world, bytes(bomb.replace(size, (10).to_bytes(4, "little"))))
        assert outcomes(run) == ["refused"]

    @pytest.mark.parametrize(
        "zipped",
        [b"PK\x03\x04 broken", b"not a ZIP", archive({"a.csv": CSV_FILE})[:40]],
        ids=["broken", "text", "cut"],
    )
    def test_that_are_broken_are_refused(self, world, zipped):
        with pytest.raises(tk.ValidationError) as caught:
            self.send(world, zipped)
        assert list(caught.value.error_dict) == ["files"]

    def test_with_too_many_files_are_refused(self, world, monkeypatch):
        monkeypatch.setattr(archives, "MOST_ENTRIES", 2)
        with pytest.raises(tk.ValidationError):
            self.send(world, archive({f"{number}.csv": b"x" for number in range(3)}))

    def test_with_two_files_of_one_name_need_the_folder(self, world):
        zipped = archive({"một/a.csv": CSV_FILE, "hai/a.csv": b"x"})
        assert outcomes(self.send(world, zipped)) == ["refused"]
        assert outcomes(self.send(world, zipped, "hai/a.csv")) == ["new"]


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


def test_files_go_with_their_run(world):
    files = [FILE_HEADER, [SCHOOLS[0], "truong.csv", ""]]
    preview(world, book([HEADER, SCHOOLS], files), archive({"truong.csv": CSV_FILE}))
    chunks = sa.select(sa.func.count()).select_from(Chunk)
    assert model.Session.scalar(chunks) == 1
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()
    assert model.Session.scalar(chunks) == 0


def test_files_of_a_table_that_nobody_applies_are_deleted_after_a_week(world):
    files = [FILE_HEADER, [SCHOOLS[0], "truong.csv", ""]]
    table, zipped = book([HEADER, SCHOOLS], files), archive({"truong.csv": CSV_FILE})
    old = preview(world, table, zipped)
    long_ago = tables.now() - dt.timedelta(days=8)
    model.Session.execute(sa.update(tables.Run).values(created=long_ago))
    model.Session.commit()
    new = preview(world, table, zipped)
    assert model.Session.scalars(sa.select(Chunk.run_id)).all() == [new["id"]]
    # The officer is told so, and nothing is saved without its file.
    assert outcomes(apply(world, old)) == ["refused"]
    assert number_of_datasets() == 0


def test_a_table_may_come_as_a_stream_that_cannot_go_back(world):
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

    run = world.call("editor", "nd47_spreadsheet_preview", upload=Stream(csv(HEADER, SCHOOLS)))
    assert outcomes(run) == ["new"]
