"""What would bring the most points, as a kind of work of the desk's list, for each agency."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.reports.score.method import method
from ckanext.nd47.catalogue.reports.score.model import DatasetScore
from ckanext.nd47.catalogue.reports.usage import model as tables
from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list.kinds.kind import (
    Description,
    Kind,
    Thing,
    Weight,
    address,
    columns,
    is_published,
)
from ckanext.nd47.lib.web import http
from ckanext.nd47.rules.model import in_language

CODE = "points"
MOST = 3
"""Things of an agency in the list; the page of the scores has all."""


def kinds(_sender: object) -> list[Kind]:
    """Answer the work list with the kinds of this room."""
    return [POINTS]


def _statement() -> sa.Select[Any]:
    """Return, for each agency, what brings the most points to its public datasets together."""
    lacking = (
        sa.select(
            model.Package.owner_org.label("agency_id"),
            sa.func.unnest(DatasetScore.unmet).label("metric"),
        )
        .join_from(DatasetScore, model.Package, model.Package.id == DatasetScore.id)
        .where(is_published())
        .subquery("lacking")
    )
    points = sa.case(
        {metric.code: metric.points for metric in method().metrics.values()},
        value=lacking.c.metric,
        else_=0,
    )
    # A metric has the same points everywhere: they are looked up for each group, not for each row.
    gain = sa.func.count() * points
    place = sa.func.row_number().over(
        partition_by=lacking.c.agency_id, order_by=[gain.desc(), lacking.c.metric]
    )
    gains = (
        sa.select(
            lacking.c.agency_id,
            lacking.c.metric,
            sa.func.count().label("datasets"),
            gain.label("gain"),
            place.label("place"),
        )
        .group_by(lacking.c.agency_id, lacking.c.metric)
        .subquery("gains")
    )
    return (
        columns(
            CODE,
            agency_id=gains.c.agency_id,
            weight=Weight.LATER,
            points=gains.c.gain,
            detail=sa.func.concat(gains.c.datasets, " ", gains.c.metric),
        )
        .select_from(gains)
        .where(gains.c.place <= MOST, gains.c.gain > 0)
    )


def _describe(thing: Thing, _scope: Scope) -> Description:
    number, _, code = thing.detail.partition(" ")
    metric, count = method().metrics[code], int(number)
    words = tk.ungettext(
        "{number} dataset: {todo}, +{points} points",
        "{number} datasets: {todo}, +{points} points each",
        count,
    ).format(number=count, todo=in_language(metric.todo, http.language()), points=metric.points)
    page = address("nd47_reports.score_datasets", metric=code, agency=thing.agency_name)
    return Description(words, tk._("See the datasets"), page)


POINTS = Kind(CODE, lambda: tk._("Points to gain"), _statement, _describe, is_used=tables.ready)
