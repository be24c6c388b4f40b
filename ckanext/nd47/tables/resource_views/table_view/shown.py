"""Writes values of tables as people read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ckanext.nd47.tables.datastore.dictionary.columns import TableColumn
from ckanext.nd47.tables.resource_views.table_view.query import heading_is_of_years

LONGEST = 500
"""Characters of a cell on the page; the downloads have all."""

_FIRST_YEAR, _LAST_YEAR = 1000, 2999
_MOST_DECIMALS = 6


def rows(
    records: Sequence[Mapping[str, Any]], columns: Sequence[TableColumn], language: str
) -> list[list[str]]:
    """Return the cells of a page.

    Args:
        records: as `datastore_search` returns them.
        columns: the columns that are shown.
        language: `vi` writes 1.234,5; others write 1,234.5.
    """
    years = {column["id"] for column in columns if heading_is_of_years(column)}
    return [
        [cell(record.get(c["id"]), c, language, is_year=c["id"] in years) for c in columns]
        for record in records
    ]


def cell(value: Any, column: TableColumn, language: str, *, is_year: bool = False) -> str:
    """Return a value as it is read: 1.234,5, 01/07/2025, 08:30 01/07/2025."""
    if value is None:
        return ""
    kind = column["type"]
    if kind == "number" and isinstance(value, (int, float, Decimal)):
        return number(value, language, is_year=is_year)
    if kind in {"date", "timestamp"}:
        return moment(str(value), language)
    written = str(value)
    return written if len(written) <= LONGEST else f"{written[:LONGEST]}…"


def number(value: float | Decimal, language: str, *, is_year: bool = False) -> str:
    """Return a number with signs between its thousands, and with the decimals that it has."""
    whole = value == value // 1 if abs(value) < 1e15 else True  # noqa: PLR2004 - all are whole
    if is_year and whole and _FIRST_YEAR <= value <= _LAST_YEAR:
        return str(int(value))
    written = f"{int(value):,}" if whole else f"{Decimal(str(value)):,f}"
    return written.translate(_VIETNAMESE) if language == "vi" else written


_VIETNAMESE = str.maketrans(",.", ".,")


def moment(value: str, language: str) -> str:
    """Return a date, day first, after its time if it has one."""
    try:
        parsed = dt.datetime.fromisoformat(value)
    except ValueError:
        return value
    day = (
        f"{parsed:%d/%m/}{parsed.year:04}"
        if language == "vi"
        else f"{parsed:%d %b }{parsed.year:04}"
    )
    if parsed.time() == dt.time():
        return day
    return f"{parsed:%H:%M:%S} {day}" if parsed.second else f"{parsed:%H:%M} {day}"
