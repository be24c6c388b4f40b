"""Adds up what is so in a period, by agency, field, kind or month.

What is so today comes from the datasets and catalogues themselves, what was so in a month from its
rows; both have the same columns. How often datasets were used is added up over the whole period:
of closed months from their rows, of other days as counted. The number of statements is constant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict, get_args

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.reports import model as tables
from ckanext.nd47.catalogue.reports.data import facts, items, snapshot
from ckanext.nd47.catalogue.reports.data.period import Period, this_month
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http

Group = Literal["agency", "field", "kind"]
GROUPS: tuple[Group, ...] = get_args(Group)

FLAGS = (
    "periodic",
    "overdue",
    "has_api",
    "open_format",
    "machine_readable",
    "meets_rules",
    "quality_open",
    "quality_late",
)
SUMS = ("points", "measured", "rule_points", "rule_possible")


class Figures(TypedDict):
    """Numbers of a group, or of all.

    Of the items of the catalogues in force: `assigned` to the agencies; `published`; `due` by the
    end of the period; `on_time`, of these the ones published by their day; `late`, of these the
    ones that are not published. Of the public datasets: `datasets`; `periodic`, those whose data
    fall due; `in_time` and `overdue` of these; `has_api`; `open_format`; `machine_readable`;
    `meets_rules`, all of them; `quality_open` and `quality_late`, quality that is to be improved,
    and of these the ones whose day has passed. `share` is published of assigned in per cent, None
    without any. `score` is the mean of the points by the method of data.europa.eu of 405 at most,
    of which `score_measured` were measured; `rule_share` the points of the portal's rules in per
    cent. `views`, `downloads` and `api_calls` are those of people, the others those of robots.
    """

    assigned: int
    published: int
    share: int | None
    due: int
    on_time: int
    late: int
    datasets: int
    periodic: int
    in_time: int
    overdue: int
    has_api: int
    open_format: int
    machine_readable: int
    meets_rules: int
    quality_open: int
    quality_late: int
    score: int | None
    score_measured: int | None
    rule_share: int | None
    views: int
    downloads: int
    api_calls: int
    robot_views: int
    robot_downloads: int
    robot_api_calls: int


class Row(TypedDict):
    """The figures of a group; `key` is the id of an agency or a code, empty for what has none.

    `difficulties` and `proposals` are what an agency says about the month.
    """

    key: str
    name: str
    title: str
    figures: Figures
    difficulties: str
    proposals: str


class Report(TypedDict):
    """A report: `day` is the day on which things were so; `closed` whether it can still change.

    `sample`: the figures of the period were made up for a portal that shows a sample.
    """

    period: str
    title: str
    day: str
    closed: bool
    sample: bool
    group: Group
    total: Figures
    rows: list[Row]


@dataclass(frozen=True)
class Query:
    """What is asked for.

    Attributes:
        period: the period.
        group: what the rows are.
        agencies: ids of the agencies that count; None for all.
        field: code of a field; empty for all.
        kind: code of a sharing class; empty for all.
    """

    period: Period
    group: Group = "agency"
    agencies: frozenset[str] | None = None
    field: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Source:
    """The statements that a report is made from, and what is known of its month.

    Attributes:
        datasets: the datasets.
        items: the items.
        use: how often datasets were used.
        day: the day on which things were so.
        closed: whether nothing of it can change.
        sample: whether it was made up.
        agencies: name and title of agencies by id.
    """

    datasets: sa.Select[Any]
    items: sa.Select[Any]
    use: sa.Select[Any]
    day: dt.date
    closed: bool
    sample: bool
    agencies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def report(query: Query) -> Report:
    """Return a report, in eight statements at most.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: nothing was stored of the period.
    """
    source = source_of(query.period)
    datasets, found_items, use = (
        chosen(statement, query) for statement in (source.datasets, source.items, source.use)
    )
    parts = (
        sums_of_datasets(datasets),
        sums_of_items(found_items, query.period.day),
        sums_of_use(use),
    )
    froms = (datasets, found_items, use)
    totals: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {}
    for part, rows in zip(parts, froms, strict=True):
        key = _key(rows, query.group)
        names = [column.name for column in part]
        grouped = sa.select(key.label("key"), *part).group_by(key)
        for row in model.Session.execute(grouped).mappings():
            counted = dict(row)
            groups.setdefault(counted.pop("key") or "", {}).update(counted)
        if query.group == "field":
            # A dataset of two fields is in two groups.
            totals |= model.Session.execute(sa.select(*part)).mappings().one()
        else:
            totals |= {
                name: sum(counted.get(name, 0) for counted in groups.values()) for name in names
            }
    said = _said(query)
    for agency_id in said:
        groups.setdefault(agency_id, {})
    known = _names(query.group, source)
    made = [_row(key, counted, known, said) for key, counted in groups.items()]
    return {
        "period": query.period.code,
        "title": query.period.title,
        "day": source.day.isoformat(),
        "closed": source.closed,
        "sample": source.sample,
        "group": query.group,
        "total": of_sums(totals),
        "rows": sorted(made, key=lambda row: (not row["key"], text.sort_key(row["title"]))),
    }


def source_of(period: Period) -> Source:
    """Return what a report of a period is made from, in one statement.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: nothing was stored of the period.
    """
    months = tables.months.c
    stored = {
        row.month: row
        for row in model.Session.execute(
            sa.select(tables.months).where(months.month.in_(period.months))
        )
    }
    closed = [month for month, row in stored.items() if row.closed]
    use = _use(period, closed)
    is_sample = any(row.sample for row in stored.values())
    month = period.state_month
    if month == this_month():
        day = period.day
        return Source(facts.datasets(), items.in_force(), use, day, closed=False, sample=is_sample)
    if month not in stored:
        message = tk._("Nothing was stored of {period}.")
        raise tk.ObjectNotFound(message.format(period=period.title))
    return Source(
        sa.select(tables.datasets).where(tables.datasets.c.month == month),
        sa.select(tables.items).where(tables.items.c.month == month),
        use,
        stored[month].taken,
        closed=len(closed) == len(stored),
        sample=is_sample,
        agencies=stored[month].agencies,
    )


def _use(period: Period, closed: Sequence[dt.date]) -> sa.Select[Any]:
    """Return the statement for how often datasets were used in a period."""
    counted = facts.use(period.first, period.last, closed)
    table = tables.datasets.c
    names = ("dataset_id", "agency_id", "fields", "kind", *facts.USES)
    of_months = sa.select(*(table[name] for name in names)).where(table.month.in_(closed))
    return sa.select(sa.union_all(of_months, counted).subquery("counted"))


def chosen(statement: sa.Select[Any], query: Query) -> sa.Subquery:
    """Return the rows that count for a query, as a statement of their own."""
    rows = statement.subquery()
    chosen = sa.select(rows)
    if query.agencies is not None:
        chosen = chosen.where(rows.c.agency_id.in_(query.agencies))
    if query.field:
        chosen = chosen.where(rows.c.fields.any(query.field))
    if query.kind:
        chosen = chosen.where(rows.c.kind == query.kind)
    return chosen.subquery()


def _key(rows: sa.Subquery, group: Group) -> sa.ColumnElement[str]:
    if group != "field":
        return rows.c[f"{group}_id" if group == "agency" else group]
    # A dataset of several fields counts in each; one of none counts once, without a field.
    has_none = sa.func.cardinality(rows.c.fields) == 0
    return sa.func.unnest(sa.case((has_none, facts.NO_FIELD), else_=rows.c.fields))


def sums_of_datasets(rows: sa.Subquery) -> list[sa.ColumnElement[Any]]:
    """Return the numbers of datasets, as columns."""
    listed = rows.c.listed
    return [
        sa.func.count().filter(listed).label("datasets"),
        *(sa.func.count().filter(sa.and_(listed, rows.c[name])).label(name) for name in FLAGS),
        *(
            sa.func.coalesce(sa.func.sum(rows.c[name]).filter(listed), 0).label(name)
            for name in SUMS
        ),
    ]


def sums_of_items(rows: sa.Subquery, day: Any) -> list[sa.ColumnElement[Any]]:
    """Return the numbers of items, as columns.

    Args:
        rows: the items.
        day: the day by which they are due.
    """
    due = rows.c.planned <= day
    on_time = sa.and_(due, rows.c.published, rows.c.actual <= rows.c.planned)
    late = sa.and_(rows.c.planned < day, sa.not_(rows.c.published))
    return [
        sa.func.count().label("assigned"),
        sa.func.count().filter(rows.c.published).label("published"),
        sa.func.count().filter(due).label("due"),
        sa.func.count().filter(on_time).label("on_time"),
        sa.func.count().filter(late).label("late"),
    ]


def sums_of_use(rows: sa.Subquery) -> list[sa.ColumnElement[Any]]:
    """Return how often datasets were used, as columns."""
    return [sa.func.coalesce(sa.func.sum(rows.c[name]), 0).label(name) for name in facts.USES]


def of_sums(counted: Mapping[str, Any]) -> Figures:
    """Return the figures of summed columns; what was not summed is 0."""
    number = {name: int(value or 0) for name, value in counted.items()}

    def of(name: str) -> int:
        return number.get(name, 0)

    datasets = of("datasets")
    return {
        "assigned": of("assigned"),
        "published": of("published"),
        "share": percent(of("published"), of("assigned")),
        "due": of("due"),
        "on_time": of("on_time"),
        "late": of("late"),
        "datasets": datasets,
        "periodic": of("periodic"),
        "in_time": of("periodic") - of("overdue"),
        "overdue": of("overdue"),
        "has_api": of("has_api"),
        "open_format": of("open_format"),
        "machine_readable": of("machine_readable"),
        "meets_rules": of("meets_rules"),
        "quality_open": of("quality_open"),
        "quality_late": of("quality_late"),
        "score": round(of("points") / datasets) if datasets else None,
        "score_measured": round(of("measured") / datasets) if datasets else None,
        "rule_share": percent(of("rule_points"), of("rule_possible")),
        "views": of("views"),
        "downloads": of("downloads"),
        "api_calls": of("api_calls"),
        "robot_views": of("robot_views"),
        "robot_downloads": of("robot_downloads"),
        "robot_api_calls": of("robot_api_calls"),
    }


def percent(part: int, whole: int) -> int | None:
    """Return a share in per cent, None of nothing; less than all is never 100."""
    if not whole:
        return None
    return 100 if part == whole else min(round(100 * part / whole), 99)


def _said(query: Query) -> dict[str, Any]:
    """Return what agencies say about the last month of the period, by agency."""
    if query.group != "agency" or query.field or query.kind:
        return {}
    said = tables.texts.c
    statement = sa.select(tables.texts).where(said.month == query.period.state_month)
    if query.agencies is not None:
        statement = statement.where(said.agency_id.in_(query.agencies))
    return {row.agency_id: row for row in model.Session.execute(statement)}


def _names(group: Group, source: Source) -> Mapping[str, Mapping[str, str]]:
    """Return name and title by key."""
    if group == "agency":
        # As they are today; those that have ended since as they were.
        known = snapshot.agencies()
        shown = {
            agency_id: {**agency, "title": directory.shown_title(agency_id, agency["title"])}
            for agency_id, agency in known.items()
        }
        return {**source.agencies, **shown} if not source.closed else {**shown, **source.agencies}
    vocabulary_id = vocabulary.FIELD if group == "field" else "sharing-class"
    lang = http.language()
    return {
        term.code: {"name": term.code, "title": term.text(lang)}
        for term in vocabulary.get(vocabulary_id)
    }


def _row(
    key: str,
    counted: Mapping[str, Any],
    names: Mapping[str, Mapping[str, str]],
    said: Mapping[str, Any],
) -> Row:
    known = names.get(key)
    texts = said.get(key)
    return {
        "key": key,
        "name": known["name"] if known else "",
        "title": known["title"] if known else key or tk._("not stated"),
        "figures": of_sums(counted),
        "difficulties": texts.difficulties if texts else "",
        "proposals": texts.proposals if texts else "",
    }
