"""Working days: the holidays of Viet Nam, and what the province has decided beside them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from functools import lru_cache

import holidays

from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates

log = logging.getLogger(__name__)

COUNTRY = "VN"
LONGEST_LOOK_BACK = 3_660
"""Days that `before` goes back at most, whatever the options say."""


def is_working_day(day: dt.date) -> bool:
    """Return whether the offices of the province work on a day."""
    if day in _days(config.WORKING_DAYS, tuple(config.working_days())):
        return True
    if day in _days(config.DAYS_OFF, tuple(config.days_off())):
        return False
    return _of_year(day.year).is_working_day(day)


def before(day: dt.date, number: int) -> dt.date:
    """Return the day since which so many working days have gone by, the given one included.

    What waits since that day or longer has waited for so many working days.
    """
    for _ in range(LONGEST_LOOK_BACK):
        if number <= 0:
            break
        number -= is_working_day(day)
        day -= dt.timedelta(days=1)
    return day


def first_of_week(day: dt.date) -> dt.date:
    """Return the Monday of the week of a day."""
    return day - dt.timedelta(days=day.weekday())


def problems() -> list[str]:
    """Return the words in the two options that are no day."""
    return [word for word in (*config.days_off(), *config.working_days()) if not _parsed([word])]


@lru_cache(maxsize=8)
def _of_year(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(COUNTRY, years=year, expand=False)


@lru_cache(maxsize=8)
def _days(option: str, words: tuple[str, ...]) -> frozenset[dt.date]:
    found = _parsed(words)
    if len(found) < len(set(words)):
        log.warning("Option %s: some of its words are no days", option)
    return found


def _parsed(words: Iterable[str]) -> frozenset[dt.date]:
    return frozenset(day for word in words if (day := _day(word)))


def _day(word: str) -> dt.date | None:
    try:
        return dates.parse(word)
    except ValueError:
        return None
