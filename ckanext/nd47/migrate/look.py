"""What there is: every column, extra, keyword and group, with its values and their counts."""

from __future__ import annotations

from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.lib import dataset_fields
from ckanext.nd47.migrate import guess
from ckanext.nd47.migrate.sources import COLUMNS, GROUPS, TAGS
from ckanext.nd47.rules import records

MOST_VALUES = 20
"""Values of a source that are shown."""
ALL_VALUES = 1_000
"""Values of a source that a guess looks at."""
LONGEST = 200
"""Characters of a value that are shown."""


class Seen(TypedDict):
    """A value with the number of datasets that have it."""

    value: str
    datasets: int


class Source(TypedDict):
    """A column or extra, and what it may be.

    `field` is empty where nothing is guessed, or where it is a field of the suite already (`own`).
    """

    name: str
    kind: str
    datasets: int
    distinct: int
    values: list[Seen]
    own: bool
    field: str
    sure: bool


def total() -> int:
    """Return how many datasets there are."""
    return model.Session.scalar(sa.select(sa.func.count()).select_from(_datasets())) or 0


def look(most: int = MOST_VALUES) -> list[Source]:
    """Return what the datasets have, those of most datasets first.

    Args:
        most: values of each that are listed.
    """
    found: dict[tuple[str, str], Source] = {}
    for kind, name, value, datasets, distinct, of_source in model.Session.execute(_query()):
        one = found.setdefault(
            (kind, name),
            Source(
                name=name,
                kind=kind,
                datasets=of_source,
                distinct=distinct,
                values=[],
                own=_is_own(name),
                field="",
                sure=False,
            ),
        )
        one["values"].append(Seen(value=value, datasets=datasets))
    for one in found.values():
        seen = [(value["value"], value["datasets"]) for value in one["values"]]
        one["field"], one["sure"] = guess.field(one["name"], one["kind"], seen)
        one["values"] = one["values"][:most]
    return sorted(found.values(), key=lambda one: (-one["datasets"], one["name"]))


def organisations() -> list[tuple[str, str, int]]:
    """Return name, title and number of datasets of each organisation that has some."""
    datasets = _datasets()
    query = (
        sa.select(model.Group.name, model.Group.title, sa.func.count())
        .join(datasets, datasets.c.owner_org == model.Group.id)
        .group_by(model.Group.name, model.Group.title)
        .order_by(model.Group.name)
    )
    return [(name, title or name, count) for name, title, count in model.Session.execute(query)]


def _is_own(name: str) -> bool:
    fields = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    return name in fields.extras or name in {"title", "notes", "url", "version"}


def _datasets() -> sa.Subquery:
    table = model.package_table
    return (
        sa.select(table)
        .where(table.c.state != model.State.DELETED, table.c.type.in_(records.governed_types()))
        .subquery("datasets")
    )


def _query() -> sa.Select[Any]:
    """Return the values of all sources in one query: counted, ranked and cut by the database."""
    datasets = _datasets()
    parts = [
        sa.select(sa.literal("column").label("kind"), sa.literal(name).label("name"), column)
        for name in COLUMNS
        for column in [datasets.c[name].label("value")]
    ]
    each = sa.func.jsonb_each_text(datasets.c.extras).table_valued("key", "value")
    parts.append(
        sa.select(sa.literal("extra"), each.c.key, each.c.value).select_from(
            datasets.join(each, sa.true())
        )
    )
    parts.append(
        sa.select(sa.literal(TAGS), sa.literal(TAGS), model.Tag.name)
        .join(model.PackageTag, model.PackageTag.tag_id == model.Tag.id)
        .join(datasets, datasets.c.id == model.PackageTag.package_id)
        .where(model.PackageTag.state == model.State.ACTIVE)
    )
    parts.append(
        sa.select(sa.literal(GROUPS), sa.literal(GROUPS), model.Group.title)
        .join(model.Member, model.Member.group_id == model.Group.id)
        .join(datasets, datasets.c.id == model.Member.table_id)
        .where(
            model.Member.state == model.State.ACTIVE,
            model.Member.table_name == "package",
            model.Group.is_organization.is_(False),
        )
    )
    return _ranked(sa.union_all(*parts).subquery("every"))


def _ranked(every: sa.Subquery) -> sa.Select[Any]:
    value = sa.func.left(every.c.value, LONGEST)
    counted = (
        sa.select(every.c.kind, every.c.name, value.label("value"), sa.func.count().label("n"))
        .where(every.c.value.is_not(None), every.c.value != "")
        .group_by(every.c.kind, every.c.name, value)
        .subquery("counted")
    )
    source = (counted.c.kind, counted.c.name)
    ranked = sa.select(
        counted,
        sa.func.count().over(partition_by=source).label("distinct_values"),
        sa.func.sum(counted.c.n).over(partition_by=source).label("of_source"),
        sa.func.row_number()
        .over(partition_by=source, order_by=(counted.c.n.desc(), counted.c.value))
        .label("place"),
    ).subquery("ranked")
    return (
        sa.select(
            ranked.c.kind,
            ranked.c.name,
            ranked.c.value,
            ranked.c.n,
            ranked.c.distinct_values,
            sa.cast(ranked.c.of_source, sa.BigInteger),
        )
        .where(ranked.c.place <= ALL_VALUES)
        .order_by(ranked.c.kind, ranked.c.name, ranked.c.place)
    )
