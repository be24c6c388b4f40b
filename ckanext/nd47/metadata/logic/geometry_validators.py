"""Validators of geometries in GeoJSON; each message says what to correct."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.lib.fields import geometry, values
from ckanext.nd47.lib.inputs import refuse
from ckanext.nd47.metadata import dataset_reader, harvested
from ckanext.nd47.metadata.logic import previous_values

__all__ = ["nd47_geojson", "nd47_spatial_extra"]


@harvested.as_it_came
def nd47_geojson(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a geometry in GeoJSON, as text or structure; stored as text."""
    if errors.get(key):
        raise tk.StopOnError
    if previous_values.unchanged(data[key], key, data, context):
        return
    try:
        data[key] = geometry.geojson(data[key])
    except geometry.GeometryError as error:
        refuse(key, errors, _invalid_geometry(error))


@harvested.as_it_came
def nd47_spatial_extra(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse an extra `spatial` that is not a WGS 84 geometry, unless it is already stored.

    ckanext-spatial and the export read it. The message is at the key of the extra, where CKAN shows
    messages.
    """
    for flat_key, name in list(data.items()):
        if flat_key[0] != "extras" or flat_key[-1] != "key" or name != dataset_reader.SPATIAL:
            continue
        place = (*flat_key[:-1], "value")
        value = data.get(place)
        if not isinstance(value, str) or not value.strip():
            continue
        if previous_values.unchanged(value, place, data, context):
            continue
        try:
            geometry.geojson(value)
        except geometry.GeometryError as error:
            errors.setdefault(flat_key, []).append(f"{name}: {_invalid_geometry(error)}")


def _invalid_geometry(error: geometry.GeometryError) -> str:
    """Return the message for an invalid geometry, with the remedy."""
    hint = tk._(
        "Coordinates have to be longitude and latitude of WGS 84 (EPSG:4326) in degrees, as in "
        "[105.85, 21.03]. QGIS converts a layer when it is exported in EPSG:4326."
    )
    messages = {
        geometry.Fault.FEATURE: tk._(
            "This is a Feature. Give what stands in its “geometry” alone."
        ),
        geometry.Fault.COLLECTION: tk._(
            "This is a FeatureCollection. Give one geometry, as in MultiPolygon or "
            "GeometryCollection; the features themselves belong into a file."
        ),
        geometry.Fault.SYSTEM: tk._("The coordinates are in another system ({detail}).")
        + f" {hint}",
        geometry.Fault.METRES: tk._("The coordinates are in metres, as those of VN-2000: {detail}.")
        + f" {hint}",
        geometry.Fault.SWAPPED: tk._(
            "Latitude stands before longitude: {detail}. Write longitude first, as in "
            "[105.85, 21.03]."
        ),
        geometry.Fault.OUTSIDE: tk._("There is no such place on the globe: {detail}.") + f" {hint}",
        geometry.Fault.OPEN: tk._(
            "A ring of the polygon is not closed. Repeat its first position at its end."
        ),
        geometry.Fault.NONE_AT_ALL: tk._(
            "This is not a geometry in GeoJSON of at most {limit} bytes."
        ),
    }
    return messages[error.fault].format(detail=error.detail, limit=values.TERM_BYTES)
