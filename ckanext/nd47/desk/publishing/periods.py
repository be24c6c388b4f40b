"""Proposals for the next period: after the last one, or as the file says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader, update_state


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
    stated = [
        Last(period, span, resources)
        for period, resources in by_period.items()
        if (span := days(period))
    ]
    return max(stated, key=lambda period: (period.span.last, period.span.first), default=None)


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
