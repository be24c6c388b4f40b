"""The page of a table, and its downloads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, stream_with_context

import ckan.plugins.toolkit as tk
from ckan.lib import munge

from ckanext.nd47.lib.files.spreadsheets.spreadsheet import XLSX_TYPE
from ckanext.nd47.lib.web import http
from ckanext.nd47.tables.datastore.dictionary import columns as dictionary
from ckanext.nd47.tables.datastore.dictionary.columns import TableColumn
from ckanext.nd47.tables.resource_views.table_view import downloads, query, rows, shown
from ckanext.nd47.tables.resource_views.table_view.query import Query

__all__ = ["nd47_table"]

nd47_table = Blueprint(
    "nd47_table", __name__, url_prefix="/dataset/<id>/resource/<resource_id>/table"
)

MOST_COLUMNS = 60
"""Columns on the page; the downloads have all."""

_NEIGHBOURS = 2


@nd47_table.get("")
def read(id: str, resource_id: str) -> Response | tuple[str, int]:
    """Show a table."""
    dataset, resource, columns = _table(id, resource_id)
    asked = query.read(tk.request.args, columns)
    result_page = _page(resource_id, asked, columns)
    pages = max(1, -(-result_page.total // asked.size))
    has_next = asked.page < pages or (result_page.is_more and bool(result_page.records))
    visible = columns[:MOST_COLUMNS]
    page = tk.render(
        "nd47_tables/table.html",
        {
            "pkg_dict": dataset,
            "dataset_type": dataset["type"],
            "resource": resource,
            "columns": visible,
            "hidden": len(columns) - len(visible),
            "query": asked,
            "total": result_page.total,
            "is_more": result_page.is_more,
            "rows": shown.rows(result_page.records, visible, http.language()),
            "has_next": has_next,
            "numbers": _page_numbers(
                asked.page, asked.page + has_next if result_page.is_more else pages
            ),
            "address": lambda **other: address(dataset["name"], resource_id, asked, **other),
            "download": lambda kind, **more: _download_address(
                dataset["name"], resource_id, asked, kind, **more
            ),
            "prefix": query.PREFIX,
            "sizes": query.SIZES,
            "has_xlsx": result_page.is_more or result_page.total <= downloads.MOST_XLSX_ROWS,
        },
    )
    return page, 400 if asked.errors else 200


@nd47_table.get("/rows.csv")
def csv(id: str, resource_id: str) -> Response:
    """Send the rows of the address as CSV."""
    dataset, resource, columns = _table(id, resource_id)
    records = _every(resource_id, _valid(columns), columns)
    parts = downloads.csv_parts(records, columns, by_label=_by_label())
    response = Response(stream_with_context(parts), content_type="text/csv; charset=utf-8")
    return _named(response, dataset, resource, "csv")


@nd47_table.get("/rows.xlsx")
def xlsx(id: str, resource_id: str) -> Response:
    """Send the rows of the address as XLSX."""
    dataset, resource, columns = _table(id, resource_id)
    asked = _valid(columns)
    if _are_more(resource_id, asked, columns, downloads.MOST_XLSX_ROWS):
        message = tk._("A workbook has at most {limit} rows here: filter the table, or use CSV.")
        limit = shown.number(downloads.MOST_XLSX_ROWS, http.language())
        tk.abort(400, message.format(limit=limit))
    file = downloads.xlsx(_every(resource_id, asked, columns), columns, by_label=_by_label())
    response = Response(iter(lambda: file.read(2**16), b""), content_type=XLSX_TYPE)
    response.call_on_close(file.close)
    return _named(response, dataset, resource, "xlsx")


def first_rows(resource: dict[str, Any], package: dict[str, Any]) -> dict[str, Any]:
    """Return what the view of a table on the page of its file shows: its first rows."""
    columns = dictionary.of_resource(resource)
    asked = Query(size=query.SIZES[0])
    context = http.user_context()
    try:
        result_page = rows.page(context, resource["id"], asked, columns)
    except (tk.ObjectNotFound, tk.NotAuthorized):
        result_page = rows.Page((), 0)
    visible = columns[:MOST_COLUMNS]
    return {
        "columns": visible,
        "rows": shown.rows(result_page.records, visible, http.language()),
        "total": result_page.total,
        "url": tk.url_for("nd47_table.read", id=package["name"], resource_id=resource["id"]),
    }


def address(name: str, resource_id: str, asked: Query, **other: Any) -> str:
    """Return the address of a table as it is asked for, with changes."""
    parameters = asked.parameters(**other)
    url = tk.url_for("nd47_table.read", id=name, resource_id=resource_id)
    return f"{url}?{urlencode(parameters)}" if parameters else url


def _download_address(
    name: str, resource_id: str, asked: Query, kind: str, *, by_label: bool
) -> str:
    parameters = asked.parameters(page=1, size=query.SIZES[1])
    if by_label:
        parameters.append(("headings", "labels"))
    url = tk.url_for(f"nd47_table.{kind}", id=name, resource_id=resource_id)
    return f"{url}?{urlencode(parameters)}" if parameters else url


def _table(id: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any], list[TableColumn]]:
    """Return the dataset, the file and the columns of the address."""
    dataset = http.act("package_show", id=id)
    resource = next((r for r in dataset["resources"] if r["id"] == resource_id), None)
    if resource is None or not resource.get("datastore_active"):
        tk.abort(404, tk._("This file has no table."))
    columns = dictionary.of_resource(resource)
    if not columns:
        tk.abort(404, tk._("This file has no table."))
    return dataset, resource, columns


def _valid(columns: list[TableColumn]) -> Query:
    """Return what the address asks for; what is wrong with it is the answer."""
    asked = query.read(tk.request.args, columns)
    for message in asked.errors.values():
        tk.abort(400, message)
    return asked


def _page(resource_id: str, asked: Query, columns: list[TableColumn]) -> rows.Page:
    with _refusals():
        return rows.page(http.user_context(), resource_id, asked, columns)


def _are_more(resource_id: str, asked: Query, columns: list[TableColumn], most: int) -> bool:
    with _refusals():
        return rows.are_more(http.user_context(), resource_id, asked, columns, most)


def _every(resource_id: str, asked: Query, columns: list[TableColumn]) -> Iterator[rows.Record]:
    """Return all rows; the first are read at once, so that a refusal is the answer."""
    records = rows.every(http.user_context(), resource_id, asked, columns)
    with _refusals():
        first = list(islice(records, 1))
    return chain(first, records)


@contextmanager
def _refusals() -> Iterator[None]:
    """Answer with what prevents a search."""
    try:
        yield
    except tk.ObjectNotFound:
        tk.abort(404, tk._("This file has no table."))
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
    except tk.ValidationError:
        tk.abort(400, tk._("The table cannot be searched like this."))


def _by_label() -> bool:
    return tk.request.args.get("headings") == "labels"


def _named(
    response: Response, dataset: dict[str, Any], resource: dict[str, Any], extension: str
) -> Response:
    stem = munge.munge_filename(resource.get("name") or dataset["name"])[:80].rstrip(".-") or "bang"
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.{extension}"'
    return response


def _page_numbers(page: int, pages: int) -> list[int]:
    """Return the pages to link: the first, the last and those beside this one."""
    near = range(page - _NEIGHBOURS, page + _NEIGHBOURS + 1)
    return sorted({1, pages, *(number for number in near if 1 <= number <= pages)})
