"""Reads KML and Shapefiles: geometries and their attributes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import shapefile
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from pyproj import CRS
from pyproj.exceptions import CRSError

from ckanext.nd47.tables.check.cells import Cell, Row, Table
from ckanext.nd47.tables.check.geography import Geometries
from ckanext.nd47.tables.check.report import FileError, Report

_WGS84 = 4326
_LONGEST_PROJECTION = 20_000
_GEOMETRIES = {"Point": "Point", "LineString": "LineString", "LinearRing": "Polygon"}


def kml(path: Path, geometries: Geometries, report: Report) -> Table:
    """Return names and data of the places of a KML file; their geometries are counted.

    Raises:
        FileError: it is broken, or declares entities.
    """
    report.encoding = "UTF-8"
    return Table(_placemarks(path, geometries))


def shp(path: Path, geometries: Geometries, report: Report) -> Table:
    """Return the attributes of a Shapefile; its geometries are counted.

    Raises:
        FileError: it is broken or lacks a part.
    """
    beside = {file.suffix.lower(): file for file in path.parent.glob(f"{path.stem}.*")}
    if not {".dbf", ".shx"} <= beside.keys():
        raise FileError("broken")
    if ".prj" not in beside:
        report.add("no-projection")
    elif (stated := system(beside[".prj"])) and not is_wgs84(stated):
        report.add("not-wgs84", example=stated.name[:60])
    return Table(_attributes(path, geometries))


def _placemarks(path: Path, geometries: Geometries) -> Iterator[Row]:
    yield 1, ["name", "description"]
    number = 1
    try:
        place: dict[str, str] = {}
        for _, element in iterparse(path, events=("end",), forbid_dtd=True):
            name = element.tag.rpartition("}")[2]
            if name in {"name", "description"}:
                place[name] = (element.text or "").strip()
            elif name in _GEOMETRIES:
                geometries.add(_kml_geometry(name, element))
            elif name == "Placemark":
                number += 1
                yield number, [place.get("name", ""), place.get("description", "")]
                place = {}
                element.clear()
    except (ParseError, DefusedXmlException) as error:
        raise FileError("broken") from error


def _kml_geometry(name: str, element: Any) -> dict[str, Any] | None:
    text = next((part.text for part in element if part.tag.endswith("coordinates")), "") or ""
    try:
        positions = [[float(n) for n in part.split(",")[:2]] for part in text.split()]
    except ValueError:
        return None
    if not positions or any(len(position) < 2 for position in positions):  # noqa: PLR2004
        return None
    kind = _GEOMETRIES[name]
    coordinates: Any = positions
    if kind == "Point":
        coordinates = positions[0]
    elif kind == "Polygon":
        coordinates = [positions]
    return {"type": kind, "coordinates": coordinates}


def _attributes(path: Path, geometries: Geometries) -> Iterator[Row]:
    try:
        reader = shapefile.Reader(str(path), encoding="utf-8", encodingErrors="replace")
        yield 1, [field[0] for field in reader.fields[1:]]
        for number, item in enumerate(reader.iterShapeRecords(), start=2):
            geometry: Any = item.shape.__geo_interface__ if item.shape else None
            geometries.add(geometry if geometry and geometry.get("coordinates") else None)
            yield number, [_cell(value) for value in item.record or ()]
        reader.close()
    except MemoryError:
        raise
    except Exception as error:
        # pyshp raises errors of struct and its own code.
        raise FileError("broken") from error


def _cell(value: object) -> Cell:
    return value if isinstance(value, (str, int, float, dt.date)) else str(value or "")


def system(path: Path) -> CRS | None:
    """Return the system of coordinates that a `.prj` states, None if it cannot be read."""
    try:
        return CRS.from_wkt(path.read_text("utf-8", "replace")[:_LONGEST_PROJECTION])
    except CRSError:
        return None


def is_wgs84(stated: CRS) -> bool:
    """Return whether a system of coordinates is WGS 84 in degrees."""
    return stated.to_epsg(min_confidence=20) == _WGS84 or (
        stated.is_geographic and "WGS" in stated.name
    )
