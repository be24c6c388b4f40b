"""Collects places: geometries with their properties, as GeoJSON of a bounded size."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

from ckanext.nd47.lib.geometry import EAST, NORTH, SOUTH, WEST
from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.map.convert import limits

Transform = Callable[[float, float], tuple[float, float]]
"""Gives longitude and latitude for the coordinates of a file."""

_SIMPLER = (0.00005, 0.0002, 0.001, 0.004, 0.016)
"""Degrees that a line may be moved by to have fewer corners, tried one after another."""


@dataclass
class Places:
    """The places of a file.

    Attributes:
        transform: converts coordinates to WGS 84; None if they are.
        fields: names of the properties, in the order of the file.
        features: the places as features of GeoJSON.
        count: number of all places of the file.
        unplaced: number of those without a usable geometry.
    """

    transform: Transform | None = None
    fields: list[str] = field(default_factory=list)
    features: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    unplaced: int = 0
    _positions: int = 0

    def add(self, geometry: Any, properties: Mapping[str, Any]) -> None:
        """Add a place.

        Raises:
            FileError: the file has more corners than a map can show.
        """
        self.count += 1
        if len(self.features) >= limits.MOST_PLACES:
            return
        placed = self._placed(geometry)
        if placed is None:
            self.unplaced += 1
            return
        self.features.append(
            {"type": "Feature", "geometry": placed, "properties": self._shown(properties)}
        )

    def as_geojson(self) -> dict[str, Any]:
        """Return all places with what was left out, in `nd47`."""
        self._simplify()
        return {
            "type": "FeatureCollection",
            "nd47": {"count": self.count, "unplaced": self.unplaced, "fields": self.fields},
            "features": self.features,
        }

    def _placed(self, geometry: Any) -> dict[str, Any] | None:
        """Return a geometry in WGS 84 with rounded numbers; None if it has no place on earth."""
        if not isinstance(geometry, Mapping):
            return None
        kind = geometry.get("type")
        try:
            if kind == "GeometryCollection":
                parts = [self._placed(part) for part in geometry["geometries"]]
                return {"type": kind, "geometries": parts} if parts and all(parts) else None
            if kind not in _DEPTHS:
                return None
            coordinates = self._converted(geometry["coordinates"], _DEPTHS[kind])
        except (TypeError, ValueError, KeyError, IndexError, OverflowError, RecursionError):
            return None
        return {"type": kind, "coordinates": coordinates} if coordinates else None

    def _converted(self, coordinates: Any, depth: int) -> list[Any]:
        if depth:
            return [self._converted(part, depth - 1) for part in coordinates]
        self._positions += 1
        if self._positions > limits.MOST_READ:
            raise FileError("too-large", limit=f"{limits.MOST_READ:,}".replace(",", "."))
        x, y = float(coordinates[0]), float(coordinates[1])
        if self.transform:
            x, y = self.transform(x, y)
        if not (math.isfinite(x + y) and WEST <= x <= EAST and SOUTH <= y <= NORTH):
            raise ValueError
        return [round(x, limits.DIGITS), round(y, limits.DIGITS)]

    def _shown(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties that a pop-up shows; new fields are noted."""
        shown: dict[str, Any] = {}
        for name, value in properties.items():
            key = str(name)[: limits.LONGEST_VALUE]
            if key not in self.fields:
                if len(self.fields) >= limits.MOST_FIELDS:
                    continue
                self.fields.append(key)
            if value is not None and value != "":
                shown[key] = _value(value)
        return shown

    def _simplify(self) -> None:
        """Make lines and areas simpler until all of them have few corners."""
        for tolerance in _SIMPLER:
            if _corners(one["geometry"] for one in self.features) <= limits.MOST_POSITIONS:
                return
            for feature in self.features:
                feature["geometry"] = _simpler(feature["geometry"], tolerance)
        if _corners(one["geometry"] for one in self.features) > limits.MOST_POSITIONS:
            raise FileError("too-large", limit=f"{limits.MOST_POSITIONS:,}".replace(",", "."))


_DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""Nesting of the positions of each kind of geometry."""


def _value(value: Any) -> Any:
    if isinstance(value, (bool, int, float)):
        is_number = isinstance(value, (bool, int)) or math.isfinite(value)
        return value if is_number else str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    clean = " ".join(text.split())
    return clean if len(clean) <= limits.LONGEST_VALUE else f"{clean[: limits.LONGEST_VALUE]}…"


def _corners(geometries: Iterable[Mapping[str, Any]]) -> int:
    count = 0
    for geometry in geometries:
        if geometry["type"] == "GeometryCollection":
            count += _corners(geometry["geometries"])
            continue
        waiting = [(geometry["coordinates"], _DEPTHS[geometry["type"]])]
        while waiting:
            part, depth = waiting.pop()
            if depth <= 1:
                count += len(part) if depth else 1
            else:
                waiting += [(one, depth - 1) for one in part]
    return count


def _simpler(geometry: dict[str, Any], tolerance: float) -> dict[str, Any]:
    if geometry["type"] in {"Point", "MultiPoint", "GeometryCollection"}:
        return geometry
    try:
        made = shape(geometry).simplify(tolerance, preserve_topology=True)
    except (ShapelyError, ValueError):
        return geometry
    if made.is_empty:
        return geometry
    result = json.loads(json.dumps(mapping(made)))
    result["coordinates"] = _rounded(result["coordinates"])
    return result


def _rounded(part: Any) -> Any:
    if isinstance(part, list):
        return [_rounded(one) for one in part]
    return round(part, limits.DIGITS)
