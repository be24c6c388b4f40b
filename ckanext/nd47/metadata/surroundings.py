"""Places of a dataset far from where the portal is: most often a mistake, so its editors are told.

They are not refused, because data may be about places elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.nd47.lib import config, geometry
from ckanext.nd47.metadata import dataset_reader

log = logging.getLogger(__name__)

GEOMETRIES = ("geom", "bbox", "centroid")
SPATIAL = "spatial"
"""Where ckanext-spatial keeps the geometry of a dataset."""


def outside(dataset: Mapping[str, Any]) -> str:
    """Return the first position of a dataset's geometries outside the area, or nothing."""
    extent = area()
    for shape in _shapes(dataset):
        found = geometry.outside(shape, extent)
        if found:
            return found
    return ""


def area() -> geometry.Extent:
    """Return the area that the portal serves, where it is set; else Viet Nam and its sea."""
    try:
        return geometry.read_extent(config.dcat_extent()) or geometry.VIET_NAM
    except ValueError:
        log.warning("Option %s holds no extent: %r", config.DCAT_EXTENT, config.dcat_extent())
        return geometry.VIET_NAM


def _shapes(dataset: Mapping[str, Any]) -> Iterator[Any]:
    """Go through the sound geometries: what is stored may be older than their check."""
    places = dataset_reader.groups(dataset, "spatial_coverage")
    given = [place.get(name) for place in places for name in GEOMETRIES]
    for one in (*given, dataset.get(SPATIAL) or dataset_reader.text(dataset, SPATIAL)):
        if one:
            with contextlib.suppress(geometry.GeometryError):
                yield json.loads(geometry.geojson(one))
