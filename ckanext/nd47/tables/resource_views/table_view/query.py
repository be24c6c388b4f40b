"""Reads what the address of a table asks for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.datastore.dictionary.columns import ROW_NUMBER, TableColumn

SIZES = (20, 50, 100)
"""Rows of a page that somebody may choose."""

PREFIX = "filter:"
"""What the name of the parameter of a column begins with."""

LONGEST = 200
"""Characters of a search."""

COUNT_ALL = "all"
"""Value of the parameter `count` that asks for the number of all rows."""

_MOST_DIGITS = 6
_RANGE = re.compile(r"\.\.|…|–|—|\bđến\b|\s-\s")
_SIGNED = re.compile(r"(>=|<=|>|<|=|≥|≤)\s*(.+)")
_SIGNS = {">": "gt", ">=": "gte", "≥": "gte", "<": "lt", "<=": "lte", "≤": "lte", "=": "eq"}
_VIETNAMESE = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?")
_ENGLISH = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"(\d{1,2})[/.-](\d{4})")
_YEAR = re.compile(r"(\d{4})")

Condition = dict[str, str | float]
"""A condition of `datastore_search`: values by the name of the comparison."""


class NotUnderstoodError(ValueError):
    """A filter that is no number or date."""


@dataclass(frozen=True)
class Query:
    """What is asked for.

    Attributes:
        q: words that are searched in all columns.
        filters: what was typed, by column.
        sort: the column that the rows are sorted by, empty for the order of the file.
        descending: whether the largest come first.
        page: number of the page, from 1.
        size: rows of a page.
        is_counted: whether all rows are counted, also where that takes seconds.
        errors: what is wrong, by parameter.
    """

    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 1
    size: int = SIZES[1]
    is_counted: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)

    def parameters(self, **other: Any) -> list[tuple[str, str]]:
        """Return the parameters of an address for this, with changes; the first page has no number.

        Args:
            other: attributes that differ.
        """
        asked = replace(self, **other)
        pairs = [("q", asked.q)]
        pairs += [(PREFIX + column, value) for column, value in asked.filters.items()]
        if asked.sort:
            pairs += [("sort", asked.sort), ("order", "desc" if asked.descending else "")]
        if asked.size != SIZES[1]:
            pairs.append(("rows", str(asked.size)))
        if asked.is_counted:
            pairs.append(("count", COUNT_ALL))
        if asked.page > 1:
            pairs.append(("page", str(asked.page)))
        return [(name, value) for name, value in pairs if value]


def read(arguments: MultiDict[str, str], columns: Sequence[TableColumn]) -> Query:
    """Read the parameters of an address; what is wrong is in `errors`."""
    errors: dict[str, str] = {}
    known = {column["id"]: column for column in columns}
    filters = {
        name.removeprefix(PREFIX): value.strip()
        for name, value in arguments.items()
        if name.startswith(PREFIX) and value.strip()
    }
    too_long = tk._("This is too long: at most {limit} characters.").format(limit=LONGEST)
    for column, value in filters.items():
        if column not in known:
            errors[PREFIX + column] = tk._("The table has no column “{column}”.").format(
                column=column[:100]
            )
        elif len(value) > LONGEST:
            errors[PREFIX + column] = too_long
        elif message := _problem(value, known[column]):
            errors[PREFIX + column] = message
    q = arguments.get("q", "").strip()
    if len(q) > LONGEST:
        errors["q"] = too_long
    sort = arguments.get("sort", "")
    if sort and sort not in known:
        errors["sort"] = tk._("The table has no column “{column}”.").format(column=sort[:100])
    return Query(
        q=q,
        filters=filters,
        sort=sort,
        descending=arguments.get("order") == "desc",
        page=_number(arguments, "page", 1, errors),
        size=_size(arguments, errors),
        is_counted=arguments.get("count") == COUNT_ALL,
        errors=errors,
    )


def search(query: Query, columns: Sequence[TableColumn]) -> dict[str, Any]:
    """Return the parameters of `datastore_search` for a query without errors."""
    types = {column["id"]: column["type"] for column in columns}
    words: dict[str, str] = {}
    conditions: dict[str, Condition] = {}
    for column, value in query.filters.items():
        if types[column] == "text":
            words[column] = value
        else:
            conditions[column] = condition(value, types[column])
    asked: dict[str, Any] = {"filters": conditions}
    if query.q:
        asked["full_text"] = query.q
    if words:
        asked["q"] = words
    if query.sort:
        order = "desc" if query.descending else "asc"
        asked["sort"] = f'"{query.sort}" {order} nulls last, "{ROW_NUMBER}" asc'
    return asked


def condition(value: str, kind: str) -> Condition:
    """Return the condition that a text typed for a column of numbers or dates means.

    `5`, `> 5`, `5..10`, `1.234,5`; `2024`, `7/2024`, `01/07/2024`, `2024-07-01`, `2023..2024`.

    Raises:
        NotUnderstoodError: the text is no condition.
    """
    sign = _SIGNED.fullmatch(value)
    parts = [sign[2]] if sign else [part.strip() for part in _RANGE.split(value)]
    if len(parts) > 2:  # noqa: PLR2004 - from, to
        raise NotUnderstoodError(value)
    if kind == "number":
        numbers = [_as_number(part) if part else None for part in parts]
        if sign:
            return {_SIGNS[sign[1]]: _required(numbers[0])}
        return (
            _between(numbers[0], numbers[-1], "lte")
            if len(parts) > 1
            else {"eq": _required(numbers[0])}
        )
    spans = [_span(part) if part else None for part in parts]
    if not sign:
        first, last = spans[0], spans[-1]
        return _between(first and first[0], last and last[1], "lt")
    start, end = _required(spans[0])
    return {
        ">": {"gte": end}, ">=": {"gte": start}, "≥": {"gte": start}, "<": {"lt": start},
        "<=": {"lt": end}, "≤": {"lt": end}, "=": {"gte": start, "lt": end},
    }[sign[1]]  # fmt: skip


def _between(low: Any, high: Any, name: str) -> Condition:
    bounds = {key: value for key, value in (("gte", low), (name, high)) if value is not None}
    if not bounds:
        raise NotUnderstoodError
    return bounds


def _required(value: Any) -> Any:
    if value is None:
        raise NotUnderstoodError
    return value


def _as_number(written: str) -> float:
    plain = "".join(written.split())
    if not plain.isascii() or len(plain) > 40:  # noqa: PLR2004 - no number is as long
        raise NotUnderstoodError(written)
    if _VIETNAMESE.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _ENGLISH.fullmatch(plain):
        plain = plain.replace(",", "")
    elif not _PLAIN.fullmatch(plain):
        raise NotUnderstoodError(written)
    return float(plain)


def _span(written: str) -> tuple[str, str]:
    """Return the first day of a day, month or year, and the first day after it."""
    plain = written.strip()
    if not plain.isascii():
        raise NotUnderstoodError(written)
    try:
        if match := _ISO_DAY.fullmatch(plain):
            first = dt.date(int(match[1]), int(match[2]), int(match[3]))
            after = first + dt.timedelta(days=1)
        elif match := _DAY.fullmatch(plain):
            first = dt.date(int(match[3]), int(match[2]), int(match[1]))
            after = first + dt.timedelta(days=1)
        elif match := _MONTH.fullmatch(plain):
            first = dt.date(int(match[2]), int(match[1]), 1)
            after = (first + dt.timedelta(days=31)).replace(day=1)
        elif match := _YEAR.fullmatch(plain):
            first = dt.date(int(match[1]), 1, 1)
            after = first.replace(year=first.year + 1)
        else:
            raise NotUnderstoodError(written)
    except (ValueError, OverflowError) as error:
        raise NotUnderstoodError(written) from error
    return first.isoformat(), after.isoformat()


def _problem(value: str, column: TableColumn) -> str:
    """Return what is wrong with a filter, empty if nothing is."""
    if column["type"] == "text":
        return ""
    try:
        condition(value, column["type"])
    except NotUnderstoodError:
        if column["type"] == "number":
            return tk._("Write a number, such as 1.234,5, or a range, such as 10..20 or > 10.")
        return tk._("Write a day, month or year, such as 01/07/2025, 7/2025 or 2023..2025.")
    return ""


def _number(arguments: MultiDict[str, str], name: str, default: int, errors: dict[str, str]) -> int:
    written = arguments.get(name, str(default)).strip()
    if written.isascii() and written.isdigit() and 0 < len(written.lstrip("0")) <= _MOST_DIGITS:
        return int(written)
    errors[name] = tk._("The number of a page is a whole number from 1 on.")
    return default


def _size(arguments: MultiDict[str, str], errors: dict[str, str]) -> int:
    written = arguments.get("rows", str(SIZES[1]))
    if written not in map(str, SIZES):
        errors["rows"] = tk._("Choose one of the values.")
        return SIZES[1]
    return int(written)


def heading_is_of_years(column: TableColumn) -> bool:
    """Return whether a column of numbers has years, which are written without a dot."""
    words = text.fold(f"{column['id']} {column['label']}".replace("_", " ")).split()
    return "nam" in words or "year" in words
