"""Tables of plausible values from a short description in the content files.

A description has `each` (the dimensions, crossed) or `rows` (a number), and `columns`, a label to
a rule. Rules are in `columns.py`; the dimensions here give each row its commune and its time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from .columns import Cell, RowContext, value
from .geography import point_in
from .model import Place
from .text import field_code

DAYS_IN_WEEK = 7
MONTHS_IN_YEAR = 12


@dataclass(frozen=True)
class Table:
    """A finished table; `geometries` has one GeoJSON geometry a row, if the table has places."""

    title: str
    labels: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    geometries: tuple[dict[str, Any], ...] | None

    @property
    def codes(self) -> list[str]:
        """The field names, ASCII letters only."""
        return [field_code(label) for label in self.labels]

    def records(self) -> Iterator[dict[str, Cell]]:
        """Give each row as an object keyed by field name."""
        for row in self.rows:
            yield dict(zip(self.codes, row, strict=True))


@dataclass(frozen=True)
class Setting:
    """What a table is made from besides its description."""

    places: tuple[Place, ...]
    end: date
    seed: str
    """Text that fixes the random values: equal seeds give equal tables."""
    pools: Mapping[str, Sequence[str]] = field(default_factory=dict)
    catalogue: Sequence[Sequence[str]] = ()
    """The province's own datasets: code, title, field, agency, frequency, formats, state."""


def build_table(title: str, description: Mapping[str, Any], setting: Setting) -> Table:
    """Make the table that `description` describes."""
    random = Random(setting.seed)  # noqa: S311  (sample data, no secret)
    columns: Mapping[str, Any] = description["columns"]
    rows: list[tuple[Cell, ...]] = []
    geometries: list[dict[str, Any]] = []
    memory: dict[Any, Any] = {}
    contexts = list(_contexts(description, setting, random))
    for index, context in enumerate(contexts):
        context.index, context.count, context.memory = index, len(contexts), memory
        values: dict[str, Cell] = {}
        for label, rule in columns.items():
            values[label] = value(label, rule, context, values, random)
        rows.append(tuple(values.values()))
        if "geometry" in description:
            geometries.append(_geometry(description["geometry"], context, random))
    return Table(title, tuple(columns), tuple(rows), tuple(geometries) or None)


def _contexts(
    description: Mapping[str, Any], setting: Setting, random: Random
) -> Iterator[RowContext]:
    dimensions = [_dimension(d, setting) for d in description.get("each", [])]
    repeats = range(int(description.get("rows", 1)))
    sites: dict[Any, tuple[Place, tuple[float, float]]] = {}
    for *steps, _repeat in itertools.product(*dimensions, repeats):
        context = RowContext(pools=setting.pools, end=setting.end)
        for step in steps:
            step(context)
        # A row of a named thing (a station, a market) stays where that thing is.
        site = tuple(context.items) or object()
        if context.place is None and site in sites:
            context.place, context.point = sites[site]
        else:
            context.place = context.place or random.choice(setting.places)
            context.point = point_in(context.place, random)
            sites[site] = context.place, context.point
        yield context


def _dimension(spec: Any, setting: Setting) -> list[Any]:
    """Return one function for each step of a dimension; it writes the step into a row."""
    if spec == "commune":
        return [_setter("place", place) for place in setting.places]
    if spec == "catalogue":
        return [_item_adder(list(entry)) for entry in setting.catalogue]
    ((kind, argument),) = spec.items()
    if kind == "item":
        return [_item_adder(item) for item in argument]
    if kind == "year":
        return [_time_setter(f"{y}", y - argument[0]) for y in range(argument[0], argument[1] + 1)]
    if kind == "years":  # school years, written 2024-2025
        return [
            _time_setter(f"{y}-{y + 1}", y - argument[0])
            for y in range(argument[0], argument[1] + 1)
        ]
    steps = list(_back(kind, int(argument), setting.end))
    return [_time_setter(text, i, moment) for i, (text, moment) in enumerate(steps)]


def _back(kind: str, count: int, end: date) -> Iterator[tuple[str, datetime]]:
    """Give the last `count` complete months, quarters, weeks, days or hours before `end`."""
    midnight = datetime(end.year, end.month, end.day)  # noqa: DTZ001  (local time, as published)
    for back in range(count, 0, -1):
        if kind == "hour":
            moment = midnight - timedelta(hours=back)
            yield moment.strftime("%Y-%m-%d %H:%M:%S"), moment
        elif kind == "day":
            moment = midnight - timedelta(days=back)
            yield moment.strftime("%Y-%m-%d"), moment
        elif kind == "week":
            monday = midnight - timedelta(days=midnight.weekday() + DAYS_IN_WEEK * back)
            yield monday.strftime("%G-W%V"), monday
        elif kind in {"month", "quarter"}:
            yield _month_or_quarter(kind, back, end)
        else:
            msg = f"unknown dimension {kind!r}"
            raise ValueError(msg)


def _month_or_quarter(kind: str, back: int, end: date) -> tuple[str, datetime]:
    length = 1 if kind == "month" else 3
    months = end.year * MONTHS_IN_YEAR + end.month - 1
    year, month = divmod(months - months % length - back * length, MONTHS_IN_YEAR)
    moment = datetime(year, month + 1, 1)  # noqa: DTZ001  (local time, as published)
    if kind == "month":
        return moment.strftime("%Y%m"), moment
    return f"{year}{month // length + 1}", moment


def _setter(name: str, content: Any) -> Any:
    return lambda context: setattr(context, name, content)


def _item_adder(item: str | list[str]) -> Any:
    """Return a step that names the thing of the row; a list gives several facts about it."""
    facts = item if isinstance(item, list) else [item]
    return lambda context: context.items.extend(str(fact) for fact in facts)


def _time_setter(text: str, step: int, moment: datetime | None = None) -> Any:
    def put(context: RowContext) -> None:
        context.time, context.step, context.moment = text, step, moment

    return put


def _geometry(kind: str, context: RowContext, random: Random) -> dict[str, Any]:
    """Return the GeoJSON geometry of a row: a point, the commune's outline or a way."""
    place, point = context.place, context.point
    if place is None:
        msg = "a row with a geometry has a commune"
        raise ValueError(msg)
    if kind == "point":
        return {"type": "Point", "coordinates": list(point)}
    if kind == "outline":
        return {"type": "Polygon", "coordinates": [[list(p) for p in place.outline]]}
    if kind == "way":
        heading = random.uniform(-0.012, 0.012), random.uniform(-0.012, 0.012)
        way = [point]
        for _ in range(random.randint(4, 8)):
            x, y = way[-1]
            way.append(
                (
                    round(x + heading[0] + random.uniform(-0.003, 0.003), 5),
                    round(y + heading[1] + random.uniform(-0.003, 0.003), 5),
                )
            )
        return {"type": "LineString", "coordinates": [list(p) for p in way]}
    msg = f"unknown geometry {kind!r}"
    raise ValueError(msg)
