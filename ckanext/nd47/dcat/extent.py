"""Geometries: read as CKAN stores them, written as WKT, and the box and middle that follow."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from geomet import InvalidGeoJSONException, wkt
from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat import terms
from ckanext.nd47.lib.geometry import Extent, check

if TYPE_CHECKING:
    from collections.abc import Iterator

_WKT = NamedNode(terms.PREFIXES["gsp"] + "wktLiteral")
# A tenth of a metre: finer than any register of places, and stable when written again.
_DECIMALS = 6
_NOT_A_SHAPE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    StopIteration,
    InvalidGeoJSONException,
)


def geometry(value: object) -> Literal | None:
    """Return GeoJSON or WKT as WKT, the form GeoDCAT-AP expects.

    None when it is no geometry, or not one of WGS 84: what was stored before it was looked at.
    """
    try:
        shape = _shape(value)
        check(shape)
        written = wkt.dumps(shape, decimals=_DECIMALS)
    except _NOT_A_SHAPE:
        return None
    # A coordinate that is no number, or one that JSON writes as Infinity
    if re.search(r"nan|inf", written, re.IGNORECASE):
        return None
    return Literal(written, datatype=_WKT)


def extent_of(value: object) -> Extent | None:
    """Return the box around GeoJSON or WKT, None when it is no geometry."""
    if geometry(value) is None:
        return None
    points = list(_points(_shape(value)))
    if not points:
        return None
    wide, high = zip(*points, strict=True)
    return min(wide), min(high), max(wide), max(high)


def box(extent: Extent) -> Literal | None:
    """Return the extent as WKT polygon."""
    west, south, east, north = extent
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return geometry({"type": "Polygon", "coordinates": [ring]})


def middle(extent: Extent) -> Literal | None:
    """Return the middle of the extent as WKT point."""
    west, south, east, north = extent
    return geometry({"type": "Point", "coordinates": [(west + east) / 2, (south + north) / 2]})


def _shape(value: object) -> Any:
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return wkt.loads(value)
    return value if isinstance(value, dict) else json.loads(str(value))


def _points(shape: dict[str, Any]) -> Iterator[tuple[float, float]]:
    for part in shape.get("geometries", ()):
        yield from _points(part)
    yield from _pairs(shape.get("coordinates", ()))


def _pairs(coordinates: Any) -> Iterator[tuple[float, float]]:
    if coordinates and not isinstance(coordinates[0], (list, tuple)):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for part in coordinates:
        yield from _pairs(part)
