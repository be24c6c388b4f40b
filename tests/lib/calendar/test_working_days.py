"""Working days of Viet Nam and of the province."""

from __future__ import annotations

import datetime as dt

import pytest

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import working_days


@pytest.fixture(autouse=True)
def no_own_days(monkeypatch):
    monkeypatch.setitem(tk.config, config.DAYS_OFF, "")
    monkeypatch.setitem(tk.config, config.WORKING_DAYS, "")


@pytest.mark.parametrize(
    "day",
    ["2027-01-01", "2027-02-06", "2027-02-08", "2027-04-16", "2027-04-30", "2027-09-02"],
)
def test_national_holidays_are_off(day):
    assert not working_days.is_working_day(dt.date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2027-03-06", "2027-03-07"])
def test_weekends_are_off(day):
    assert not working_days.is_working_day(dt.date.fromisoformat(day))


def test_other_days_are_worked():
    assert working_days.is_working_day(dt.date(2027, 3, 3))


def test_the_province_adds_days_in_either_order(monkeypatch):
    monkeypatch.setitem(tk.config, config.DAYS_OFF, "03/03/2027 2027-03-04")
    assert not working_days.is_working_day(dt.date(2027, 3, 3))
    assert not working_days.is_working_day(dt.date(2027, 3, 4))
    assert working_days.is_working_day(dt.date(2027, 3, 5))


def test_what_the_province_works_is_worked(monkeypatch):
    monkeypatch.setitem(tk.config, config.WORKING_DAYS, "2027-03-06 2027-04-30")
    assert working_days.is_working_day(dt.date(2027, 3, 6))
    assert working_days.is_working_day(dt.date(2027, 4, 30))


def test_words_that_are_no_day_are_named_and_do_no_harm(monkeypatch):
    monkeypatch.setitem(tk.config, config.DAYS_OFF, "mai 31/02/2027 2027-03-03")
    assert working_days.problems() == ["mai", "31/02/2027"]
    assert not working_days.is_working_day(dt.date(2027, 3, 3))


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "2027-03-08"), (1, "2027-03-07"), (2, "2027-03-04"), (5, "2027-03-01")],
)
def test_counts_back_over_a_weekend(number, expected):
    # From a Monday on: the Friday before it is two working days ago.
    monday = dt.date(2027, 3, 8)
    assert working_days.before(monday, number) == dt.date.fromisoformat(expected)


def test_a_province_that_never_works_does_not_hang(monkeypatch):
    every = (dt.date(2017, 1, 1) + dt.timedelta(days=number) for number in range(4_000))
    monkeypatch.setitem(tk.config, config.DAYS_OFF, " ".join(day.isoformat() for day in every))
    assert working_days.before(dt.date(2027, 3, 8), 3) < dt.date(2018, 1, 1)


def test_weeks_start_on_monday():
    assert working_days.first_of_week(dt.date(2027, 3, 7)) == dt.date(2027, 3, 1)
