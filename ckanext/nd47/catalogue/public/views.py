"""Public pages: `/catalogues`."""

from __future__ import annotations

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue import pages
from ckanext.nd47.catalogue.editions import files
from ckanext.nd47.catalogue.items import listing
from ckanext.nd47.catalogue.public import planned as planned_items
from ckanext.nd47.catalogue.records import fields, stored
from ckanext.nd47.catalogue.records.model import IN_PUBLIC
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_catalogues"]

nd47_catalogues = Blueprint("nd47_catalogues", __name__, url_prefix="/catalogues")
nd47_catalogues.before_request(pages.require_tables)

READ = "nd47_catalogues.read"
FILTERS = ("q", "provider", "field", "status")
IN_FACTS = ("other", "note", "columns", "group_title", *fields.FOR_OFFICERS)
"""Fields that the list of facts of an item leaves out."""


@nd47_catalogues.get("")
def index() -> str:
    """Show the issued catalogues."""
    chosen = pages.filters("q", "kind")
    number = web_pages.number()
    catalogues = http.act(
        "nd47_catalogue_list",
        **chosen,
        state="issued",
        limit=pages.PER_PAGE,
        offset=(number - 1) * pages.PER_PAGE,
    )
    return tk.render(
        "nd47_catalogue/public/index.html",
        {
            "found": catalogues,
            "filters": chosen,
            "kinds": pages.codes("catalogue-kind"),
            "page": pages.pager("nd47_catalogues.index", number, catalogues["count"], chosen),
            "statuses": listing.statuses(http.language()),
        },
    )


@nd47_catalogues.get(f"/planned.<any({', '.join(planned_items.FORMATS)}):extension>")
def planned(extension: str) -> Response:
    """Return the items in force that are not published yet, as RDF."""
    content = planned_items.content(extension)
    return Response(content, content_type=f"{planned_items.MEDIA_TYPES[extension]}; charset=utf-8")


@nd47_catalogues.get("/<name>")
def read(name: str) -> str:
    """Show an issued catalogue with its items."""
    catalogue = _issued(name)
    chosen = pages.filters(*FILTERS)
    number = web_pages.number()
    try:
        items = http.act(
            "nd47_catalogue_item_list",
            catalogue=name,
            **chosen,
            limit=pages.PER_PAGE,
            offset=(number - 1) * pages.PER_PAGE,
        )
    except tk.ValidationError as error:
        tk.abort(400, " ".join(sum(inputs.error_messages(error).values(), [])))
    agency = directory.get(chosen.get("provider"))
    return tk.render(
        "nd47_catalogue/public/read.html",
        {
            "catalogue": catalogue,
            "items": items,
            "filters": chosen,
            "provider_title": directory.display_title(agency) if agency else "",
            "page": pages.pager(READ, number, items["count"], {"name": name, **chosen}),
            "statuses": listing.statuses(http.language()),
            "field_titles": pages.codes("field"),
        },
    )


@nd47_catalogues.get("/<name>/items/<line_id>")
def item(name: str, line_id: str) -> str:
    """Show an item of an issued catalogue with its datasets."""
    catalogue = _issued(name)
    item_dict = http.act("nd47_catalogue_item_show", catalogue=name, id=line_id)
    return tk.render(
        "nd47_catalogue/public/item.html",
        {
            "catalogue": catalogue,
            "item": item_dict,
            "facts": [field for field in fields.of_items() if field.name not in IN_FACTS],
            "statuses": listing.statuses(http.language()),
        },
    )


@nd47_catalogues.get("/<name>/decision")
def signed_file(name: str) -> Response:
    """Return the signed file; of a draft to those who read it."""
    catalogue = http.act("nd47_catalogue_show", id=name)
    try:
        row, content = files.of_catalogue(stored.catalogue(catalogue["id"]))
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))
    reply = Response(content, content_type=row.media_type)
    reply.headers.set("Content-Disposition", "attachment", filename=row.name)
    reply.headers["X-Content-Type-Options"] = "nosniff"
    return reply


def _issued(name: str) -> dict[str, object]:
    """Return an issued catalogue; drafts have no public page."""
    catalogue = http.act("nd47_catalogue_show", id=name)
    if catalogue["state"] not in IN_PUBLIC:
        tk.abort(404, tk._("There is no such catalogue."))
    return catalogue
