"""The places of a resource for its map, and as a list."""

from __future__ import annotations

import json

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import process
from ckanext.nd47.tables.resource_views import access, cache, responses
from ckanext.nd47.tables.resource_views.map import places, units

__all__ = ["nd47_map"]

nd47_map = Blueprint("nd47_map", __name__)

GEOJSON = "application/geo+json"
MOST_LISTED = 200
_EMPTY = b'{"type":"FeatureCollection","features":[]}'


@nd47_map.get("/dataset/<id>/resource/<resource_id>/places.geojson")
def geojson(id: str, resource_id: str) -> Response:
    """Return the places of a resource; 422 with a sentence if there are none."""
    shown = access.shown(id, resource_id)
    try:
        body = places.of_resource(shown)
    except places.NoMapError as error:
        return Response(
            json.dumps({"message": str(error)}, ensure_ascii=False),
            422,
            content_type="application/json; charset=utf-8",
        )
    return responses.content(body, GEOJSON, is_public=shown.is_public)


@nd47_map.get("/dataset/<id>/resource/<resource_id>/places")
def listed(id: str, resource_id: str) -> str:
    """Show the places of a resource as a list, for those who do not use the map."""
    shown = access.shown(id, resource_id)
    try:
        collection, problem = json.loads(places.of_resource(shown)), ""
    except places.NoMapError as error:
        collection, problem = {"nd47": {}, "features": []}, str(error)
    return tk.render(
        "nd47_tables/views/places.html",
        {
            "pkg_dict": shown.dataset,
            "dataset_type": shown.dataset["type"],
            "resource": shown.resource,
            "about": collection["nd47"],
            "places": [feature["properties"] for feature in collection["features"][:MOST_LISTED]],
            "count": len(collection["features"]),
            "problem": problem,
        },
    )


@nd47_map.get("/map/units.geojson")
def ground() -> Response:
    """Return the units of the province, the ground of all maps."""
    try:
        body = units.ground()
    except (FileError, process.ProcessError, cache.BusyError):
        body = None
    return responses.content(body or _EMPTY, GEOJSON, is_public=not tk.g.user)
