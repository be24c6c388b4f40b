"""Codes and names of provinces, districts and communes, and what former ones are today."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ckanext.nd47.tables.check.cells import heading_words
from ckanext.nd47.tables.communes import names, source, today
from ckanext.nd47.tables.communes.judge import MOST_VALUES, Finding, Values
from tests.tables.check.golden import PRESENT, PRESENT_CODES


def judged(kind: names.Kind, *values: str) -> dict[str, Finding]:
    """Return the findings about a column, each value in a row of its own."""
    column = Values(kind)
    for row, value in enumerate(values, start=2):
        column.add(value, 1, row)
    return {finding.code: finding for finding in column.findings()}


class TestSource:
    def test_it_has_all_units_of_both_lists(self):
        assert len(source.provinces()) == 34
        assert len(source.communes()) == 3321
        assert len(source.former_provinces()) == 63
        assert len(source.districts()) == 696
        assert len(source.former_communes()) == 10_035

    def test_every_former_commune_has_a_successor(self):
        assert [
            one for one in source.former_communes().values() if not source.successors(one)
        ] == []

    def test_every_former_province_has_one_that_exists(self):
        assert set(source.successor_provinces()) == set(source.former_provinces())
        assert set(source.successor_provinces().values()) == set(source.provinces())

    def test_a_commune_may_have_been_divided(self):
        former = source.former_communes()["00016"]
        assert [one.name for one in source.successors(former)] == [
            "Phường Ba Đình",
            "Phường Ngọc Hà",
        ]

    def test_the_library_itself_is_not_imported(self):
        script = (
            "import sys; from ckanext.nd47.tables.communes import source; source.communes(); "
            "source.successor_provinces(); sys.exit('vietnamadminunits' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

    def test_without_the_library_nothing_is_found(self):
        script = (
            "from ckanext.nd47.tables.communes import source; source._LIBRARY = 'no_such_module'; "
            "from ckanext.nd47.tables.communes.judge import Values; "
            "values = Values('commune-code'); values.add('18082', 1, 2); "
            "assert list(values.findings()) == []"
        )
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Mã xã", "commune-code"),
        ("ma_dvhc", "commune-code"),
        ("Mã xã/phường", "commune-code"),
        ("Mã huyện", "district-code"),
        ("Mã tỉnh", "province-code"),
        ("Tên xã", "commune"),
        ("Xã, phường, thị trấn", "commune"),
        ("Phường/xã", "commune"),
        ("Quận/huyện", "district"),
        ("Huyện, thị xã, thành phố", "district"),
        ("Xã nộp hồ sơ", ""),
        ("Mã trạm", ""),
        ("Xã viên", ""),
        ("Số xã", ""),
        ("", ""),
    ],
)
def test_a_heading_announces_a_unit(heading, kind):
    assert names.headed(heading_words(heading)) == kind


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        ("Xã Kỳ Lâm", "ky lam"),
        ("KỲ LÂM", "ky lam"),
        ("P. Hoà Bình", "hoa binh"),
        ("Phường 1", "phuong 1"),
        ("Thị trấn Thiên Cầm", "thien cam"),
        ("Xã Ea H’Leo", "ea h leo"),
        ("Xã Ea H'Leo", "ea h leo"),
    ],
)
def test_spellings_of_a_name_are_equal(shown, key):
    assert names.commune(shown) == key


class TestCodes:
    def test_present_codes_are_right(self):
        assert judged("commune-code", *PRESENT_CODES) == {}

    def test_a_former_code_is_told_its_successors(self):
        finding = judged("commune-code", *PRESENT_CODES, "18082")["former-communes"]
        assert (finding.row, finding.count) == (8, 1)
        assert finding.facts["successor"] == (
            "18082 → 18652 Phường Hà Huy Tập, 18073 Phường Thành Sen (Tỉnh Hà Tĩnh)"
        )

    def test_a_code_without_its_zeros_is_the_same_code(self):
        assert judged("commune-code", "4", "8", "25") == {}

    def test_an_unknown_code_is_told(self):
        finding = judged("commune-code", *PRESENT_CODES, "18999", "00000")["unknown-communes"]
        assert (finding.row, finding.count, finding.facts["example"]) == (8, 2, "18999")

    @pytest.mark.parametrize("values", [("99001", "99004"), ("1", "2", "3"), ("A1", "A2"), ()])
    def test_codes_of_another_list_are_left_alone(self, values):
        assert judged("commune-code", *values) == {}

    def test_codes_of_former_provinces_have_their_successor(self):
        finding = judged("province-code", "02", "08")["old-provinces"]
        assert finding.facts["successor"] == "02 → Tỉnh Tuyên Quang"

    def test_a_district_has_the_communes_of_today(self):
        finding = judged("district-code", "436", "437")["former-districts"]
        assert finding.count == 2
        assert "(Tỉnh Hà Tĩnh)" in finding.facts["successor"]

    def test_other_digits_are_no_codes(self):
        assert judged("commune-code", "１８０７３", "१८०७३") == {}


class TestNames:
    def test_present_names_are_right_in_any_spelling(self):
        assert judged("commune", *PRESENT, "ky anh", "KỲ XUÂN") == {}

    def test_a_former_name_has_its_successors(self):
        finding = judged("commune", *PRESENT, "Đại Nài")["former-communes"]
        assert finding.facts["successor"] == (
            "Đại Nài → Phường Hà Huy Tập, Phường Thành Sen (Tỉnh Hà Tĩnh)"
        )

    def test_an_unknown_name_is_told(self):
        finding = judged("commune", *PRESENT, "Xã Không Có")["unknown-communes"]
        assert finding.facts == {"example": "Xã Không Có"}

    def test_names_of_no_one_province_are_left_alone(self):
        assert judged("commune", "Tân Lập", "Ba Đình", "Xã Không Có", "Bến Nghé", "Hải Châu") == {}

    def test_few_names_may_be_those_of_any_province(self):
        assert judged("commune", "Xã Tân Lập", "Xã Không Có") == {}

    def test_names_of_other_things_are_no_districts(self):
        assert judged("district", "Chi nhánh 1", "Chi nhánh 2", "Đức Thọ") == {}

    def test_a_district_name_of_several_provinces_has_no_successor(self):
        finding = judged("district", "Huyện Châu Thành")["former-districts"]
        assert finding.facts["successor"] == "…"


def test_too_many_values_are_no_units():
    column = Values("commune-code")
    for number in range(MOST_VALUES + 5):
        column.add(f"{number:05}", 1, number + 2)
    assert column.is_full
    assert list(column.findings()) == []


class TestToday:
    def test_the_place_of_one_code_is_its_commune(self):
        assert today.place("commune-code", ["18073"]) == "18073"

    def test_the_place_of_a_former_code_is_its_successor(self):
        assert today.place("commune-code", ["18091"]) == "18073"

    def test_the_place_of_several_is_their_province(self):
        assert today.place("commune-code", PRESENT_CODES) == "42"
        assert today.place("commune", PRESENT) == "42"
        assert today.place("district-code", ["436"]) == "42"
        assert today.place("province-code", ["02"]) == "08"

    @pytest.mark.parametrize(
        ("kind", "values"),
        [("commune-code", ["18073", "00004"]), ("commune-code", ["99001"]), ("commune-code", []),
         ("commune", ["Tân Lập"]), ("district", ["Đức Thọ"])],
    )  # fmt: skip
    def test_what_no_unit_holds_is_no_place(self, kind, values):
        assert today.place(kind, values) == ""

    def test_only_what_was_not_divided_has_one_successor(self):
        found = today.successors(["18091", "18082", "99001"])
        assert {value: unit.code for value, unit in found.items()} == {"18091": "18073"}

    def test_names_need_a_province(self):
        assert today.successors(["Thạch Quý"]) == {}
        assert today.successors([*PRESENT, "Thạch Quý"])["Thạch Quý"].name == "Phường Thành Sen"
