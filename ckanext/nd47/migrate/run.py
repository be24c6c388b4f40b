"""Makes the changes of a map in batches, and undoes them.

A batch is one transaction: its datasets are locked and changed, and the old values are recorded.
The search index is updated next, and then the run continues with the next batch. A run that was
killed continues where it was, and a batch that is processed twice changes nothing the second time.
Dates, activities and other plugins' hooks are left out, because nobody edited the data.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.logic import index_update_package
from ckan.types import Context

from ckanext.nd47.lib.database import locks
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.migrate import datasets, look, mapping, plan
from ckanext.nd47.migrate.model import DONE, KEPT, RETURNED, RUNNING, UNDONE, Change, Run, now
from ckanext.nd47.rules import records

log = logging.getLogger(__name__)

LOCK = "nd47:migrate"
Progress = Callable[[int, int], None]
"""Called after each batch with the number of processed datasets, and of all."""


ResourceValues = dict[str, dict[str, list[Any]]]
"""Lists with the new value, empty to remove one, by id of the resource and name of the field."""


class BusyError(RuntimeError):
    """Another run is being processed, or is unfinished."""


def begin(map_text: str, corrections: plan.Corrections, user_id: str) -> Run:
    """Record a new run; `work` processes it.

    Raises:
        MapError: the map cannot be used.
        BusyError: there is an unfinished run.
    """
    mapping.parse(map_text)
    run = Run(
        id=str(uuid4()),
        plan={"map": map_text, "corrections": _corrections_as_json(corrections)},
        user_id=user_id,
        total=look.count_datasets(),
    )
    model.Session.add(run)
    try:
        model.Session.commit()
    except IntegrityError:
        # The index lets one run be unfinished.
        model.Session.rollback()
        raise BusyError(unfinished_message()) from None
    return run


def unfinished_message() -> str:
    """Return the message about a run that is not finished."""
    return tk._(
        "A run is not finished: let it go on with `{resume}`, or undo it with `{undo}`."
    ).format(resume="ckan nd47 migrate apply --resume", undo="ckan nd47 migrate undo")


def unfinished() -> Run | None:
    """Return the run that is not finished, None for none."""
    return model.Session.scalar(sa.select(Run).where(Run.state == RUNNING))


def runs(limit: int = 50) -> list[Run]:
    """Return the runs, the newest first."""
    return list(model.Session.scalars(sa.select(Run).order_by(Run.started.desc()).limit(limit)))


def get(run_id: str) -> Run:
    """Return a run.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is none of this id.
    """
    run = model.Session.get(Run, run_id)
    if run is None:
        raise tk.ObjectNotFound(tk._("There is no such run."))
    return run


def is_working() -> bool:
    """Return whether a process is working on a run."""
    query = sa.text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND objid = (hashtext(:lock)::bigint & 4294967295)::oid"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool(model.Session.scalar(query, {"lock": LOCK}))


@contextmanager
def exclusive_lock() -> Iterator[None]:
    """Prevent other processes from working on runs; the lock ends with the process.

    Raises:
        BusyError: another process is working on a run.
    """
    with locks.exclusive(LOCK) as acquired:
        if not acquired:
            raise BusyError(tk._("Another process is at work at a run. Wait until it is done."))
        yield


def work(run_id: str, progress: Progress | None = None) -> Run:
    """Process a run, also one that was interrupted.

    Raises:
        BusyError: another process is working on a run.
        ckan.plugins.toolkit.ObjectNotFound: there is no such run.
    """
    with exclusive_lock():
        run = get(run_id)
        if run.state != RUNNING:
            return run
        migration_map = mapping.parse(run.plan["map"])
        corrections = run.plan["corrections"]
        recorded_ids = frozenset(_recorded_after(run))
        _index(sorted(recorded_ids))
        while _batch(run, migration_map, corrections, recorded_ids):
            if progress:
                progress(run.done, max(run.total, run.done))
        run.state, run.finished = DONE, now()
        model.Session.commit()
    return run


def _recorded_after(run: Run) -> list[str]:
    """Return the datasets that an interrupted run changed and perhaps did not index."""
    query = sa.select(Change.package_id).where(
        Change.run_id == run.id, Change.package_id > run.last_id
    )
    return list(model.Session.scalars(query.distinct()))


def _batch(
    run: Run,
    migration_map: mapping.Map,
    corrections: plan.Corrections,
    recorded_ids: frozenset[str],
) -> bool:
    """Process the next datasets; return whether there were any."""
    ids = datasets.ids_after(run.last_id, lock=True)
    if not ids:
        return False
    changed_ids: list[str] = []
    resource_values: ResourceValues = {}
    with vocabulary.preloaded():
        new_ids = [dataset_id for dataset_id in ids if dataset_id not in recorded_ids]
        for dataset in datasets.load(new_ids):
            outcome = plan.outcome(dataset, migration_map, corrections)
            if outcome.changes:
                changed_ids.append(dataset.id)
                new_values = {change.name: change.after for change in outcome.changes}
                resource_values |= _of_resources(
                    {change.name: _as_list(change.after) for change in outcome.changes}
                )
                _write(dataset.id, dataset.extras, new_values)
                _record_changes(run.id, dataset.id, outcome.changes)
    _write_resources(resource_values)
    model.Session.commit()
    _index(changed_ids)
    run.last_id, run.done = ids[-1], run.done + len(ids)
    model.Session.commit()
    return True


def _write(dataset_id: str, extras: dict[str, str], new_values: dict[str, str | None]) -> None:
    """Store values of a dataset, None to remove one; its dates do not change."""
    columns: dict[str, Any] = {
        name: value for name, value in new_values.items() if name in datasets.COLUMNS
    }
    stored = dict(extras)
    for name in new_values.keys() - columns.keys():
        if datasets.resource_field(name) is not None:
            continue
        stored.pop(name, None)
        if (value := new_values[name]) is not None:
            stored[name] = value
    table = model.package_table
    model.Session.execute(
        sa.update(table).where(table.c.id == dataset_id).values(extras=stored, **columns)
    )


def _of_resources(new_lists: dict[str, list[Any]]) -> ResourceValues:
    """Return the lists for fields of resources, by id of the resource and name of the field."""
    values: ResourceValues = {}
    for name, value in new_lists.items():
        if (resource_field := datasets.resource_field(name)) is not None:
            values.setdefault(resource_field[0], {})[resource_field[1]] = value
    return values


def _write_resources(resource_values: ResourceValues) -> None:
    """Store values of resources; their dates do not change."""
    if not resource_values:
        return
    table = model.resource_table
    # As text: CKAN's column type raises for a row with invalid JSON.
    extras_text = sa.type_coerce(table.c.extras, sa.UnicodeText)
    query = sa.select(table.c.id, extras_text).where(table.c.id.in_(resource_values))
    for resource_id, text in model.Session.execute(query.with_for_update()).all():
        values = resource_values[resource_id]
        columns = {
            name: next(iter(value), None)
            for name, value in values.items()
            if name in datasets.RESOURCE_COLUMNS
        }
        extras = records.as_mapping(text)
        if text and not extras and text.strip() != "{}":
            # Not a JSON object; writing would lose it.
            continue
        for name in values.keys() - columns.keys():
            extras.pop(name, None)
            if values[name]:
                extras[name] = values[name][0]
        model.Session.execute(
            sa.update(table).where(table.c.id == resource_id).values(extras=extras, **columns)
        )


def _record_changes(run_id: str, dataset_id: str, changes: list[plan.PlannedChange]) -> None:
    model.Session.add_all(
        Change(
            run_id=run_id,
            package_id=dataset_id,
            field=change.name,
            before=[None] if change.was_null else _as_list(change.before),
            after=_as_list(change.after),
        )
        for change in changes
    )


def _as_list(value: str | None) -> list[str | None]:
    return [] if value is None else [value]


def _index(dataset_ids: list[str]) -> None:
    # Loaded objects have the values from before the tables were written.
    model.Session.expire_all()
    for dataset_id in dataset_ids:
        try:
            index_update_package(Context(ignore_auth=True), dataset_id, defer_commit=True)
        except Exception:  # noqa: PERF203 - each on its own
            # A dataset that cannot be shown must not stop the others.
            log.exception("Dataset %s could not be indexed", dataset_id)
    if dataset_ids:
        search.commit()


def undo(run_id: str, dataset_id: str = "", progress: Progress | None = None) -> tuple[int, int]:
    """Restore the values before a run; a value that was edited since is kept.

    Args:
        run_id: the run.
        dataset_id: one dataset; all when empty.
        progress: called after each batch.

    Returns:
        How many values were restored, and how many were kept.

    Raises:
        BusyError: another process is working on a run.
        ckan.plugins.toolkit.ObjectNotFound: there is no such run.
    """
    with exclusive_lock():
        run = get(run_id)
        returned = kept = done = 0
        while ids := _to_undo(run_id, dataset_id):
            counts = _undo_batch(run_id, ids)
            returned, kept = returned + counts[0], kept + counts[1]
            done += len(ids)
            if progress:
                progress(done, done)
        if not dataset_id:
            run.state, run.finished = UNDONE, now()
            model.Session.commit()
    return returned, kept


def _to_undo(run_id: str, dataset_id: str) -> list[str]:
    query = sa.select(Change.package_id).where(Change.run_id == run_id, Change.outcome == "")
    if dataset_id:
        query = query.where(Change.package_id == dataset_id)
    query = query.distinct().order_by(Change.package_id).limit(datasets.BATCH)
    return list(model.Session.scalars(query))


def _undo_batch(run_id: str, ids: list[str]) -> tuple[int, int]:
    table = model.package_table
    rows = model.Session.execute(
        sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()
    ).mappings()
    stored = {row["id"]: row for row in rows}
    # Columns, not objects: objects would be read again one by one after the commit.
    changes = model.Session.execute(
        sa.select(Change.package_id, Change.field, Change.before, Change.after).where(
            Change.run_id == run_id, Change.package_id.in_(ids), Change.outcome == ""
        )
    ).all()
    resources = {
        resource["id"]: resource
        for of_dataset in records.resources_of(ids).values()
        for resource in of_dataset
    }
    old_lists: dict[str, dict[str, list[Any]]] = {}
    restored: list[tuple[str, str]] = []
    kept: list[tuple[str, str]] = []
    for dataset_id, name, before, after in changes:
        row = stored[dataset_id]
        if (resource_field := datasets.resource_field(name)) is not None:
            current = datasets.stored_list(resources.get(resource_field[0], {}), resource_field[1])
        else:
            in_row = row if name in datasets.COLUMNS else row["extras"] or {}
            current = _as_list(in_row.get(name))
        # The old value already: the undo was interrupted before its outcome was recorded.
        if current in (after, before):
            old_lists.setdefault(dataset_id, {})[name] = before
            restored.append((dataset_id, name))
        else:
            kept.append((dataset_id, name))
    resource_values: ResourceValues = {}
    for dataset_id, lists in old_lists.items():
        old_values = {name: next(iter(before), None) for name, before in lists.items()}
        _write(dataset_id, dict(stored[dataset_id]["extras"] or {}), old_values)
        resource_values |= _of_resources(lists)
    _write_resources(resource_values)
    model.Session.commit()
    _index(list(old_lists))
    _record_outcome(run_id, restored, RETURNED)
    _record_outcome(run_id, kept, KEPT)
    model.Session.commit()
    return len(restored), len(kept)


def _record_outcome(run_id: str, keys: list[tuple[str, str]], outcome: str) -> None:
    """Record the outcome of an undo for values by dataset and field."""
    if not keys:
        return
    key = sa.tuple_(Change.package_id, Change.field)
    model.Session.execute(
        sa.update(Change).where(Change.run_id == run_id, key.in_(keys)).values(outcome=outcome),
        execution_options={"synchronize_session": False},
    )


def _corrections_as_json(corrections: plan.Corrections) -> dict[str, dict[str, list[str]]]:
    return {
        dataset_id: {path: list(values) for path, values in fields.items()}
        for dataset_id, fields in corrections.items()
    }
