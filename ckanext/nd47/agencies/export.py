"""The public register as files, in the shape that a province posts or sends."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ckanext.nd47.agencies import spreadsheet, transfer

FORMATS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": spreadsheet.XLSX_TYPE,
    "json": "application/json",
}
"""Media type by extension."""


def written(kind: str, rows: list[dict[str, str]], extension: str) -> bytes:
    """Return a table in a format.

    Raises:
        spreadsheet.SheetError: the portal cannot write it.
    """
    if extension == "json":
        return json.dumps(rows, ensure_ascii=False, indent=1).encode()
    header, cells = transfer.as_cells(kind, rows)
    if extension == "csv":
        return spreadsheet.write_csv(header, cells)
    return spreadsheet.write_xlsx(header, cells, kind)
