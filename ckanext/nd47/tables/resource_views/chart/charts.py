"""The chart of a table: what is chosen, its figures and its picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ckanext.nd47.lib.web import http
from ckanext.nd47.tables.resource_views import cache, columns
from ckanext.nd47.tables.resource_views.access import Shown
from ckanext.nd47.tables.resource_views.chart import choice as choices
from ckanext.nd47.tables.resource_views.chart import picture, words
from ckanext.nd47.tables.resource_views.chart.choice import Choice, Counts
from ckanext.nd47.tables.resource_views.chart.figures import Figures, counted, figures
from ckanext.nd47.tables.resource_views.columns import Column
from ckanext.nd47.tables.resource_views.credit import credit

SECONDS = 300
"""How long figures and pictures are kept: the table may change without its resource."""


@dataclass(frozen=True)
class Chart:
    """A chart of a table.

    Attributes:
        choice: what it shows; None if the table has nothing that can be shown.
        columns: the columns of the table.
        heads: headings of the table of its figures.
        rows: that table, as it is written.
        title: its title.
        part: what it leaves out, in words.
        drawing: what is drawn.
    """

    choice: Choice
    columns: list[Column]
    heads: list[str]
    rows: list[list[str]]
    title: str
    part: str
    drawing: picture.Drawing


def of_table(shown: Shown, asked: Mapping[str, str]) -> Chart | None:
    """Return the chart that an address asks for; None if nothing can be shown.

    Args:
        shown: the resource and its dataset.
        asked: parameters of the address, `choice.PARAMETERS`.

    Raises:
        TooLongError: PostgreSQL needs too long.
    """
    resource_id = shown.resource["id"]
    table_columns = columns.of_table(shown.resource)
    if not table_columns:
        return None
    choice = choices.chosen(
        asked, table_columns, choices.proposed(table_columns, _counts(resource_id, table_columns))
    )
    if choice is None:
        return None
    made = _figures(resource_id, table_columns, choice)
    return _chart(shown, table_columns, made) if made.x else None


def picture_of(
    shown: Shown, asked: Mapping[str, str], format_: picture.Format, *, is_narrow: bool = False
) -> bytes | None:
    """Return the chart as a picture, narrow for a phone; None if nothing can be shown.

    Raises: as `of_table`.
    """
    chart = of_table(shown, asked)
    if chart is None:
        return None
    drawing = chart.drawing.narrow() if is_narrow else chart.drawing
    parts = [
        format_, http.language(), drawing.title, drawing.source,
        json.dumps([drawing.x, drawing.series, drawing.quantity, drawing.is_line, is_narrow]),
    ]  # fmt: skip
    return cache.cached("chart", parts, SECONDS, lambda: picture.draw(drawing, format_))


def _counts(resource_id: str, table_columns: list[Column]) -> Counts:
    parts = [resource_id, *(column.name for column in table_columns)]

    def count() -> bytes:
        made = counted(resource_id, table_columns)
        return json.dumps([made.rows, made.distinct]).encode()

    rows, distinct = json.loads(cache.cached("counts", parts, SECONDS, count))
    return Counts(rows, distinct)


def _figures(resource_id: str, table_columns: list[Column], choice: Choice) -> Figures:
    parts = [resource_id, *(getattr(choice, name) for name in choices.PARAMETERS)]

    def make() -> bytes:
        made = figures(resource_id, table_columns, choice)
        x = [words.moment(x_value, made.unit) for x_value in made.x]
        return json.dumps([x, made.series, made.unit, made.groups]).encode()

    x, series, unit, groups = json.loads(cache.cached("figures", parts, SECONDS, make))
    return Figures(choice, x, [(name, values) for name, values in series], unit, groups)


def _chart(shown: Shown, table_columns: list[Column], made: Figures) -> Chart:
    choice = made.choice
    title = words.title(choice, table_columns)
    quantity = words.quantity(choice, table_columns)
    x = [words.moment(x_value, made.unit) for x_value in made.x]
    names = [name or quantity for name, _ in made.series]
    column = next(candidate for candidate in table_columns if candidate.name == choice.x)
    rows = [
        [label, *(words.number(values[place]) for _, values in made.series)]
        for place, label in enumerate(x)
    ]
    drawing = picture.Drawing(
        title=title,
        source=credit(shown.dataset),
        x=x,
        series=made.series,
        quantity=quantity,
        is_line=choice.kind == choices.LINE,
        is_upright=choices.is_time(column),
        write=words.short_number,
    )
    return Chart(
        choice=choice,
        columns=table_columns,
        heads=[words.label_of(choice.x, table_columns), *names],
        rows=rows,
        title=title,
        part=words.part(made),
        drawing=drawing,
    )
