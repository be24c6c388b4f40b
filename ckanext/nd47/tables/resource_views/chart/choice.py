"""Chooses what a chart shows: proposed from the columns, or taken from an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ckanext.nd47.tables.check.geography import axis
from ckanext.nd47.tables.resource_views.columns import DATE, MOMENT, NUMBER, TEXT, Column

LINE, BARS = "line", "bars"
KINDS = (LINE, BARS)
COUNT, SUM, AVERAGE, LARGEST, SMALLEST = "count", "sum", "average", "largest", "smallest"
MEASURES = (COUNT, SUM, AVERAGE, LARGEST, SMALLEST)

PARAMETERS = ("kind", "x", "y", "measure", "by")
MOST_SERIES = 6
"""Lines or groups that can be told apart without colour."""

MOST_BARS = 20
_FEWEST_MOMENTS = 3
_MOST_CATEGORIES = 30

_TIME = re.compile(
    r" (?:nam(?: (?:thong ke|bao cao|hoc|du lieu|ngan sach))?|thang(?: (?:nam|bao cao))?"
    r"|quy(?: nam)?|ky(?: (?:bao cao|du lieu|thong ke|so lieu))?|ngay|thoi gian|thoi diem|gio"
    r"|year|month|quarter|date|period|time) "
)
_CODE = re.compile(r"^ (?:stt|tt|so thu tu|id|ma|ma so|ma dinh danh|so hieu|code)(?: |$)")
_RATE = re.compile(
    r" (?:ty le|ti le|gia|don gia|binh quan|trung binh|mat do|nhiet do|chi so|diem|nong do|do am"
    r"|phan tram|muc nuoc|do cao|ph|aqi|pm) "
)
"""Words of a quantity whose values are not added up."""
_PER = re.compile(r"%|°|\([^()/]{0,40}/")
"""Units of such a quantity: per cent, degrees, so much for each."""
_LONG_TEXT = re.compile(r" (?:dia chi|ghi chu|mo ta|noi dung|dien thoai|website|email|link) ")


@dataclass(frozen=True)
class Choice:
    """What a chart shows.

    Attributes:
        kind: `line` or `bars`.
        x: column of the categories or moments.
        y: column of the numbers; empty if the rows are counted.
        measure: how the numbers of a category are joined.
        by: column whose values are the series; empty for one series.
    """

    kind: str
    x: str
    y: str = ""
    measure: str = COUNT
    by: str = ""

    def as_parameters(self) -> dict[str, str]:
        """Return the parameters of an address, without empty ones."""
        values = {name: getattr(self, name) for name in PARAMETERS}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Counts:
    """What the first rows of a table hold.

    Attributes:
        rows: number of rows looked at.
        distinct: number of different values of each column.
    """

    rows: int
    distinct: Mapping[str, int]

    def repeated(self, column: Column) -> bool:
        """Return whether values of a column occur in several rows."""
        return self.distinct.get(column.name, 0) < self.rows


def axes(columns: list[Column]) -> list[Column]:
    """Return the columns that may be categories or moments."""
    return [column for column in columns if column.kind != NUMBER or is_time(column)]


def quantities(columns: list[Column]) -> list[Column]:
    """Return the columns of numbers that measure something: no codes, years or coordinates."""
    return [
        column
        for column in columns
        if column.kind == NUMBER
        and not is_time(column)
        and not _CODE.match(column.words)
        and not axis(column.words)
    ]


def is_time(column: Column) -> bool:
    """Return whether a column holds moments or periods."""
    if column.kind in {DATE, MOMENT}:
        return True
    return bool(_TIME.fullmatch(column.words) or _TIME.fullmatch(column.label_words))


def proposed(columns: list[Column], counts: Counts) -> Choice | None:
    """Return the first chart of a table; None if nothing can be shown sensibly."""
    measured = quantities(columns)
    first = measured[0] if measured else None
    times = [c for c in axes(columns) if is_time(c) and _varies(c, counts)]
    categories = _categories(columns, counts)
    if times and first:
        time = times[0]
        series = _series(time, categories, counts)
        return Choice(LINE, time.name, first.name, _measure(first), series)
    if categories:
        category = categories[0]
        if first is None:
            return Choice(BARS, category.name) if counts.repeated(category) else None
        return Choice(BARS, category.name, first.name, _measure(first))
    return None


def chosen(
    asked: Mapping[str, str], columns: list[Column], proposal: Choice | None
) -> Choice | None:
    """Return the chart that an address asks for; what is missing or wrong is as proposed."""
    names = {column.name: column for column in columns}
    x = names.get(asked.get("x", ""))
    if x is None and proposal is None:
        return None
    base = proposal
    if x is not None and (base is None or x.name != base.x):
        base = Choice(LINE if is_time(x) else BARS, x.name)
        if proposal and proposal.y:
            base = replace(base, y=proposal.y, measure=proposal.measure)
    assert base is not None  # noqa: S101 - one of the two gives it
    kind = asked.get("kind", "")
    if kind in KINDS:
        base = replace(base, kind=kind)
    if "y" in asked:
        y = names.get(asked["y"])
        is_number = y is not None and y.kind == NUMBER
        base = replace(
            base,
            y=y.name if is_number and y else "",
            measure=_measure(y) if is_number and y else COUNT,
        )
    measure = asked.get("measure", "")
    if measure in MEASURES and base.y and measure != COUNT:
        base = replace(base, measure=measure)
    elif measure == COUNT:
        base = replace(base, measure=COUNT, y="")
    if "by" in asked:
        by = names.get(asked["by"])
        base = replace(base, by=by.name if by and by.name != base.x else "")
    return replace(base, by="") if base.by == base.x else base


def _measure(column: Column) -> str:
    words = column.words + column.label_words
    is_rate = bool(_PER.search(column.label) or _RATE.search(words))
    return AVERAGE if is_rate else SUM


def _varies(column: Column, counts: Counts) -> bool:
    return counts.distinct.get(column.name, 0) >= _FEWEST_MOMENTS


def _series(time: Column, categories: list[Column], counts: Counts) -> str:
    """Return the column that tells the rows of one moment apart, if it has few values."""
    moments = counts.distinct.get(time.name, 0)
    if moments >= counts.rows:
        return ""
    for column in categories:
        values = counts.distinct[column.name]
        if 1 < values <= MOST_SERIES and moments * values >= counts.rows:
            return column.name
    return ""


def _categories(columns: list[Column], counts: Counts) -> list[Column]:
    """Return the columns of categories, the best first."""
    texts = [
        column
        for column in columns
        if column.kind == TEXT and not is_time(column) and not _LONG_TEXT.search(column.words)
        and not _CODE.match(column.words)
    ]  # fmt: skip
    few = [c for c in texts if 1 < counts.distinct.get(c.name, 0) <= _MOST_CATEGORIES]
    # A column that repeats its values groups the rows; one that does not names each of them.
    repeated = [column for column in few if counts.repeated(column)]
    rest = [c for c in texts if c not in few and counts.distinct.get(c.name, 0) > 1]
    return [*repeated, *(column for column in few if column not in repeated), *rest]
