"""Tables of DOCX files: as word processors write them, and hostile ones."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest

from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.files.spreadsheets.sheet import Limits, Sheet, SheetError

HEADER = ["STT", "Tên dữ liệu", "Cơ quan"]
MAIN = "word/document.xml"


def document(*tables: list[list[str]], text: str = "") -> Any:
    made = docx.Document()
    if text:
        made.add_paragraph(text)
    for rows in tables:
        table = made.add_table(0, len(rows[0]))
        for row in rows:
            for cell, value in zip(table.add_row().cells, row, strict=True):
                cell.text = value
        made.add_paragraph("")
    return made


def saved(made: Any) -> bytes:
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def read(made: Any, limits: Limits | None = None) -> list[Sheet]:
    data = made if isinstance(made, bytes) else saved(made)
    return spreadsheet.read(data, limits or Limits(), documents=True).sheets


def with_main(change: Any) -> bytes:
    """Return a file whose main part is changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(document([HEADER, ["1", "Đất", "Sở"]])))) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == MAIN else content)
    return target.getvalue()


def test_each_table_is_a_sheet_with_numbered_rows():
    sheets = read(document([HEADER, ["1", "Đất đai", "Sở"]], [["Một", "Hai"], ["a", "b"]]))
    assert [sheet.rows for sheet in sheets] == [
        [(1, HEADER), (2, ["1", "Đất đai", "Sở"])],
        [(1, ["Một", "Hai"]), (2, ["a", "b"])],
    ]


def test_texts_outside_of_tables_are_not_read():
    assert read(document([HEADER, ["1", "a", "b"]], text="Phụ lục"))[0].rows[0] == (1, HEADER)


def test_a_table_that_word_cut_is_one():
    sheets = read(document([HEADER, ["1", "a", "b"]], [HEADER, ["2", "c", "d"]], [["3", "e", "f"]]))
    assert len(sheets) == 1
    assert [row for _, row in sheets[0].rows] == [
        HEADER,
        ["1", "a", "b"],
        ["2", "c", "d"],
        ["3", "e", "f"],
    ]


def test_a_row_merged_across_the_table_is_a_group():
    made = document([HEADER, ["", "", ""], ["1", "a", "b"]])
    row = made.tables[0].rows[1].cells
    row[0].merge(row[2]).text = "I. Lĩnh vực đất đai"
    sheet = read(made)[0]
    assert sheet.rows[1] == (2, ["I. Lĩnh vực đất đai"])
    assert sheet.merged_rows == {2}


def test_a_cell_merged_down_is_repeated():
    made = document([HEADER, ["1", "a", "Sở Y tế"], ["2", "b", ""]])
    table = made.tables[0]
    table.cell(1, 2).merge(table.cell(2, 2)).text = "Sở Y tế"
    assert [row[2] for _, row in read(made)[0].rows] == ["Cơ quan", "Sở Y tế", "Sở Y tế"]


def test_paragraphs_of_a_cell_are_lines():
    made = document([HEADER, ["1", "a", "b"]])
    made.tables[0].cell(1, 1).add_paragraph("dòng hai")
    assert read(made)[0].rows[1][1][1] == "a\ndòng hai"


def test_a_table_in_a_cell_belongs_to_the_cell():
    made = document([HEADER, ["1", "a", "b"]])
    inner = made.tables[0].cell(1, 1).add_table(1, 1)
    inner.cell(0, 0).text = "trong"
    sheets = read(made)
    assert len(sheets) == 1
    assert sheets[0].rows[1][1][1].split() == ["a", "trong"]


def test_deleted_text_is_not_read():
    data = with_main(
        lambda content: content.replace(
            "<w:t>Đất</w:t>".encode(), "<w:delText>Nước</w:delText><w:t>Đất</w:t>".encode()
        )
    )
    assert read(data)[0].rows[1][1][1] == "Đất"


def test_a_document_without_a_table_says_so():
    with pytest.raises(SheetError, match="no table"):
        read(document(text="Không có bảng"))


def test_documents_are_only_read_where_they_are_wanted():
    with pytest.raises(SheetError, match="XLSX"):
        spreadsheet.read(saved(document([HEADER])))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"<w:body>", b"<w:body>\x00"),
        lambda content: content.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "c">]>', 1),
        lambda content: b"",
        lambda content: content.replace(b"<w:body>", b"<w:body>" + b"<w:p>" * 1_000),
    ],
    ids=["cut", "null", "entity", "empty", "deep"],
)
def test_a_broken_document_is_refused_in_a_sentence(change):
    with pytest.raises(SheetError, match="The DOCX file is broken"):
        read(with_main(change))


def test_a_document_with_a_program_is_refused():
    target = io.BytesIO(saved(document([HEADER])))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"x")
    with pytest.raises(SheetError, match="macros"):
        read(target.getvalue())


@pytest.mark.parametrize("limits", [Limits(rows=1), Limits(cells=4), Limits(unpacked=1000)])
def test_a_document_that_is_too_large_is_refused(limits):
    with pytest.raises(SheetError, match="more than"):
        read(document([HEADER, ["1", "a", "b"]]), limits)


def test_a_row_with_too_many_columns_is_refused():
    data = with_main(
        lambda content: content.replace(b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="9999"/>')
    )
    with pytest.raises(SheetError, match="more than 100 columns"):
        read(data)
