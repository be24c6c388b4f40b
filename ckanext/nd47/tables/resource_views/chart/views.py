"""The pictures of charts."""

from __future__ import annotations

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.tables.resource_views import access, responses
from ckanext.nd47.tables.resource_views.chart import charts, picture
from ckanext.nd47.tables.resource_views.tables import TooLongError

__all__ = ["nd47_chart"]

nd47_chart = Blueprint("nd47_chart", __name__, url_prefix="/dataset/<id>/resource/<resource_id>")

_TYPES: dict[picture.Format, str] = {"svg": "image/svg+xml", "png": "image/png"}


@nd47_chart.get("/chart.svg")
def svg(id: str, resource_id: str) -> Response:
    """Return the chart of a table as SVG."""
    return _picture(id, resource_id, "svg")


@nd47_chart.get("/chart.png")
def png(id: str, resource_id: str) -> Response:
    """Return the chart of a table as PNG."""
    return _picture(id, resource_id, "png")


def _picture(id: str, resource_id: str, format_: picture.Format) -> Response:
    shown = access.shown(id, resource_id)
    try:
        body = charts.picture_of(
            shown, tk.request.args, format_, is_narrow="narrow" in tk.request.args
        )
    except TooLongError:
        tk.abort(503, tk._("The table is too large for this chart. Choose other columns."))
    if body is None:
        tk.abort(404, tk._("The table has nothing that a chart could show."))
    name = f"{shown.dataset['name']}.{format_}" if "download" in tk.request.args else ""
    return responses.content(body, _TYPES[format_], is_public=shown.is_public, name=name)
