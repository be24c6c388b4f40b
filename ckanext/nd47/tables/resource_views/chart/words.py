"""Numbers, moments and choices of a chart in words of the language of the request."""

from __future__ import annotations

import datetime as dt
from typing import Any

from babel import numbers

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.web import http
from ckanext.nd47.tables.resource_views.chart import choice as choices
from ckanext.nd47.tables.resource_views.chart.choice import Choice
from ckanext.nd47.tables.resource_views.chart.figures import Figures
from ckanext.nd47.tables.resource_views.columns import Column

_MILLION = 1_000_000


def kinds() -> dict[str, str]:
    """Return the kinds of charts in words."""
    return {choices.LINE: tk._("Line"), choices.BARS: tk._("Bars")}


def measures() -> dict[str, str]:
    """Return in words how the numbers of several rows are joined."""
    return {
        choices.SUM: tk._("Sum"),
        choices.AVERAGE: tk._("Average"),
        choices.LARGEST: tk._("Largest value"),
        choices.SMALLEST: tk._("Smallest value"),
        choices.COUNT: tk._("Number of rows"),
    }


def number(value: float | None) -> str:
    """Return a number as people write it: 1.234,5; an empty text for none."""
    if value is None:
        return ""
    digits = 0 if float(value).is_integer() else 2 if abs(value) >= 1 else 4
    shape = "#,##0" + ("." + "#" * digits if digits else "")
    return numbers.format_decimal(value, format=shape, locale=_locale())


def short_number(value: float) -> str:
    """Return a number for an axis: 1,2 triệu."""
    if abs(value) < _MILLION:
        return number(value)
    return numbers.format_compact_decimal(
        value, format_type="long", locale=_locale(), fraction_digits=1
    )


def moment(value: Any, unit: str) -> str:
    """Return a category, or a moment in the form of its unit, day first."""
    if isinstance(value, dt.datetime):
        shapes = {"hour": "%d/%m/%Y %H:%M", "day": "%d/%m/%Y", "month": "%m/%Y", "year": "%Y"}
        return value.strftime(shapes.get(unit, "%d/%m/%Y"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def quantity(choice: Choice, columns: list[Column]) -> str:
    """Return in words what the numbers of a chart are."""
    if not choice.y:
        return tk._("Number of rows")
    label = label_of(choice.y, columns)
    if choice.measure in {choices.SUM, choices.COUNT}:
        return label
    return f"{label} ({measures()[choice.measure].lower()})"


def title(choice: Choice, columns: list[Column]) -> str:
    """Return the title of a chart."""
    parts = {
        "quantity": quantity(choice, columns),
        "category": label_of(choice.x, columns),
        "series": label_of(choice.by, columns),
    }
    if choice.by:
        return tk._("{quantity} by {category} and {series}").format(**parts)
    return tk._("{quantity} by {category}").format(**parts)


def part(figures: Figures) -> str:
    """Return what a chart leaves out, in words; empty if it shows all."""
    if figures.groups <= len(figures.x):
        return ""
    facts = {"shown": number(len(figures.x)), "all": number(figures.groups)}
    if figures.choice.kind == choices.LINE:
        return tk._("The latest {shown} of {all} moments.").format(**facts)
    return tk._("{shown} of {all} groups.").format(**facts)


def label_of(name: str, columns: list[Column]) -> str:
    """Return the label of a column."""
    return next((column.label for column in columns if column.name == name), name)


def _locale() -> str:
    return "en" if http.language().startswith("en") else "vi"
