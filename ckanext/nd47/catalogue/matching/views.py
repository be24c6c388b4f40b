"""Officers' pages about items and datasets: matches and gaps."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue import pages
from ckanext.nd47.catalogue.items import listing
from ckanext.nd47.catalogue.matching import gaps
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_catalogue_matching"]

nd47_catalogue_matching = Blueprint(
    "nd47_catalogue_matching", __name__, url_prefix="/work/catalogues"
)
nd47_catalogue_matching.before_request(pages.require_account)
nd47_catalogue_matching.before_request(http.require_csrf_token)

PER_PAGE = 25
MATCHING = "nd47_catalogue_matching.matching"
GAPS = "nd47_catalogue_matching.show_gaps"


@nd47_catalogue_matching.get("/<name>/matching")
def matching(name: str) -> str:
    """Show the items without a dataset, with datasets that may be meant."""
    number = web_pages.number()
    chosen = pages.filters("q")
    match_page = http.act(
        "nd47_catalogue_match",
        catalogue=name,
        **chosen,
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    return tk.render(
        "nd47_catalogue/matching/matching.html",
        {
            "catalogue": http.act("nd47_catalogue_show", id=name),
            "found": match_page,
            "filters": chosen,
            "page": pages.pager(
                MATCHING, number, match_page["count"], {"name": name, **chosen}, PER_PAGE
            ),
        },
    )


@nd47_catalogue_matching.post("/<name>/matching")
def confirm(name: str) -> AnyResponse:
    """Link the dataset of a proposal with its item."""
    line_id, _, dataset = tk.request.form.get("pair", "").partition(" ")
    try:
        item = http.act("nd47_catalogue_link", catalogue=name, id=line_id, datasets=[dataset])
    except tk.ValidationError as error:
        for messages in inputs.error_messages(error).values():
            tk.h.flash_error(" ".join(messages))
    else:
        tk.h.flash_success(tk._("Linked: {name}").format(name=item["name"]))
    kept = {key: value for key, value in pages.filters("q", "page").items() if value}
    return tk.redirect_to(MATCHING, name=name, **kept)


@nd47_catalogue_matching.get("/gaps")
def show_gaps() -> str:
    """Show what is listed and not published, or published and not listed."""
    chosen = pages.filters("q", "agency")
    view = tk.request.args.get("view", "")
    view = view if view in gaps.VIEWS else gaps.UNPUBLISHED
    number = web_pages.number()
    gap_page = http.act(
        "nd47_catalogue_gaps",
        view=view,
        **chosen,
        limit=pages.PER_PAGE,
        offset=(number - 1) * pages.PER_PAGE,
    )
    agency = directory.get(chosen.get("agency"))
    return tk.render(
        "nd47_catalogue/matching/gaps.html",
        {
            "found": gap_page,
            "view": view,
            "filters": chosen,
            "agency_title": directory.display_title(agency) if agency else "",
            "page": pages.pager(GAPS, number, gap_page["count"], {"view": view, **chosen}),
            "statuses": listing.statuses(http.language()),
        },
    )
