"""Counts, searches and pages what is to be done, in a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list.kinds import unmet_rules, used
from ckanext.nd47.desk.work_list.kinds.kind import Kind, Thing
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.desk.work_list.store import refresh
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary

WEIGHT, DAY, POINTS, TITLE, AGENCY = SORTS = ("weight", "day", "points", "title", "agency")
"""Orders of the list: the most urgent, the oldest, the most points, by title, by agency."""


class Named(TypedDict):
    """A dataset or an agency; the title is in the language of the request."""

    id: str
    name: str
    title: str


class WorkItem(TypedDict):
    """A thing to do.

    `dataset` and `agency` are None where there is none. `day` is an ISO date or empty: the day
    when it was or is due, or since when it waits. `weight` is 3 for what is urgent, 2, or 1 for
    what can wait. `words` say what is wrong, `label` and `url` are the action that mends it.
    `points` are what mending it adds to the score of the dataset, None where that is not known.
    """

    kind: str
    dataset: Named | None
    agency: Named | None
    day: str
    weight: int
    words: str
    label: str
    url: str
    points: int | None


class WorkList(TypedDict):
    """A page of the things to do.

    `counts` has every kind, whichever kind is asked for; `count` is the number of things asked
    for. `waiting` datasets have changed since the rules were applied, or were never examined.
    `agencies` is the number of agencies whose work the account sees, None for the whole portal.
    """

    count: int
    counts: dict[str, int]
    waiting: int
    agencies: int | None
    results: list[WorkItem]


class AgencyWork(TypedDict):
    """An agency with the number of things to do by kind, and of all."""

    agency: Named
    counts: dict[str, int]
    total: int


class AgencyList(TypedDict):
    """A page of the agencies that have something to do; `count` is the number of all."""

    count: int
    results: list[AgencyWork]


@dataclass(frozen=True)
class Query:
    """What is asked for.

    Attributes:
        kind: code of a kind; empty for all.
        agency_id: id of an agency; empty for all.
        rule: id of a rule, for the datasets that do not meet it; empty for all things.
        q: words of the title of a dataset or an agency, in any spelling.
        sort: one of `SORTS`.
        limit: things on the page.
        offset: things before the page.
    """

    kind: str = ""
    agency_id: str = ""
    rule: str = ""
    q: str = ""
    sort: str = WEIGHT
    limit: int = 0
    offset: int = 0


def find(scope: Scope, query: Query) -> WorkList:
    """Return a page of the things that an account sees."""
    with vocabulary.preloaded():
        return _find(scope, query)


def _find(scope: Scope, query: Query) -> WorkList:
    kinds = used()
    matching = _matching(scope, query, kinds)
    counts, things = _counted_page(matching, query, kinds)
    return {
        "count": counts.get(query.kind, 0) if query.kind else sum(counts.values()),
        "counts": counts,
        "waiting": refresh.waiting(scope.condition(model.Package.owner_org, unpublished=False)),
        "agencies": None if scope.everything else len(scope.agencies),
        "results": [_item(thing, kinds[thing.kind], scope) for thing in things],
    }


def all_things(kinds: Collection[str]) -> list[Thing]:
    """Return all things of some kinds on the portal, in the usual order, in one statement."""
    wanted = {code: kind for code, kind in used().items() if code in kinds}
    if not wanted:
        return []
    shown = sa.select(_matching(Scope(everything=True), Query(), wanted)).subquery("page")
    rows = model.Session.execute(
        sa.select(*_columns(shown))
        .select_from(shown)
        .join(model.Package, model.Package.id == shown.c.dataset_id, isouter=True)
        .join(WorkDataset, WorkDataset.id == shown.c.dataset_id, isouter=True)
        .order_by(*_order(shown, WEIGHT))
    )
    return [Thing(*row) for row in rows]


def number_of(scope: Scope, code: str) -> int:
    """Return how many things of a kind an account sees; 0 where the portal has no such things."""
    kind = used().get(code)
    if kind is None:
        return 0
    matching = _matching(scope, Query(), {code: kind})
    return model.Session.scalar(sa.select(sa.func.count()).select_from(matching)) or 0


def by_agency(scope: Scope, query: Query) -> AgencyList:
    """Return a page of the agencies with numbers, those with the most to do first."""
    kinds = used()
    matching = _matching(scope, query, kinds)
    numbers = [
        sa.func.count().filter(matching.c.kind == code).label(f"kind_{place}")
        for place, code in enumerate(kinds)
    ]
    asked = matching.c.kind == query.kind if query.kind else sa.true()
    total = sa.func.count().filter(asked)
    counted = (
        sa.select(
            matching.c.agency_id,
            matching.c.agency_name,
            matching.c.agency_title,
            matching.c.agency_key,
            total.label("total"),
            sa.func.count().over().label("agencies"),
            *numbers,
        )
        .where(matching.c.agency_name.is_not(None))
        .group_by(
            matching.c.agency_id,
            matching.c.agency_name,
            matching.c.agency_title,
            matching.c.agency_key,
        )
        .having(total > 0)
        .order_by(
            total.desc(),
            matching.c.agency_key.collate("C").nulls_last(),
            matching.c.agency_id,
        )
    )
    rows = model.Session.execute(counted.limit(query.limit).offset(query.offset)).all()
    return {
        "count": rows[0].agencies if rows else 0,
        "results": [
            {
                "agency": _agency(row.agency_id, row.agency_name, row.agency_title),
                "counts": {code: getattr(row, f"kind_{place}") for place, code in enumerate(kinds)},
                "total": row.total,
            }
            for row in rows
        ],
    }


def _matching(scope: Scope, query: Query, kinds: Mapping[str, Kind]) -> sa.CTE:
    """Return the statement for what an account sees and asks for, whichever kind."""
    of_kinds = [_of_kind(kind, scope) for kind in kinds.values()]
    work, agency = sa.union_all(*of_kinds).subquery("work"), model.Group
    statement = (
        sa.select(
            *work.c,
            agency.name.label("agency_name"),
            sa.func.coalesce(sa.func.nullif(agency.title, ""), agency.name).label("agency_title"),
            WorkDataset.sort_key.label("dataset_key"),
            Agency.sort_key.label("agency_key"),
        )
        .select_from(work)
        .join(agency, agency.id == work.c.agency_id, isouter=True)
        .join(Agency, Agency.id == work.c.agency_id, isouter=True)
        .join(WorkDataset, WorkDataset.id == work.c.dataset_id, isouter=True)
        # Only administrators of the portal see datasets without an agency.
        .where(sa.or_(agency.id.is_(None), agency.state == model.State.ACTIVE))
    )
    if query.agency_id:
        statement = statement.where(work.c.agency_id == query.agency_id)
    if query.rule:
        statement = statement.where(
            work.c.kind == unmet_rules.CODE,
            WorkDataset.unmet.any(query.rule),  # pyright: ignore[reportArgumentType]
        )
    for word in text.query_words(query.q):
        statement = statement.where(
            sa.or_(
                WorkDataset.folded.contains(word, autoescape=True),
                Agency.folded.contains(word, autoescape=True),
            )
        )
    # Computed once and before it is used: the planner expects far fewer rows than there are.
    return statement.cte("matching").prefix_with("MATERIALIZED")


def _of_kind(kind: Kind, scope: Scope) -> sa.Select[Any]:
    things = kind.statement().subquery()
    if kind.seen is not None:
        seen = kind.seen(scope, things)
    else:
        seen = scope.condition(things.c.agency_id, unpublished=kind.unpublished)
    return sa.select(things).where(seen)


def _counted_page(
    matching: sa.CTE, query: Query, kinds: Collection[str]
) -> tuple[dict[str, int], list[Thing]]:
    """Return the number of things of each kind, and a page of things, in one statement.

    The result is needed twice, so the database computes it once.
    """
    by_kind = sa.select(matching.c.kind, sa.func.count().label("things")).group_by(matching.c.kind)
    numbers = by_kind.subquery("numbers")
    counts = sa.select(sa.func.json_object_agg(numbers.c.kind, numbers.c.things))
    page = sa.select(matching)
    if query.kind:
        page = page.where(matching.c.kind == query.kind)
    page = page.order_by(*_order(matching, query.sort)).limit(query.limit).offset(query.offset)
    shown = page.subquery("page")
    rows = model.Session.execute(
        sa.select(counts.scalar_subquery().label("counts"), *_columns(shown))
        .select_from(sa.select(sa.literal(1).label("row")).subquery("one"))
        .join(shown, sa.true(), isouter=True)
        .join(model.Package, model.Package.id == shown.c.dataset_id, isouter=True)
        .join(WorkDataset, WorkDataset.id == shown.c.dataset_id, isouter=True)
        .order_by(*_order(shown, query.sort))
    ).all()
    counts = rows[0].counts or {}
    things = [Thing(*row[1:]) for row in rows if row.kind is not None]
    return {code: counts.get(code, 0) for code in kinds}, things


def _columns(shown: sa.Subquery) -> list[sa.ColumnElement[Any]]:
    """Return the columns of a thing, in the order of `Thing`."""
    dataset, work = model.Package, WorkDataset
    title = sa.func.coalesce(sa.func.nullif(dataset.title, ""), dataset.name)
    others: Mapping[str, Any] = {
        "dataset_name": dataset.name,
        "dataset_title": title,
        "edition": work.edition,
        "facts": work.facts,
        "frequency": work.frequency,
        "data_date": work.data_date,
    }
    return [others[name].label(name) if name in others else shown.c[name] for name in Thing._fields]


def _order(things: sa.FromClause, sort: str) -> list[sa.ColumnElement[Any]]:
    title = things.c.dataset_key.collate("C").nulls_first()
    agency = things.c.agency_key.collate("C").nulls_last()
    first: Mapping[str, sa.ColumnElement[Any]] = {
        DAY: things.c.day.nulls_last(),
        POINTS: things.c.points.desc().nulls_last(),
        TITLE: things.c.dataset_key.collate("C").nulls_last(),
        AGENCY: agency,
    }
    usual = [
        things.c.weight.desc(),
        things.c.day.nulls_last(),
        things.c.points.desc().nulls_last(),
        agency,
        title,
        things.c.kind,
        things.c.dataset_id,
        things.c.agency_id,
        things.c.detail,
    ]
    return [first[sort], *usual] if sort in first else usual


def _item(thing: Thing, kind: Kind, scope: Scope) -> WorkItem:
    words, label, url = kind.describe(thing, scope)
    return {
        "kind": thing.kind,
        "dataset": {
            "id": thing.dataset_id,
            "name": thing.dataset_name or "",
            "title": thing.dataset_title or "",
        }
        if thing.dataset_id
        else None,
        "agency": _agency(thing.agency_id, thing.agency_name or "", thing.agency_title or "")
        if thing.agency_id
        else None,
        "day": dates.iso(thing.day),
        "weight": thing.weight,
        "words": words,
        "label": label,
        "url": url,
        "points": thing.points,
    }


def _agency(agency_id: str, name: str, title: str) -> Named:
    return {"id": agency_id, "name": name, "title": directory.shown_title(agency_id, title)}
