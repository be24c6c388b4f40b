"""When data fall due, and whether they are on time."""

from __future__ import annotations

import datetime as dt

import pytest
from freezegun import freeze_time

from ckanext.nd47.metadata import update_state

Ranges = dict[update_state.State, list[update_state.DayRange]]

DAY = dt.date(2026, 6, 30)

OWN_FREQUENCY = """
id: frequency
title: {{vi: Tần suất, en: Frequency}}
source: Quyết định 51/2022/QĐ-UBND
status: verified
merge: true
columns:
  period: {{vi: Chu kỳ, en: Period}}
  delay: {{vi: Độ trễ, en: Delay}}
terms:
- code: hang-quy
  label: {{vi: Hằng quý, en: Quarterly}}
  status: verified
  period: P3M
  delay: {delay}
"""


QUARTERLY = {"frequency": "hang-quy", "modified": "2026-03-31"}
"""Data that fall due on the day above."""


class TestNextDue:
    @pytest.mark.parametrize(
        ("frequency", "modified", "due"),
        [
            ("hang-nam", "2024-02-29", dt.date(2025, 2, 28)),
            ("hang-thang", "2025-01-31", dt.date(2025, 2, 28)),
            ("hang-quy", "2025-11-30", dt.date(2026, 2, 28)),
            ("sau-thang", "2025-08-31", dt.date(2026, 2, 28)),
            ("hang-tuan", "2025-12-29", dt.date(2026, 1, 5)),
            ("hang-ngay", "2025-12-31", dt.date(2026, 1, 1)),
            ("hang-nam", "2024", dt.date(2025, 12, 31)),
            ("hang-thang", "2025-12", dt.date(2026, 1, 31)),
        ],
    )
    def test_next_falls_due_one_period_later(self, frequency, modified, due):
        assert update_state.next_due({"frequency": frequency, "modified": modified}) == due

    @pytest.mark.parametrize("frequency", ["tinh", "khi-co-thay-doi", "khong-xac-dinh", "", "x"])
    def test_nothing_falls_due_without_a_period(self, frequency):
        assert update_state.next_due({"frequency": frequency, "modified": "2025-01-01"}) is None

    @pytest.mark.parametrize(("delay", "day"), [("15", 15), ("muoi-lam", 0)])
    def test_a_delay_of_the_portal_is_added(self, delay, day, tmp_path, ckan_config):
        ckan_config["ckanext.nd47.vocabulary_folder"] = str(tmp_path)
        (tmp_path / "frequency.yaml").write_text(
            OWN_FREQUENCY.format(delay=delay), encoding="utf-8"
        )
        quarter = {"frequency": "hang-quy", "modified": "2026-03-31"}
        assert update_state.next_due(quarter) == dt.date(2026, 6, 30) + dt.timedelta(days=day)

    def test_nothing_falls_due_without_a_day(self):
        assert update_state.next_due({"frequency": "hang-nam"}) is None

    def test_a_delay_beyond_the_calendar_means_that_nothing_falls_due(self, tmp_path, ckan_config):
        ckan_config["ckanext.nd47.vocabulary_folder"] = str(tmp_path)
        (tmp_path / "frequency.yaml").write_text(
            OWN_FREQUENCY.format(delay=10**9), encoding="utf-8"
        )
        dataset = {"frequency": "hang-quy", "modified": "2026-03-31"}
        assert update_state.of(dataset, DAY) == "not-periodic"
        assert update_state.ranges(DAY)["on-time"] != []


class TestState:
    @pytest.mark.parametrize(
        ("days", "state"),
        [
            (-16, "on-time"),
            (-15, "due-soon"),
            (0, "due-soon"),
            (1, "overdue"),
            (400, "overdue"),
        ],
    )
    def test_changes_on_the_day(self, days, state):
        assert update_state.of(QUARTERLY, DAY + dt.timedelta(days=days)) == state

    def test_daily_data_are_due_soon_on_the_day_itself_only(self):
        daily = {"frequency": "hang-ngay", "modified": "2024-02-28"}
        states = [update_state.of(daily, dt.date(2024, 2, 28) + dt.timedelta(n)) for n in range(3)]
        assert states == ["on-time", "due-soon", "overdue"]

    def test_a_leap_day_belongs_to_the_month(self):
        monthly = {"frequency": "hang-thang", "modified": "2024-01-29"}
        assert update_state.of(monthly, dt.date(2024, 2, 29)) == "due-soon"
        assert update_state.of(monthly, dt.date(2024, 3, 1)) == "overdue"

    @pytest.mark.parametrize("frequency", ["tinh", "khi-co-thay-doi", "khong-xac-dinh", "", "x"])
    def test_is_not_periodic_without_a_period(self, frequency):
        dataset = {"frequency": frequency, "modified": "1990-01-01"}
        assert update_state.of(dataset, DAY) == "not-periodic"

    def test_is_not_periodic_without_a_day(self):
        assert update_state.of({"frequency": "hang-nam"}, DAY) == "not-periodic"

    @freeze_time("2026-06-30T16:59:59Z")
    def test_the_day_ends_at_midnight_in_vietnam(self):
        assert update_state.of(QUARTERLY) == "due-soon"

    @freeze_time("2026-06-30T17:00:00Z")
    def test_the_next_day_begins_at_midnight_in_vietnam(self):
        assert update_state.of(QUARTERLY) == "overdue"

    def test_a_delay_of_the_province_puts_off_the_day(self, tmp_path, ckan_config):
        assert update_state.of(QUARTERLY, dt.date(2026, 7, 15)) == "overdue"
        ckan_config["ckanext.nd47.vocabulary_folder"] = str(tmp_path)
        (tmp_path / "frequency.yaml").write_text(OWN_FREQUENCY.format(delay=15), encoding="utf-8")
        assert update_state.of(QUARTERLY, dt.date(2026, 7, 15)) != "overdue"
        assert update_state.of(QUARTERLY, dt.date(2026, 7, 16)) == "overdue"


def states_by_ranges(frequency: str, last: dt.date, ranges: Ranges) -> list[str]:
    """Return the states that a search finds data under."""
    return [
        state
        for state, listed in ranges.items()
        for days in listed
        if days.frequency == frequency and days.first <= last <= days.last
    ] or ["not-periodic"]


FREQUENCIES = [
    "hang-ngay",
    "hang-tuan",
    "hang-thang",
    "hang-quy",
    "sau-thang",
    "hang-nam",
    "tinh",
]


class TestRanges:
    """What a search asks for is what a page says."""

    @pytest.mark.parametrize("frequency", FREQUENCIES)
    @pytest.mark.parametrize("day", [dt.date(2024, 2, 29), dt.date(2025, 2, 28), DAY])
    def test_agree_with_the_state_around_each_boundary(self, frequency, day):
        ranges = update_state.ranges(day)
        for last in (day - dt.timedelta(days=n) for n in range(-3, 430)):
            dataset = {"frequency": frequency, "modified": last.isoformat()}
            states = states_by_ranges(frequency, last, ranges)
            assert states == [update_state.of(dataset, day)], last

    @pytest.mark.parametrize("last", [dt.date.min, dt.date.max])
    def test_cover_the_ends_of_the_calendar(self, last):
        dataset = {"frequency": "hang-nam", "modified": last.isoformat()}
        states = states_by_ranges("hang-nam", last, update_state.ranges(DAY))
        assert states == [update_state.of(dataset, DAY)]
