"""Text pages, the description of the API and the sitemaps."""

from __future__ import annotations

import json
from collections.abc import Iterable

from flask import Blueprint, Response, request

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.portal import helpers, identity, openapi, sitemap, table_requests

__all__ = ["nd47_portal"]

MAX_AGE = 600
XML = "application/xml; charset=utf-8"

nd47_portal = Blueprint("nd47_portal", __name__)


nd47_portal.before_app_request(identity.show_favicon)


@nd47_portal.get("/terms-of-use")
def terms() -> str:
    """Show the terms of use of the portal."""
    return _text("terms", tk._("Terms of use"))


@nd47_portal.get("/accessibility")
def accessibility() -> str:
    """Show the accessibility statement."""
    return _text("accessibility", tk._("Accessibility"))


@nd47_portal.get("/contact")
def contact() -> str:
    """Show the contact page."""
    return _text("contact", tk._("Contact"))


@nd47_portal.get("/developers")
def developers() -> str:
    """Show the developers' page, with data of the portal as examples."""
    example = openapi.example()
    return tk.render(
        "nd47_portal/developers.html",
        {
            "title": tk._("For developers"),
            "site": config.site_base(),
            "example": example,
            "operations": openapi.operations(example),
            "ways": helpers.nd47_portal_ways(),
        },
    )


@nd47_portal.get("/developers/table/<resource_id>")
def table(resource_id: str) -> str:
    """Show the columns of a table, and requests for its rows with its own columns and values."""
    if not p.plugin_loaded("datastore"):
        tk.abort(404, tk._("This file has no table."))
    try:
        file = tk.get_action("resource_show")({}, {"id": resource_id})
        file_table = table_requests.of_table(file["id"])
    except (tk.ObjectNotFound, tk.NotAuthorized):
        # Whether a private file exists is no business of those who may not read it.
        tk.abort(404, tk._("This file has no table."))
    dataset = tk.get_action("package_show")({}, {"id": file["package_id"]})
    title = tk._("Data API: {file}").format(file=tk.h.resource_display_name(file))
    return tk.render(
        "nd47_portal/table.html",
        {"title": title, "file": file, "dataset": dataset, "table": file_table},
    )


@nd47_portal.get("/api/nd47/openapi.json")
def description() -> Response:
    """Return the OpenAPI 3.1 description of the API."""
    body = json.dumps(openapi.description(), ensure_ascii=False, indent=1)
    response = Response(body, content_type="application/json; charset=utf-8")
    # Tools on other sites may read it; it contains only public data.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@nd47_portal.get("/sitemap.xml")
def sitemap_index() -> Response:
    """Return the sitemap index."""
    return _sitemap(sitemap.index())


@nd47_portal.get("/sitemap-pages.xml")
def sitemap_pages() -> Response:
    """Return the sitemap of the pages of the portal and of its agencies."""
    return _sitemap(sitemap.of_pages())


@nd47_portal.get("/sitemap-datasets-<int(max=100000):number>.xml")
def sitemap_datasets(number: int) -> Response:
    """Return a sitemap of datasets."""
    if not 1 <= number <= sitemap.pages():
        tk.abort(404, tk._("There is no such page."))
    return _sitemap(sitemap.of_datasets(number))


def _sitemap(lines: Iterable[str]) -> Response:
    response = Response(content_type=XML)
    response.set_etag(sitemap.state())
    response.cache_control.public = True
    response.cache_control.max_age = MAX_AGE
    response.make_conditional(request)
    if response.status_code != 304:  # noqa: PLR2004 - not modified
        response.set_data("".join(lines))
    return response


def _text(page: str, title: str) -> str:
    return tk.render("nd47_portal/text.html", {"page": page, "title": title})
