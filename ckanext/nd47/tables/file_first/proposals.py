"""What follows from a file: proposals for the fields of its dataset."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates, stated_periods
from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.check.cells import heading_words
from ckanext.nd47.tables.check.examine import Quick
from ckanext.nd47.tables.check.report import ColumnDict
from ckanext.nd47.tables.check.sample import Sample
from ckanext.nd47.tables.communes import names, today
from ckanext.nd47.tables.file_first import alike as like
from ckanext.nd47.tables.findings import messages

LONGEST_TITLE = 300
SHORTEST_TITLE = 8
MOST_COLUMNS = 60
MOST_NAMED = 8
_FREQUENCIES = ((45, "hang-thang"), (100, "hang-quy"), (200, "sau-thang"), (380, "hang-nam"))
"""Days of a period at most, and the frequency that follows from it."""

_WEEK = 7
_COMMUNE_CODE = re.compile(r"\d{5}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_HEADING = re.compile(r"^(?:nam|year)$")
_UNITS = re.compile(r"^(?:đơn vị|đvt|biểu|mẫu|phụ lục|ban hành|kèm theo|\(|ngày)", re.IGNORECASE)
_AGENCIES = re.compile(
    r"^(?:ủy ban|ubnd|sở |phòng |cục |chi cục|cộng h|độc lập|bộ )", re.IGNORECASE
)
"""Lines above a table that are not its title: units, forms, and the head of an official letter."""


class Proposals(TypedDict):
    """Proposals, by the names of the nd47 schema; what nothing follows for is missing."""

    dataset: dict[str, Any]
    resource: dict[str, Any]


def of(context: Context, name: str, quick: Quick, agency_id: str) -> Proposals:
    """Return what follows from a file.

    Args:
        context: of the account, which decides what it sees of like datasets.
        name: name of the file.
        quick: what could be told about it at once.
        agency_id: the agency that publishes it.
    """
    sample = quick["sample"]
    title = title_of(name, sample["lines"])
    period = stated_periods.in_file(name, sample["lines"])
    columns = quick["report"]["parts"][0]["columns"] if quick["report"]["parts"] else []
    words = set(text.fold(" ".join([title, *(column["name"] for column in columns)])).split())
    alike = like.find(context, text.fold(title).split(), agency_id)
    dataset: dict[str, Any] = {
        "title": title,
        "notes": _description(quick, columns),
        "tag_string": ", ".join(like.keywords(alike, words)),
        "theme": like.themes(alike),
        "open_data_category": like.category(alike),
        "frequency": _frequency(period),
        "temporal_coverage": _covered(sample, period),
        "spatial_coverage": _place(sample, title, alike),
        "language": [_language(title, sample)],
    }
    resource: dict[str, Any] = {
        "name": title,
        "period": period,
        "format": quick["report"]["format"],
        "data_dictionary": _dictionary(columns, like.meanings(alike)),
    }
    return Proposals(
        dataset={key: value for key, value in dataset.items() if value},
        resource={key: value for key, value in resource.items() if value},
    )


def title_of(name: str, lines: Iterable[str]) -> str:
    """Return the title of a table: the line above it, else the name of the file in words."""
    titles = [
        line
        for line in lines
        if len(line) >= SHORTEST_TITLE
        and not _UNITS.match(line.strip())
        and not _AGENCIES.match(line.strip())
    ]
    if titles:
        return _sentence(max(titles[:5], key=len))[:LONGEST_TITLE]
    stem = re.sub(r"[_\s-]+", " ", PurePosixPath(name).stem).strip()
    return _sentence(text.nfc(stem))[:LONGEST_TITLE]


def _sentence(line: str) -> str:
    """Return a line as a sentence begins: capitals all through become small letters."""
    line = " ".join(text.nfc(line).split()).strip(" .:-–")
    if line.isupper():
        line = line.lower()
    return line[:1].upper() + line[1:]


def _description(quick: Quick, columns: list[ColumnDict]) -> str:
    named = [column["name"] for column in columns if column["name"]]
    if not named:
        return ""
    shown = ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")
    if quick["is_part"]:
        return tk._("A table with the columns: {columns}.").format(columns=shown)
    rows = quick["report"]["parts"][0]["rows"]
    return tk._("A table of {rows} rows with the columns: {columns}.").format(
        rows=f"{rows:,}".replace(",", "."), columns=shown
    )


def _frequency(period: str) -> str:
    if not period:
        return ""
    span = dates.period_days(period)
    days = (span.last - span.first).days + 1
    if days <= _WEEK:
        return ""
    return next((code for most, code in _FREQUENCIES if days <= most), "")


def _covered(sample: Sample, period: str) -> list[dict[str, str]]:
    """Return the time that the data are about: the period stated, else the dates in the table."""
    if period:
        span = dates.period_days(period)
        return [{"start": span.first.isoformat(), "end": span.last.isoformat()}]
    years = [
        int(value)
        for column in sample["columns"]
        if _YEAR_HEADING.match(text.fold(column["name"]))
        for value in column["values"]
        if _YEAR.fullmatch(value)
    ]
    if years:
        return [{"start": f"{min(years)}-01-01", "end": f"{max(years)}-12-31"}]
    today = dates.today().isoformat()
    spans = [(column["first"], column["last"]) for column in sample["columns"] if column["first"]]
    if len(spans) != 1 or spans[0][1] > today or _is_odd(spans[0][0]):
        return []
    return [{"start": spans[0][0], "end": spans[0][1]}]


def _is_odd(first: str) -> bool:
    """Return whether a date is too far back for the period of a table, such as one of birth."""
    return dt.date.fromisoformat(first).year < dates.today().year - 30


def _place(sample: Sample, title: str, alike: like.Alike) -> list[dict[str, Any]]:
    for column in sample["columns"]:
        kind = names.headed(heading_words(column["name"]))
        if kind and (code := _place_code(kind, column["values"])):
            return [{"uri": code}]
    shown = {text.fold(title)}
    for column in sample["columns"]:
        if len(column["values"]) == 1:
            shown.add(text.fold(column["values"][0]))
    place = like.place(alike, shown)
    return [place] if place else []


def _place_code(kind: names.Kind, values: list[str]) -> str:
    """Return the code of the unit that a column is about, empty if it does not say one."""
    if code := today.place(kind, values):
        return code
    # A code of a list that is newer than the one at hand.
    is_one = kind == "commune-code" and len(values) == 1 and _COMMUNE_CODE.fullmatch(values[0])
    return values[0] if is_one else ""


def _language(title: str, sample: Sample) -> str:
    shown = [title, *sample["lines"]]
    for column in sample["columns"]:
        shown += [column["name"], *column["values"][:5]]
    return "vi" if any(map(text.has_marks, shown)) else config.default_language()


def _dictionary(columns: list[ColumnDict], known: Mapping[str, str]) -> str:
    """Return the columns with their meanings, known from other tables, else with their types."""
    types = messages.types()
    return "\n".join(
        f"{column['name']}: {known.get(text.fold(column['name'])) or types[column['type']]}"
        for column in columns[:MOST_COLUMNS]
        if column["name"]
    )
