"""Writes the register as CSV, XLSX or JSON that can be imported again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.import_export import columns
from ckanext.nd47.agencies.lookup import listing
from ckanext.nd47.lib.files.spreadsheets import spreadsheet

FORMATS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": spreadsheet.XLSX_TYPE,
    "json": "application/json",
}
"""Media type by extension."""

NAMES: Mapping[str, str] = {columns.AGENCIES: "co-quan", columns.FOCAL_POINTS: "dau-moi"}
"""Name of the file by kind of table."""


def rows(
    kind: str, filters: Mapping[str, Any], level: permissions.Level = "public"
) -> list[dict[str, str]]:
    """Return the register as rows, cells by field in the order of the columns."""
    if kind == columns.AGENCIES:
        entries = _agencies(filters)
    else:
        entries = [
            {**person, "agency": person["agency_code"] or person["agency_name"]}
            for person in listing.focal_points(filters, None, 0, level)["results"]
        ]
    names = columns.HEADINGS[kind]
    return [{name: str(entry[name]) for name in names if name in entry} for entry in entries]


def _agencies(filters: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the agencies with the codes, else the names, of superior agency and successor."""
    agencies = listing.agencies(filters, None, 0)["results"]
    codes = {agency["id"]: agency["code"] or agency["name"] for agency in agencies}
    return [
        {
            **agency,
            "parent": codes.get(agency["parent"], agency["parent"]),
            "successor": codes.get(agency["successor"], agency["successor"]),
        }
        for agency in agencies
    ]


def write(kind: str, rows: list[dict[str, str]], extension: str) -> bytes:
    """Return a table as a file.

    Raises:
        SheetError: XLSX is asked for and openpyxl is not installed.
    """
    if extension == "json":
        return json.dumps(rows, ensure_ascii=False, indent=1).encode()
    header, cells = columns.as_cells(kind, rows)
    if extension == "csv":
        return spreadsheet.write_csv(header, cells)
    return spreadsheet.write_xlsx(header, cells, kind)


def response(content: bytes, kind: str, extension: str, prefix: str = "") -> Response:
    """Return a table as a file to download."""
    reply = Response(content, content_type=FORMATS[extension])
    name = "-".join(filter(None, (prefix, NAMES[kind])))
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return reply
