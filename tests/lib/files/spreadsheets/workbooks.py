"""Excel files for the tests of the import."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl


def xlsx(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    """Return an XLSX file with these rows.

    Args:
        rows: cells of the first sheet.
        change: what else is done with the workbook.
    """
    workbook: Any = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    if change:
        change(workbook)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()
