"""Maps that state their system of coordinates are offered in WGS 84."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyproj import Transformer

from ckanext.nd47.tables.check.copies.convert import to_wgs84
from ckanext.nd47.tables.check.examine import Options
from ckanext.nd47.tables.check.report import FileError
from tests.tables.check import golden

METRES = (567_891.0, 2_178_900.0)
EXPECTED = Transformer.from_crs(3405, 4326, always_xy=True).transform(*METRES)
"""The same point by the EPSG register, zone 48 of VN-2000."""


def convert(folder: Path, name: str, content: bytes) -> dict[str, Any]:
    """Return the copy of a map in WGS 84."""
    source, target = folder / "file", folder / "copy"
    source.write_bytes(content)
    to_wgs84(source, Options(name), target)
    return json.loads(target.read_text(encoding="utf-8"))


def stated(system: str) -> bytes:
    """Return a GeoJSON file that states its system of coordinates."""
    crs = {"type": "name", "properties": {"name": system}}
    line = {"type": "LineString", "coordinates": [list(METRES), [568_000.0, 2_179_000.0]]}
    return golden.as_geojson([golden.point(*METRES), line, None], crs=crs)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", stated("urn:ogc:def:crs:EPSG::3405")),
        ("a.zip", golden.as_shapefile([METRES], golden.PRJ_VN2000)),
    ],
)
def test_positions_are_those_of_the_register(tmp_path: Path, name: str, content: bytes):
    copy = convert(tmp_path, name, content)
    first = copy["features"][0]
    assert first["geometry"]["coordinates"] == pytest.approx(EXPECTED, abs=1e-5)
    assert first["properties"]["ten"]


def test_every_feature_is_there_also_one_without_a_geometry(tmp_path: Path):
    features = convert(tmp_path, "a.geojson", stated("EPSG:3405"))["features"]
    assert [one["geometry"] and one["geometry"]["type"] for one in features] == [
        "Point",
        "LineString",
        None,
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", stated("urn:ogc:def:crs:OGC:1.3:CRS84")),
        ("a.geojson", stated("EPSG:999999")),
        ("a.geojson", stated("hệ của xã")),
        ("a.geojson", golden.as_geojson([golden.point(*METRES)])),
        ("a.zip", golden.as_shapefile([METRES], "")),
        ("a.zip", golden.as_shapefile([(105.3, 19.7)], golden.PRJ_WGS84)),
        ("a.zip", golden.as_zip({"a.csv": b"a,b\n1,2\n"})),
        ("a.csv", b"x,y\n567891,2178900\n"),
    ],
)
def test_nothing_is_guessed(tmp_path: Path, name: str, content: bytes):
    with pytest.raises(FileError):
        convert(tmp_path, name, content)
