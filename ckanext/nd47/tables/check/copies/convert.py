"""Writes a copy of a map in WGS 84, where the file states its system of coordinates.

A Shapefile states it in its `.prj`, a GeoJSON file of before 2016 in `crs`. Nothing is guessed: the
many zones of VN-2000 give positions kilometres apart. For VN-2000 the shift to WGS 84 is that of
the EPSG register, also where a file names the system without its number.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import shapefile
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from ckanext.nd47.lib.fields.geometry import EPSG
from ckanext.nd47.tables.check.examine import Options
from ckanext.nd47.tables.check.readers import archives, kinds, maps, records
from ckanext.nd47.tables.check.report import FileError

WGS84, VN2000 = 4326, 4756
DECIMALS = 7
"""Of degrees: a centimetre."""

_DATUM_NAMES = ("vn-2000", "vn_2000", "vn2000", "vietnam_2000", "vietnam 2000")

Move = Callable[[float, float], tuple[float, float]]
Feature = Mapping[str, Any]


def to_wgs84(source: Path, options: Options, target: Path) -> None:
    """Write the features of a map as GeoJSON in WGS 84.

    Raises:
        FileError: the file is no map, states no system of coordinates, or has it already.
    """
    content = kinds.of_content(source, kinds.named(options.name) or kinds.named(options.format))
    if content == "GeoJSON":
        system = _named(records.system(source))
        _write(records.features_of(source), _move(system), target)
    elif content == "ZIP":
        _convert_zip(source, target)
    else:
        raise FileError("unknown-format")


def _convert_zip(source: Path, target: Path) -> None:
    with archives.opened(source) as archive, tempfile.TemporaryDirectory() as folder:
        shapes = [part for part in archive.infolist() if part.filename.lower().endswith(".shp")]
        if len(shapes) != 1 or archives.is_unsafe(shapes[0].filename):
            raise FileError("unknown-format")
        stem = shapes[0].filename.rpartition(".")[0]
        for part in archive.infolist():
            if part.filename.rpartition(".")[0] == stem:
                ending = part.filename.rpartition(".")[2].lower()
                archives.unpack(archive, part, Path(folder) / f"file.{ending}")
        projection = Path(folder) / "file.prj"
        system = maps.system(projection) if projection.exists() else None
        _write(_shapes(Path(folder) / "file.shp"), _move(system), target)


def _shapes(path: Path) -> Iterator[Feature]:
    try:
        reader = shapefile.Reader(str(path), encoding="utf-8", encodingErrors="replace")
        names = [field[0] for field in reader.fields[1:]]
        for item in reader.iterShapeRecords():
            geometry: Any = item.shape.__geo_interface__ if item.shape else None
            values = [str(value) if value is not None else None for value in item.record or ()]
            yield {"geometry": geometry, "properties": dict(zip(names, values, strict=False))}
        reader.close()
    except MemoryError:
        raise
    except Exception as error:
        # pyshp raises errors of struct and its own code.
        raise FileError("broken") from error


def _named(name: str) -> CRS | None:
    match = EPSG.search(name.replace("::", ":"))
    try:
        return CRS.from_epsg(int(match[1])) if match else None
    except CRSError:
        return None


def _move(system: CRS | None) -> Move:
    """Return what gives longitude and latitude in WGS 84 for a position of a system.

    Raises:
        FileError: the system is not known, or is WGS 84.
    """
    if system is None or maps.is_wgs84(system):
        raise FileError("no-projection")
    base = system.geodetic_crs
    if base is None:
        raise FileError("no-projection")
    if any(name in f"{system.name} {base.name}".lower() for name in _DATUM_NAMES):
        steps = [
            Transformer.from_crs(system, base, always_xy=True),
            Transformer.from_crs(VN2000, WGS84, always_xy=True),
        ]
    else:
        steps = [Transformer.from_crs(system, WGS84, always_xy=True)]

    def move(x: float, y: float) -> tuple[float, float]:
        for step in steps:
            x, y = step.transform(x, y, errcheck=True)
        return round(x, DECIMALS), round(y, DECIMALS)

    return move


def _write(features: Iterator[Any], move: Move, target: Path) -> None:
    with target.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        for number, feature in enumerate(features):
            if not isinstance(feature, Mapping):
                continue
            shown = {
                "type": "Feature",
                "properties": feature.get("properties") or {},
                "geometry": _moved(feature.get("geometry"), move),
            }
            file.write((",\n" if number else "") + json.dumps(shown, ensure_ascii=False))
        file.write("\n]}\n")


def _moved(geometry: Any, move: Move) -> Any:
    if not isinstance(geometry, Mapping):
        return None
    try:
        if geometry.get("type") == "GeometryCollection":
            parts = [_moved(part, move) for part in geometry["geometries"]]
            return {"type": "GeometryCollection", "geometries": parts}
        return {"type": geometry["type"], "coordinates": _positions(geometry["coordinates"], move)}
    except (KeyError, TypeError, ValueError, IndexError, ProjError, RecursionError):
        return None


def _positions(coordinates: Any, move: Move) -> Any:
    if coordinates and isinstance(coordinates[0], (int, float)):
        return [*move(float(coordinates[0]), float(coordinates[1])), *coordinates[2:]]
    return [_positions(part, move) for part in coordinates]
