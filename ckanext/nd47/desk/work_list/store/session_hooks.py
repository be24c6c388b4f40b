"""Examines the datasets of a transaction at its commit.

The session's flush sees every change through the model, whichever code makes it; the commit writes
the rows in the same transaction. A change of an agency or a focal point marks the datasets that
show it, and a job examines them.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins as p
from ckan import model
from ckan.model import meta

from ckanext.nd47.agencies import datasets
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.desk.work_list import model as tables
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.desk.work_list.store import examine, jobs
from ckanext.nd47.rules import file_facts

log = logging.getLogger(__name__)

PLUGIN = "nd47_desk"
_NOTED = "nd47_desk"
_WRITTEN = "nd47_desk_written"


@dataclass
class Noted:
    """Changes of a transaction: ids of datasets, and of agencies that datasets show."""

    datasets: set[str] = field(default_factory=set)
    agencies: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.datasets or self.agencies)


def install() -> None:
    """Register the hooks, once for a process."""
    for session in (meta.create_local_session, meta.Session):
        for name, hook in _HOOKS.items():
            if not event.contains(session, name, hook):
                event.listen(session, name, hook)
    file_facts.changed.connect(_examine_again)


def _examine_again(dataset_ids: list[str]) -> None:
    """Examine datasets of whose files something else is known now."""
    if active() and tables.ready():
        write(dataset_ids, ())


def active() -> bool:
    """Return whether changes are recorded: the plugin may be disabled in this process."""
    return p.plugin_loaded(PLUGIN)


def _note(session: Any, _context: Any) -> None:
    """Record the changes of a flush."""
    if not active():
        return
    noted: Noted = session.info.setdefault(_NOTED, Noted())
    for changed in (*session.new, *session.dirty, *session.deleted):
        if isinstance(changed, model.Package):
            noted.datasets.add(changed.id)
        elif isinstance(changed, (model.Resource, model.PackageTag)) and changed.package_id:
            noted.datasets.add(changed.package_id)
        elif isinstance(changed, FocalPoint):
            noted.agencies.add(changed.agency_id)
        elif (
            isinstance(changed, Agency)
            or (isinstance(changed, model.Group) and changed.is_organization)
        ) and _is_modified(session, changed):
            noted.agencies.add(changed.id)


def _is_modified(session: Any, record: Any) -> bool:
    """Return whether a value of a record has changed: a new member changes none of its group."""
    return record in session.deleted or session.is_modified(record, include_collections=False)


def _write(session: Any) -> None:
    """Write what the transaction changed, but not at the end of a savepoint."""
    if session.in_nested_transaction() or not active():
        return
    session.flush()
    noted = session.info.pop(_NOTED, None)
    if noted and session is model.Session() and tables.ready():
        write(noted.datasets, noted.agencies)
        session.info[_WRITTEN] = bool(noted.agencies)


def _forget(session: Any, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_NOTED, None)


def _ask_workers(session: Any) -> None:
    """Enqueue the remaining work, once the change is committed."""
    if session.in_nested_transaction():
        return
    marked = session.info.pop(_WRITTEN, None)
    if marked is not None:
        jobs.changed(marked=marked)


def write(dataset_ids: Collection[str], agency_ids: Collection[str]) -> None:
    """Examine datasets, and mark those that show one of the agencies."""
    try:
        # An error of the database must not affect the rest of the transaction.
        with model.Session.connection().begin_nested():
            if agency_ids:
                mark(agency_ids)
            if dataset_ids:
                examine.write(dataset_ids)
    except Exception:  # the save must not fail; the rows are recognised as outdated
        log.exception("The work list was not updated")


def mark(agency_ids: Collection[str]) -> None:
    """Mark the datasets that show one of these agencies as stale, with one statement."""
    model.Session.execute(
        sa.update(WorkDataset)
        .where(WorkDataset.id.in_(datasets.affected_by(agency_ids)))
        .values(stale=True)
        .execution_options(synchronize_session=False)
    )


_HOOKS = {
    "after_flush": _note,
    "before_commit": _write,
    "after_commit": _ask_workers,
    "after_transaction_end": _forget,
}
