"""The work list: `/work`, and the same by agency."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk import scope
from ckanext.nd47.desk.logic import schema
from ckanext.nd47.desk.work_list import export, labels, listing, remembered
from ckanext.nd47.desk.work_list import model as tables
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError
from ckanext.nd47.lib.web import http

__all__ = ["nd47_desk"]

nd47_desk = Blueprint("nd47_desk", __name__)

INDEX = "nd47_desk.index"
EVERYTHING = {"kind": ""}
"""Parameters of the list without filters: the address without any shows what was chosen last."""

PER_PAGE = 25
LAST_PAGE = 10**6
FORMATS = ", ".join(export.FORMATS)
LONGEST = 200
"""Characters of a filter at most."""


@nd47_desk.before_request
def require_account() -> Any:
    """Send visitors to log in, and back to the same address afterwards."""
    if not tk.g.user:
        return tk.redirect_to("user.login", came_from=tk.request.full_path.rstrip("?"))
    if not tables.ready():
        tk.abort(503, tables.message())
    return None


@nd47_desk.get("/work")
def index() -> Any:
    """Show what is to be done; an address without filters shows what was chosen last."""
    if not tk.request.args and (last := remembered.last(http.user_context())):
        return tk.redirect_to(INDEX, **last)
    filters = _filters("kind", "agency", "rule", "q", "sort")
    number = _page_number()
    work = http.act("nd47_work_list", **filters, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    remembered.keep(filters)
    agency = directory.get(filters.get("agency"))
    return tk.render(
        "nd47_desk/work.html",
        {
            "work": work,
            "filters": filters,
            "page": _pages(INDEX, filters, number, work["count"]),
            "kinds": _kinds(),
            "weights": labels.weights(),
            "sorts": labels.sorts(),
            "agency_title": directory.display_title(agency) if agency else "",
            "rule_title": _rule_title(filters.get("rule", "")),
            "formats": list(export.FORMATS),
            "address": _address(INDEX, filters),
        },
    )


@nd47_desk.get(f"/work.<any({FORMATS}):extension>")
def download(extension: str) -> Response:
    """Return the same list, all pages, as a file."""
    filters = _filters("kind", "agency", "rule", "q", "sort")
    work = http.act("nd47_work_list", **filters, limit=schema.LARGEST_TABLE)
    return _file(export.things(work), extension, "viec-cua-toi")


@nd47_desk.get("/work/agencies")
def agencies() -> str:
    """Show how much is to be done in each agency."""
    filters = _filters("kind", "rule", "q")
    number = _page_number()
    work = http.act("nd47_work_agencies", **filters, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return tk.render(
        "nd47_desk/agencies.html",
        {
            "work": work,
            "filters": filters,
            "page": _pages("nd47_desk.agencies", filters, number, work["count"]),
            "kinds": _kinds(),
            "rule_title": _rule_title(filters.get("rule", "")),
            "formats": list(export.FORMATS),
            "address": _address("nd47_desk.agencies", filters),
        },
    )


@nd47_desk.get(f"/work/agencies.<any({FORMATS}):extension>")
def download_agencies(extension: str) -> Response:
    """Return the numbers of the agencies as a file."""
    filters = _filters("kind", "rule", "q")
    work = http.act("nd47_work_agencies", **filters, limit=schema.LARGEST_PAGE)
    return _file(export.agencies(work, _kinds()), extension, "viec-theo-co-quan")


def _file(table: export.Table, extension: str, name: str) -> Response:
    try:
        return export.response(table, extension, name)
    except SheetError as error:
        tk.abort(503, str(error))


def _filters(*names: str) -> dict[str, str]:
    """Return the filters of the address; unknown values are left out."""
    filters = {name: tk.request.args.get(name, "").strip()[:LONGEST] for name in names}
    filters["q"] = "".join(filter(str.isprintable, filters["q"]))
    if filters["kind"] not in labels.kinds():
        filters["kind"] = ""
    if filters.get("sort") not in listing.SORTS[1:]:
        filters["sort"] = ""
    if filters["rule"] not in schema.rules():
        filters["rule"] = ""
    return {name: value for name, value in filters.items() if value and name in names}


def _kinds() -> dict[str, str]:
    """Return the kinds of work that the account can see: who edits nothing sees no drafts."""
    seen = scope.of(http.user_context(), below=False)
    return labels.kinds(unpublished=seen.everything or bool(seen.edits))


def _page_number() -> int:
    text = tk.request.args.get("page", "1")
    is_number = text.isascii() and text.isdigit() and len(text) < len(str(LAST_PAGE))
    return max(int(text), 1) if is_number else 1


def _pages(endpoint: str, filters: dict[str, str], number: int, count: int) -> Page:
    return Page(
        collection=range(count),
        page=number,
        url=lambda page, **_more: tk.url_for(endpoint, page=page, **filters),
        item_count=count,
        items_per_page=PER_PAGE,
        presliced_list=True,
    )


def _address(endpoint: str, filters: dict[str, str]) -> Callable[..., str]:
    """Return a function from changed filters to an address that keeps the others."""

    def address(to: str = endpoint, **changed: str) -> str:
        kept = {name: value for name, value in (filters | changed).items() if value}
        return tk.url_for(to, **(kept or EVERYTHING))

    return address


def _rule_title(rule: str) -> str:
    rules = tk.get_action("nd47_rule_list")(http.user_context(), {})["rules"] if rule else []
    return next((known["title"] for known in rules if known["rule"] == rule), rule)
