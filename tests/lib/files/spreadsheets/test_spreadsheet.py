"""Tables from outside: every kind of CSV and XLSX, sound and hostile."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.files.spreadsheets import xlsx as xlsx_files
from ckanext.nd47.lib.files.spreadsheets.sheet import LARGEST_FILE, Limits, SheetError
from tests.lib.files.spreadsheets.workbooks import xlsx

HEADER = ["Cơ quan", "Vai trò", "Họ và tên"]
ROW = ["H99.02", "feedback", "Nguyễn Thị Ánh"]


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def table(data: bytes) -> list[list[str]]:
    return [cells for _, cells in spreadsheet.read(data).sheets[0].rows]


def without(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return an XLSX file with one part changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.infolist():
            content = old.read(one)
            new.writestr(one.filename, change(content) if part in one.filename else content)
    return target.getvalue()


class TestReading:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_csv(self, encoding: str, delimiter: str, newline: str) -> None:
        text = newline.join(delimiter.join(row) for row in (HEADER, ROW)) + newline
        assert table(text.encode(encoding)) == [HEADER, ROW]

    def test_csv_of_older_windows(self) -> None:
        """Windows-1258 writes tone marks apart: NFC comes from the validators."""
        import unicodedata

        data = "Ho\u0323,Đâ\u0301t đai\n".encode("cp1258")
        [cells] = table(data)
        assert [unicodedata.normalize("NFC", cell) for cell in cells] == ["Họ", "Đất đai"]

    def test_cells_with_breaks_and_delimiters(self) -> None:
        assert table('a,b\n"x, y","dòng 1\ndòng 2"\n'.encode())[1] == ["x, y", "dòng 1\ndòng 2"]

    def test_xlsx(self) -> None:
        data = xlsx(HEADER, [*ROW[:2], dt.date(2025, 3, 1)], [1, 2.0, None])
        assert table(data) == [HEADER, [*ROW[:2], "2025-03-01"], ["1", "2"]]

    def test_empty_rows_are_passed_over_and_numbers_stay(self) -> None:
        [sheet] = spreadsheet.read(b"a,b\n,\nc,d\n").sheets
        assert [number for number, _ in sheet.rows] == [1, 3]

    def test_rows_are_numbered_as_a_spreadsheet_program_does(self) -> None:
        [sheet] = spreadsheet.read(b'a,b\n"x\ny",c\n\nd,e\n').sheets
        assert [number for number, _ in sheet.rows] == [1, 2, 4]

    @pytest.mark.parametrize(
        "text",
        [
            "DANH SÁCH, NĂM 2026\nMã;Tên;Địa chỉ\nH1;Sở A;Số 1, phố B\nH2;Sở C;Số 2, phố D\n",
            "Mã;Tên;Địa chỉ\nH1;Sở A;Số 1, phố B, phường C\nH2;Sở C;Số 2, phố D\n",
        ],
    )
    def test_commas_in_titles_and_addresses_part_no_cells(self, text: str) -> None:
        assert [row[0] for row in table(text.encode())][-2:] == ["H1", "H2"]

    def test_all_sheets_are_read_but_hidden_ones(self) -> None:
        def more(book: Any) -> None:
            book.create_sheet("Bảng 2").append(["x"])
            book.create_sheet("Ẩn").sheet_state = "hidden"

        book = spreadsheet.read(xlsx(HEADER, change=more))
        assert [(sheet.name, len(sheet.rows)) for sheet in book.sheets] == [
            ("Sheet", 1),
            ("Bảng 2", 1),
        ]

    @pytest.mark.parametrize(
        ("number", "pattern", "text"),
        [
            (1, "00", "01"),
            (2363822999, "0000 0000000", "0236 3822999"),
            (2363822999, "\\(0000\\)\\ 0000000", "(0236) 3822999"),
            (912345678, "General", "912345678"),
            (12, "0.00", "12"),
            (1234567, "#,##0", "1234567"),
            (45717.0, "General", "45717"),
        ],
    )
    def test_a_number_has_the_zeros_that_its_cell_shows(
        self, number: float, pattern: str, text: str
    ) -> None:
        def form(book: Any) -> None:
            book.active["A1"].number_format = pattern

        assert table(xlsx([number], change=form)) == [[text]]

    @pytest.mark.parametrize(
        ("day", "pattern", "text"),
        [
            (dt.date(2024, 12, 1), "mmm-yy", "2024-12"),
            (dt.date(2024, 12, 1), "mm/yyyy", "2024-12"),
            (dt.date(2024, 12, 1), '"Tháng ngày" m\\/yyyy;@', "2024-12"),
            (dt.date(2024, 12, 1), "[$-42A]mmmm, yyyy;@", "2024-12"),
            (dt.date(2024, 1, 1), "yyyy", "2024"),
            (dt.date(2024, 12, 1), "yyyy", "2024-12-01"),
            (dt.date(2024, 12, 5), "mm/yyyy", "2024-12-05"),
            (dt.date(2024, 12, 1), "dd/mm/yyyy", "2024-12-01"),
            (dt.date(2024, 12, 1), "[$-1010000]d/m/yy h:mm", "2024-12-01"),
        ],
    )
    def test_a_typed_month_or_year_gets_no_day(self, day: dt.date, pattern: str, text: str) -> None:
        def form(book: Any) -> None:
            book.active["A1"].number_format = pattern

        assert table(xlsx([day], change=form)) == [[text]]

    def test_cells_merged_down_a_column_belong_to_each_row(self) -> None:
        data = xlsx(
            ["A", "Sở"],
            ["B", None],
            ["C", None],
            change=lambda book: book.active.merge_cells("B1:B3"),
        )
        assert table(data) == [["A", "Sở"], ["B", "Sở"], ["C", "Sở"]]

    def test_cells_merged_across_columns_stay_one_and_mark_the_row(self) -> None:
        data = xlsx(["TIÊU ĐỀ"], HEADER, change=lambda book: book.active.merge_cells("A1:C1"))
        [sheet] = spreadsheet.read(data).sheets
        assert sheet.rows == [(1, ["TIÊU ĐỀ"]), (2, HEADER)]
        assert sheet.merged_rows == {1}

    @pytest.mark.parametrize(
        ("content", "place"),
        [("=1+1", "Row 2, column B: a formula"), ("#REF!", "Row 2, column B: the cell shows")],
    )
    def test_a_cell_without_a_value_is_named_and_not_read(self, content: str, place: str) -> None:
        [sheet] = spreadsheet.read(xlsx(HEADER, ["H99", content, "A"])).sheets
        assert sheet.rows[1] == (2, ["H99", "", "A"])
        assert sheet.refused[2, 1].startswith(place)

    def test_text_in_the_font_of_an_older_encoding_is_read_and_said(self) -> None:
        book = spreadsheet.read(xlsx(["Tªn c¬ quan"], ["Së Y tÕ"]))
        assert book.encoding == "TCVN3 (ABC)"
        assert [row for _, row in book.sheets[0].rows] == [["Tên cơ quan"], ["Sở Y tế"]]

    def test_a_letter_that_its_encoding_does_not_have_is_named(self) -> None:
        [sheet] = spreadsheet.read("Së Y tÕ,Bé Néi vô\n".encode("latin-1") + b"x,m\xe0u\n").sheets
        assert "Row 2, column B" in sheet.refused[2, 1]


class TestHostile:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", None),
            (b"a,b\n\x00\x00,c\n", "neither CSV nor XLSX"),
            (b'a,b\n"open,c\n', "Row"),
            (b"PK\x03\x04 and nothing else", "broken"),
            (b"\xd0\xcf\x11\xe0" + b"x" * 600, "XLS "),
            (b"x" * (LARGEST_FILE + 1), "MB"),
            (b"a," * 200 + b"\n", "columns"),
            (b"a,b\n" + b"x" * 20_000 + b",c\n", "Row 2, column A"),
            (b"a,b\n" + b"c,d\n" * 1_000_000, "20000 rows"),
        ],
        ids=["empty", "nul", "quotes", "zip", "xls", "large", "wide", "long cell", "long"],
    )
    def test_text(self, data: bytes, message: str | None) -> None:
        if message is None:
            assert table(data) == []
            return
        with pytest.raises(SheetError, match=message):
            table(data)

    def test_filled_cells_are_counted(self) -> None:
        limits = Limits(cells=4)
        assert len(spreadsheet.read(b"a,b,,,\nc,d\n", limits).sheets[0].rows) == 2  # noqa: PLR2004
        with pytest.raises(SheetError, match="4 cells"):
            spreadsheet.read(b"a,b\nc,d\ne\n", limits)

    def test_links_to_other_files_are_refused(self) -> None:
        data = with_part(xlsx(HEADER), "xl/externalLinks/externalLink1.xml", b"<a/>")
        with pytest.raises(SheetError, match="links to other files"):
            table(data)

    def test_a_program_is_refused(self) -> None:
        data = with_part(xlsx(HEADER), "xl/vbaProject.bin", b"x")
        with pytest.raises(SheetError, match="macros"):
            table(data)

    def test_a_zip_bomb_is_refused(self) -> None:
        data = with_part(xlsx(HEADER), "xl/media/a.bin", b"\0" * (120 * 2**20))
        assert len(data) < 2**20
        with pytest.raises(SheetError, match="unpacks"):
            table(data)

    @pytest.mark.parametrize(
        ("part", "content", "message"),
        [
            ("docProps/core.xml", b"<sst>" + b"<si/>" * 500_000 + b"</sst>", "unpacks"),
            ("worksheets/sheet1.xml", b"<row/>" * 100_000, "20000 rows"),
            ("worksheets/sheet1.xml", b"<x:row/>" * 100_000, "20000 rows"),
            ("worksheets/sheet1.xml", b"<row>" + b"<c/>" * 500_000 + b"</row>", "cells"),
            ("worksheets/sheet1.xml", b"<v></v>" * 2_500_000, "unpacks"),
            ("styles.xml", b"<xf/>" * 500_000, "unpacks"),
            ("styles.xml", "<xf/>".encode("utf-16"), "broken"),
            (
                "worksheets/sheet1.xml",
                b'<mergeCell ref="A1:A9999"/>' * 30_000,
                "unpacks",
            ),
        ],
        ids=["properties", "rows", "prefix", "wide row", "tags", "styles", "utf-16", "merged"],
    )
    def test_too_much_is_counted_before_it_is_read(
        self, part: str, content: bytes, message: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def forbidden() -> None:
            pytest.fail("openpyxl was asked")

        data = without(xlsx(HEADER), part, lambda _old: content)
        assert len(data) < 2**20
        monkeypatch.setattr(xlsx_files, "openpyxl", forbidden)
        with pytest.raises(SheetError, match=message):
            spreadsheet.read(data)

    def test_too_many_shared_strings_are_counted(self) -> None:
        strings = b"<sst>" + b"<si/>" * 500_000 + b"</sst>"
        with pytest.raises(SheetError, match="cells"):
            spreadsheet.read(with_part(xlsx(HEADER), "xl/sharedStrings.xml", strings))

    def test_a_sheet_under_any_name_is_counted(self) -> None:
        """The relations of a workbook may call a part as they like."""
        data = with_part(xlsx(HEADER), "xl/picture.png", b"<row/>" * 300_000)
        with pytest.raises(SheetError, match="20000 rows"):
            spreadsheet.read(data)

    def test_columns_merged_again_and_again_end(self) -> None:
        merged = b"<mergeCells>" + b'<mergeCell ref="A1:A20000"/>' * 19_000 + b"</mergeCells>"
        data = without(
            xlsx(["x"], *[["y", "z"]] * 5),
            "worksheets/sheet1.xml",
            lambda old: old.replace(b"</sheetData>", b"</sheetData>" + merged),
        )
        with pytest.raises(SheetError, match="unpacks"):
            spreadsheet.read(data)

    def test_a_tag_over_the_border_of_two_pieces_is_seen(self) -> None:
        for shift in range(1, 40, 3):
            filler = b"<a>" + b" " * (2**16 - 3 - shift)
            data = with_part(xlsx(HEADER), "xl/extra.xml", filler + b"<!DOCTYPE x []>" + b"</a>")
            with pytest.raises(SheetError, match="broken"):
                spreadsheet.read(data)

    def test_a_bomb_of_entities_is_refused(self) -> None:
        bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'
        data = with_part(xlsx(HEADER), "xl/worksheets/sheet9.xml", bomb)
        with pytest.raises(SheetError, match="broken"):
            table(data)

    def test_a_million_rows_are_refused(self) -> None:
        def far(book: Any) -> None:
            book.active.cell(1_000_000, 1, "cuối")

        with pytest.raises(SheetError, match="20000 rows"):
            table(xlsx(HEADER, change=far))

    @pytest.mark.parametrize("cut", [30, 200, 1000, 3000])
    def test_a_file_that_was_cut_is_refused(self, cut: int) -> None:
        with pytest.raises(SheetError, match="broken"):
            table(xlsx(HEADER, ROW)[:cut])

    def test_a_broken_sheet_is_refused(self) -> None:
        sound, target = xlsx(HEADER, ROW), io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(target, "w") as new:
            for part in old.infolist():
                content = old.read(part)
                if "sheet1" in part.filename:
                    content = content[: len(content) // 2]
                new.writestr(part.filename, content)
        with pytest.raises(SheetError, match="broken"):
            table(target.getvalue())


class TestWriting:
    DANGEROUS = ["=1+1", "+84 203", "-1", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0"]

    @pytest.mark.parametrize("text", DANGEROUS)
    def test_csv_runs_nothing_and_reads_back(self, text: str) -> None:
        data = spreadsheet.write_csv(["a", "b"], [[text, "x"]])
        assert f"'{text}".encode() in data
        assert table(data)[1] == [text.strip(), "x"]

    @pytest.mark.parametrize("text", DANGEROUS)
    def test_xlsx_runs_nothing_and_reads_back(self, text: str) -> None:
        data = spreadsheet.write_xlsx(["a", "b"], [[text, "x"]], "bang")
        sheet: Any = openpyxl.load_workbook(io.BytesIO(data)).active
        assert sheet["A2"].data_type != "f"
        assert table(data)[1] == [text.strip(), "x"]

    def test_csv_starts_so_that_excel_reads_vietnamese(self) -> None:
        assert spreadsheet.write_csv(["Cơ quan"], []).startswith(b"\xef\xbb\xbf")

    @pytest.mark.parametrize("text", ["x;=1+1", "a\t=1+1", "x"])
    def test_csv_is_in_quotes_whatever_sign_a_program_parts_cells_at(self, text: str) -> None:
        data = spreadsheet.write_csv(["a"], [[text]]).decode("utf-8-sig")
        assert data == f'"a"\r\n"{text}"\r\n'

    @pytest.mark.parametrize(
        "text", ["＝1+1", " =1+1", "\xa0=1+1", "\u200b=1+1", "＠SUM(A1)", " \t=1"]
    )
    def test_csv_runs_no_formula_behind_what_nobody_sees(self, text: str) -> None:
        assert f"'{text}".encode() in spreadsheet.write_csv(["a"], [[text]])
