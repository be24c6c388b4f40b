"""The data dictionary of a file is one text, from which labels, units and types follow."""

from __future__ import annotations

import pytest

from ckanext.nd47.tables.dictionary import entries
from ckanext.nd47.tables.dictionary.entries import Dictionary, Entry

COLUMNS = ["stt", "xa_phuong", "Giá: năm 2024", "so_nha"]


class TestLines:
    def test_a_line_gives_a_column_its_label(self):
        found = entries.parse("stt: STT\nxa_phuong: Xã, phường", COLUMNS)
        assert found.entries == {"stt": Entry("STT"), "xa_phuong": Entry("Xã, phường")}
        assert found.rest == ""

    def test_columns_may_stand_in_one_line(self):
        found = entries.parse("stt: số; thứ tự; xa_phuong: Xã", COLUMNS)
        assert found.entries == {"stt": Entry("số; thứ tự"), "xa_phuong": Entry("Xã")}

    def test_a_name_may_have_a_colon(self):
        found = entries.parse("Giá: năm 2024: Giá đất (đồng/m²)", COLUMNS)
        assert found.entries == {"Giá: năm 2024": Entry("Giá đất (đồng/m²)")}

    def test_a_column_may_be_named_by_its_label(self):
        found = entries.parse("xa: Xã, phường", ["Xã, phường"])
        assert found.entries == {"Xã, phường": Entry("Xã, phường")}

    def test_a_type_and_notes_are_read(self):
        found = entries.parse("so_nha: Số nhà [văn bản] – có thể có chữ, ví dụ 12A", COLUMNS)
        assert found.entries == {"so_nha": Entry("Số nhà", "text", "có thể có chữ, ví dụ 12A")}

    @pytest.mark.parametrize("typed", ["[Số]", "[so]", "[number]", "[số nguyên]"])
    def test_a_type_may_be_written_in_any_spelling(self, typed):
        assert entries.parse(f"stt: STT {typed}", COLUMNS).entries["stt"].kind == "number"

    def test_brackets_that_are_no_type_belong_to_the_label(self):
        assert entries.parse("stt: Số [mới]", COLUMNS).entries == {"stt": Entry("Số [mới]")}

    @pytest.mark.parametrize(
        "written",
        ["https://so.tinh.example/tu-dien.pdf", "Xem Quyết định 12: cột theo mẫu", "", "a" * 8000],
    )
    def test_what_is_about_no_column_is_kept(self, written):
        found = entries.parse(written, COLUMNS)
        assert (found.entries, found.rest) == ({}, written)

    def test_what_is_written_reads_back_the_same(self):
        known = {
            "stt": Entry("STT", "number", "từ 1"),
            "xa_phuong": Entry("Xã, phường"),
            "so_nha": Entry("", "text", "a; b: c – d"),
        }
        written = entries.write(Dictionary(known, "https://a.example/b"), COLUMNS)
        found = entries.parse(written, COLUMNS)
        assert found.rest == "https://a.example/b"
        assert found.entries["stt"] == known["stt"]
        assert found.entries["xa_phuong"] == known["xa_phuong"]
        assert found.entries["so_nha"] == Entry("", "text", "a; b: c - d")


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("Giá đất (đồng/m²)", "đồng/m²"),
        ("Tỷ lệ (%)", "%"),
        ("Coliform (MPN/100 ml)", "MPN/100 ml"),
        ("Dân số (năm 2024)", ""),
        ("Xã, phường", ""),
        ("(ha)", ""),
    ],
)
def test_the_unit_stands_in_brackets_at_the_end_of_a_label(label, unit):
    assert entries.unit(label) == unit
