"""Collects places: geometries with their properties, as GeoJSON of a bounded size."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely

from ckanext.nd47.lib.fields.geometry import EAST, NORTH, SOUTH, WEST
from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.resource_views.map.convert import limits

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
    _shown_positions: int = 0

    def add(self, geometry: Any, properties: Mapping[str, Any]) -> None:
        """Add a place.

        Raises:
            FileError: the file has more corners than a map can show.
        """
        self.count += 1
        if len(self.features) >= limits.MOST_PLACES:
            return
        before = self._positions
        placed = self._placed(geometry)
        if placed is None:
            self.unplaced += 1
            return
        self._shown_positions += self._positions - before
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
        """Make lines and areas simpler until all of them have few corners.

        Raises:
            FileError: they have too many even so.
        """
        if self._shown_positions <= limits.MOST_POSITIONS:
            return
        paths = [path for feature in self.features for path in _paths(feature["geometry"])]
        lines = [shapely.LineString(path) if len(path) > 1 else None for path in paths]
        points = self._shown_positions - sum(map(len, paths))
        for tolerance in _SIMPLER:
            # Without the check that areas stay valid, which takes minutes for some files.
            made = shapely.simplify(lines, tolerance, preserve_topology=False)
            if int(shapely.get_num_coordinates(made).sum()) + points <= limits.MOST_POSITIONS:
                break
        else:
            raise FileError("too-large", limit=f"{limits.MOST_POSITIONS:,}".replace(",", "."))
        for path, simpler in zip(paths, made, strict=True):
            corners = [list(corner) for corner in simpler.coords] if simpler else path
            is_ring = path[0] == path[-1]
            path[:] = corners if len(corners) >= _LEAST_RING or not is_ring else _thinned(path)


_LEAST_RING = 4


def _paths(geometry: Mapping[str, Any]) -> Iterator[list[list[float]]]:
    """Yield the lines and rings of a geometry, to be changed in place."""
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _paths(part)
        return
    waiting = [(geometry["coordinates"], _DEPTHS[geometry["type"]])]
    while waiting:
        part, depth = waiting.pop()
        if depth == 1 and geometry["type"] != "MultiPoint" and part:
            yield part
        elif depth > 1:
            waiting += [(inner, depth - 1) for inner in part]


def _thinned(ring: list[list[float]]) -> list[list[float]]:
    """Return a triangle of the corners of a small ring."""
    third = max(1, len(ring) // 3)
    return [ring[0], ring[third], ring[min(2 * third, len(ring) - 1)], ring[0]]


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
