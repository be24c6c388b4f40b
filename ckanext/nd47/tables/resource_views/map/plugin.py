"""The plugin `nd47_map_view`: a map of a file or table with places."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.lib import config, plugins
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.resource_views import access, columns
from ckanext.nd47.tables.resource_views.map import rows, units, views

NAME = "nd47_map_view"

_ALWAYS = frozenset({"geojson", "kml", "shp", "shapefile"})


@tk.blanket.blueprints(plugins.member_list(views))
class MapView(p.SingletonPlugin):
    """A map of the places in a file or table."""

    p.implements(p.IResourceView, inherit=True)

    # IResourceView

    def info(self) -> dict[str, Any]:
        """Describe the view."""
        return {
            "name": NAME,
            "title": tk._("Map"),
            "default_title": tk._("Map"),
            "icon": "map-location-dot",
            "iframed": False,
            "preview_enabled": False,
        }

    def can_view(self, data_dict: DataDict) -> bool:
        """Return whether the resource has places."""
        return has_places(data_dict["resource"])

    def setup_template_variables(self, context: Context, data_dict: DataDict) -> dict[str, Any]:
        """Return what the map has to know before it loads the places."""
        dataset, resource = data_dict["package"], data_dict["resource"]
        address = {"id": dataset["name"], "resource_id": resource["id"]}
        extent = units.extent()
        return {
            "source": tk.url_for("nd47_map.geojson", **address),
            "list_url": tk.url_for("nd47_map.listed", **address),
            "ground": tk.url_for("nd47_map.ground") if units.are_set() else "",
            "extent": " ".join(str(number) for number in extent) if extent else "",
            "tiles": config.map_tiles(),
            "tiles_credit": config.map_tiles_credit(),
            "legend": tk.request.args.get("legend", ""),
            "is_here": access.is_uploaded(resource) or resource.get("datastore_active"),
        }

    def view_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of the view."""
        return "nd47_tables/views/map.html"

    def form_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of its form: a title and a description are all that it needs."""
        return "nd47_tables/views/form.html"


def has_places(resource: dict[str, Any]) -> bool:
    """Return whether a resource has places: its format, its check or its columns say so."""
    format_ = access.format_of(resource)
    if format_ in _ALWAYS:
        return True
    if format_ == "zip":
        check = model.Session.get(FileCheck, resource.get("id")) if tables.ready() else None
        return bool(check and check.understood.get("features"))
    return rows.place_of(columns.of_table(resource)) is not None
