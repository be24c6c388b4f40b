"""Reads JSON and GeoJSON as a table of records, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from ckanext.nd47.tables.check.cells import Cell, Row, Table
from ckanext.nd47.tables.check.geography import Geometries
from ckanext.nd47.tables.check.report import FileError, Report

_FIRST = 200
_MOST_EVENTS = 20_000
_EPSG_4326 = ("4326", "CRS84")

Record = Mapping[str, Any]


def table(path: Path) -> Table | None:
    """Return the records of a JSON file as a table; None for one that is no list of records.

    Raises:
        FileError: it is broken.
    """
    prefix = _prefix(path)
    return None if prefix is None else Table(as_rows(_items(path, prefix)))


def features(path: Path, geometries: Geometries, report: Report) -> Table:
    """Return the properties of the features of a GeoJSON file; their geometries are counted.

    Raises:
        FileError: it is broken.
    """
    stated = system(path)
    if stated and not any(known in stated for known in _EPSG_4326):
        report.add("not-wgs84", example=stated[:60])
    return Table(as_rows(_properties(path, geometries)))


def as_rows(records: Iterator[Record]) -> Iterator[Row]:
    """Yield the names of the fields as headings, and a row for each record.

    Fields that only occur after the first records are left out.
    """
    first = list(islice(records, _FIRST))
    names = list(dict.fromkeys(str(name) for record in first for name in record))
    yield 1, list(names)
    for number, record in enumerate(chain(first, records), start=2):
        yield number, [_cell(record.get(name)) for name in names]


def _cell(value: Any) -> Cell:
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return "[…]"


def _prefix(path: Path) -> str | None:
    """Return where the records of a JSON file are: in itself, or in a list of its object."""
    with path.open("rb") as file:
        try:
            for number, (prefix, event, _) in enumerate(ijson.parse(file)):
                if event == "start_map" and (prefix == "item" or prefix.endswith(".item")):
                    return prefix
                if number > _MOST_EVENTS:
                    break
        except ijson.JSONError as error:
            raise FileError("broken") from error
    return None


def _items(path: Path, prefix: str) -> Iterator[Record]:
    with path.open("rb") as file:
        for item in _parsed(file, prefix):
            if isinstance(item, Mapping):
                yield item


def _parsed(file: BinaryIO, prefix: str) -> Iterator[Any]:
    try:
        yield from ijson.items(file, prefix, use_float=True)
    except ijson.JSONError as error:
        raise FileError("broken") from error


def _properties(path: Path, geometries: Geometries) -> Iterator[Record]:
    for feature in features_of(path):
        if not isinstance(feature, Mapping):
            geometries.add(None)
            continue
        geometry = feature.get("geometry")
        geometries.add(geometry if isinstance(geometry, Mapping) else None)
        properties = feature.get("properties")
        yield properties if isinstance(properties, Mapping) else {}


def features_of(path: Path) -> Iterator[Any]:
    """Yield the features of a collection, or the single feature or geometry of a file."""
    with path.open("rb") as file:
        kind = next(_parsed(file, "type"), "")
        file.seek(0)
        if kind == "FeatureCollection":
            yield from _parsed(file, "features.item")
        else:
            whole = next(_parsed(file, ""), None)
            yield whole if kind == "Feature" else {"geometry": whole}


def system(path: Path) -> str:
    """Return the name of the system of coordinates that a GeoJSON file of before 2016 states."""
    with path.open("rb") as file:
        try:
            return str(next(ijson.items(file, "crs.properties.name"), ""))
        except ijson.JSONError as error:
            raise FileError("broken") from error
