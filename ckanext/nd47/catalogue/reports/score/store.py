"""Measures the datasets that have no score, or were changed or measured on another day, in batches.

A focal point whose term has ended, or a list of formats that the portal has changed, moves scores
too; so each day all are measured once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.reports.score import metrics
from ckanext.nd47.catalogue.reports.score.method import FILE
from ckanext.nd47.catalogue.reports.score.model import DatasetScore
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.data import content_hash
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import records, report
from ckanext.nd47.tables.findings import faults

BATCH = 200
"""Datasets of a transaction."""

OPTIONS = (
    config.LEGAL_EDITION,
    config.RULES,
    config.DCAT_PLACE,
    config.ATTRIBUTION_TEMPLATE,
    config.DATASET_SCHEMAS,
    "ckan.plugins",
    "licenses_group_url",
)
"""Options that decide about a score."""

GOOD = "dat-yeu-cau"
"""Code of a quality that needs no improvement."""

Progress = Callable[[int, int], None]


def silent(_done: int, _all: int) -> None:
    """Report no progress."""


def outdated() -> sa.Select[tuple[str]]:
    """Return the statement for the ids of the datasets that are to be measured."""
    score, package = DatasetScore, model.Package
    return (
        sa.select(package.id)
        .join(score, score.id == package.id, isouter=True)
        .where(
            package.state != model.State.DELETED,
            package.type.in_(records.governed_types()),
            sa.or_(
                score.id.is_(None),
                score.examined != dates.today(),
                score.fingerprint != fingerprint(),
                score.source_modified.is_distinct_from(package.metadata_modified),
            ),
        )
    )


def waiting() -> int:
    """Return the number of datasets that are to be measured."""
    return model.Session.scalar(sa.select(sa.func.count()).select_from(outdated().subquery())) or 0


def refresh(progress: Progress = silent) -> int:
    """Measure what is missing or outdated; return the number of datasets.

    Args:
        progress: called with the number of datasets done, and their total number.
    """
    ids = list(model.Session.scalars(outdated().order_by(model.Package.id)))
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        _write(batch, faults.links_answer(batch))
        model.Session.commit()
        progress(min(start + BATCH, len(ids)), len(ids))
    return len(ids)


def of_dataset(dataset_id: str) -> metrics.Score | None:
    """Return the score of one dataset as it is now, None if there is no such dataset."""
    dataset = next(iter(_datasets([dataset_id])), None)
    return metrics.measure(dataset, faults.links_answer([dataset_id])) if dataset else None


def fingerprint() -> str:
    """Return the fingerprint of the settings and lists that decide about scores."""
    parts = (
        version("ckanext-nd47"),
        content_hash(FILE),
        *(str(tk.config.get(name)) for name in OPTIONS),
        *(content_hash(path) for path in vocabulary.own_files()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _datasets(dataset_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return datasets as the rules read them, with their tags."""
    tag, of_dataset = model.tag_table.c, model.package_tag_table.c
    tags: defaultdict[str, list[str]] = defaultdict(list)
    query = (
        sa.select(of_dataset.package_id, tag.name)
        .join_from(model.package_tag_table, model.tag_table, tag.id == of_dataset.tag_id)
        .where(of_dataset.package_id.in_(dataset_ids), of_dataset.state == model.State.ACTIVE)
    )
    for dataset_id, name in model.Session.execute(query).tuples():
        tags[dataset_id].append(name)
    return [
        {**dataset, "tags": tags[dataset["id"]]} for dataset in records.by_ids(list(dataset_ids))
    ]


def _write(dataset_ids: Sequence[str], links: Mapping[str, bool]) -> None:
    with directory.uncached(), vocabulary.preloaded():
        datasets = _datasets(dataset_ids)
        dataset_reader.prime(datasets)
        settings = fingerprint()
        rows = [_row(dataset, links, settings) for dataset in datasets]
    if not rows:
        return
    statement = insert(DatasetScore.__table__).values(rows)
    changed = {name: statement.excluded[name] for name in rows[0] if name != "id"}
    model.Session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


def _row(dataset: dict[str, Any], links: Mapping[str, bool], settings: str) -> dict[str, Any]:
    score = metrics.measure(dataset, links)
    findings = [finding for finding in report.examine(dataset) if finding.met is not None]
    resources = dataset_reader.resources(dataset)
    formats = [metrics.openness(resource) for resource in resources]
    plan = next(iter(dataset_reader.groups(dataset, "quality_plan")), {})
    quality = vocabulary.recognise("quality-state", str(plan.get("state") or ""))
    return {
        "id": dataset["id"],
        "points": score.points,
        "measured": score.measured,
        "met": list(score.met),
        "unmet": list(score.unmet),
        "rule_points": sum(finding.rule.points for finding in findings if finding.met),
        "rule_possible": sum(finding.rule.points for finding in findings),
        "fields": dataset_reader.codes(dataset, "theme"),
        "kind": dataset_reader.text(dataset, "sharing_class"),
        "has_api": any(map(metrics.is_service, resources)),
        "open_format": any(is_open for is_open, _ in formats),
        "machine_readable": any(readable for _, readable in formats),
        "quality_open": bool(quality) and quality != GOOD,
        "quality_deadline": _day(plan.get("deadline")),
        "published": _day(dataset_reader.text(dataset, "issued"))
        or _day(dataset_reader.day_in_vietnam(str(dataset.get("metadata_created") or ""))),
        "examined": dates.today(),
        "fingerprint": settings,
        "source_modified": sa.cast(dataset.get("metadata_modified"), sa.DateTime),
    }


def _day(written: Any) -> dt.date | None:
    """Return the first day of what a field states; None if that is no day, month or year."""
    try:
        return dates.period_days(values.date(str(written))).first if written else None
    except ValueError:
        return None
