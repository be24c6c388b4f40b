"""Geometries: taken in WGS 84, refused in words in anything else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ckanext.nd47.lib.fields import geometry
from ckanext.nd47.lib.fields.geometry import Fault

RING = [[105.0, 21.0], [106.0, 21.0], [106.0, 22.0], [105.0, 21.0]]
POINT = {"type": "Point", "coordinates": [105.85, 21.03]}


def crs(name: str) -> dict[str, Any]:
    return {"crs": {"type": "name", "properties": {"name": name}}}


GOOD: list[dict[str, Any]] = [
    POINT,
    {"type": "Point", "coordinates": [105.85, 21.03, 12]},
    {"type": "MultiPoint", "coordinates": [[105, 21], [106, 22]]},
    {"type": "LineString", "coordinates": [[105, 21], [106, 22]]},
    {"type": "MultiLineString", "coordinates": [[[105, 21], [106, 22]]]},
    {"type": "Polygon", "coordinates": [RING]},
    {"type": "MultiPolygon", "coordinates": [[RING], [RING]]},
    {"type": "GeometryCollection", "geometries": [POINT]},
    {"type": "Point", "coordinates": [-1, -1]},
    {**POINT, **crs("urn:ogc:def:crs:OGC:1.3:CRS84")},
    {**POINT, **crs("urn:ogc:def:crs:EPSG::4326")},
    {**POINT, **crs("EPSG:4326")},
]
BAD: list[tuple[Any, Fault]] = [
    ({"type": "Feature", "geometry": POINT, "properties": {}}, Fault.FEATURE),
    ({"type": "FeatureCollection", "features": []}, Fault.COLLECTION),
    ({**POINT, **crs("urn:ogc:def:crs:EPSG::9210")}, Fault.SYSTEM),
    ({**POINT, **crs("EPSG:4756")}, Fault.SYSTEM),
    ({**POINT, **crs("EPSG:14326")}, Fault.SYSTEM),
    ({**POINT, **crs("EPSG:32648")}, Fault.SYSTEM),
    ({**POINT, **crs("VN-2000 / Hà Nội")}, Fault.SYSTEM),
    ({**POINT, "crs": "EPSG:4326"}, Fault.SYSTEM),
    ({"type": "Point", "coordinates": [587654.2, 2325678.9]}, Fault.METRES),
    ({"type": "Polygon", "coordinates": [[[5e5, 2e6], [6e5, 2e6], [5e5, 2e6]]]}, Fault.METRES),
    ({"type": "Point", "coordinates": [21.03, 105.85]}, Fault.SWAPPED),
    ({"type": "Point", "coordinates": [181, 21]}, Fault.OUTSIDE),
    ({"type": "Point", "coordinates": [105, -91]}, Fault.OUTSIDE),
    ({"type": "Polygon", "coordinates": [RING[:-1]]}, Fault.OPEN),
    ({"type": "MultiPolygon", "coordinates": [[RING], [RING[:-1]]]}, Fault.OPEN),
    ({"type": "Polygon", "coordinates": [RING[:1] * 2]}, Fault.NONE_AT_ALL),
    ({"type": "Point", "coordinates": ["105.8", "21.0"]}, Fault.NONE_AT_ALL),
    ({"type": "Point", "coordinates": [105.8]}, Fault.NONE_AT_ALL),
    ({"type": "Point", "coordinates": [[105.8, 21.0]]}, Fault.NONE_AT_ALL),
    ({"type": "Point", "coordinates": []}, Fault.NONE_AT_ALL),
    ({"type": "Point"}, Fault.NONE_AT_ALL),
    ({"type": "GeometryCollection", "geometries": []}, Fault.NONE_AT_ALL),
    ({"type": ["Point"], "coordinates": [105, 21]}, Fault.NONE_AT_ALL),
    ({"type": "Hình", "coordinates": [105, 21]}, Fault.NONE_AT_ALL),
    ([105, 21], Fault.NONE_AT_ALL),
    ("POINT(105 21)", Fault.NONE_AT_ALL),
    ('{"type": "Point", "coordinates": [NaN, 21]}', Fault.NONE_AT_ALL),
    (f'{{"type": "Point", "coordinates": [1{"0" * 400}, 21]}}', Fault.NONE_AT_ALL),
    ("[" * 5000, Fault.NONE_AT_ALL),
    ('{"type":"GeometryCollection","geometries":[' * 700, Fault.NONE_AT_ALL),
]


@pytest.mark.parametrize("shape", GOOD)
def test_a_geometry_of_wgs_84_is_taken_as_written(shape):
    assert json.loads(geometry.geojson(shape)) == shape
    assert geometry.geojson(json.dumps(shape)) == json.dumps(shape)


@pytest.mark.parametrize(("shape", "fault"), BAD)
def test_anything_else_is_refused_by_its_fault(shape, fault):
    with pytest.raises(geometry.GeometryError) as refused:
        geometry.geojson(shape)
    assert refused.value.fault is fault


@pytest.mark.parametrize(
    ("name", "told"), [("EPSG:3405", "VN-2000, EPSG:3405"), ("EPSG:32648", "EPSG:32648")]
)
def test_a_system_is_named(name, told):
    with pytest.raises(geometry.GeometryError) as refused:
        geometry.check({**POINT, **crs(name)})
    assert refused.value.detail == told
