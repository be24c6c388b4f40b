"""Days as the register reckons them."""

from __future__ import annotations

import datetime as dt

from ckanext.nd47.lib import values


def today() -> dt.date:
    """Return the day in Vietnam."""
    return dt.datetime.now(values.VIETNAM).date()


def within(first: dt.date, last: dt.date | None, day: dt.date | None = None) -> bool:
    """Say whether a term runs on a day, today if none is named; without a last day it goes on."""
    day = day or today()
    return first <= day and (last is None or last >= day)


def parse(text: str) -> dt.date:
    """Return a whole date, day first or ISO.

    Raises:
        ValueError: it is no date, or only a month or a year.
    """
    return dt.date.fromisoformat(values.date(text))


def iso(day: dt.date | None) -> str:
    """Return a date as text, empty for none."""
    return day.isoformat() if day else ""
