"""What would bring the most points, and for which datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.reports.score.method import method
from ckanext.nd47.catalogue.reports.score.metrics import Score
from ckanext.nd47.catalogue.reports.score.model import DatasetScore
from ckanext.nd47.desk.work_list.kinds.kind import is_published
from ckanext.nd47.lib.web import http
from ckanext.nd47.rules.model import in_language


class Todo(TypedDict):
    """Something to do: for so many `datasets`, each gets `points`; `gain` is both multiplied."""

    metric: str
    title: str
    todo: str
    datasets: int
    points: int
    gain: int


class Measured(TypedDict):
    """A metric of a dataset; `met` is None where it was not measured."""

    metric: str
    dimension: str
    title: str
    todo: str
    field: str
    points: int
    met: bool | None


class DatasetScoreDict(TypedDict):
    """The score of a dataset: `points` of `possible`, of which `measured` were measured.

    `rating` is the code of the rating of these points, `rating_title` its name; points that were
    not measured may still better it.
    """

    points: int
    measured: int
    possible: int
    rating: str
    rating_title: str
    dimensions: list[dict[str, Any]]
    metrics: list[Measured]


class Summary(TypedDict):
    """The average of `datasets`: `score` points of `possible`, of which `measured` were measured.

    Both are None where there are no datasets.
    """

    datasets: int
    score: int | None
    measured: int | None
    possible: int


class Without(TypedDict):
    """A dataset that lacks a metric."""

    id: str
    name: str
    title: str
    agency_id: str
    agency_title: str
    points: int


class WithoutPage(TypedDict):
    """A page of datasets that lack a metric; `count` is the number of all."""

    count: int
    results: list[Without]


def most_points(agencies: frozenset[str] | None) -> list[Todo]:
    """Return what is to be done for public datasets, the most points first, in one statement.

    Args:
        agencies: ids of the agencies whose datasets count; None for all.
    """
    rows = _public(agencies)
    metric = sa.func.unnest(rows.c.unmet)
    counted: Mapping[str, int] = dict(
        model.Session.execute(sa.select(metric, sa.func.count()).group_by(metric)).tuples().all()
    )
    lang = http.language()
    todos: list[Todo] = [
        {
            "metric": code,
            "title": in_language(known.label, lang),
            "todo": in_language(known.todo, lang),
            "datasets": counted[code],
            "points": known.points,
            "gain": known.points * counted[code],
        }
        for code, known in method().metrics.items()
        if counted.get(code)
    ]
    return sorted(todos, key=lambda todo: -todo["gain"])


def summary(agencies: frozenset[str] | None) -> Summary:
    """Return the average score of public datasets, in one statement.

    Args:
        agencies: ids of the agencies whose datasets count; None for all.
    """
    rows = _public(agencies)
    averages = (sa.func.round(sa.func.avg(rows.c[name])) for name in ("points", "measured"))
    datasets, score, measured = model.Session.execute(sa.select(sa.func.count(), *averages)).one()
    return {
        "datasets": datasets,
        "score": None if score is None else int(score),
        "measured": None if measured is None else int(measured),
        "possible": method().points,
    }


def without(metric: str, agencies: frozenset[str] | None, limit: int, offset: int) -> WithoutPage:
    """Return a page of the public datasets that lack a metric, the fewest points first.

    Args:
        metric: code of the metric; empty for all datasets that lack any.
        agencies: ids of the agencies whose datasets count; None for all.
        limit: datasets on the page.
        offset: datasets before the page.
    """
    rows = _public(agencies)
    query = sa.select(
        rows.c.dataset_id, rows.c.name, rows.c.title, rows.c.agency_id, rows.c.points
    ).where(rows.c.unmet.any(metric) if metric else sa.func.cardinality(rows.c.unmet) > 0)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    page = query.order_by(rows.c.points, rows.c.name).limit(limit).offset(offset)
    datasets = model.Session.execute(page).all()
    directory.load(row.agency_id for row in datasets)
    return {
        "count": count,
        "results": [
            {
                "id": row.dataset_id,
                "name": row.name,
                "title": row.title or row.name,
                "agency_id": row.agency_id,
                "agency_title": _agency_title(row.agency_id),
                "points": row.points,
            }
            for row in datasets
        ],
    }


def as_dict(score: Score) -> DatasetScoreDict:
    """Return the score of a dataset for the API."""
    known, lang = method(), http.language()
    rating = known.rating(score.points)
    met = dict.fromkeys(score.met, True) | dict.fromkeys(score.unmet, False)
    return {
        "points": score.points,
        "measured": score.measured,
        "possible": known.points,
        "rating": rating.code,
        "rating_title": in_language(rating.label, lang),
        "dimensions": [
            {
                "dimension": dimension.code,
                "title": in_language(dimension.label, lang),
                "possible": dimension.points,
                "points": sum(
                    metric.points
                    for metric in known.metrics.values()
                    if metric.dimension == dimension.code and met.get(metric.code)
                ),
            }
            for dimension in known.dimensions
        ],
        "metrics": [
            {
                "metric": metric.code,
                "dimension": metric.dimension,
                "title": in_language(metric.label, lang),
                "todo": in_language(metric.todo, lang),
                "field": metric.field,
                "points": metric.points,
                "met": met.get(metric.code),
            }
            for metric in known.metrics.values()
        ],
    }


def _public(agencies: frozenset[str] | None) -> sa.Subquery:
    """Return the public datasets with the metrics that they lack."""
    package, score = model.Package, DatasetScore
    chosen = (
        sa.select(
            package.id.label("dataset_id"),
            sa.func.coalesce(package.owner_org, "").label("agency_id"),
            package.name,
            package.title,
            score.points,
            score.measured,
            score.unmet,
        )
        .join_from(score, package, package.id == score.id)
        .where(is_published())
    )
    if agencies is not None:
        chosen = chosen.where(package.owner_org.in_(agencies))
    return chosen.subquery()


def _agency_title(agency_id: str) -> str:
    agency = directory.get(agency_id)
    return directory.display_title(agency) if agency else ""
