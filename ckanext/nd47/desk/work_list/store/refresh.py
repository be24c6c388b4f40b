"""Examines the datasets whose rows are missing or outdated, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.desk.work_list.store import examine, fingerprint
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.rules import records

BATCH = 100
"""Datasets of a transaction; who saves one of them waits for it, some hundredths of a second."""

Progress = Callable[[int, int], None]
"""Called with the number of datasets done, and their total number."""


def silent(_done: int, _all: int) -> None:
    """Report no progress."""


def outdated() -> sa.Select[tuple[str]]:
    """Return the statement for the ids of the datasets that are to be examined."""
    work, package = WorkDataset, model.Package
    return (
        sa.select(package.id)
        .join(work, work.id == package.id, isouter=True)
        .where(
            package.state != model.State.DELETED,
            package.type.in_(records.governed_types()),
            sa.or_(
                work.id.is_(None),
                work.stale,
                work.examined != dates.today(),
                work.fingerprint != fingerprint.current(),
                work.source_modified.is_distinct_from(package.metadata_modified),
            ),
        )
    )


def waiting(condition: sa.ColumnElement[bool] | None = None) -> int:
    """Return the number of datasets that are to be examined.

    Args:
        condition: which datasets; None for all.
    """
    due = outdated()
    if condition is not None:
        due = due.where(condition)
    return model.Session.scalar(sa.select(sa.func.count()).select_from(due.subquery())) or 0


def refresh(progress: Progress = silent) -> int:
    """Examine what is missing or outdated; return the number of datasets."""
    return _write(list(model.Session.scalars(outdated().order_by(model.Package.id))), progress)


def rebuild(progress: Progress = silent) -> int:
    """Examine all datasets; return their number."""
    package: Any = model.Package
    every = sa.select(package.id).where(
        package.state != model.State.DELETED, package.type.in_(records.governed_types())
    )
    return _write(list(model.Session.scalars(every.order_by(package.id))), progress)


def _write(dataset_ids: Sequence[str], progress: Progress) -> int:
    for start in range(0, len(dataset_ids), BATCH):
        batch = dataset_ids[start : start + BATCH]
        # Who saves one of them now examines it at the commit.
        lock = sa.select(model.package_table.c.id).where(model.package_table.c.id.in_(batch))
        free = model.Session.scalars(lock.with_for_update(read=True, skip_locked=True)).all()
        examine.write(free)
        model.Session.commit()
        progress(min(start + BATCH, len(dataset_ids)), len(dataset_ids))
    return len(dataset_ids)
