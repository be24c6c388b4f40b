"""Pages of the fields (lĩnh vực): `/field` and `/field/<code>`."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page

from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata.fields import listing

__all__ = ["nd47_fields"]

nd47_fields = Blueprint("nd47_fields", __name__, url_prefix="/field")


@nd47_fields.get("")
def index() -> str:
    """List the fields that have datasets."""
    return tk.render("nd47/fields/index.html", {"fields": listing.published()})


@nd47_fields.get("/<code>")
def read(code: str) -> str:
    """Show the datasets, agencies and newest files of a field."""
    term = listing.find(code)
    if term is None:
        tk.abort(404, tk._("There is no such theme on this portal."))
    number = tk.h.get_page_number(tk.request.args)
    content = listing.content(code, number)
    page = Page(
        collection=content.datasets,
        page=number,
        url=lambda page, **_more: tk.url_for("nd47_fields.read", code=code, page=page),
        item_count=content.count,
        items_per_page=listing.PER_PAGE,
        presliced_list=True,
    )
    return tk.render(
        "nd47/fields/read.html",
        {
            "code": code,
            "label": term.text(http.language()),
            "icon": listing.icon(term),
            "page": page,
            "content": content,
            "files": listing.newest_files(code) if content.count else [],
        },
    )
