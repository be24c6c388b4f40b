"""Makes the changes of a map, batch by batch, and undoes them.

A batch is one transaction: its datasets are locked, changed and noted together. The search index
follows, and only then the run goes on behind them; so a run that is killed anywhere goes on where
it was, and a batch that is done twice changes nothing the second time. Dates, activity and what
other plugins do on a saving are left out: nobody edited the data.
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

from ckanext.nd47.lib import vocabulary
from ckanext.nd47.migrate import look, mapping, plan, sources
from ckanext.nd47.migrate.model import DONE, KEPT, RETURNED, RUNNING, UNDONE, Change, Run, now

log = logging.getLogger(__name__)

LOCK = "nd47:migrate"
Progress = Callable[[int, int], None]
"""Called after each batch with the datasets that are done, and all."""


class BusyError(RuntimeError):
    """Another run is at work, or waits to go on."""


def begin(written: str, corrections: plan.Corrections, user_id: str) -> Run:
    """Note a new run; `work` does it.

    Raises:
        MapError: the map cannot be used.
        BusyError: there is an unfinished run.
    """
    mapping.parse(written)
    made = Run(
        id=str(uuid4()),
        plan={"map": written, "corrections": _storable(corrections)},
        user_id=user_id,
        total=look.total(),
    )
    model.Session.add(made)
    try:
        model.Session.commit()
    except IntegrityError:
        # The index lets one run be unfinished.
        model.Session.rollback()
        raise BusyError(unfinished_message()) from None
    return made


def unfinished_message() -> str:
    """Return what to do about a run that is not finished."""
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
    found = model.Session.get(Run, run_id)
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such run."))
    return found


def is_worked_at() -> bool:
    """Say whether a process is at work at a run now."""
    query = sa.text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND objid = (hashtext(:lock)::bigint & 4294967295)::oid"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool(model.Session.scalar(query, {"lock": LOCK}))


@contextmanager
def alone() -> Iterator[None]:
    """Keep other processes from runs; the database lets go when the process dies.

    Raises:
        BusyError: another process is at work.
    """
    engine: Any = model.meta.engine
    with engine.connect() as connection:
        # Held by the connection, not by a transaction, which would be open for the whole run.
        key = {"lock": LOCK}
        got = connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtext(:lock))"), key)
        connection.commit()
        if not got:
            raise BusyError(tk._("Another process is at work at a run. Wait until it is done."))
        try:
            yield
        finally:
            connection.execute(sa.text("SELECT pg_advisory_unlock(hashtext(:lock))"), key)
            connection.commit()


def work(run_id: str, progress: Progress | None = None) -> Run:
    """Do a run, or let one that was interrupted go on.

    Raises:
        BusyError: another process is at work.
        ckan.plugins.toolkit.ObjectNotFound: there is no such run.
    """
    with alone():
        run = get(run_id)
        if run.state != RUNNING:
            return run
        mapped = mapping.parse(run.plan["map"])
        corrections = run.plan["corrections"]
        noted = frozenset(_noted_after(run))
        _index(sorted(noted))
        while _batch(run, mapped, corrections, noted):
            if progress:
                progress(run.done, max(run.total, run.done))
        run.state, run.finished = DONE, now()
        model.Session.commit()
    return run


def _noted_after(run: Run) -> list[str]:
    """Return the datasets that were changed and perhaps not indexed when a run was interrupted."""
    query = sa.select(Change.package_id).where(
        Change.run_id == run.id, Change.package_id > run.last_id
    )
    return list(model.Session.scalars(query.distinct()))


def _batch(
    run: Run, mapped: mapping.Map, corrections: plan.Corrections, noted: frozenset[str]
) -> bool:
    """Do the next datasets but those that are noted already; return whether there were some."""
    ids = sources.ids_after(run.last_id, lock=True)
    if not ids:
        return False
    changed: list[str] = []
    with vocabulary.preloaded():
        for old in sources.load([one for one in ids if one not in noted]):
            outcome = plan.outcome(old, mapped, corrections)
            if outcome.changes:
                changed.append(old.id)
                _write(old.id, old.extras, {one.name: one.after for one in outcome.changes})
                _note(run.id, old.id, outcome.changes)
    model.Session.commit()
    _index(changed)
    run.last_id, run.done = ids[-1], run.done + len(ids)
    model.Session.commit()
    return True


def _write(dataset_id: str, extras: dict[str, str], given: dict[str, str | None]) -> None:
    """Store values of a dataset, None to remove one; its dates stay as they are."""
    columns: dict[str, Any] = {
        name: value for name, value in given.items() if name in sources.COLUMNS
    }
    stored = dict(extras)
    for name in given.keys() - columns.keys():
        stored.pop(name, None)
        if (value := given[name]) is not None:
            stored[name] = value
    table = model.package_table
    model.Session.execute(
        sa.update(table).where(table.c.id == dataset_id).values(extras=stored, **columns)
    )


def _note(run_id: str, dataset_id: str, changes: list[plan.Planned]) -> None:
    model.Session.add_all(
        Change(
            run_id=run_id,
            package_id=dataset_id,
            field=one.name,
            before=_listed(one.before),
            after=_listed(one.after),
        )
        for one in changes
    )


def _listed(value: str | None) -> list[str]:
    return [] if value is None else [value]


def _index(dataset_ids: list[str]) -> None:
    # What is loaded is as it was before the tables were written to.
    model.Session.expire_all()
    for dataset_id in dataset_ids:
        try:
            index_update_package(Context(ignore_auth=True), dataset_id, defer_commit=True)
        except Exception:  # noqa: PERF203 - each on its own
            # One that could not be shown before must not stop all others.
            log.exception("Dataset %s could not be indexed", dataset_id)
    if dataset_ids:
        search.commit()


def undo(run_id: str, dataset_id: str = "", progress: Progress | None = None) -> tuple[int, int]:
    """Give datasets back what they had before a run; a value that was edited since stays.

    Args:
        run_id: the run.
        dataset_id: one dataset; all when empty.
        progress: called after each batch.

    Returns:
        How many values were returned, and how many were kept.

    Raises:
        BusyError: another process is at work.
        ckan.plugins.toolkit.ObjectNotFound: there is no such run.
    """
    with alone():
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
    query = query.distinct().order_by(Change.package_id).limit(sources.BATCH)
    return list(model.Session.scalars(query))


def _undo_batch(run_id: str, ids: list[str]) -> tuple[int, int]:
    table = model.package_table
    rows = model.Session.execute(
        sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()
    ).mappings()
    stored = {row["id"]: row for row in rows}
    changes = model.Session.scalars(
        sa.select(Change).where(
            Change.run_id == run_id, Change.package_id.in_(ids), Change.outcome == ""
        )
    ).all()
    given: dict[str, dict[str, str | None]] = {}
    outcomes: dict[tuple[str, str], str] = {}
    for change in changes:
        row = stored[change.package_id]
        is_column = change.field in sources.COLUMNS
        value = row[change.field] if is_column else (row["extras"] or {}).get(change.field)
        # The old value already: the undo was interrupted before it was noted.
        if _listed(value) in (change.after, change.before):
            given.setdefault(change.package_id, {})[change.field] = next(iter(change.before), None)
            outcomes[change.package_id, change.field] = RETURNED
        else:
            outcomes[change.package_id, change.field] = KEPT
    for dataset_id, old in given.items():
        _write(dataset_id, dict(stored[dataset_id]["extras"] or {}), old)
    model.Session.commit()
    _index(list(given))
    for change in changes:
        change.outcome = outcomes[change.package_id, change.field]
    model.Session.commit()
    counts = list(outcomes.values())
    return counts.count(RETURNED), counts.count(KEPT)


def _storable(corrections: plan.Corrections) -> dict[str, dict[str, list[str]]]:
    return {
        dataset_id: {path: list(both) for path, both in fields.items()}
        for dataset_id, fields in corrections.items()
    }
