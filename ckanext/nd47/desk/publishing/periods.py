"""Proposals for the next period: after the last one, or as the file says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from ckanext.nd47.lib import dates, vocabulary
from ckanext.nd47.lib import text as spelling
from ckanext.nd47.metadata import dataset_reader, update_state

_YEAR = r"(?:19|20)\d\d"
_IN_TEXT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:quy|q|quarter) ?(?:iv|i{{1,3}}|[1-4])[ ./,-]*(?:nam )?{_YEAR}",
        rf"(?:6|9) thang (?:dau|cuoi) nam {_YEAR}",
        rf"nam hoc {_YEAR} ?- ?{_YEAR}",
        rf"(?:thang|t) ?(?:0?[1-9]|1[0-2])[ ./,-]+(?:nam )?{_YEAR}",
        r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-]" + _YEAR + r"(?!\d)",
        rf"(?<!\d){_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)",
        rf"(?<!\d)(?:0[1-9]|1[0-2])[./-]{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}-(?:0[1-9]|1[0-2])(?!\d)",
        rf"(?<!\d){_YEAR}(?:0[1-9]|1[0-2])(?!\d)",
        rf"(?<!\d){_YEAR}(?!\d)",
    )
)
"""What a period looks like in folded text, the most precise first."""

LONGEST_LINE = 300
MOST_LINES = 50


class Last(NamedTuple):
    """The last period of a dataset: its stored form, its days and its files."""

    period: str
    span: dates.Span
    resources: list[dict[str, Any]]


def last(dataset: Mapping[str, Any]) -> Last | None:
    """Return the last period of the files of a dataset, None if no file has one."""
    by_period: dict[str, list[dict[str, Any]]] = {}
    for resource in dataset_reader.resources(dataset):
        by_period.setdefault(str(resource.get("period") or ""), []).append(resource)
    found = [
        Last(period, span, resources)
        for period, resources in by_period.items()
        if (span := days(period))
    ]
    return max(found, key=lambda one: (one.span.last, one.span.first), default=None)


def days(period: str) -> dates.Span | None:
    """Return the days of a period, None if it is none."""
    try:
        return dates.period_days(period)
    except ValueError:
        return None


def following(dataset: Mapping[str, Any], today: dt.date) -> str:
    """Return the period that comes next, empty if nothing says it.

    It follows the last period of the files; without one it is the last that has ended, by the
    frequency.
    """
    latest = last(dataset)
    if latest is not None:
        try:
            return dates.period_after(latest.period)
        except ValueError:
            return ""
    term = vocabulary.term("frequency", dataset_reader.text(dataset, "frequency"))
    plan = update_state.schedule(term)
    return dates.last_whole_period(plan.months, today) if plan and plan.months else ""


def data_date(period: str, today: dt.date) -> dt.date:
    """Return the day of the data of a period: its last day, at most today."""
    span = days(period)
    return min(span.last, today) if span else today


def in_file(name: str, lines: Iterable[str]) -> str:
    """Return the period that the name of a file or the lines above its table state, or empty."""
    stem = re.sub(r"[_\s]+", " ", PurePosixPath(name).stem)
    of_name = [stem, stem.replace("-", " ")]
    return _in_texts(of_name) or _in_texts(list(lines)[:MOST_LINES])


def _in_texts(texts: list[str]) -> str:
    written = [spelling.fold(text[:LONGEST_LINE]) for text in texts]
    matches = (match[0] for look in _IN_TEXT for text in written for match in look.finditer(text))
    return next((dates.period(found) for found in matches if days(found)), "")


def name_of_next(name: str, before: str, after: str) -> str:
    """Return the name of the next file: that of the last one with the next period.

    Args:
        name: name of the last file.
        before: its period, as stored.
        after: the next period, as stored.
    """
    old, new = dates.period_in_words(before), dates.period_in_words(after)
    for written in {old, old.replace("/", "-"), before}:
        pattern = re.compile(rf"(?<!\d){re.escape(written)}(?!\d)", re.IGNORECASE)
        if written and pattern.search(name):
            return pattern.sub(lambda _match: new, name)
    return f"{name} – {new}" if name else new
