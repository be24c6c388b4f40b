"""Sources are counted, and their fields are guessed by names and values."""

from __future__ import annotations

import pytest

from ckanext.nd47.migrate import look

pytestmark = pytest.mark.usefixtures("portal")


@pytest.mark.parametrize("name", ["Tần suất cập nhật", "tan_suat_cap_nhat", "TAN-SUAT", "Tần xuất"])
def test_a_field_is_guessed_by_its_name_in_any_spelling(name: str) -> None:
    assert look.guess_field(name, "extra", [("theo yêu cầu", 3)])[0] == "frequency"


@pytest.mark.parametrize("name", ["Ghi chú", "Mã nội bộ", "x", "", "harvest_object_id"])
def test_nothing_is_guessed_of_a_name_that_means_nothing_of_ours(name: str) -> None:
    assert look.guess_field(name, "extra", [("abc", 3)])[0] == ""


def test_a_field_is_guessed_by_its_values_and_said_to_be_unsure() -> None:
    seen = [("hàng tháng", 5), ("HÀNG NĂM", 3), ("khác", 1)]
    assert look.guess_field("truong_7", "extra", seen) == ("frequency", False)
    assert look.guess_field("truong_7", "extra", [("hàng tháng", 1), ("khác", 3)]) == ("", False)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("hàng thánng", "hang-thang"),
        ("hàg năm", "hang-nam"),
        ("4 tháng/lần", ""),
        ("theo yêu cầu", ""),
    ],
)
def test_the_nearest_code_is_proposed_and_none_that_is_only_alike(value: str, code: str) -> None:
    assert look.guess_codes("frequency", [value]) == {value: code}


@pytest.mark.usefixtures("odd")
def test_look_counts_values_and_says_what_they_may_be() -> None:
    seen = {source["name"]: source for source in look.list_sources()}
    assert seen["Tần suất"]["values"] == [{"value": "hàng thánng", "datasets": 3}]
    assert (seen["Tần suất"]["field"], seen["Tần suất"]["sure"]) == ("frequency", True)
    assert seen["x: [y"]["field"] == ""
    assert seen["license_id"]["datasets"] == 3
