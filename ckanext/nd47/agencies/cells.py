"""Cells as offices write them, brought to what the validators of the register take."""

from __future__ import annotations

import datetime as dt
import re

from ckanext.nd47.agencies import columns
from ckanext.nd47.lib import values

TELEPHONES = frozenset({"telephone"})
WITH_LINES = frozenset({"telephone", "email"})
"""Fields in which a line break parts values."""

SERIAL = re.compile(r"[2-7]\d{4}")
"""A day as spreadsheet programs count it, from 1954 to 2118."""
FIRST_DAY = dt.date(1899, 12, 30)

WITHOUT_ZERO = re.compile(r"2\d{9}|[35789]\d{8}")
"""A whole number of the fixed or the mobile network, without the 0 that a number cell drops."""


def read(field: str, cell: str) -> str:
    """Return what a cell says: empty for `Không công bố`, a day for a serial number."""
    if field not in WITH_LINES:
        cell = " ".join(cell.split())
    if values.says_nothing(cell):
        return ""
    if field in TELEPHONES and WITHOUT_ZERO.fullmatch(cell):
        return f"0{cell}"
    if field in columns.DATES and SERIAL.fullmatch(cell):
        return (FIRST_DAY + dt.timedelta(days=int(cell))).isoformat()
    if field == "administrative_unit" and cell.isdecimal() and len(cell) in {1, 4}:
        return f"0{cell}"
    return cell
