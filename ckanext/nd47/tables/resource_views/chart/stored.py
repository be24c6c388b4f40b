"""The chart that an editor has stored with its view: the one that everybody sees first."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.nd47.tables.resource_views import stored
from ckanext.nd47.tables.resource_views.chart import choice as choices
from ckanext.nd47.tables.resource_views.chart import words
from ckanext.nd47.tables.resource_views.columns import NUMBER, Column
from ckanext.nd47.tables.resource_views.stored import FormField

FIELDS = {name: f"chart_{name}" for name in choices.PARAMETERS}
"""Fields of the view by the parameters of an address."""


def schema() -> Schema:
    """Return the validators of the fields of the view."""
    return {
        FIELDS["kind"]: stored.one_of(list(choices.KINDS)),
        FIELDS["x"]: stored.column(_is_axis),
        FIELDS["y"]: stored.column(lambda column: column.kind == NUMBER),
        FIELDS["measure"]: stored.one_of(list(choices.MEASURES)),
        FIELDS["by"]: stored.column(_is_axis),
    }


def asked(view: Any) -> dict[str, str]:
    """Return what a view asks for, as the parameters of an address.

    Where the column of the categories is stored, a missing column of numbers means that the rows
    are counted, and a missing column of series that there is one.
    """
    parameters = {name: stored.text(view, field) for name, field in FIELDS.items()}
    needed = {"y", "by"} if parameters["x"] else set()
    return {name: value for name, value in parameters.items() if value or name in needed}


def form(columns: list[Column]) -> list[FormField]:
    """Return the fields of the form of the view."""
    axes = {column.name: column.label for column in choices.axes(columns)}
    quantities = {column.name: column.label for column in columns if column.kind == NUMBER}
    measures = words.measures()
    proposed = tk._("As proposed from the data")
    return [
        stored.form_field(FIELDS["x"], tk._("By"), proposed, axes),
        stored.form_field(FIELDS["y"], tk._("Quantity"), measures[choices.COUNT], quantities),
        stored.form_field(FIELDS["measure"], tk._("Joined as"), proposed, measures),
        stored.form_field(FIELDS["by"], tk._("Series"), tk._("(one)"), axes),
        stored.form_field(FIELDS["kind"], tk._("Form"), proposed, words.kinds()),
    ]


def _is_axis(column: Column) -> bool:
    return bool(choices.axes([column]))
