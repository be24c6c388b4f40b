"""Template helpers."""

from __future__ import annotations

import datetime as dt

import pytest

from ckanext.nd47.metadata.pages import form_helpers, helpers


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2024-12-31", "31/12/2024"),
        ("2024-12", "12/2024"),
        ("2024", "2024"),
        (dt.date(2024, 12, 31), "31/12/2024"),
        ("2024-12-31T10:00:00", "31/12/2024"),
        ("khoảng năm 2019", "khoảng năm 2019"),
        ("", ""),
        (None, ""),
    ],
)
def test_day_is_shown_day_first(stored, shown):
    assert helpers.nd47_day(stored) == shown


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2024", "2024"),
        ("20241", "quarter 1/2024"),
        ("202412", "12/2024"),
        ("2024-01/2024-06", "first half of 2024"),
        ("2024-07/2024-12", "second half of 2024"),
        ("2024-01/2024-09", "01/2024 - 09/2024"),
        ("NH2024-2025", "school year 2024-2025"),
        ("2021-01/2025-12", "years 2021-2025"),
        ("2024-12-31", "31/12/2024"),
    ],
)
def test_period_is_shown_in_words(stored, shown):
    assert helpers.nd47_period(stored) == shown


@pytest.mark.parametrize("stored", ["quý này", "5 kỳ", "sáu kỳ", "2024-13-01", "2024-2025", ""])
def test_period_of_another_form_is_shown_as_it_is(stored):
    assert helpers.nd47_period(stored) == stored


@pytest.mark.parametrize("value", ["https://a.example", "HTTP://a.example/x"])
def test_web_address_may_be_a_link(value):
    assert helpers.nd47_is_link(value)


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", " javascript:alert(1)", "data:x", "a.example", "", None, 1, []]
)
def test_anything_else_is_no_link(value):
    assert not helpers.nd47_is_link(value)


def test_choice_that_is_in_no_list_stays_among_the_options():
    options = form_helpers.nd47_form_choices({"vocabulary": "frequency"}, "mỗi vụ")
    assert options[-1] == {"value": "mỗi vụ", "text": "mỗi vụ", "selected": True}
    assert [option["value"] for option in options if option["selected"]] == ["mỗi vụ"]


def test_chosen_options_are_marked():
    options = form_helpers.nd47_form_choices({"vocabulary": "language"}, ["vi"])
    assert {option["value"]: option["selected"] for option in options} == {"vi": True, "en": False}


def test_values_without_a_list_are_shown_as_they_are():
    assert helpers.nd47_field_values({}, ["a", "b"]) == ["a", "b"]


def test_values_of_a_list_are_shown_by_label():
    assert helpers.nd47_field_values({"vocabulary": "disclosure"}, "cong-khai") == ["Public"]
