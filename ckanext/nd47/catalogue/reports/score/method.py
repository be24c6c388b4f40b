"""The method of scoring: metrics, dimensions and ratings, from `schemas/score.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ckanext.nd47.lib.data import Labels, data_path, read_yaml

FILE = data_path("schemas", "score.yaml")


@dataclass(frozen=True)
class Metric:
    """Something that is measured.

    Attributes:
        code: its name.
        dimension: code of its dimension.
        points: what a dataset gets for it.
        of: whether it looks at the dataset, or at the best of its files.
        field: field of the form that gives the points.
        iri: last part of its IRI.
        label: its name for people, by language.
        todo: what is to be done for the points, by language.
    """

    code: str
    dimension: str
    points: int
    of: Literal["dataset", "file"]
    field: str
    iri: str
    label: Labels
    todo: Labels


@dataclass(frozen=True)
class Graded:
    """A dimension with its points, or a rating with the points from which on it holds."""

    code: str
    points: int
    label: Labels


@dataclass(frozen=True)
class Method:
    """All metrics by code, the dimensions, and the ratings from the best on."""

    metrics: Mapping[str, Metric]
    dimensions: tuple[Graded, ...]
    ratings: tuple[Graded, ...]

    @property
    def points(self) -> int:
        """The points of all metrics."""
        return sum(metric.points for metric in self.metrics.values())

    def rating(self, points: int) -> Graded:
        """Return the rating of so many points."""
        return next(rating for rating in self.ratings if points >= rating.points)


@cache
def method() -> Method:
    """Return the method."""
    content = read_yaml(FILE)
    return Method(
        metrics={entry["code"]: Metric(**entry) for entry in content["metrics"]},
        dimensions=tuple(Graded(**entry) for entry in content["dimensions"]),
        ratings=tuple(
            Graded(entry["code"], entry["from"], entry["label"]) for entry in content["ratings"]
        ),
    )
