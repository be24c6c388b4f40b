"""Reads GeoJSON, KML and Shapefiles as places."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from zipfile import ZipFile, ZipInfo

import ijson
import shapefile
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from ckanext.nd47.tables.check.readers import archives, kinds
from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.resource_views.map.convert.places import Places, Transform

_WGS84 = CRS.from_epsg(4326)
_LONGEST_PROJECTION = 20_000
_LONGEST_DESCRIPTION = 2_000
_HIDDEN = frozenset({"styleUrl"})


def read(path: Path, name: str) -> Places:
    """Return the places of a file.

    Args:
        path: the file.
        name: its name, or its format.

    Raises:
        FileError: it is broken, or holds no geometries.
    """
    content = kinds.of_content(path, kinds.named(name))
    if content == "GeoJSON":
        return geojson(path)
    if content == "KML":
        return kml(path)
    if content == "ZIP":
        return archive(path)
    raise FileError("unknown-format")


def geojson(path: Path) -> Places:
    """Return the places of a GeoJSON file, read feature by feature.

    Raises:
        FileError: it is broken.
    """
    places = Places(_transform_of_name(_stated_system(path)))
    for feature in _features(path):
        if isinstance(feature, dict):
            properties = feature.get("properties")
            places.add(feature.get("geometry"), properties if isinstance(properties, dict) else {})
    return places


def kml(path: Path) -> Places:
    """Return the places of a KML file.

    Raises:
        FileError: it is broken, or declares entities.
    """
    places = Places()
    try:
        for _, element in iterparse(path, events=("end",), forbid_dtd=True):
            if _tag(element) == "Placemark":
                places.add(_kml_geometry(element), _kml_properties(element))
                element.clear()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FileError("broken") from error
    return places


def archive(path: Path) -> Places:
    """Return the places of the first Shapefile, GeoJSON or KML in a ZIP.

    Raises:
        FileError: it is broken, too large, or holds none of these.
    """
    with (
        archives.opened(path) as opened,
        tempfile.TemporaryDirectory(prefix="nd47-map-") as folder,
    ):
        parts = [part for part in opened.infolist() if not part.is_dir()]
        if any(archives.is_unsafe(part.filename) for part in parts):
            raise FileError("unsafe-path")
        for kind in ("SHP", "GeoJSON", "KML", "JSON"):
            for part in parts:
                if kinds.named(part.filename) == kind:
                    return _part(opened, part, Path(folder))
    raise FileError("unknown-format")


def shp(path: Path) -> Places:
    """Return the places of a Shapefile.

    Raises:
        FileError: it is broken, lacks a part, or its system of coordinates is not known.
    """
    beside = {file.suffix.lower(): file for file in path.parent.glob(f"{path.stem}.*")}
    if not {".dbf", ".shx"} <= beside.keys():
        raise FileError("broken")
    system = beside[".prj"].read_text("utf-8", "replace") if ".prj" in beside else ""
    places = Places(_transform_of_wkt(system[:_LONGEST_PROJECTION]))
    try:
        reader = shapefile.Reader(str(path), encoding="utf-8", encodingErrors="replace")
        names = [field[0] for field in reader.fields[1:]]
        for item in reader.iterShapeRecords():
            geometry: Any = item.shape.__geo_interface__ if item.shape else None
            places.add(geometry, dict(zip(names, item.record or (), strict=False)))
        reader.close()
    except (MemoryError, FileError):
        raise
    except Exception as error:
        # pyshp raises errors of struct and its own code.
        raise FileError("broken") from error
    return places


def _part(opened: ZipFile, part: ZipInfo, folder: Path) -> Places:
    kind = kinds.named(part.filename)
    stem = part.filename.rpartition(".")[0]
    beside = [part]
    if kind == "SHP":
        beside = [
            member for member in opened.infolist() if member.filename.rpartition(".")[0] == stem
        ]
    for member in beside:
        ending = member.filename.rpartition(".")[2].lower()
        archives.unpack(opened, member, folder / f"file.{ending}")
    if kind == "SHP":
        return shp(folder / "file.shp")
    path = folder / f"file.{part.filename.rpartition('.')[2].lower()}"
    return kml(path) if kind == "KML" else geojson(path)


def _features(path: Path) -> Iterator[Any]:
    """Yield the features of a collection, or the single feature or geometry of a file."""
    try:
        with path.open("rb") as file:
            kind = next(ijson.items(file, "type"), "")
            file.seek(0)
            if kind == "FeatureCollection":
                yield from ijson.items(file, "features.item", use_float=True)
            else:
                whole = next(ijson.items(file, "", use_float=True), None)
                yield whole if kind == "Feature" else {"geometry": whole}
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise FileError("broken") from error


def _stated_system(path: Path) -> str:
    """Return the name of the system of coordinates that a GeoJSON file of before 2016 states.

    It stands before the features, which are not read for it.
    """
    try:
        with path.open("rb") as file:
            for prefix, _, value in ijson.parse(file):
                if prefix == "crs.properties.name":
                    return str(value)
                if prefix.startswith(("features", "geometry")):
                    break
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise FileError("broken") from error
    return ""


def _transform_of_name(name: str) -> Transform | None:
    if not name or "CRS84" in name or "4326" in name:
        return None
    try:
        return _transform(CRS.from_user_input(name.replace("::", ":")[:200]))
    except CRSError as error:
        raise FileError("not-wgs84") from error


def _transform_of_wkt(text: str) -> Transform | None:
    if not text.strip():
        return None
    try:
        return _transform(CRS.from_wkt(text))
    except CRSError as error:
        raise FileError("not-wgs84") from error


def _transform(system: CRS) -> Transform | None:
    if system.is_geographic and "WGS" in system.name:
        return None
    return Transformer.from_crs(system, _WGS84, always_xy=True).transform


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _kml_properties(placemark: Element) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for element in placemark.iter():
        tag = _tag(element)
        if tag in {"name", "description"} and tag not in properties:
            properties[tag] = (element.text or "").strip()[:_LONGEST_DESCRIPTION]
        elif tag == "SimpleData":
            properties[element.get("name", "")] = element.text
        elif tag == "Data":
            value = next((part.text for part in element if _tag(part) == "value"), None)
            properties[element.get("name", "")] = value
    return {name: value for name, value in properties.items() if name and name not in _HIDDEN}


def _kml_geometry(element: Element) -> dict[str, Any] | None:
    """Return the geometry of a place mark; several are a collection."""
    geometries = [made for part in element if (made := _kml_part(part))]
    if len(geometries) > 1:
        return {"type": "GeometryCollection", "geometries": geometries}
    return geometries[0] if geometries else None


def _kml_part(element: Element) -> dict[str, Any] | None:
    tag = _tag(element)
    if tag == "MultiGeometry":
        return _kml_geometry(element)
    if tag == "Point":
        positions = _kml_positions(element)
        return {"type": "Point", "coordinates": positions[0]} if positions else None
    if tag in {"LineString", "LinearRing"}:
        return {"type": "LineString", "coordinates": _kml_positions(element)}
    if tag == "Polygon":
        edges = [part for part in element if _tag(part) in {"outerBoundaryIs", "innerBoundaryIs"}]
        edges.sort(key=lambda part: _tag(part) != "outerBoundaryIs")
        rings = [_kml_positions(edge) for edge in edges]
        return {"type": "Polygon", "coordinates": [ring for ring in rings if ring]}
    return None


def _kml_positions(element: Element) -> list[list[float]]:
    text = next((part.text for part in element.iter() if _tag(part) == "coordinates"), "") or ""
    return [[float(number) for number in position.split(",")[:2]] for position in text.split()]
