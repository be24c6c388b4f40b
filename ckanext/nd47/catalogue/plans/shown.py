"""Plans as lists, pages, files and the API show them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.editions import shown as editions
from ckanext.nd47.catalogue.logic.rights import Rights
from ckanext.nd47.catalogue.plans import progress, rights
from ckanext.nd47.catalogue.plans.model import DRAFT, IMPROVE, Plan
from ckanext.nd47.catalogue.plans.progress import EntryRow, PlanDay, Reached
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values

FILTERS = ("state", "agency", "stage", "kind")


class ReachedDict(TypedDict):
    """How far a target is: `target` and `share` in percent, `target` None for none."""

    done: int
    total: int
    share: int
    target: int | None
    is_reached: bool | None


class StageDict(TypedDict):
    """A stage with its targets on a day."""

    position: int
    title: str
    first_day: str
    last_day: str
    minimum_level: str
    day: str
    items: ReachedDict
    agencies: ReachedDict
    due: int
    done: int
    late: int


class SlipDict(TypedDict):
    """A day that was put off; `account` is empty for readers without a role in an agency."""

    recorded: str
    account: str
    day: str
    reason: str


class EntryDict(TypedDict):
    """An entry on a day; `state` is `done`, `late` or `open`."""

    id: str
    kind: str
    name: str
    task: str
    line_id: str
    dataset_id: str
    agency: dict[str, Any]
    due: str
    expected: str
    done_on: str
    is_on_time: bool
    state: str
    stage: int
    minimum_level: str
    slips: list[SlipDict]


class AgencyDict(TypedDict):
    """Numbers of an agency."""

    agency: dict[str, Any]
    total: int
    done: int
    late: int
    open: int


class EntryPage(TypedDict):
    """A page of entries; `counts` has those of each state, without the filter of the state."""

    count: int
    counts: dict[str, int]
    results: list[EntryDict]


class EntryQuery(NamedTuple):
    """Which entries a page has.

    Attributes:
        filters: of `FILTERS`, each optional.
        limit: entries at most.
        offset: entries before the page.
    """

    filters: dict[str, str]
    limit: int
    offset: int


class PlanPage(TypedDict):
    """A page of plans."""

    count: int
    results: list[dict[str, Any]]


def listed(account: Rights, limit: int, offset: int) -> PlanPage:
    """Return the plans that an account reads, the newest first."""
    condition = sa.true() if account.reads_drafts else Plan.state != DRAFT
    if not account.reads_drafts and not config.public_plans():
        condition = sa.false()
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Plan).where(condition)) or 0
    plans = model.Session.scalars(
        sa.select(Plan)
        .where(condition)
        .order_by(Plan.first_day.desc(), Plan.created.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    directory.load({plan.agency_id for plan in plans})
    return {"count": count, "results": [fields_of(plan) for plan in plans]}


def fields_of(plan: Plan) -> dict[str, Any]:
    """Return the fields of a plan."""
    return {
        "id": plan.id,
        "name": plan.name,
        "title": plan.title,
        "description": plan.description,
        "agency": editions.agency(plan.agency_id, ""),
        "first_day": dates.iso(plan.first_day),
        "last_day": dates.iso(plan.last_day),
        "series_ids": plan.series_ids,
        "previous_id": plan.previous_id or "",
        "decision_number": plan.decision_number,
        "decision_date": dates.iso(plan.decision_date),
        "issuer": plan.issuer,
        "signatory": plan.signatory,
        "signatory_position": plan.signatory_position,
        "state": plan.state,
        "state_words": states()[plan.state],
        "version": plan.version,
    }


def one(
    plan: Plan, day: dt.date, account: Rights, query: EntryQuery | None = None
) -> dict[str, Any]:
    """Return a plan with its stages, targets and numbers on a day.

    Args:
        plan: the plan.
        day: the day.
        account: whose rights `may` has; others than officers do not learn who put off a day.
        query: adds a page of the `entries`, which are all read for the numbers anyway.
    """
    plan_day = progress.of_plan(plan, day)
    _load_agencies(plan_day.rows)
    following = model.Session.execute(
        sa.select(Plan.name, Plan.title).where(Plan.previous_id == plan.id)
    ).first()
    previous = model.Session.get(Plan, plan.previous_id) if plan.previous_id else None
    return {
        **fields_of(plan),
        "day": dates.iso(day),
        "stages": [_stage(row) for row in plan_day.stages],
        "counts": {**plan_day.counts, "total": len(plan_day.rows)},
        "items": _reached(plan_day.items, None),
        "agencies": _reached(plan_day.agencies, None),
        "by_agency": by_agency(plan_day),
        "previous": {"name": previous.name, "title": previous.title} if previous else None,
        "following": ({"name": following.name, "title": following.title} if following else None),
        "may": rights.may(plan, account),
        **({"entries": _page(plan_day, account, query)} if query else {}),
    }


def entries(plan: Plan, day: dt.date, account: Rights, query: EntryQuery) -> EntryPage:
    """Return a page of the entries of a plan on a day, as an account reads them."""
    return _page(progress.of_plan(plan, day), account, query)


def _page(plan_day: PlanDay, account: Rights, query: EntryQuery) -> EntryPage:
    filters = query.filters
    rows = [
        row
        for row in plan_day.rows
        if filters.get("agency") in {None, row.agency}
        and filters.get("stage") in {None, str(row.stage)}
        and filters.get("kind") in {None, row.entry.kind}
    ]
    counts = Counter(row.state for row in rows)
    chosen = [row for row in rows if filters.get("state") in {None, row.state}]
    page = chosen[query.offset : query.offset + query.limit]
    _load_agencies(page)
    return {
        "count": len(chosen),
        "counts": {state: counts[state] for state in progress.STATES},
        "results": [entry(row, officers=account.reads_drafts) for row in page],
    }


def entry(row: EntryRow, *, officers: bool) -> EntryDict:
    """Return an entry on a day; who put off its day is told to officers."""
    one_entry = row.entry
    return {
        "id": one_entry.id,
        "kind": one_entry.kind,
        "name": one_entry.name,
        "task": one_entry.task,
        "line_id": one_entry.line_id,
        "dataset_id": one_entry.dataset_id,
        "agency": dict(editions.agency(one_entry.provider_id, one_entry.provider)),
        "due": dates.iso(one_entry.due),
        "expected": dates.iso(row.expected),
        "done_on": dates.iso(row.done_on),
        "is_on_time": row.is_on_time,
        "state": row.state,
        "stage": row.stage,
        "minimum_level": one_entry.minimum_level,
        "slips": [
            {
                "recorded": dates.iso(slip.recorded),
                "account": slip.account if officers else "",
                "day": dates.iso(slip.day),
                "reason": slip.reason,
            }
            for slip in row.slips
        ],
    }


def by_agency(plan_day: PlanDay) -> list[AgencyDict]:
    """Return the numbers of each agency, the one with most late entries first."""
    of_agencies: dict[str, list[EntryRow]] = {}
    for row in plan_day.rows:
        of_agencies.setdefault(row.agency, []).append(row)
    rows: list[AgencyDict] = []
    for own in of_agencies.values():
        counts = Counter(row.state for row in own)
        first = own[0].entry
        rows.append(
            {
                "agency": dict(editions.agency(first.provider_id, first.provider)),
                "total": len(own),
                "done": counts[progress.DONE],
                "late": counts[progress.LATE],
                "open": counts[progress.OPEN],
            }
        )
    return sorted(rows, key=lambda row: (-row["late"], -row["open"], str(row["agency"]["title"])))


def states() -> dict[str, str]:
    """Return the states of plans in words."""
    return {"draft": tk._("draft"), "issued": tk._("issued"), "closed": tk._("closed")}


def entry_states() -> dict[str, str]:
    """Return the states of entries in words."""
    return {
        progress.DONE: tk._("done"),
        progress.LATE: tk._("late"),
        progress.OPEN: tk._("not due yet"),
    }


def kinds() -> dict[str, str]:
    """Return the kinds of entries in words."""
    return {"publish": tk._("first publication"), IMPROVE: tk._("improvement")}


def in_words(day: dt.date | None) -> str:
    """Return a day as people read it, empty for none."""
    return values.day_first(day.isoformat()) if day else ""


def _load_agencies(rows: Sequence[EntryRow]) -> None:
    cache = directory.cached()
    cache.load({row.entry.provider_id for row in rows if row.entry.provider_id})
    known = (cache.agencies.get(row.entry.provider_id) for row in rows)
    cache.load({agency.successor_id for agency in known if agency and agency.successor_id})


def _stage(row: progress.StageRow) -> StageDict:
    stage = row.stage
    return {
        "position": stage.position,
        "title": stage.title,
        "first_day": dates.iso(stage.first_day),
        "last_day": dates.iso(stage.last_day),
        "minimum_level": stage.minimum_level,
        "day": dates.iso(row.day),
        "items": _reached(row.items, stage.share_of_items),
        "agencies": _reached(row.agencies, stage.share_of_agencies),
        "due": row.due,
        "done": row.done,
        "late": row.late,
    }


def _reached(reached: Reached, target: int | None) -> ReachedDict:
    return {
        "done": reached.done,
        "total": reached.total,
        "share": reached.share,
        "target": target,
        "is_reached": None if target is None else reached.share >= target,
    }
