"""What a plan is filled from: items of catalogues, and improvement plans of datasets."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.items import progress
from ckanext.nd47.catalogue.plans.model import IMPROVE, PUBLISH, Plan, Stage
from ckanext.nd47.catalogue.records.model import Catalogue, Item
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.language import text

QUALITY_PLAN = "quality_plan"
LONGEST_TASK = 2_000


class NewEntry(TypedDict, total=False):
    """Values of a new entry."""

    kind: str
    name: str
    line_id: str
    dataset_id: str
    task: str
    provider_id: str
    provider: str
    due: dt.date | None
    minimum_level: str


def of_catalogues(
    plan: Plan, stages: Sequence[Stage], catalogues: Sequence[Catalogue]
) -> list[NewEntry]:
    """Return the items of editions that are not published yet.

    An item is due on its planned day; without one on the last day of the stage that it names. One
    that is planned for after the plan is left out; one that is late already has no day yet.
    """
    ids = [catalogue.id for catalogue in catalogues]
    if not ids:
        return []
    each = progress.statement(Item.catalogue_id.in_(ids))
    query = (
        sa.select(Item)
        .join(each, each.c.item_id == Item.id)
        .where(each.c.first_provided.is_(None), each.c.status.not_in(progress.CHOSEN))
        .order_by(Item.catalogue_id, Item.position)
    )
    by_title = {text.fold(stage.title): stage.last_day for stage in stages}
    rows: list[NewEntry] = []
    for item in model.Session.scalars(query):
        due = item.planned or by_title.get(text.fold(item.stage))
        if due and due > plan.last_day:
            continue
        rows.append(
            {
                "kind": PUBLISH,
                "name": item.name,
                "line_id": item.line_id,
                "provider_id": item.provider_id,
                "provider": item.provider,
                "due": due if due and due >= plan.first_day else None,
                "minimum_level": item.minimum_level,
            }
        )
    return rows


def of_datasets(plan: Plan) -> list[NewEntry]:
    """Return the public datasets whose record says what is to be improved, by the plan's end."""
    quality = model.Package.extras[QUALITY_PLAN].astext
    query = (
        sa.select(
            model.Package.id,
            model.Package.title,
            model.Package.name,
            model.Package.owner_org,
            quality,
        )
        .where(progress.is_public(), quality.is_not(None), quality != "")
        .order_by(model.Package.owner_org, model.Package.title, model.Package.id)
    )
    rows: list[NewEntry] = []
    for row in model.Session.execute(query):
        task, due = _task(row[4])
        if not task or (due and due > plan.last_day):
            continue
        rows.append(
            {
                "kind": IMPROVE,
                "name": row.title or row.name,
                "dataset_id": row.id,
                "task": task,
                "provider_id": row.owner_org or "",
                "due": due if due and due >= plan.first_day else None,
            }
        )
    return rows


def _task(stored: str) -> tuple[str, dt.date | None]:
    """Return what is to be improved, and until when, from the stored group of fields."""
    try:
        content: Any = json.loads(stored)
    except ValueError:
        return "", None
    groups = content if isinstance(content, list) else [content]
    group = next(
        (entry for entry in groups if isinstance(entry, dict) and entry.get("improvement")), {}
    )
    try:
        due = dates.parse(str(group.get("deadline") or ""))
    except ValueError:
        due = None
    return str(group.get("improvement") or "")[:LONGEST_TASK], due
