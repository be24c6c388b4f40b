"""A view alone, for a frame on another page."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response

import ckan.plugins.toolkit as tk
from ckan.lib import datapreview

from ckanext.nd47.lib import config
from ckanext.nd47.lib.web import http
from ckanext.nd47.tables.resource_views import access
from ckanext.nd47.tables.resource_views.credit import credit

__all__ = ["nd47_embed"]

nd47_embed = Blueprint("nd47_embed", __name__, url_prefix="/embed")


@nd47_embed.get("/<view_id>")
def view(view_id: str) -> Response:
    """Show a view with source and licence; other sites may frame it if everybody may read it."""
    resource_view = http.act("resource_view_show", id=view_id)
    shown = access.shown(resource_view["package_id"], resource_view["resource_id"])
    plugin = datapreview.get_view_plugin(resource_view["view_type"])
    if plugin is None or plugin.info().get("iframed", True):
        tk.abort(404, tk._("This view cannot be embedded."))
    # The page of the dataset says whose data these are; no other site may leave that out.
    is_inside = "inside" in tk.request.args
    page = tk.render(
        "nd47_tables/views/embed.html",
        {
            "resource_view": resource_view,
            "resource": shown.resource,
            "package": shown.dataset,
            "credit": credit(shown.dataset),
            "license_url": shown.dataset.get("license_url") or "",
            "inside": is_inside,
        },
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = _policy(for_all=shown.is_public and not is_inside)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


def _policy(*, for_all: bool) -> str:
    """Return what the page may load, and who may frame it."""
    tiles = urlsplit(config.map_tiles().replace("{s}.", "*."))
    host = f" {tiles.scheme}://{tiles.netloc}" if tiles.netloc else ""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data:{host}",
            "connect-src 'self'",
            "frame-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {'*' if for_all else chr(39) + 'self' + chr(39)}",
        ]
    )
