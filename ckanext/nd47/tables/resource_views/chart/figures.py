"""The figures of a chart, added up by PostgreSQL: as many points as a picture can show."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckanext.nd47.tables.resource_views import tables
from ckanext.nd47.tables.resource_views.chart.choice import (
    AVERAGE,
    COUNT,
    LARGEST,
    LINE,
    MOST_BARS,
    MOST_SERIES,
    SMALLEST,
    SUM,
    Choice,
    Counts,
    is_time,
)
from ckanext.nd47.tables.resource_views.columns import DATE, MOMENT, Column

MOST_MOMENTS = 400
"""Points of a line; the latest ones are shown."""

_LOOKED_AT = 5_000
_MOST_COLUMNS = 60
_LONGEST = 120
_HOURS, _DAYS, _MONTHS = 16, 400, 12_000
"""Days that a line may last with a point for each hour, day and month."""


@dataclass(frozen=True)
class Figures:
    """The figures of a chart.

    Attributes:
        choice: what they are of.
        x: categories or moments, in the order of the chart.
        series: for each series its name, empty for the only one, and its numbers in the order of
            `x`, None where there is none.
        unit: `hour`, `day`, `month` or `year` that moments were joined to; else empty.
        groups: number of all categories or moments, of which `x` may be a part.
    """

    choice: Choice
    x: list[Any]
    series: list[tuple[str, list[float | None]]]
    unit: str
    groups: int


def counted(resource_id: str, columns: list[Column]) -> Counts:
    """Count the different values of each column in the first rows of a table.

    Raises:
        tables.TooLongError: it takes too long.
    """
    looked_at = columns[:_MOST_COLUMNS]
    source = tables.table(resource_id, [column.name for column in looked_at])
    first = sa.select(*source.c).limit(_LOOKED_AT).subquery()
    counts = [sa.func.count(sa.distinct(column)) for column in first.c]
    with tables.reading() as connection:
        row = connection.execute(sa.select(sa.func.count(), *counts).select_from(first)).one()
    values = zip((column.name for column in looked_at), row[1:], strict=True)
    return Counts(int(row[0]), {name: int(value) for name, value in values})


def figures(resource_id: str, columns: list[Column], choice: Choice) -> Figures:
    """Return the figures of a chart.

    Raises:
        tables.TooLongError: PostgreSQL needs too long for them.
    """
    x = next(column for column in columns if column.name == choice.x)
    names = dict.fromkeys(name for name in (choice.x, choice.y, choice.by) if name)
    source = tables.table(resource_id, list(names))
    with tables.reading() as connection:
        unit = _unit(connection, source, x)
        statement = _statement(source, choice, x, unit)
        rows = [tuple(row) for row in connection.execute(statement)]
    return _as_figures(choice, unit, rows, in_order=is_time(x))


def _unit(connection: sa.Connection, source: sa.TableClause, x: Column) -> str:
    """Return what moments are joined to, so that a line has few points."""
    if x.kind not in {DATE, MOMENT}:
        return ""
    moment = sa.cast(source.c[x.name], sa.DateTime)
    statement = sa.select(sa.func.min(moment), sa.func.max(moment)).where(_exists(moment))
    first, last = connection.execute(statement).one()
    if first is None:
        return "day"
    days = (last - first) / dt.timedelta(days=1)
    if x.kind == MOMENT and days <= _HOURS:
        return "hour"
    return "day" if days <= _DAYS else "month" if days <= _MONTHS else "year"


def _exists(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Leave out empty cells, `infinity` and days that Python has not."""
    first, last = (sa.cast(day, sa.DateTime) for day in ("0001-01-01", "9999-12-31"))
    return moment.between(first, last)


def _statement(source: sa.TableClause, choice: Choice, x: Column, unit: str) -> sa.Select[Any]:
    """Return the statement for `x`, series, number, number of groups and number of the group."""
    column = source.c[choice.x]
    if unit:
        moment = sa.cast(column, sa.DateTime)
        key, condition = sa.func.date_trunc(unit, moment), _exists(moment)
    else:
        key, condition = column, column.is_not(None)
    groups = _groups(key, condition, choice, source, x)
    if not choice.by:
        return sa.select(
            groups.c.x, sa.literal(""), groups.c.value, groups.c.groups, groups.c.value
        )
    by = source.c[choice.by]
    series = (
        sa.select(by.label("name"))
        .where(by.is_not(None))
        .group_by(by)
        .order_by(sa.func.count().desc(), by)
        .limit(MOST_SERIES)
        .cte("series")
    )
    return (
        sa.select(groups.c.x, by, _value(source, choice), groups.c.groups, groups.c.value)
        .select_from(groups.join(source, key == groups.c.x))
        .where(by.in_(sa.select(series.c.name)))
        .group_by(groups.c.x, by, groups.c.groups, groups.c.value)
    )


def _groups(
    key: sa.ColumnElement[Any],
    condition: sa.ColumnElement[bool],
    choice: Choice,
    source: sa.TableClause,
    x: Column,
) -> sa.CTE:
    """Return the categories or moments that are shown, with the number of all."""
    value = _value(source, choice)
    first, second = sa.literal_column("1"), sa.literal_column("2")
    grouped = (
        sa.select(key.label("x"), value.label("value"), sa.func.count().over().label("groups"))
        .where(condition)
        .group_by(first)
    )
    if is_time(x):
        most = MOST_MOMENTS if choice.kind == LINE else MOST_BARS
        return grouped.order_by(first.desc()).limit(most).cte("groups")
    return grouped.order_by(second.desc().nulls_last(), first).limit(MOST_BARS).cte("groups")


def _value(source: sa.TableClause, choice: Choice) -> sa.ColumnElement[Any]:
    if not choice.y or choice.measure == COUNT:
        return sa.func.count()
    column = source.c[choice.y]
    functions = {
        SUM: sa.func.sum,
        AVERAGE: sa.func.avg,
        LARGEST: sa.func.max,
        SMALLEST: sa.func.min,
    }
    return functions[choice.measure](column)


def _as_figures(
    choice: Choice, unit: str, rows: list[tuple[Any, ...]], *, in_order: bool
) -> Figures:
    """Arrange the rows: moments as they follow each other, categories by their numbers."""
    totals = {row[0]: _number(row[4]) for row in rows}
    if in_order:
        order = sorted(totals)
    else:
        order = sorted(totals, key=lambda x: (totals[x] is None, -(totals[x] or 0.0), str(x)))
    cells = {(row[1], row[0]): _number(row[2]) for row in rows}
    names = list(dict.fromkeys(row[1] for row in sorted(rows, key=lambda row: str(row[1]))))
    return Figures(
        choice=choice,
        x=order,
        series=[(_text(name), [cells.get((name, x)) for x in order]) for name in names],
        unit=unit,
        groups=int(rows[0][3]) if rows else 0,
    )


def _number(value: Any) -> float | None:
    """Return a number of PostgreSQL; what is none, such as NaN, is left out."""
    number = float(value) if value is not None else math.nan
    return number if math.isfinite(number) else None


def _text(value: Any) -> str:
    return str(value)[:_LONGEST]
