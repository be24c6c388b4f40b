"""The work list as a table for spreadsheet programs, without formulas."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.work_list import labels
from ckanext.nd47.desk.work_list.listing import AgencyList, WorkList
from ckanext.nd47.lib.files.spreadsheets import spreadsheet

FORMATS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": spreadsheet.XLSX_TYPE,
}
"""Media type by extension."""

Table = tuple[list[str], list[list[str]]]
"""Headings and rows."""


def things(work: WorkList) -> Table:
    """Return a list of things as a table."""
    kinds, weights = labels.kinds(), labels.weights()
    header = [
        tk._("Kind of work"),
        tk._("Urgency"),
        tk._("Agency"),
        tk._("Dataset"),
        tk._("What is to be done"),
        tk._("Day"),
        tk._("Points to gain"),
        tk._("Address"),
    ]
    rows = [
        [
            kinds[item["kind"]],
            weights[item["weight"]],
            item["agency"]["title"] if item["agency"] else "",
            item["dataset"]["title"] if item["dataset"] else "",
            item["words"],
            item["day"],
            "" if item["points"] is None else str(item["points"]),
            item["url"],
        ]
        for item in work["results"]
    ]
    return header, rows


def agencies(work: AgencyList, kinds: Mapping[str, str]) -> Table:
    """Return the numbers of each agency as a table.

    Args:
        work: the numbers.
        kinds: titles by code of the kinds that get a column.
    """
    header = [tk._("Agency"), *kinds.values(), tk._("Total")]
    rows = [
        [
            row["agency"]["title"],
            *(str(row["counts"][code]) for code in kinds),
            str(row["total"]),
        ]
        for row in work["results"]
    ]
    return header, rows


def response(table: Table, extension: str, name: str) -> Response:
    """Return a table as a file to download.

    Raises:
        SheetError: XLSX is asked for and openpyxl is not installed.
    """
    header, rows = table
    content = (
        spreadsheet.write_csv(header, rows)
        if extension == "csv"
        else spreadsheet.write_xlsx(header, rows, tk._("My work"))
    )
    reply = Response(content, content_type=FORMATS[extension])
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return reply
