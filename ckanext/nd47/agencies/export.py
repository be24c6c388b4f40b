"""The public register as files, in the shape that a province posts or sends."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Response

from ckanext.nd47.agencies import columns, spreadsheet

FORMATS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": spreadsheet.XLSX_TYPE,
    "json": "application/json",
}
"""Media type by extension."""

NAMES: Mapping[str, str] = {columns.AGENCIES: "co-quan", columns.FOCAL_POINTS: "dau-moi"}
"""Name of the file by kind of table."""


def written(kind: str, rows: list[dict[str, str]], extension: str) -> bytes:
    """Return a table in a format.

    Raises:
        spreadsheet.SheetError: the portal cannot write it.
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
