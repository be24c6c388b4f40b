"""Reads in what CKAN's plugin `tracking` has counted before; it can be repeated.

The days before the first one that the suite has counted itself are read, so no day has both. What
was read before is replaced. CKAN counted visitors in browsers alone: no API calls, and no robots.
"""

from __future__ import annotations

from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.catalogue.reports.usage.model import COUNTED, OWN, TRACKING, UsageDay

SUMMARY = "tracking_summary"
PAGE, FILE = "page", "resource"
"""Types of CKAN's table."""


class Read(TypedDict):
    """What was found: `days` with `views` and `downloads` of `datasets`; `until` is not read."""

    days: int
    datasets: int
    views: int
    downloads: int
    until: str


def exists() -> bool:
    """Return whether the database has CKAN's table."""
    return model.Session.scalar(sa.select(sa.func.to_regclass(SUMMARY))) is not None


def read(*, dry_run: bool) -> Read:
    """Read CKAN's table in, in four statements.

    Args:
        dry_run: only count what would be read.
    """
    first = model.Session.scalar(sa.select(sa.func.min(UsageDay.day)).where(UsageDay.source == OWN))
    rows = _counted(first).subquery()
    row = model.Session.execute(
        sa.select(
            sa.func.count(rows.c.day.distinct()),
            sa.func.count(rows.c.dataset_id.distinct()),
            sa.func.coalesce(sa.func.sum(rows.c.views), 0),
            sa.func.coalesce(sa.func.sum(rows.c.downloads), 0),
        )
    ).one()
    if not dry_run:
        model.Session.execute(sa.delete(UsageDay).where(UsageDay.source == TRACKING))
        columns = ["day", "dataset_id", "source", *COUNTED[:2]]
        model.Session.execute(
            insert(UsageDay.__table__).from_select(
                columns, sa.select(*(rows.c[name] for name in columns))
            )
        )
        model.Session.commit()
    return {
        "days": row[0],
        "datasets": row[1],
        "views": int(row[2]),
        "downloads": int(row[3]),
        "until": first.isoformat() if first else "",
    }


def _counted(first: Any) -> sa.Select[Any]:
    """Return the statement for views and downloads by day and dataset, before a day."""
    summary = sa.table(
        SUMMARY,
        *(sa.column(name) for name in ("url", "package_id", "tracking_type", "tracking_date")),
        sa.column("count", sa.Integer),
    ).c
    resource, package = model.resource_table.c, model.package_table.c
    # CKAN names the dataset of a page; of a file it has the address, which ends with its path.
    file_id = sa.func.substring(summary.url, "/resource/([0-9a-f-]{36})/")
    dataset_id = sa.func.coalesce(
        sa.select(package.id).where(package.id == summary.package_id).scalar_subquery(),
        sa.select(resource.package_id).where(resource.id == file_id).scalar_subquery(),
        "",
    )
    entries = (
        sa.select(
            summary.tracking_date.label("day"),
            dataset_id.label("dataset_id"),
            summary.tracking_type.label("type"),
            summary["count"].label("times"),
        )
        .where(summary.tracking_date.is_not(None))
        .subquery()
    )
    known = entries.c.dataset_id != ""
    before = entries.c.day < first if first else sa.true()
    return (
        sa.select(
            entries.c.day,
            entries.c.dataset_id,
            sa.literal(TRACKING).label("source"),
            sa.func.coalesce(sa.func.sum(entries.c.times).filter(entries.c.type == PAGE), 0).label(
                "views"
            ),
            sa.func.coalesce(sa.func.sum(entries.c.times).filter(entries.c.type == FILE), 0).label(
                "downloads"
            ),
        )
        .where(known, before)
        .group_by(entries.c.day, entries.c.dataset_id)
    )
