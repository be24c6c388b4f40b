"""Periods of a report: a month, a quarter or a year."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.calendar import dates

CODE = re.compile(r"(?P<year>20\d\d)(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")
MONTHS_OF_QUARTER, MONTHS_OF_YEAR = 3, 12


@dataclass(frozen=True)
class Period:
    """A period of whole months.

    Attributes:
        code: as addresses and the API have it: `2026-11`, `2026-Q4` or `2026`.
        months: first days of its months, in order.
    """

    code: str
    months: tuple[dt.date, ...]

    @property
    def first(self) -> dt.date:
        """The first day."""
        return self.months[0]

    @property
    def last(self) -> dt.date:
        """The last day."""
        return dates.last_of_month(self.months[-1].year, self.months[-1].month)

    @property
    def state_month(self) -> dt.date:
        """The month that says what was so at its end, or what is so today."""
        return max(
            (month for month in self.months if month <= this_month()), default=self.months[0]
        )

    @property
    def day(self) -> dt.date:
        """The last day, or today where it is not over."""
        return min(self.last, dates.today())

    @property
    def title(self) -> str:
        """Its name in the language of the request."""
        year = self.first.year
        if len(self.months) == 1:
            return f"{self.first:%m}/{year}"
        if len(self.months) == MONTHS_OF_QUARTER:
            quarter = ("I", "II", "III", "IV")[self.first.month // MONTHS_OF_QUARTER]
            return tk._("quarter {quarter} of {year}").format(quarter=quarter, year=year)
        return str(year)


def this_month() -> dt.date:
    """Return the first day of the month."""
    return dates.today().replace(day=1)


def months_before(month: dt.date, number: int) -> dt.date:
    """Return the first day of the month so many months before."""
    count = month.year * MONTHS_OF_YEAR + month.month - 1 - number
    return dt.date(count // MONTHS_OF_YEAR, count % MONTHS_OF_YEAR + 1, 1)


def of_month(month: dt.date) -> Period:
    """Return the period of one month."""
    return Period(f"{month:%Y-%m}", (month,))


def parse(code: str) -> Period:
    """Return a period by its code; an empty one is this month.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is none, or has not begun.
    """
    if not code:
        return of_month(this_month())
    match = CODE.fullmatch(code)
    if match is None:
        message = tk._("Enter a month as 2026-11, a quarter as 2026-Q4, or a year.")
        raise tk.ValidationError({"period": [message]})
    year, first, number = int(match["year"]), 1, MONTHS_OF_YEAR
    if match["quarter"]:
        first, number = (int(match["quarter"]) - 1) * MONTHS_OF_QUARTER + 1, MONTHS_OF_QUARTER
    elif match["month"]:
        first, number = int(match["month"]), 1
    period = Period(code, tuple(dt.date(year, first + place, 1) for place in range(number)))
    if period.first > dates.today():
        raise tk.ValidationError({"period": [tk._("This period has not begun.")]})
    return period
