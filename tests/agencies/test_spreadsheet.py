"""Tables from outside: every kind of CSV and XLSX, sound and hostile."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from ckanext.nd47.agencies import spreadsheet

HEADER = ["Cơ quan", "Vai trò", "Họ và tên"]
ROW = ["H99.02", "feedback", "Nguyễn Thị Ánh"]


def xlsx(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    workbook: Any = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    if change:
        change(workbook)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def table(data: bytes) -> list[list[str]]:
    return [cells for _, cells in spreadsheet.read(data)]


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
        assert [unicodedata.normalize("NFC", one) for one in cells] == ["Họ", "Đất đai"]

    def test_cells_with_breaks_and_delimiters(self) -> None:
        assert table('a,b\n"x, y","dòng 1\ndòng 2"\n'.encode())[1] == ["x, y", "dòng 1\ndòng 2"]

    def test_xlsx(self) -> None:
        data = xlsx(HEADER, [*ROW[:2], dt.date(2025, 3, 1)], [1, 2.0, None])
        assert table(data) == [HEADER, [*ROW[:2], "2025-03-01"], ["1", "2"]]

    def test_empty_rows_are_passed_over_and_numbers_stay(self) -> None:
        assert [number for number, _ in spreadsheet.read(b"a,b\n,\nc,d\n")] == [1, 3]


class TestHostile:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", None),
            (b"a,b\n\x00\x00,c\n", "neither CSV nor XLSX"),
            (b'a,b\n"open,c\n', "Row"),
            (b"PK\x03\x04 and nothing else", "broken"),
            (b"\xd0\xcf\x11\xe0" + b"x" * 600, "XLS "),
            (b"x" * (spreadsheet.LARGEST_FILE + 1), "MB"),
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
        with pytest.raises(spreadsheet.SheetError, match=message):
            table(data)

    def test_a_formula_is_refused_with_row_and_column(self) -> None:
        data = xlsx(HEADER, ["H99", "=1+1", "A"])
        with pytest.raises(spreadsheet.SheetError, match="Row 2, column B"):
            table(data)

    def test_merged_cells_are_refused_with_their_place(self) -> None:
        data = xlsx(HEADER, ROW, change=lambda book: book.active.merge_cells("A2:B2"))
        with pytest.raises(spreadsheet.SheetError, match="A2:B2"):
            table(data)

    def test_links_to_other_files_are_refused(self) -> None:
        data = with_part(xlsx(HEADER), "xl/externalLinks/externalLink1.xml", b"<a/>")
        with pytest.raises(spreadsheet.SheetError, match="links to other files"):
            table(data)

    def test_a_program_is_refused(self) -> None:
        data = with_part(xlsx(HEADER), "xl/vbaProject.bin", b"x")
        with pytest.raises(spreadsheet.SheetError, match="macros"):
            table(data)

    def test_a_zip_bomb_is_refused(self) -> None:
        data = with_part(xlsx(HEADER), "xl/media/a.bin", b"\0" * (120 * 2**20))
        assert len(data) < 2**20
        with pytest.raises(spreadsheet.SheetError, match="unpacks"):
            table(data)

    def test_a_bomb_of_entities_is_refused(self) -> None:
        bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'
        data = with_part(xlsx(HEADER), "xl/worksheets/sheet9.xml", bomb)
        with pytest.raises(spreadsheet.SheetError, match="broken"):
            table(data)

    def test_a_million_rows_are_refused(self) -> None:
        def far(book: Any) -> None:
            book.active.cell(1_000_000, 1, "cuối")

        with pytest.raises(spreadsheet.SheetError, match="20000 rows"):
            table(xlsx(HEADER, change=far))

    @pytest.mark.parametrize("cut", [30, 200, 1000, 3000])
    def test_a_file_that_was_cut_is_refused(self, cut: int) -> None:
        with pytest.raises(spreadsheet.SheetError, match="broken"):
            table(xlsx(HEADER, ROW)[:cut])

    def test_a_broken_sheet_is_refused(self) -> None:
        sound, target = xlsx(HEADER, ROW), io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(target, "w") as new:
            for part in old.infolist():
                content = old.read(part)
                if "sheet1" in part.filename:
                    content = content[: len(content) // 2]
                new.writestr(part.filename, content)
        with pytest.raises(spreadsheet.SheetError, match="broken"):
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
