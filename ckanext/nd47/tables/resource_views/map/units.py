"""The units of the province, the ground of a map: outlines from a file of the portal itself.

The suite has no outlines of its own: none are published under a licence that would allow it. A
province that publishes its communes as GeoJSON names that dataset in an option.
"""

from __future__ import annotations

import json
import re
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.fields import geometry
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.web import http
from ckanext.nd47.tables.check_jobs import files, process
from ckanext.nd47.tables.resource_views import access, cache

_DAY = 24 * 3600
_MAPS = frozenset({"geojson", "kml", "shp", "zip"})
_KIND = re.compile(r"^(?:xa|phuong|thi tran|dac khu) ")


def are_set() -> bool:
    """Return whether the portal names the dataset of its units."""
    return bool(config.map_units())


def ground() -> bytes | None:
    """Return the units as GeoJSON; None if none are set, or the user may not read them.

    Raises:
        ckanext.nd47.tables.check.report.FileError: the file cannot be read.
        process.ProcessError: the conversion ended in an unexpected way.
        cache.BusyError: it is not its turn.
    """
    resource_id = _resource_id()
    if resource_id is None:
        return None
    stored = access.stored(resource_id)

    def convert() -> bytes:
        with files.local(stored) as file:
            return process.to_geojson(file.path, stored.format or file.name)

    return cache.alone("units", [stored.id, access.file_version(stored)], _DAY, convert)


def outlines() -> dict[str, dict[str, Any]]:
    """Return the geometries of the units by their codes and names, without those of two units.

    Raises: as `ground`.
    """
    content = ground()
    if content is None:
        return {}
    by_name: dict[str, dict[str, Any]] = {}
    twice: set[str] = set()
    for feature in json.loads(content)["features"]:
        for name in {key(str(value)) for value in feature["properties"].values()} - {""}:
            if name in by_name:
                twice.add(name)
            by_name[name] = feature["geometry"]
    return {name: outline for name, outline in by_name.items() if name not in twice}


def key(name: str) -> str:
    """Return a code or name of a unit for comparison: `Xã Kỳ Lâm` and `ky lam` are equal."""
    return _KIND.sub("", " ".join(text.fold(name).split()))


def extent() -> geometry.Extent | None:
    """Return west, south, east and north of the province; None if they are not set."""
    try:
        return geometry.read_extent(config.dcat_extent())
    except ValueError:
        return None


def rows_word() -> str:
    """Return the name of the field with the number of rows of a unit."""
    return tk._("Number of rows")


def _resource_id() -> str | None:
    """Return the file of the units: the option names it, or its dataset."""
    named = config.map_units()
    if not named:
        return None
    try:
        dataset = tk.get_action("package_show")(http.user_context(), {"id": named})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    for resource in dataset["resources"]:
        if access.format_of(resource) in _MAPS and access.is_uploaded(resource):
            return str(resource["id"])
    return None
