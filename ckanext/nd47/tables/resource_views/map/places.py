"""The places of a resource as GeoJSON: of its file, or of its table."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import files, process
from ckanext.nd47.tables.findings import messages
from ckanext.nd47.tables.resource_views import access, cache, columns
from ckanext.nd47.tables.resource_views.access import Shown
from ckanext.nd47.tables.resource_views.map import describing, rows
from ckanext.nd47.tables.resource_views.tables import TooLongError

FORMATS = frozenset({"geojson", "kml", "shp", "shapefile", "zip"})
"""Formats of files that a map may show, in small letters."""

_DAY = 24 * 3600
_MINUTES = 300
_MOST_FILES = 10


class NoMapError(Exception):
    """There is nothing that a map could show; the text says why."""


def of_resource(shown: Shown) -> bytes:
    """Return the places of a resource as GeoJSON, with what a map has to know in `nd47`.

    Raises:
        NoMapError: there are none, or they cannot be read.
    """
    resource = shown.resource
    try:
        if access.format_of(resource) in FORMATS:
            return _of_file(shown)
        if resource.get("datastore_active"):
            return _of_table(shown)
    except FileError as error:
        raise NoMapError(in_words(error)) from error
    except TooLongError as error:
        raise NoMapError(tk._("The table is too large for a map.")) from error
    except cache.BusyError as error:
        raise NoMapError(tk._("Other maps are being made. Try again in a minute.")) from error
    except process.ProcessError as error:
        raise NoMapError(tk._("The file could not be read.")) from error
    raise NoMapError(tk._("The file has no places that a map could show."))


def in_words(error: FileError) -> str:
    """Return why a file cannot be shown."""
    if error.code == "not-wgs84":
        return tk._("The system of coordinates of the file is not known.")
    finding = {"code": error.code, "part": "", "column": "", "row": 0, "count": 1}
    return messages.shown({**finding, "facts": dict(error.facts)})["message"]  # type: ignore[typeddict-item]


def _of_file(shown: Shown) -> bytes:
    if not access.is_uploaded(shown.resource):
        raise NoMapError(
            tk._("The file is on another server. The portal shows maps of its own files.")
        )
    stored = access.stored(shown.resource["id"])
    version = access.file_version(stored)

    def convert() -> bytes:
        try:
            with files.local(stored) as file:
                made = process.to_geojson(file.path, stored.format or file.name)
        except FileError as error:
            # Kept as well: a hostile file is read once.
            return json.dumps({"code": error.code, "facts": dict(error.facts)}).encode()
        return made

    content = cache.alone("places", [stored.id, version, stored.format or ""], _DAY, convert)
    if content.startswith(b'{"code":'):
        answer = json.loads(content)
        raise FileError(answer["code"], **answer["facts"])
    return _described(content, lambda names: _labels_of_file(shown, names))


def _of_table(shown: Shown) -> bytes:
    resource_id = shown.resource["id"]
    table_columns = columns.of_table(shown.resource)
    place = rows.place_of(table_columns)
    if place is None:
        raise NoMapError(tk._("The file has no places that a map could show."))
    parts = [resource_id, *(column.name for column in table_columns)]
    content = cache.cached(
        "table-places", parts, _MINUTES, lambda: rows.places(resource_id, table_columns, place)
    )
    return _described(
        content, lambda _names: {column.name: column.label for column in table_columns}
    )


def _described(content: bytes, labels: Callable[[list[str]], dict[str, str]]) -> bytes:
    """Add labels, title and legend, which depend on the data dictionary, to places."""
    collection: dict[str, Any] = json.loads(content)
    if not collection["features"]:
        raise NoMapError(tk._("The file has no places that a map could show."))
    collection["nd47"] |= describing.describe(collection, labels(collection["nd47"]["fields"]))
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _labels_of_file(shown: Shown, names: list[str]) -> dict[str, str]:
    """Return the labels of the fields of a file: its own, else those of the dataset's others."""
    labels: dict[str, str] = {}
    for resource in [shown.resource, *shown.dataset["resources"][:_MOST_FILES]]:
        labels = columns.labels(resource, names) | labels
    return labels
