"""A dataset states its columns in its data dictionary; a file that lacks one is told so."""

from __future__ import annotations

import pytest

from ckanext.nd47.tables.findings import expected
from tests.tables.test_checks import codes

DICTIONARY = "xa: Tên xã\nso_ho – Số hộ nghèo\n- Năm: Năm điều tra"
TABLE = b"xa,so_ho,nam\nKy Lam,20,2026\nLoc Thuy,31,2026\n"


def test_the_columns_are_those_before_the_colons():
    assert expected.dictionary(DICTIONARY) == [
        ("xa", "Tên xã"),
        ("so_ho", "Số hộ nghèo"),
        ("Năm", "Năm điều tra"),
    ]


@pytest.mark.parametrize(
    ("text", "headings", "missing"),
    [
        (DICTIONARY, ["Xã", "Số hộ", "Năm"], []),
        (DICTIONARY, ["xa", "nam"], ["so_ho"]),
        (DICTIONARY, ["a", "b"], []),
        ("https://so.example/tu-dien.pdf", ["xa"], []),
        ("Nguồn: Sở Nội vụ\nLưu ý: số liệu sơ bộ", ["xa", "so_ho"], []),
        ("", ["xa"], []),
        ("xa: Tên xã", ["nam"], []),
    ],
)
def test_only_what_is_a_list_of_the_columns_is_compared(text, headings, missing):
    assert expected.missing_stated(text, headings) == missing


class TestCheck:
    def test_a_file_that_lacks_a_stated_column_is_told_so(self, checked, check):
        resource = checked("a.csv", TABLE.replace(b"so_ho", b"ghi_chu"), data_dictionary=DICTIONARY)
        result = check(resource["id"])
        assert codes(result) == ["stated-columns"]
        assert "so_ho" in result["findings"][0]["message"]

    def test_a_file_with_all_of_them_is_not(self, checked, check):
        resource = checked("a.csv", TABLE, data_dictionary=DICTIONARY)
        assert codes(check(resource["id"])) == []
