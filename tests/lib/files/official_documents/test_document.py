"""Documents in the form of Decree 30/2020/NĐ-CP: what the file holds."""

from __future__ import annotations

import dataclasses
import io
import time
import zipfile
from typing import Any

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from PIL import Image

from ckanext.nd47.lib.files.official_documents import writing
from ckanext.nd47.lib.files.official_documents.document import (
    Annex,
    Column,
    DecisionReference,
    OfficialDocument,
    Opening,
    Paragraph,
    Picture,
    Signature,
    Table,
)
from ckanext.nd47.lib.files.official_documents.writing import MissingLibraryError
from tests.lib.files.official_documents.sample import annex, decision

MOST_SECONDS = 10
"""For 1,000 rows, of the processor."""


def written(document: OfficialDocument) -> Any:
    return docx.Document(io.BytesIO(writing.write(document)))


def texts(document: Any) -> list[str]:
    """Return all paragraphs, also those in cells, in their order."""
    return [
        "".join(part.text or "" for part in paragraph.iter(qn("w:t")))
        for paragraph in document.element.body.iter(qn("w:p"))
    ]


@pytest.fixture(scope="module")
def sample() -> Any:
    return written(decision())


def test_a_page_is_a4_with_the_margins_of_the_decree(sample):
    section = sample.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert 20 <= round(section.top_margin.mm) <= 25
    assert 20 <= round(section.bottom_margin.mm) <= 25
    assert 30 <= round(section.left_margin.mm) <= 35
    assert 15 <= round(section.right_margin.mm) <= 20


def test_the_annex_lies_on_its_side(sample):
    section = sample.sections[1]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)


def test_every_text_is_in_times_new_roman(sample):
    fonts = sample.styles.element.findall(f".//{qn('w:rFonts')}")
    assert {value for font in fonts for value in font.attrib.values()} == {"Times New Roman"}
    assert not sample.element.body.findall(f".//{qn('w:rFonts')}")


def test_the_national_title_stands_beside_the_agency(sample):
    left, right = (cell.text.split("\n") for cell in sample.tables[0].rows[0].cells)
    assert left[0] == "ỦY BAN NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG"
    assert right[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]


def test_number_place_and_day_stand_below_them(sample):
    cells = [cell.text for cell in sample.tables[0].rows[1].cells]
    assert cells == ["Số: 804/QĐ-UBND", "Đà Nẵng, ngày 05 tháng 02 năm 2026"]


def test_the_agency_above_stands_over_the_agency():
    opening = Opening("Sở Khoa học và Công nghệ", superior="Ủy ban nhân dân tỉnh")
    document = written(OfficialDocument("Báo cáo", opening=opening))
    lines = document.tables[0].rows[0].cells[0].paragraphs
    assert [line.text for line in lines[:2]] == ["ỦY BAN NHÂN DÂN TỈNH", "SỞ KHOA HỌC VÀ CÔNG NGHỆ"]
    assert [line.style.font.bold for line in lines[:2]] == [False, True]


def test_number_and_day_that_are_still_missing_leave_room():
    opening = Opening("Sở Khoa học và Công nghệ", number="/BC-SKHCN", place="Huế")
    cells = written(OfficialDocument("Báo cáo", opening=opening)).tables[0].rows[1].cells
    assert cells[0].text.split() == ["Số:", "/BC-SKHCN"]
    assert len(cells[0].text) > len("Số: /BC-SKHCN") + 5
    assert cells[1].text.split() == ["Huế,", "ngày", "tháng", "năm"]


def test_legal_bases_end_in_semicolons_and_the_last_one_in_a_full_stop(sample):
    bases = [p.text for p in sample.paragraphs if p.style.name == "Căn cứ ban hành"]
    assert bases == [
        "Căn cứ Luật Dữ liệu ngày 30 tháng 11 năm 2024;",
        "Theo đề nghị của Giám đốc Sở.",
    ]


def test_titles_are_numbered_by_their_level(sample):
    titles = [p.text for p in sample.paragraphs if p.style.name.startswith("Mục cấp")]
    assert titles == [
        "I. Tình hình",
        "1. Kết quả",
        "a) Đất đai",
        "2. Khó khăn",
        "II. Kiến nghị",
        "1. Của các sở",
    ]


def test_an_article_starts_in_bold_type(sample):
    article = next(p for p in sample.paragraphs if p.text.startswith("Điều 1."))
    assert [(run.text, run.bold) for run in article.runs] == [
        ("Điều 1. ", True),
        ("Ban hành kèm theo Quyết định này Danh mục dữ liệu mở.", None),
    ]


def test_recipients_and_signature_stand_beside_each_other(sample):
    left, right = (cell.text.split("\n") for cell in sample.tables[1].rows[0].cells)
    assert left == ["Nơi nhận:", "- Như Điều 2;", "- Lưu: VT, SKHCN."]
    assert right[:2] == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
    assert right[-1] == "Nguyễn Văn An"
    assert right.count("") >= 3


def test_a_signature_without_recipients_has_a_place():
    document = written(
        OfficialDocument(
            "Kế hoạch", blocks=[Paragraph("Nội dung")], signature=Signature(["Giám đốc"])
        )
    )
    assert [cell.text.strip() for cell in document.tables[0].rows[0].cells] == ["", "GIÁM ĐỐC"]


def test_an_annex_names_its_decision(sample):
    assert [p.text for p in sample.paragraphs if p.style.name in {"Số phụ lục", "Tên phụ lục"}] == [
        "Phụ lục",
        "DANH MỤC DỮ LIỆU MỞ CỦA THÀNH PHỐ ĐÀ NẴNG",
    ]
    assert (
        "(Kèm theo Quyết định số 804/QĐ-UBND ngày 05 tháng 02 năm 2026 "
        "của Ủy ban nhân dân thành phố Đà Nẵng)"
    ) in texts(sample)


def test_an_annex_of_a_decision_without_a_number_leaves_room():
    document = written(
        OfficialDocument(
            "Danh mục", annexes=[Annex("Danh mục", [], DecisionReference("UBND tỉnh"))]
        )
    )
    reference = next(text for text in texts(document) if text.startswith("(Kèm"))
    assert " ".join(reference.split()) == "(Kèm theo Quyết định số / ngày tháng năm của UBND tỉnh)"


def test_several_annexes_have_their_numbers_and_sections():
    annexes = [Annex("Một", [], number="I"), Annex("Hai", [], number="II", landscape=False)]
    document = written(OfficialDocument("Phụ lục", annexes=annexes))
    assert [text for text in texts(document) if text.startswith("Phụ lục")] == [
        "Phụ lục I",
        "Phụ lục II",
    ]
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]


def test_each_part_is_numbered_from_one_and_its_first_page_shows_no_number(sample):
    for section in sample.sections:
        assert section.different_first_page_header_footer
        assert not "".join(p.text for p in section.first_page_header.paragraphs)
        header = section.header.paragraphs[0]
        assert header.style.name == "Số trang"
        assert [one.text for one in header._p.iter(qn("w:instrText"))] == [" PAGE "]
        assert section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"


def test_the_headings_of_a_table_are_repeated_on_each_page(sample):
    table = sample.tables[2]
    heads = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows]
    assert heads[:3] == [True, True, False]
    assert [cell.text for cell in table.rows[0].cells][:2] == ["STT", "Mã"]
    assert [cell.text for cell in table.rows[1].cells][:2] == ["(1)", "(2)"]


def test_a_group_is_one_cell_across_the_table(sample):
    group = sample.tables[2].rows[2]
    assert len(group._tr.findall(qn("w:tc"))) == 1
    assert group.cells[0].text == "Lĩnh vực 1"


def test_a_total_is_in_bold_type(sample):
    total = sample.tables[2].rows[-1].cells[2].paragraphs[0]
    assert (total.text, total.runs[0].bold) == ("Tổng cộng", True)


def test_a_row_with_too_few_or_too_many_cells_fits():
    table = Table([Column("Một"), Column("Hai")], [["a"], ["a", "b", "c"]])
    document = written(OfficialDocument("Bảng", annexes=[Annex("Bảng", [table])]))
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows[1:]] == [
        ["a", ""],
        ["a", "b"],
    ]


def test_columns_are_at_least_as_wide_as_their_words():
    table = Table([Column("STT", 0.01), Column("Nội dung", 10)], [["1", "a"], ["01/01/2027", "b"]])
    document = written(OfficialDocument("Bảng", annexes=[Annex("Bảng", [table])]))
    assert document.tables[0].columns[0].width.mm > 20


@pytest.mark.parametrize("others", [3, 10, 14])
def test_a_short_word_is_never_broken(others: int):
    long_words = ["Nghiêng-ngả-khúc-khuỷu"] * others
    columns = [Column("STT", 0.4, "center"), *map(Column, long_words)]
    document = written(
        OfficialDocument("Bảng", annexes=[Annex("Bảng", [Table(columns, [["12", *long_words]])])])
    )
    widths = [column.width.mm for column in document.tables[0].columns]
    # Two letters of 0.67 and one of 0.56 times 11 points, and the margins of the cell.
    assert widths[0] >= 1.9 * 11 * 25.4 / 72 + 2.4
    assert sum(widths) <= 297 - 20 - 20


def test_texts_are_never_markup():
    text = "<w:p>&amp; \x00\x0b\ud800 “=1+1”\nhàng hai"
    table = Table([Column(text)], [[text]])
    document = written(
        OfficialDocument(
            text, opening=Opening(text, place=text), blocks=[Paragraph(text, text), table]
        )
    )
    assert document.tables[1].rows[1].cells[0].text == "<w:p>&amp; ��� “=1+1”\nhàng hai"


def test_a_picture_is_not_wider_than_the_text():
    target = io.BytesIO()
    Image.new("L", (20, 10)).save(target, "png")
    picture = Picture(target.getvalue(), "Tiến độ theo cơ quan", 5000)
    document = written(OfficialDocument("Báo cáo", blocks=[picture]))
    assert round(document.inline_shapes[0].width.mm) == 165
    assert document.element.body.find(f".//{qn('wp:docPr')}").get("descr") == "Tiến độ theo cơ quan"


def test_a_file_has_no_macros_and_no_links_to_other_files():
    with zipfile.ZipFile(io.BytesIO(writing.write(decision()))) as archive:
        names = archive.namelist()
        relations = b"".join(archive.read(name) for name in names if name.endswith(".rels"))
    assert not [name for name in names if "vba" in name.lower() or name.endswith(".bin")]
    assert b'TargetMode="External"' not in relations


def test_the_properties_of_a_file_name_its_title_and_agency(sample):
    properties = sample.core_properties
    assert properties.title == "Quyết định ban hành Danh mục dữ liệu mở"
    assert properties.author == "Ủy ban nhân dân thành phố Đà Nẵng"
    assert not properties.comments


def test_a_table_of_1000_rows_takes_less_than_ten_seconds():
    document = dataclasses.replace(decision(), annexes=[annex(1_000)])
    begin = time.process_time()
    content = writing.write(document)
    assert time.process_time() - begin < MOST_SECONDS
    assert len(docx.Document(io.BytesIO(content)).tables[2].rows) == 1_053


def test_without_the_library_the_message_names_what_to_install(monkeypatch):
    monkeypatch.setattr(writing, "LIBRARY", "docx_that_is_not_installed")
    with pytest.raises(MissingLibraryError, match=r"ckanext-nd47\[docx\]"):
        writing.write(decision())
