"""Validates geometries in GeoJSON: longitude and latitude in WGS 84 (RFC 7946).

Other coordinate systems are refused, not converted: a file rarely states which of the many zones
and parameter sets of VN-2000 it uses, and its author has the software to convert it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from ckanext.nd47.lib.fields.values import TERM_BYTES

Extent = tuple[float, float, float, float]
"""West, south, east and north in degrees of WGS 84."""

WEST, SOUTH, EAST, NORTH = -180.0, -90.0, 180.0, 90.0
VIET_NAM: Extent = (100.0, 5.0, 120.0, 25.0)
"""West, south, east and north of Viet Nam with its islands and surroundings."""

SEPARATOR = re.compile(r"[\s,;]+")

METRES = 1_000.0
"""Numbers from here on are metres, not mistyped degrees."""

MIN_RING_POSITIONS = 4

WGS84 = re.compile(r"(urn:ogc:def:crs:)?(OGC:([0-9.]+:)?CRS84|EPSG:([0-9.]+:)?4326)", re.IGNORECASE)
EPSG = re.compile(r"EPSG:(?:[0-9.]+:)?([0-9]{4,5})(?![0-9])", re.IGNORECASE)
VN2000 = frozenset({4756, 4755, 4754, 3405, 3406, *range(5896, 5900), *range(9205, 9219)})
"""EPSG codes of VN-2000: degrees, UTM zones 48N and 49N, and zones of 3 degrees."""

DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""Nesting of the positions of each geometry type."""


class Fault(Enum):
    """Reasons why a geometry is invalid."""

    NONE_AT_ALL = "none at all"
    FEATURE = "a feature around the geometry"
    COLLECTION = "several features"
    SYSTEM = "another system of coordinates"
    METRES = "metres"
    SWAPPED = "latitude before longitude"
    OUTSIDE = "outside the globe"
    OPEN = "a ring that is not closed"


class GeometryError(ValueError):
    """An invalid geometry.

    Attributes:
        fault: what is wrong.
        detail: the coordinate system or the position, if applicable.
    """

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault, self.detail = fault, detail


def geojson(value: Any) -> str:
    """Return a geometry as text, as it was written.

    Args:
        value: the text, or the parsed structure.

    Raises:
        GeometryError: it is not a WGS 84 geometry, or too long for the search index.
    """
    text = value.strip() if isinstance(value, str) else json.dumps(value)
    if len(text.encode()) > TERM_BYTES:
        raise GeometryError(Fault.NONE_AT_ALL)
    try:
        check(json.loads(text))
    except (RecursionError, json.JSONDecodeError) as error:
        raise GeometryError(Fault.NONE_AT_ALL) from error
    return text


def check(shape: Any) -> None:
    """Validate a geometry in GeoJSON.

    Raises:
        GeometryError: it is not a geometry in WGS 84.
    """
    if not isinstance(shape, Mapping):
        raise GeometryError(Fault.NONE_AT_ALL)
    _check_system(shape.get("crs"))
    kind = shape.get("type")
    if kind == "Feature":
        raise GeometryError(Fault.FEATURE)
    if kind == "FeatureCollection":
        raise GeometryError(Fault.COLLECTION)
    if kind == "GeometryCollection":
        parts = shape.get("geometries")
        if not isinstance(parts, list) or not parts:
            raise GeometryError(Fault.NONE_AT_ALL)
        for part in parts:
            check(part)
        return
    if not isinstance(kind, str) or kind not in DEPTHS:
        raise GeometryError(Fault.NONE_AT_ALL)
    _check_coordinates(shape.get("coordinates"), DEPTHS[kind])
    if kind in ("Polygon", "MultiPolygon"):
        _check_rings(shape["coordinates"], DEPTHS[kind])


def read_extent(text: str) -> Extent | None:
    """Parse an extent of four numbers: west, south, east and north.

    Raises:
        ValueError: there are not four, or they are not a valid box.
    """
    if not text.strip():
        return None
    west, south, east, north = (float(part) for part in SEPARATOR.split(text.strip()))
    if not (WEST <= west <= east <= EAST and SOUTH <= south <= north <= NORTH):
        raise ValueError(text)
    return west, south, east, north


def outside(shape: Any, extent: Extent) -> str:
    """Return the first position of a geometry outside an extent, empty if there is none.

    Args:
        shape: a valid geometry.
        extent: the area.
    """
    if shape["type"] == "GeometryCollection":
        return next(
            (position for part in shape["geometries"] if (position := outside(part, extent))), ""
        )
    west, south, east, north = extent
    for x, y, *_height in _positions(shape["coordinates"], DEPTHS[shape["type"]]):
        if not (west <= x <= east and south <= y <= north):
            return f"[{x:.15g}, {y:.15g}]"
    return ""


def _check_system(crs: Any) -> None:
    """Accept the `crs` member of older software for WGS 84, the only system of GeoJSON."""
    if crs is None:
        return
    properties = crs.get("properties", {}) if isinstance(crs, Mapping) else {}
    name = str(properties.get("name", "")) if isinstance(properties, Mapping) else ""
    if WGS84.fullmatch(name.replace("::", ":")):
        return
    code = EPSG.search(name.replace("::", ":"))
    if code:
        system = "VN-2000, " if int(code[1]) in VN2000 else ""
        raise GeometryError(Fault.SYSTEM, f"{system}EPSG:{code[1]}")
    raise GeometryError(Fault.SYSTEM, name[:80] or "crs")


def _check_coordinates(coordinates: Any, depth: int) -> None:
    positions = list(_positions(coordinates, depth))
    if not positions:
        raise GeometryError(Fault.NONE_AT_ALL)
    outside = [p for p in positions if not (WEST <= p[0] <= EAST and SOUTH <= p[1] <= NORTH)]
    if not outside:
        return
    x, y = outside[0][:2]
    detail = f"[{x:.15g}, {y:.15g}]"
    if any(abs(number) >= METRES for p in outside for number in p[:2]):
        raise GeometryError(Fault.METRES, detail)
    west, south, east, north = VIET_NAM
    if all(south <= p[0] <= north and west <= p[1] <= east for p in positions):
        raise GeometryError(Fault.SWAPPED, detail)
    raise GeometryError(Fault.OUTSIDE, detail)


def _positions(coordinates: Any, depth: int) -> Iterator[list[float]]:
    """Yield the positions.

    Raises:
        GeometryError: the nesting does not fit the geometry type, or a value is not a number.
    """
    if not isinstance(coordinates, list):
        raise GeometryError(Fault.NONE_AT_ALL)
    if depth:
        for part in coordinates:
            yield from _positions(part, depth - 1)
        return
    if len(coordinates) not in (2, 3) or not all(map(_is_number, coordinates)):
        raise GeometryError(Fault.NONE_AT_ALL)
    yield coordinates


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, (int, float)) and math.isfinite(value) and value is not True
    except OverflowError:
        return False


def _check_rings(coordinates: list[Any], depth: int) -> None:
    rings = coordinates if depth == DEPTHS["Polygon"] else [r for part in coordinates for r in part]
    for ring in rings:
        if not ring or ring[0] != ring[-1]:
            raise GeometryError(Fault.OPEN)
        if len(ring) < MIN_RING_POSITIONS:
            raise GeometryError(Fault.NONE_AT_ALL)
