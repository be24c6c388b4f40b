"""What a leader needs on one page: where we stand, who leads, who is late, what to decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.catalogue.editions.handover import refusals
from ckanext.nd47.catalogue.plans.model import ISSUED
from ckanext.nd47.catalogue.records.model import PROPOSED, Catalogue
from ckanext.nd47.catalogue.reports import trend
from ckanext.nd47.catalogue.reports.access import Reach
from ckanext.nd47.catalogue.reports.data import figures
from ckanext.nd47.catalogue.reports.data.figures import Figures, Query, Row
from ckanext.nd47.catalogue.reports.data.period import months_before, of_month, this_month
from ckanext.nd47.catalogue.reports.trend import Month
from ckanext.nd47.desk import facts
from ckanext.nd47.lib.calendar import dates

MONTHS = 12
MOST_ROWS = 5
"""Agencies in a list: the page is printed on one sheet."""

MOST_PLANS = 20
"""Of the newest plans, those that are looked at."""

DESK = "nd47_desk"


class Change(TypedDict):
    """A figure now and a month ago; `better` is None where neither is better."""

    title: str
    now: int
    before: int
    difference: int
    better: bool | None


class Decision(TypedDict):
    """Something that waits for a decision, with the address where it is taken."""

    words: str
    url: str


class PlanStage(TypedDict):
    """A stage of an issued plan that runs today: targets in per cent, None for none.

    `items` and `agencies` have `done`, `total`, `share`, `target` and `is_reached`.
    """

    plan: str
    title: str
    url: str
    last_day: str
    due: int
    done: int
    late: int
    items: dict[str, Any]
    agencies: dict[str, Any]


class LeaderReport(TypedDict):
    """The page. `changes` is empty where nothing was stored of the month before."""

    day: str
    sample: bool
    now: Figures
    stages: list[PlanStage]
    months: list[Month]
    changes: list[Change]
    ahead: list[Row]
    late: list[Row]
    without: int
    decisions: list[Decision]


def report(context: Context, reach: Reach) -> LeaderReport:
    """Return the page for an account, in a constant number of statements."""
    query = Query(of_month(this_month()), agencies=reach.limit)
    now = figures.report(query)
    months = trend.of_months(MONTHS, query, now["total"])
    rows = [row for row in now["rows"] if row["key"]]
    before = months[-2]
    return {
        "day": now["day"],
        "sample": now["sample"],
        "now": now["total"],
        "stages": _stages(context) if reach.texts else [],
        "months": months,
        "changes": list(_changes(now["total"], before["figures"])) if before["stored"] else [],
        "ahead": _ahead(rows),
        "late": _late(rows),
        "without": sum(
            bool(row["figures"]["assigned"]) and not row["figures"]["datasets"] for row in rows
        ),
        "decisions": list(_decisions(context, reach, now)),
    }


def _ahead(rows: list[Row]) -> list[Row]:
    """Return the agencies that have published the most of what they are to, then by score."""
    active = [row for row in rows if row["figures"]["published"] or row["figures"]["datasets"]]

    def order(row: Row) -> tuple[int, int, int]:
        numbers = row["figures"]
        return (-(numbers["share"] or 0), numbers["overdue"], -(numbers["score"] or 0))

    return sorted(active, key=order)[:MOST_ROWS]


def _late(rows: list[Row]) -> list[Row]:
    """Return the agencies with the most that is late."""

    def number(row: Row) -> int:
        return row["figures"]["late"] + row["figures"]["overdue"]

    return sorted((row for row in rows if number(row)), key=lambda row: -number(row))[:MOST_ROWS]


def _changes(now: Figures, before: Figures) -> Iterator[Change]:
    yield _change(tk._("Items published"), now["published"], before["published"], 1)
    yield _change(tk._("Public datasets"), now["datasets"], before["datasets"], 1)
    yield _change(tk._("Items not published by their day"), now["late"], before["late"], -1)
    yield _change(tk._("Datasets overdue"), now["overdue"], before["overdue"], -1)
    yield _change(
        tk._("Datasets that meet all rules"), now["meets_rules"], before["meets_rules"], 1
    )
    yield _change(tk._("Mean score"), now["score"] or 0, before["score"] or 0, 1)


def _change(title: str, now: int, before: int, good: int) -> Change:
    difference = now - before
    better = None if not difference else (difference * good > 0)
    return {
        "title": title,
        "now": now,
        "before": before,
        "difference": difference,
        "better": better,
    }


def _decisions(context: Context, reach: Reach, now: figures.Report) -> Iterator[Decision]:
    total = now["total"]
    approvals = facts.waiting_for_approval(context) if reach.texts else 0
    if approvals and p.plugin_loaded(DESK):
        words = tk.ungettext(
            "{number} dataset waits for approval.",
            "{number} datasets wait for approval.",
            approvals,
        )
        url = tk.url_for("nd47_desk.index", kind="waiting-approval")
        yield {"words": words.format(number=approvals), "url": url}
    if number := total["late"]:
        words = tk.ungettext(
            "{number} item was to be published by now: urge the agency, or set another day.",
            "{number} items were to be published by now: urge the agencies, or set other days.",
            number,
        )
        yield {"words": words.format(number=number), "url": tk.url_for("nd47_reports.index")}
    if reach.decides:
        yield from _of_portal()
    if reach.texts:
        yield from _proposals(reach)


def _of_portal() -> Iterator[Decision]:
    proposed = sa.select(sa.func.count()).where(Catalogue.state == PROPOSED)
    if number := model.Session.scalar(proposed):
        words = tk.ungettext(
            "{number} catalogue is proposed for a decision.",
            "{number} catalogues are proposed for a decision.",
            number,
        )
        yield {"words": words.format(number=number), "url": tk.url_for("nd47_catalogue_work.index")}
    if number := refusals.open_refusals():
        words = tk.ungettext(
            "The national portal has refused {number} dataset.",
            "The national portal has refused {number} datasets.",
            number,
        )
        yield {"words": words.format(number=number), "url": tk.url_for("nd47_handover.index")}


def _proposals(reach: Reach) -> Iterator[Decision]:
    """Yield how many agencies propose something in this month or the one before."""
    months: list[dt.date] = [months_before(this_month(), 1), this_month()]
    number = trend.proposing(months, reach.limit)
    if number:
        words = tk.ungettext(
            "{number} agency proposes something in its report.",
            "{number} agencies propose something in their reports.",
            number,
        )
        url = tk.url_for("nd47_reports.index", _anchor="texts")
        yield {"words": words.format(number=number), "url": url}


def _stages(context: Context) -> list[PlanStage]:
    """Return the stages that run today, of the newest issued plan that does."""
    today = dates.today().isoformat()
    account = _of_account(context)
    plans = tk.get_action("nd47_plan_list")(account, {"limit": MOST_PLANS})["results"]
    plan = next(
        (
            candidate
            for candidate in plans
            if candidate["state"] == ISSUED
            and candidate["first_day"] <= today <= candidate["last_day"]
        ),
        None,
    )
    if plan is None:
        return []
    shown = tk.get_action("nd47_plan_show")(account, {"id": plan["id"]})
    return [
        {
            "plan": plan["title"],
            "title": stage["title"],
            "url": tk.url_for("nd47_plans.show", id=plan["name"]),
            "last_day": stage["last_day"],
            "due": stage["due"],
            "done": stage["done"],
            "late": stage["late"],
            "items": stage["items"],
            "agencies": stage["agencies"],
        }
        for stage in shown["stages"]
        if stage["first_day"] <= today <= stage["last_day"]
    ]


def _of_account(context: Context) -> Context:
    """Return a context with the account alone, for an action of another room."""
    return Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
