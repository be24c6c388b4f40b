"""Recognises coordinates that are not in WGS 84, are swapped, or lie elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ckanext.nd47.lib.fields.geometry import METRES, VIET_NAM, Extent
from ckanext.nd47.tables.check.cells import Cell, number_of

CODES = ("not-wgs84", "swapped", "outside")
SURROUNDINGS = 0.5
"""Degrees around the province that still count as its surroundings."""

_LATITUDE = re.compile(r" (?:vi do|latitude) |^ (?:lat|vido) $")
_LONGITUDE = re.compile(r" (?:kinh do|longitude) |^ (?:lon|lng|long|kinhdo) $")
"""`Lợn con`, the piglets, are no longitude."""

Position = Sequence[float]
_LEAST_RING = 4


@lru_cache(maxsize=4096)
def axis(words: str) -> str:
    """Return `latitude` or `longitude` for the heading of a column of coordinates, else empty."""
    if _LATITUDE.search(words):
        return "latitude"
    return "longitude" if _LONGITUDE.search(words) else ""


def look(cell: Cell, is_axis: str, extent: Extent | None) -> Iterator[str]:
    """Yield what is doubtful in a cell of a column of coordinates."""
    number = number_of(cell)
    if number is None:
        return
    place = 1 if is_axis == "latitude" else 0
    fault = _fault_of(number, place, extent or VIET_NAM)
    if fault:
        yield fault


def faults(tallies: Counter[str]) -> list[str]:
    """Return the codes that were counted; of a whole column of metres or swapped ones only that."""
    return [code for code in CODES if tallies[code]]


def _fault_of(number: float, place: int, extent: Extent) -> str:
    """Return the code of a wrong number: longitude has the place 0, latitude 1."""
    if abs(number) >= METRES:
        return "not-wgs84"
    if extent[place] <= number <= extent[place + 2]:
        return ""
    other = 1 - place
    is_swapped = VIET_NAM[other] <= number <= VIET_NAM[other + 2]
    return "swapped" if is_swapped else "outside"


def widened(extent: Extent | None) -> Extent | None:
    """Return the surroundings of a province."""
    if not extent:
        return None
    west, south, east, north = extent
    return west - SURROUNDINGS, south - SURROUNDINGS, east + SURROUNDINGS, north + SURROUNDINGS


def position_fault(position: Position, extent: Extent | None) -> str:
    """Return the code of a position that is wrong, empty for one that is right."""
    x, y = position[0], position[1]
    if abs(x) >= METRES or abs(y) >= METRES:
        return "not-wgs84"
    faults_found = {_fault_of(x, 0, extent or VIET_NAM), _fault_of(y, 1, extent or VIET_NAM)} - {""}
    if faults_found == {"swapped"}:
        return "swapped"
    return "outside" if faults_found else ""


class Geometries:
    """Counts the geometries of a file, and what is wrong with them."""

    def __init__(self, extent: Extent | None) -> None:
        self._extent = extent
        self.count = 0
        self.tallies: Counter[str] = Counter()
        self.firsts: dict[str, int] = {}

    def add(self, geometry: Mapping[str, Any] | None) -> None:
        """Count a geometry of GeoJSON; None for a feature without one."""
        self.count += 1
        fault = self._fault(geometry)
        if fault:
            self.tallies[fault] += 1
            self.firsts.setdefault(fault, self.count)

    def _fault(self, geometry: Mapping[str, Any] | None) -> str:
        # With numpy: a fifth of the time that the check of a small table takes.
        from shapely import is_valid  # noqa: PLC0415
        from shapely.errors import ShapelyError  # noqa: PLC0415
        from shapely.geometry import shape as shapely_geometry  # noqa: PLC0415

        if not geometry:
            return "broken-geometry"
        try:
            positions = list(_positions(geometry))
            if not positions:
                return "broken-geometry"
            for position in positions:
                if fault := position_fault(position, self._extent):
                    return fault
            shaped = shapely_geometry(dict(geometry))
            return "" if is_valid(shaped) else "broken-geometry"
        except (ShapelyError, TypeError, ValueError, KeyError, IndexError, AttributeError,
                RecursionError):  # fmt: skip
            return "broken-geometry"


def _positions(geometry: Mapping[str, Any]) -> Iterator[Position]:
    if geometry.get("type") == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _positions(part)
        return
    yield from _flat(geometry["coordinates"])


def _flat(coordinates: Any) -> Iterator[Position]:
    if coordinates and isinstance(coordinates[0], (int, float)):
        yield coordinates
        return
    for part in coordinates:
        yield from _flat(part)
