"""Reporting periods as people write them."""

from __future__ import annotations

import datetime as dt

import pytest

from ckanext.nd47.lib.calendar import dates


def refused():
    return pytest.raises(ValueError)  # noqa: PT011 - the words are the validators' business


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2024", "2024"),
        ("năm 2024", "2024"),
        ("Cả năm 2024", "2024"),
        ("20241", "20241"),
        ("202412", "202412"),
        ("Q1/2024", "20241"),
        ("2024-Q3", "20243"),
        ("quý 2 năm 2024", "20242"),
        ("Quý 1/2024", "20241"),
        ("quý I/2024", "20241"),
        ("QUÝ IV NĂM 2024", "20244"),
        ("quy iii nam 2024", "20243"),
        ("Qu\u00fd II-2024", "20242"),
        ("Quy\u0301 II/2024", "20242"),
        ("năm 2024, quý I", "20241"),
        ("quarter 1/2024", "20241"),
        ("3/2024", "202403"),
        ("03/2024", "202403"),
        ("tháng 3/2024", "202403"),
        ("Tháng 03 năm 2024", "202403"),
        ("T3/2024", "202403"),
        ("2024-03", "202403"),
        ("6 tháng đầu năm 2024", "2024-01/2024-06"),
        ("06 tháng cuối năm 2024", "2024-07/2024-12"),
        ("nửa đầu năm 2024", "2024-01/2024-06"),
        ("nửa cuối 2024", "2024-07/2024-12"),
        ("nửa năm cuối 2024", "2024-07/2024-12"),
        ("9 tháng đầu năm 2024", "2024-01/2024-09"),
        ("9 tháng năm 2024", "2024-01/2024-09"),
        ("3 tháng đầu năm 2024", "20241"),
        ("3 tháng cuối năm 2024", "20244"),
        ("12 tháng năm 2024", "2024"),
        ("năm học 2024-2025", "NH2024-2025"),
        ("Năm học 2024 – 2025", "NH2024-2025"),
        ("NH 2024-2025", "NH2024-2025"),
        ("năm học 1999-00", "NH1999-2000"),
        ("2020-2024", "2020-01/2024-12"),
        ("2020 – 2024", "2020-01/2024-12"),
        ("giai đoạn 2021-2025", "2021-01/2025-12"),
        ("thời kỳ 2021 đến 2030", "2021-01/2030-12"),
        ("từ năm 2021 đến năm 2025", "2021-01/2025-12"),
        ("giai đoạn 2024-2025", "2024-01/2025-12"),
        ("giai đoạn 2024-2024", "2024"),
        ("từ tháng 1 đến tháng 9 năm 2024", "2024-01/2024-09"),
        ("tháng 1-6/2024", "2024-01/2024-06"),
        ("10/2024 - 03/2025", "2024-10/2025-03"),
        ("quý I-III/2024", "2024-01/2024-09"),
        ("quý I đến quý II năm 2024", "2024-01/2024-06"),
        ("31/12/2024", "2024-12-31"),
        ("ngày 31/12/2024", "2024-12-31"),
        ("từ ngày 15/3/2024 đến ngày 20/6/2024", "2024-03-15/2024-06-20"),
        ("01/01/2024 - 31/12/2024", "2024"),
        ("9999", "9999"),
    ],
)
def test_a_period_is_understood(written, stored):
    assert dates.period(written) == stored


@pytest.mark.parametrize(
    "stored",
    [
        "2024",
        "20241",
        "202412",
        "2024-01/2024-06",
        "2024-07/2024-12",
        "2024-01/2024-09",
        "2021-01/2025-12",
        "2024-01/2025-12",
        "2024-10/2025-03",
        "2024-12-31",
        "2024-03-15/2024-06-20",
        "NH2024-2025",
    ],
)
def test_the_stored_form_and_its_words_mean_the_same(stored):
    assert dates.period(stored) == stored
    assert dates.period(dates.period_in_words(stored)) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "24",
        "20245",
        "202413",
        "20240",
        "0000",
        "2024-13",
        "quý V/2024",
        "quý 0/2024",
        "quý IIII/2024",
        "quý I",
        "tháng 13/2024",
        "13 tháng năm 2024",
        "năm học 2024-2026",
        "năm học 2024",
        "2025-2021",
        "giai đoạn 2025-2021",
        "09/2024 - 01/2024",
        "tháng 6-1/2024",
        "31/02/2024",
        "5/4/24",
        "31/12/2024 - 01/01/2024",
        "hằng năm",
        "quý này",
        "2024" + " " * 100 + "x",
    ],
)
def test_what_is_no_period_is_refused(written):
    with refused():
        dates.period(written)


@pytest.mark.parametrize("written", ["2024-2025", "2024/2025", "năm 2024 - 2025", "2024–2025"])
def test_two_years_in_a_row_are_not_guessed_at(written):
    """They may be a school year, or both years."""
    with pytest.raises(dates.TwoYearsError):
        dates.period(written)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2024", (2024, 1, 1), (2024, 12, 31)),
        ("quý I/2024", (2024, 1, 1), (2024, 3, 31)),
        ("02/2024", (2024, 2, 1), (2024, 2, 29)),
        ("6 tháng cuối năm 2023", (2023, 7, 1), (2023, 12, 31)),
        ("năm học 2024-2025", (2024, 9, 1), (2025, 8, 31)),
        ("giai đoạn 2021-2025", (2021, 1, 1), (2025, 12, 31)),
        ("15/3/2024 - 20/6/2024", (2024, 3, 15), (2024, 6, 20)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(written, first, last):
    assert dates.period_days(written) == (dt.date(*first), dt.date(*last))


@pytest.mark.parametrize(
    ("stored", "following"),
    [
        ("2024", "2025"),
        ("20244", "20251"),
        ("202412", "202501"),
        ("202401", "202402"),
        ("2024-01/2024-06", "2024-07/2024-12"),
        ("2021-01/2025-12", "2026-01/2030-12"),
        ("NH2024-2025", "NH2025-2026"),
        ("2024-02-28", "2024-02-29"),
        ("2024-12-25/2024-12-31", "2025-01-01/2025-01-07"),
    ],
)
def test_the_next_period_has_the_length_of_the_last(stored, following):
    assert dates.period_after(stored) == following


@pytest.mark.parametrize("stored", ["9999", "999912", "9999-12-31", "x", ""])
def test_no_period_follows_the_end_of_the_calendar_or_what_is_none(stored):
    with refused():
        dates.period_after(stored)


@pytest.mark.parametrize(
    ("months", "day", "stored"),
    [
        (1, "2026-01-15", "202512"),
        (3, "2026-04-01", "20261"),
        (6, "2026-06-30", "2025-07/2025-12"),
        (12, "2026-12-31", "2025"),
    ],
)
def test_the_last_whole_period_ended_before_the_day(months, day, stored):
    assert dates.last_whole_period(months, dt.date.fromisoformat(day)) == stored
