"""The places of a table: its coordinates, or the units that its rows name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckanext.nd47.tables.check.cells import number_of
from ckanext.nd47.tables.check.geography import axis
from ckanext.nd47.tables.communes import today
from ckanext.nd47.tables.resource_views import tables
from ckanext.nd47.tables.resource_views.columns import Column
from ckanext.nd47.tables.resource_views.map import units
from ckanext.nd47.tables.resource_views.map.convert import limits
from ckanext.nd47.tables.resource_views.map.convert.places import Places

_UNIT_CODE = re.compile(
    r" (?:ma xa|ma phuong|ma xa phuong|ma dvhc|ma don vi hanh chinh|ma dvhc xa|commune code) "
)
_UNIT_NAME = re.compile(
    r" (?:xa phuong(?: dac khu)?|ten xa(?: phuong)?|xa|phuong|don vi hanh chinh|commune) "
)


@dataclass(frozen=True)
class Place:
    """Where the rows of a table are.

    Attributes:
        longitude, latitude: columns of coordinates; empty if there are none.
        unit: column with the code or name of a commune; empty if there is none.
    """

    longitude: str = ""
    latitude: str = ""
    unit: str = ""


def place_of(columns: list[Column]) -> Place | None:
    """Return the columns that say where a row is; None if there are none."""
    axes: dict[str, str] = {}
    for column in columns:
        coordinate = axis(column.words) or axis(column.label_words)
        if coordinate:
            axes.setdefault(coordinate, column.name)
    if len(axes) == 2:  # noqa: PLR2004 - both of them
        return Place(longitude=axes["longitude"], latitude=axes["latitude"])
    if not units.are_set():
        return None
    for pattern in (_UNIT_CODE, _UNIT_NAME):
        for column in columns:
            if pattern.fullmatch(column.words) or pattern.fullmatch(column.label_words):
                return Place(unit=column.name)
    return None


def places(resource_id: str, columns: list[Column], place: Place) -> bytes:
    """Return the places of a table as GeoJSON.

    Raises:
        tables.TooLongError: PostgreSQL needs too long.
        ckanext.nd47.tables.check.report.FileError: the file of the units cannot be read.
    """
    table_places = (
        _of_units(resource_id, columns, place)
        if place.unit
        else _points(resource_id, columns, place)
    )
    return json.dumps(table_places.as_geojson(), ensure_ascii=False, default=str).encode()


def _points(resource_id: str, columns: list[Column], place: Place) -> Places:
    own = {place.longitude, place.latitude}
    shown = [column.name for column in columns if column.name not in own][: limits.MOST_FIELDS]
    source = tables.table(resource_id, [*shown, *own])
    longitude, latitude = source.c[place.longitude], source.c[place.latitude]
    condition = longitude.is_not(None) & latitude.is_not(None)
    statement = (
        sa.select(longitude, latitude, *(source.c[name] for name in shown))
        .where(condition)
        .limit(limits.MOST_PLACES)
    )
    with tables.reading() as connection:
        rows = connection.execute(statement).all()
        count = connection.scalar(sa.select(sa.func.count()).select_from(source).where(condition))
    made = Places()
    for row in rows:
        point = {"type": "Point", "coordinates": [_degrees(row[0]), _degrees(row[1])]}
        made.add(point, dict(zip(shown, map(_plain, row[2:]), strict=True)))
    made.count = max(made.count, count or 0)
    return made


def _of_units(resource_id: str, columns: list[Column], place: Place) -> Places:
    """Return the units that rows name: with the values of the row, or the number of rows."""
    known = units.outlines()
    shown = [column.name for column in columns][: limits.MOST_FIELDS]
    if place.unit not in shown:
        shown.append(place.unit)
    source = tables.table(resource_id, shown)
    unit = source.c[place.unit]
    values = [
        sa.case((sa.func.count() == 1, sa.func.min(sa.cast(source.c[name], sa.Text))))
        for name in shown
        if name != place.unit
    ]
    statement = (
        sa.select(unit, sa.func.count(), *values)
        .where(unit.is_not(None))
        .group_by(unit)
        .order_by(unit)
        .limit(limits.MOST_PLACES)
    )
    with tables.reading() as connection:
        rows = connection.execute(statement).all()
    others = [name for name in shown if name != place.unit]
    present = _present([str(row[0]) for row in rows], known)
    if present or any(row[1] > 1 for row in rows):
        return _counted(place.unit, rows, known, present)
    made = Places()
    for row in rows:
        properties = dict(zip(others, map(_number_or_text, row[2:]), strict=True))
        made.add(known.get(units.key(str(row[0]))), {place.unit: _plain(row[0]), **properties})
    return made


def _present(values: list[str], known: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return name and key of the present unit of each former one that has no outline itself."""
    if all(units.key(value) in known for value in values):
        return {}
    present = {}
    for value, unit in today.successors(values).items():
        keys = [key for key in (unit.code, units.key(unit.name)) if key in known]
        if keys and units.key(value) not in known:
            present[value] = (unit.name, keys[0])
    return present


def _counted(
    column: str,
    rows: Sequence[Any],
    known: Mapping[str, dict[str, Any]],
    present: Mapping[str, tuple[str, str]],
) -> Places:
    """Return units with their numbers of rows; those of a former unit count for its successor."""
    counts: dict[str, tuple[Any, int]] = {}
    for row in rows:
        value = str(row[0])
        name, key = present.get(value, (_plain(row[0]), units.key(value)))
        shown, before = counts.get(key, (name, 0))
        counts[key] = (shown, before + int(row[1]))
    made = Places()
    for key, (shown, count) in counts.items():
        made.add(known.get(key), {column: shown, units.rows_word(): count})
    return made


def _degrees(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else number_of(_plain(value))


def _plain(value: Any) -> Any:
    """Return a cell as JSON can have it: whole numbers without a dot, days as they are written."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if hasattr(value, "strftime"):
        has_hours = bool(getattr(value, "hour", 0) or getattr(value, "minute", 0))
        return value.strftime("%d/%m/%Y %H:%M" if has_hours else "%d/%m/%Y")
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return int(number) if number.is_integer() else number


def _number_or_text(value: str | None) -> Any:
    if value is None or (value.startswith("0") and value[1:2].isdigit()):
        return value
    try:
        return _plain(float(value))
    except (ValueError, OverflowError):
        return value
