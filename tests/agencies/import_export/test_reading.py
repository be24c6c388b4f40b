"""Tables of the register as offices make them: understood or named, never dropped in silence."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import inputs
from tests.agencies.conftest import People, agency
from tests.lib.files.spreadsheets.workbooks import xlsx

pytestmark = pytest.mark.usefixtures("portal")

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"

Import = Callable[..., dict[str, Any]]


@pytest.fixture
def bring(people: People) -> Import:
    def run(data: Any, kind: str = "agencies", **more: Any) -> dict[str, Any]:
        given = {"rows": data} if isinstance(data, list) else {"upload": io.BytesIO(data)}
        context = {"user": people.sysadmin["name"]}
        return call_action("nd47_register_import", context, kind=kind, **given, **more)

    return run


def csv(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def outcomes(result: dict[str, Any]) -> list[str]:
    return [row["outcome"] for row in result["rows"]]


def subjects(result: dict[str, Any]) -> list[str]:
    return [row["subject"] for row in result["rows"]]


def left_out(result: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["row"], row["reason"]) for row in result["reading"]["left_out"]]


def errors(result: dict[str, Any]) -> list[dict[str, list[str]]]:
    return [row["errors"] for row in result["rows"]]


class TestFilesThatFailed:
    """The examples of `shared/cases`, whose README says what is right."""

    def case(self, name: str) -> bytes:
        return (CASES / name).read_bytes()

    def test_a_total_and_a_signature_are_named_and_left_out(self, bring: Import) -> None:
        result = bring(self.case("agencies-with-total.csv"))
        assert subjects(result) == ["Sở Thử nghiệm mẫu"]
        assert left_out(result) == [(3, "total"), (4, "signature")]
        assert result["reading"]["left_out"][0]["text"] == "Tổng cộng: 1 cơ quan"

    def test_the_table_below_a_merged_title_is_found(self, bring: Import) -> None:
        result = bring(self.case("agencies-with-title-rows.xlsx"))
        assert outcomes(result) == ["create"]
        assert result["reading"]["heading_row"] == 2
        assert left_out(result) == [(1, "above")]

    def test_tcvn3_is_read_and_said(self, bring: Import) -> None:
        result = bring(self.case("agencies-tcvn3.csv"))
        assert result["reading"]["encoding"] == "TCVN3 (ABC)"
        assert subjects(result) == ["Sở Thử nghiệm mẫu"]
        assert [column["heading"] for column in result["reading"]["columns"]] == [
            "Tên cơ quan",
            "Mã cơ quan",
            "điện thoại",
            "Thư điện tử",
        ]
        assert outcomes(result) == ["create"]

    def test_numbers_as_printed_reach_the_register_as_they_stand(self, bring: Import) -> None:
        result = bring(self.case("agencies-as-printed.csv"))
        assert len(result["rows"]) == 9
        wrong = {name for row in result["rows"] for name in row["errors"]}
        assert wrong <= {"telephone"}
        # What says that there is nothing is empty, and said.
        notes = [
            (note["row"], note["written"], note["read"]) for note in result["reading"]["notes"]
        ]
        assert (3, "Không có thông tin", "") in notes
        assert (7, "Không công bố", "") in notes

    def test_numbers_as_printed_are_taken(self, bring: Import) -> None:
        result = bring(self.case("agencies-as-printed.csv"), dry_run=False)
        assert set(outcomes(result)) == {"create"}
        two = call_action("nd47_agency_show", id="H98.05")["telephone"]
        assert "0694.000.211" in two
        assert "02000.818.568" in two
        assert "069.000.4053" in call_action("nd47_agency_show", id="H98.07")["telephone"]
        assert call_action("nd47_agency_show", id="H98.06")["telephone"] == ""


class TestHeadings:
    @pytest.mark.parametrize(
        "heading",
        [
            "Mã định danh điện tử",
            "MÃ ĐỊNH DANH ĐIỆN TỬ",
            "ma dinh danh dien tu",
            "2. Mã định danh điện tử (*)",
            '"Mã định danh\nđiện tử"',
            "Mã cơ quan",
            "Mã định danh của cơ quan",
            "Mã cơ quan (theo QĐ 20/2020/QĐ-TTg)",
            "code",
        ],
    )
    def test_a_heading_in_any_spelling(self, bring: Import, heading: str) -> None:
        result = bring(csv(f"{heading},Tên đơn vị", "H71.01,Sở Tiêu Đề"))
        assert [column["field"] for column in result["reading"]["columns"]] == ["code", "title"]

    def test_a_column_that_is_not_known_is_named_and_what_it_may_be(self, bring: Import) -> None:
        result = bring(csv("STT,Tên cơ quan,Thư điên tữ công vụu,Di động,Ghi chú", "1,Sở X,a,b,c"))
        told = [
            (column["column"], column["field"], column["meant"])
            for column in result["reading"]["columns"]
        ]
        assert told == [
            ("A", "-", ""),
            ("B", "title", ""),
            ("C", "", "Thư điện tử"),
            ("D", "", ""),
            ("E", "-", ""),
        ]

    def test_a_private_number_is_no_office_number(self, bring: Import) -> None:
        for heading in ("Điện thoại di động", "Số điện thoại cá nhân", "Điện thoại lãnh đạo"):
            result = bring(csv(f"Tên cơ quan,{heading}", "Sở X,0912345678"))
            assert result["reading"]["columns"][1]["field"] == ""

    def test_a_file_without_the_headings_is_told_which_of_its_own_are_wrong(
        self, bring: Import
    ) -> None:
        with pytest.raises(tk.ValidationError) as refused:
            bring(csv("Danh sách năm 2026", "Ten donvi,Điện thoại,Phụ trách", "A,B,C"))
        [message] = inputs.error_messages(refused.value)["upload"]
        assert "Row 2" in message
        assert "“Ten donvi”, “Phụ trách”" in message
        assert "“Điện thoại”" not in message

    def test_two_columns_of_one_meaning_are_named_with_their_letters(self, bring: Import) -> None:
        with pytest.raises(tk.ValidationError, match="twice: B “Điện thoại”, C “Số ĐT”"):
            bring(csv("Tên cơ quan,Điện thoại,Số ĐT", "A,1022,1023"))

    def test_headings_in_two_rows(self, bring: Import) -> None:
        def merge(book: Any) -> None:
            for cells in ("A1:A2", "B1:B2", "C1:D1"):
                book.active.merge_cells(cells)

        data = xlsx(
            ["STT", "Tên cơ quan", "Thông tin liên hệ", None],
            [None, None, "Điện thoại", "Thư điện tử"],
            [1, "Sở Hai Hàng", "1022", "a@x.example"],
            change=merge,
        )
        result = bring(data)
        assert result["reading"]["heading_row"] == 2
        assert subjects(result) == ["Sở Hai Hàng"]

    def test_the_second_sheet_is_looked_at_and_a_further_table_named(self, bring: Import) -> None:
        def more(book: Any) -> None:
            for name in ("Dữ liệu", "Năm trước"):
                sheet = book.create_sheet(name)
                sheet.append(["Tên cơ quan", "Mã"])
                sheet.append([f"Sở {name}", "H72.01"])

        result = bring(xlsx(["Hướng dẫn"], change=more))
        assert subjects(result) == ["Sở Dữ liệu"]
        assert result["reading"]["sheet"] == "Dữ liệu"
        assert result["reading"]["other_sheets"] == ["Năm trước"]


class TestRows:
    HEADER = "STT,Tên cơ quan,Mã cơ quan,Điện thoại"

    def test_what_is_no_record_is_left_out_with_its_reason(self, bring: Import) -> None:
        lines = (
            "ỦY BAN NHÂN DÂN TỈNH,,,",
            self.HEADER,
            "(1),(2),(3),(4)",
            ",Ví dụ: Sở Y tế,H73.99,",
            "I,Khối sở ngành,,",
            "1,Sở Dòng Một,H73.01,1022",
            self.HEADER,
            "2,Tổng cục Dòng Hai,H73.02,1022",
            "3,Tổng công ty Dòng Ba,,",
            ",Tổng cộng,,25",
            ',,,"Hải Sơn, ngày 5 tháng 3 năm 2026"',
            ",Người lập biểu,,Thủ trưởng đơn vị",
            ",Nguyễn Văn A,,Trần Thị B",
        )
        result = bring(csv(*lines))
        assert subjects(result) == ["Sở Dòng Một", "Tổng cục Dòng Hai", "Tổng công ty Dòng Ba"]
        assert left_out(result) == [
            (1, "above"),
            (3, "numbering"),
            (4, "example"),
            (5, "section"),
            (7, "headings"),
            (10, "total"),
            (11, "signature"),
            (12, "signature"),
            (13, "below"),
        ]

    @pytest.mark.parametrize(
        "title",
        ["Công ty Cấp nước", "Cộng đồng số xã A", "Tổng hợp tỉnh", "Ban Quản lý Khu kinh tế"],
    )
    def test_an_agency_that_sounds_like_a_total_is_one(self, bring: Import, title: str) -> None:
        assert subjects(bring(csv("Tên cơ quan,Mã", f"{title},"))) == [title]

    def test_a_row_with_a_code_is_a_record_whatever_it_is_called(self, bring: Import) -> None:
        assert len(bring(csv("Tên cơ quan,Mã", "Khối Đảng,H73.05"))["rows"]) == 1

    def test_a_formula_is_an_error_of_its_row_alone_and_none_in_a_column_aside(
        self, bring: Import
    ) -> None:
        data = xlsx(
            ["STT", "Tên cơ quan", "Mã"],
            ["=ROW()-1", "Sở Công Thức", "H73.06"],
            ["=ROW()-1", "Sở Mã Tính", '="H73"&".07"'],
        )
        result = bring(data)
        assert outcomes(result) == ["create", "error"]
        assert "Row 3, column C" in result["rows"][1]["errors"]["code"][0]


class TestCells:
    def test_number_cells(self, bring: Import) -> None:
        data = xlsx(
            ["Tên cơ quan", "Điện thoại", "Mã đơn vị hành chính", "Ngày thành lập"],
            ["Sở Số Một", 2363822999, 1, 45717],
            ["Sở Số Hai", 912345678, 4792, None],
            ["Sở Số Ba", 1900545454, 27, None],
        )
        result = bring(data, dry_run=False)
        assert result["applied"], errors(result)
        one, two, three = (
            call_action("nd47_agency_show", id=f"so-so-{name}") for name in ("mot", "hai", "ba")
        )
        assert (one["telephone"], one["administrative_unit"]) == ("02363822999", "01")
        assert one["valid_from"] == "2025-03-01"
        assert (two["telephone"], two["administrative_unit"]) == ("0912345678", "04792")
        assert (three["telephone"], three["administrative_unit"]) == ("1900545454", "27")
        notes = [(note["row"], note["field"], note["read"]) for note in result["reading"]["notes"]]
        assert (2, "telephone", "02363822999") in notes
        assert (2, "valid_from", "2025-03-01") in notes

    @pytest.mark.parametrize(
        "words", ["Không công bố", "không có thông tin", "N/A", "-", "Chưa có."]
    )
    def test_words_for_nothing_are_nothing(self, bring: Import, words: str) -> None:
        result = bring(csv("Tên cơ quan,Thư điện tử", f"Sở Không,{words}"))
        assert outcomes(result) == ["create"]
        assert result["reading"]["notes"][0]["read"] == ""

    def test_a_level_that_is_not_known_is_refused_with_the_labels(self, bring: Import) -> None:
        result = bring(csv("Tên cơ quan,Cấp cơ quan", "Sở Cấp,Quận"))
        [message] = result["rows"][0]["errors"]["level"]
        assert "“Quận”" in message
        assert "Provincial department" in message
        assert "department;" not in message.replace("Provincial department", "")

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ("Sở", "department"),
            ("UBND xã", "commune"),
            ("DOANH NGHIỆP", "enterprise"),
        ],
    )
    def test_a_level_in_the_words_of_offices(self, bring: Import, words: str, code: str) -> None:
        title = f"Cơ quan {words} thử"
        bring([{"title": title, "level": words, "name": f"cap-{code}"}], dry_run=False)
        assert call_action("nd47_agency_show", id=f"cap-{code}")["level"] == code


class TestAgenciesByTitle:
    def test_the_one_above_and_the_successor_by_title(self, bring: Import) -> None:
        agency("Ủy ban nhân dân tỉnh Tên Gọi", identifier="H74")
        data = csv(
            "Tên cơ quan,Mã,Cơ quan cấp trên,Cơ quan kế thừa",
            "Sở Tên Một,H74.01,UY BAN NHAN DAN TINH TEN GOI,Sở Tên Hai",
            "Sở Tên Hai,H74.02,H74,",
        )
        result = bring(data, dry_run=False)
        assert result["applied"], errors(result)
        one = call_action("nd47_agency_show", id="H74.01")
        assert call_action("nd47_agency_show", id=one["parent"])["code"] == "H74"
        assert call_action("nd47_agency_show", id=one["successor"])["code"] == "H74.02"

    def test_a_title_of_several_asks_for_the_code(self, bring: Import) -> None:
        for number in (1, 2):
            agency("Phòng Trùng Tên", identifier=f"H75.0{number}")
        result = bring(csv("Tên cơ quan,Cơ quan cấp trên", "Sở Dưới,Phòng Trùng Tên"))
        assert "Several agencies" in result["rows"][0]["errors"]["parent"][0]
        result = bring(csv("Tên cơ quan,Điện thoại", "Phòng Trùng Tên,1022"))
        assert "Several agencies" in result["rows"][0]["errors"]["title"][0]

    def test_a_known_agency_is_found_by_its_title_not_made_again(self, bring: Import) -> None:
        one = agency("Sở Đã Có Từ Trước", name="sdctt")
        bring(csv("Tên cơ quan,Điện thoại", "Sở đã có từ trước,1022"), dry_run=False)
        assert call_action("nd47_agency_show", id=one["id"])["telephone"] == "1022"
        assert model.Group.get("so-da-co-tu-truoc") is None

    def test_two_of_one_title_with_two_codes_are_two(self, bring: Import) -> None:
        data = csv("Tên cơ quan,Mã", "Phòng Nội vụ Song,H76.01", "Phòng Nội vụ Song,H76.02")
        assert outcomes(bring(data, dry_run=False)) == ["create", "create"]
        assert outcomes(bring(data, dry_run=False)) == ["unchanged", "unchanged"]

    def test_one_agency_in_two_rows_is_refused_with_the_other_row(self, bring: Import) -> None:
        result = bring(csv("Tên cơ quan,Mã,Điện thoại", "Sở Đôi,H77.01,1022", "Sở Đôi,H77.01,1023"))
        assert outcomes(result) == ["create", "error"]
        assert "Row 2" in result["rows"][1]["errors"]["title"][0]

    def test_focal_points_by_the_title_of_their_agency(self, bring: Import) -> None:
        one = agency("Sở Có Đầu Mối Theo Tên")
        data = csv(
            "STT,Đơn vị,Vai trò,Họ tên,Email,Từ ngày",
            "1,SỞ CÓ ĐẦU MỐI THEO TÊN,Kết nối,Lê Văn Tên,lvt@x.example,01/01/2026",
        )
        assert outcomes(bring(data, "focal-points", dry_run=False)) == ["create"]
        assert call_action("nd47_focal_point_list", agency=one["id"])["count"] == 1

    def test_an_agency_that_is_not_there_is_an_error_of_its_row(self, bring: Import) -> None:
        result = bring(csv("Đơn vị,Vai trò,Email", "Sở Không Đâu,Phản hồi,a@x.vn"), "focal-points")
        assert result["rows"][0]["errors"].keys() == {"agency"}
