"""Reporting periods: input, stored form, and first and last day.

The stored forms are those of the provincial field dictionaries (Thanh Hóa, Decision 2176/QĐ-UBND,
20/7/2026): `YYYY`, `YYYYQ` (quarter) and `YYYYMM`. Other periods are ISO 8601 intervals of months
or days (`2024-01/2024-09`), a day (`2024-12-31`), or a school year (`NH2024-2025`, from *năm học*).
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.language import text as spelling

_asked: ContextVar[dt.date | None] = ContextVar("nd47_today", default=None)


def today() -> dt.date:
    """Return the day in Vietnam, or the one that is asked about."""
    return _asked.get() or dt.datetime.now(values.VIETNAM).date()


@contextmanager
def on(day: dt.date | None) -> Iterator[None]:
    """Answer inside as on another day, for commands that ask about one; None is today."""
    before = _asked.set(day)
    try:
        yield
    finally:
        _asked.reset(before)


def within(first: dt.date, last: dt.date | None, day: dt.date | None = None) -> bool:
    """Return whether a term includes a day, by default today; it may have no last day."""
    day = day or today()
    return first <= day and (last is None or last >= day)


def parse(text: str) -> dt.date:
    """Return a full date, day first or ISO.

    Raises:
        ValueError: it is not a date, or only a month or a year.
    """
    return dt.date.fromisoformat(values.date(text))


def iso(day: dt.date | None) -> str:
    """Return a date as text, empty for none."""
    return day.isoformat() if day else ""


LONGEST_PERIOD = 80
"""Maximum length of the text of a period."""

MONTHS_OF_YEAR = 12
MONTHS_OF_QUARTER = 3
MONTHS_OF_HALF = 6
SCHOOL_STARTS = 9
"""Month in which a school year starts; it lasts from 1 September to 31 August."""


class Span(NamedTuple):
    """First and last day of a period."""

    first: dt.date
    last: dt.date


class TwoYearsError(ValueError):
    """An ambiguous period: `2024-2025` may be a school year or two years."""


def period(text: str) -> str:
    """Return the stored form of a period, written with or without diacritics.

    Raises:
        TwoYearsError: it has two consecutive years and may be a school year.
        ValueError: it is not a period.
    """
    return _stored(_read(text))


def period_days(text: str) -> Span:
    """Return the first and the last day of a period.

    Raises:
        ValueError: it is not a period.
    """
    parsed = _read(text)
    return parsed.span if isinstance(parsed, _SchoolYear) else parsed


def period_in_words(stored: str) -> str:
    """Return a stored period in words that `period` accepts; other values unchanged."""
    if not _STORED.fullmatch(stored):
        return stored
    try:
        parsed = _read(stored)
    except ValueError:
        return stored
    if isinstance(parsed, _SchoolYear):
        return tk._("school year {first}-{last}").format(first=parsed.year, last=parsed.year + 1)
    first, last = parsed
    if first == last:
        return _day(first)
    if not _is_whole_months(parsed):
        return f"{_day(first)} - {_day(last)}"
    return _months_in_words(parsed)


def period_after(stored: str) -> str:
    """Return the stored form of the period that follows a period, of the same length.

    Raises:
        ValueError: it is not a period, or the next one would be after the year 9999.
    """
    parsed = _read(stored)
    if isinstance(parsed, _SchoolYear):
        return _stored(_SchoolYear(parsed.year + 1))
    try:
        first = parsed.last + dt.timedelta(days=1)
        if not _is_whole_months(parsed):
            return _stored(Span(first, first + (parsed.last - parsed.first)))
        end = first.month + _months(parsed) - 2
        year = first.year + end // MONTHS_OF_YEAR
        return _stored(Span(first, last_of_month(year, end % MONTHS_OF_YEAR + 1)))
    except OverflowError as error:
        raise ValueError(stored) from error


def last_whole_period(months: int, day: dt.date) -> str:
    """Return the stored form of the last period of some months that ended before a day.

    Args:
        months: its length; a divisor of twelve, or a multiple of it.
        day: the day.
    """
    count = day.year * MONTHS_OF_YEAR + day.month - 1
    begin = (count // months - 1) * months
    end = begin + months - 1
    first = dt.date(begin // MONTHS_OF_YEAR, begin % MONTHS_OF_YEAR + 1, 1)
    return _stored(Span(first, last_of_month(end // MONTHS_OF_YEAR, end % MONTHS_OF_YEAR + 1)))


def _months_in_words(span: Span) -> str:
    first, last = span
    months = _months(span)
    if _is_year(span):
        return f"{first.year:04d}"
    if _is_quarter(span):
        quarter = first.month // MONTHS_OF_QUARTER + 1
        return tk._("quarter {quarter}/{year}").format(quarter=quarter, year=first.year)
    if months == MONTHS_OF_HALF and first.month == 1:
        return tk._("first half of {year}").format(year=first.year)
    if months == MONTHS_OF_HALF and first.month == MONTHS_OF_HALF + 1:
        return tk._("second half of {year}").format(year=first.year)
    if months % MONTHS_OF_YEAR == 0 and first.month == 1:
        return tk._("years {first}-{last}").format(first=first.year, last=last.year)
    return _month(first) if months == 1 else f"{_month(first)} - {_month(last)}"


class _SchoolYear(NamedTuple):
    year: int

    @property
    def span(self) -> Span:
        last = last_of_month(self.year + 1, SCHOOL_STARTS - 1)
        return Span(dt.date(self.year, SCHOOL_STARTS, 1), last)


_Period = Span | _SchoolYear

_STORED = re.compile(
    r"[0-9]{4}([1-4]|0[1-9]|1[0-2])?|[0-9]{4}-[0-9]{2}(-[0-9]{2})?/[0-9]{4}-[0-9]{2}(-[0-9]{2})?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}|NH[0-9]{4}-[0-9]{4}"
)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}

_YEAR = r"([0-9]{4})"
_OF_YEAR = rf"(?:[ ./,-]*(?:cua )?(?:nam )?){_YEAR}"
_QUARTER = r"(?:quy|q|quarter)[ .]?(iv|i{1,3}|[1-4])"
_MONTH = r"(0?[1-9]|1[0-2])"
_TO = r" ?(?:-|den(?: het)?|to) ?"
_ANY_DAY = r"([0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})"


def _read(text: str) -> _Period:
    written = spelling.fold(text.translate(_DASHES)) if len(text) <= LONGEST_PERIOD else ""
    for pattern, make in _FORMS:
        if match := pattern.fullmatch(written):
            return make(*match.groups())
    raise ValueError(text)


def _months_of(year: int, month: int, count: int) -> Span:
    """Return consecutive months of a year."""
    return Span(dt.date(year, month, 1), last_of_month(year, month + count - 1))


def last_of_month(year: int, month: int) -> dt.date:
    """Return the last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _between(first: Span, last: Span) -> Span:
    if last.last < first.first:
        raise ValueError(last)
    return Span(first.first, last.last)


def _of_year(year: str) -> Span:
    return Span(dt.date(int(year), 1, 1), dt.date(int(year), 12, 31))


def _of_quarter(quarter: str, year: str) -> Span:
    first = (_QUARTERS[quarter] - 1) * MONTHS_OF_QUARTER + 1
    return _months_of(int(year), first, MONTHS_OF_QUARTER)


def _of_month(month: str, year: str) -> Span:
    return _months_of(int(year), int(month), 1)


def _of_half(which: str, year: str) -> Span:
    first = 1 if which in ("dau", "1", "first") else MONTHS_OF_HALF + 1
    return _months_of(int(year), first, MONTHS_OF_HALF)


def _first_months(count: str, year: str) -> Span:
    return _months_of(int(year), 1, int(count))


def _last_months(count: str, year: str) -> Span:
    return _months_of(int(year), MONTHS_OF_YEAR + 1 - int(count), int(count))


def _school_year(first: str, last: str) -> _SchoolYear:
    # The second year may have only its last two digits.
    if str(int(first) + 1)[-len(last) :] != last:
        raise ValueError(last)
    return _SchoolYear(int(first))


def _two_years(first: str, last: str) -> Span:
    if int(last) == int(first) + 1:
        raise TwoYearsError(f"{first}-{last}")
    return _years(first, last)


def _years(first: str, last: str) -> Span:
    return _between(_of_year(first), _of_year(last))


def _one_day(written: str) -> Span:
    parts = [int(part) for part in re.split("[/.-]", written)]
    year, month, day = parts if parts[0] > 31 else reversed(parts)  # noqa: PLR2004 - days of a month
    return Span(dt.date(year, month, day), dt.date(year, month, day))


def _swapped(make: Callable[[str, str], _Period]) -> Callable[[str, str], _Period]:
    return lambda year, part: make(part, year)


_FORMS: tuple[tuple[re.Pattern[str], Callable[..., _Period]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"(?:(?:ca )?nam |year )?{_YEAR}", _of_year),
        (rf"{_YEAR}([1-4])", _swapped(_of_quarter)),
        (rf"{_YEAR}(0[1-9]|1[0-2])", _swapped(_of_month)),
        (rf"{_QUARTER}{_OF_YEAR}", _of_quarter),
        (rf"(?:nam )?{_YEAR}[ ./,-]*{_QUARTER}", _swapped(_of_quarter)),
        (rf"(?:thang |thang|t|t\.)?{_MONTH} ?[/.-] ?{_YEAR}", _of_month),
        (rf"(?:thang ?|t\.?){_MONTH}{_OF_YEAR}", _of_month),
        (rf"{_YEAR}[/.-]{_MONTH}", _swapped(_of_month)),
        (rf"(?:nam )?{_YEAR}[ ,]*thang {_MONTH}", _swapped(_of_month)),
        (rf"0?6 thang (dau|cuoi){_OF_YEAR}", _of_half),
        (rf"nua(?: nam)? (dau|cuoi){_OF_YEAR}", _of_half),
        (rf"(first|second) half(?: of)? {_YEAR}", _of_half),
        (rf"0?([1-9]|1[0-2]) thang(?: dau)? nam {_YEAR}", _first_months),
        (rf"0?([1-9]|1[0-2]) thang dau {_YEAR}", _first_months),
        (rf"0?([1-9]|1[0-2]) thang cuoi(?: nam)? {_YEAR}", _last_months),
        (rf"(?:nam hoc|nh|school year)[ :]*{_YEAR} ?[-/] ?([0-9]{{4}}|[0-9]{{2}})", _school_year),
        (rf"(?:cac nam |nam )?{_YEAR} ?[-/] ?{_YEAR}", _two_years),
        (
            rf"(?:giai doan|thoi ky|cac nam tu|cac nam|tu nam|tu|years|from) {_YEAR}"
            rf" ?(?:-|den nam|den het nam|den het|den|to) ?{_YEAR}",
            _years,
        ),
        (rf"(?:nam )?{_YEAR} (?:den nam|den|to) {_YEAR}", _years),
        (
            rf"(?:tu )?(?:thang )?{_MONTH}[/.-]{_YEAR}{_TO}(?:thang )?{_MONTH}[/.-]{_YEAR}",
            lambda *parts: _between(_of_month(*parts[:2]), _of_month(*parts[2:])),
        ),
        (
            rf"(?:tu )?thang {_MONTH}{_TO}(?:thang )?{_MONTH}{_OF_YEAR}",
            lambda a, b, year: _between(_of_month(a, year), _of_month(b, year)),
        ),
        (
            rf"(?:tu )?quy (iv|i{{1,3}}|[1-4]){_TO}(?:quy )?(iv|i{{1,3}}|[1-4]){_OF_YEAR}",
            lambda a, b, year: _between(_of_quarter(a, year), _of_quarter(b, year)),
        ),
        (
            rf"{_YEAR}-{_MONTH}/{_YEAR}-{_MONTH}",
            lambda a, b, c, d: _between(_of_month(b, a), _of_month(d, c)),
        ),
        (rf"(?:ngay )?{_ANY_DAY}", _one_day),
        (
            rf"(?:tu )?(?:ngay )?{_ANY_DAY}(?: ?(?:den|to) ?| - |/)(?:ngay )?{_ANY_DAY}",
            lambda a, b: _between(_one_day(a), _one_day(b)),
        ),
    )
)
"""Patterns for folded text, without diacritics and case, in order of precedence."""


def _stored(parsed: _Period) -> str:
    if isinstance(parsed, _SchoolYear):
        return f"NH{parsed.year}-{parsed.year + 1}"
    first, last = parsed
    if first == last:
        return first.isoformat()
    if not _is_whole_months(parsed):
        return f"{first.isoformat()}/{last.isoformat()}"
    return _months_stored(parsed)


def _months_stored(span: Span) -> str:
    first, last = span
    if _is_year(span):
        return f"{first.year:04d}"
    if _is_quarter(span):
        return f"{first.year:04d}{first.month // MONTHS_OF_QUARTER + 1}"
    if _months(span) == 1:
        return f"{first.year:04d}{first.month:02d}"
    return f"{first.isoformat()[:7]}/{last.isoformat()[:7]}"


def _is_whole_months(span: Span) -> bool:
    last = span.last
    return span.first.day == 1 and last == last_of_month(last.year, last.month)


def _is_year(span: Span) -> bool:
    return _months(span) == MONTHS_OF_YEAR and span.first.month == 1


def _is_quarter(span: Span) -> bool:
    return _months(span) == MONTHS_OF_QUARTER and span.first.month % MONTHS_OF_QUARTER == 1


def _months(span: Span) -> int:
    years = span.last.year - span.first.year
    return years * MONTHS_OF_YEAR + span.last.month - span.first.month + 1


def _day(day: dt.date) -> str:
    return day.strftime("%d/%m/%Y")


def _month(day: dt.date) -> str:
    return f"{day.month:02d}/{day.year:04d}"
