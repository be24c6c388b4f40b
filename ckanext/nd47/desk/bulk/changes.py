"""The contract: a run changes many datasets, with a preview, as a job, and is undone as one.

`plan` records what is to be done with each dataset, and has it rehearsed: `prepare`. Then the run
waits for `begin_apply`, and later perhaps `begin_undo`; the jobs are `apply` and `undo`. Every job
works for a while and asks for its continuation; after a crash `resume` lets a run go on.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypedDict
from uuid import uuid4

import sqlalchemy as sa
from typing_extensions import NotRequired

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.job import saving, steps
from ckanext.nd47.desk.bulk.job.language import spoken
from ckanext.nd47.desk.bulk.kinds import KINDS, Values
from ckanext.nd47.desk.bulk.model import Item, Run
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http

AT_ONCE = 20
"""Items that are checked at once; more are left to a job."""

BATCH = 500
"""Items that are written with one statement."""

SLICE = 60.0
"""Seconds that a job works before it lets other jobs of the queue have their turn."""

TIMEOUT = 3600
"""Seconds after which a job counts as hanging; a step takes less than one."""

STALLED = dt.timedelta(minutes=3)
"""Without a step for so long, no job is at work."""

KEPT = dt.timedelta(days=90)
"""Runs are deleted after this time, with the former values of their datasets."""


class PlannedItem(TypedDict):
    """What is to be done with one dataset.

    `dataset` is an id, None for a new one. `operation` is `patch` or `create`. `values` is the
    input of the action without the id, resources included and keywords as `tags`; None lets the
    kind of the run compute it. `note` is for the kind. `errors` are messages by field of an item
    that is refused already.
    """

    dataset: str | None
    operation: str
    values: Values | None
    note: NotRequired[dict[str, Any]]
    errors: NotRequired[saving.Errors]


class Progress(TypedDict):
    """How far a run is.

    `counts` has the number of items by their state, `total` all of them, and `done` those that the
    present job has dealt with. `stalled` says that no job seems to be at work.
    """

    id: str
    state: str
    total: int
    done: int
    counts: dict[str, int]
    stalled: bool


def plan(
    context: Context,
    kind: str,
    items: Iterable[PlannedItem],
    *,
    all_or_nothing: bool = False,
    request: Mapping[str, Any] | None = None,
) -> str:
    """Record a run and have its items checked; return its id.

    Up to `AT_ONCE` items are checked before this returns, more by a job: the run is `preparing`
    until then.

    Args:
        context: with the account that asks; its permissions count.
        kind: code of a registered kind.
        items: what is to be done, in the order in which it is to be done; read in batches.
        all_or_nothing: whether nothing is to be changed where one item is refused.
        request: what was asked for, for the kind and for people.

    Raises:
        ckan.plugins.toolkit.NotAuthorized: there is no account.
    """
    account = model.User.get(context.get("user") or "")
    if account is None:
        raise tk.NotAuthorized(tk._("Log in to change datasets."))
    run = Run(
        id=str(uuid4()),
        kind=kind,
        account=account.id,
        actor=account.id,
        language=http.language(),
        all_or_nothing=all_or_nothing,
        request=dict(request or {}),
    )
    _delete_old_runs()
    model.Session.add(run)
    model.Session.flush()
    run_id, count = run.id, 0
    numbered = enumerate(items)
    while batch := list(islice(numbered, BATCH)):
        model.Session.execute(sa.insert(Item), _rows(run_id, batch))
        count += len(batch)
    model.Session.commit()
    if count <= AT_ONCE:
        prepare(run_id)
    else:
        _enqueue(prepare, run_id)
    return run_id


def prepare(run_id: str) -> None:
    """Check the items of a run; a job."""
    if _work(run_id, steps.check_next, prepare):
        _end(run_id, tables.PREPARING, tables.PLANNED, sa.not_(Item.checked))


def apply(run_id: str) -> None:
    """Save the items of a run; a job.

    An item that is refused does not hinder the others, unless it is all or nothing: then what was
    saved is undone.
    """
    with spoken(_language(run_id)):
        if _is_untouched(run_id) and steps.refuse_changed(run_id):
            _move(run_id, (tables.RUNNING,), tables.REVERTING)
    if not _work(run_id, steps.apply_next, apply):
        return
    if progress(run_id)["state"] == tables.REVERTING:
        undo(run_id)
    else:
        _end(run_id, tables.RUNNING, tables.FINISHED, Item.state == tables.ITEM_PLANNED)


def undo(run_id: str) -> None:
    """Give the datasets of a run their former values; a job.

    A dataset that has changed since is left as it is.
    """
    if _work(run_id, steps.undo_next, undo):
        _end(run_id, tables.UNDOING, tables.UNDONE, Item.state == tables.DONE)
        _end(run_id, tables.REVERTING, tables.STOPPED, Item.state == tables.DONE)


def begin_apply(run_id: str, account_id: str) -> None:
    """Have a planned run applied by a job, with the permissions of an account.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not planned, or is all or nothing and an item is
            refused.
    """
    refused = sa.exists().where(Item.run_id == Run.id, Item.state == tables.REFUSED)
    ready = sa.or_(sa.not_(Run.all_or_nothing), sa.not_(refused))
    if _move(run_id, (tables.PLANNED,), tables.RUNNING, ready, actor=account_id):
        _enqueue(apply, run_id)
    elif progress(run_id)["state"] == tables.PLANNED:
        raise _wrong(
            tk._("Nothing was changed: some datasets are refused, and it is all or nothing.")
        )
    else:
        raise _wrong(tk._("This change was applied already, or is still being prepared."))


def begin_undo(run_id: str, account_id: str) -> None:
    """Have a finished run undone by a job, with the permissions of an account.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not finished.
    """
    if not _move(run_id, (tables.FINISHED,), tables.UNDOING, actor=account_id):
        raise _wrong(tk._("Only a change that was applied completely can be undone, and once."))
    _enqueue(undo, run_id)


def resume(run_id: str) -> bool:
    """Let a run go on whose job was killed; return whether there was anything to do."""
    jobs: dict[str, Callable[[str], None]] = {
        tables.PREPARING: prepare,
        tables.RUNNING: apply,
        tables.REVERTING: undo,
        tables.UNDOING: undo,
    }
    state = progress(run_id)["state"]
    job = jobs.get(state)
    if job is None:
        return False
    _move(run_id, (state,), state)
    _enqueue(job, run_id)
    return True


def progress(run_id: str) -> Progress:
    """Return how far a run is.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such run.
    """
    found = progress_of([run_id])
    if not found:
        raise tk.ObjectNotFound(tk._("There is no such change of datasets."))
    return found[run_id]


def progress_of(run_ids: Sequence[str]) -> dict[str, Progress]:
    """Return how far runs are by their ids, in two statements; unknown ones are left out."""
    runs = model.Session.execute(
        sa.select(Run.id, Run.state, Run.created, Run.begun).where(Run.id.in_(run_ids))
    ).all()
    query = (
        sa.select(
            Item.run_id,
            Item.state,
            sa.func.count().label("items"),
            sa.func.count().filter(sa.not_(Item.checked)).label("unchecked"),
            sa.func.max(Item.handled).label("handled"),
        )
        .where(Item.run_id.in_(run_ids))
        .group_by(Item.run_id, Item.state)
    )
    counted: dict[str, list[Any]] = defaultdict(list)
    for row in model.Session.execute(query):
        counted[row.run_id].append(row)
    return {run.id: _progress(run, counted[run.id]) for run in runs}


def _progress(run: Any, by_state: Sequence[Any]) -> Progress:
    counts: dict[str, int] = dict.fromkeys(tables.ITEM_STATES, 0)
    counts.update({row.state: row.items for row in by_state})
    total = sum(counts.values())
    waiting = {
        tables.PREPARING: sum(row.unchecked for row in by_state),
        tables.RUNNING: counts[tables.ITEM_PLANNED],
        tables.REVERTING: counts[tables.DONE],
        tables.UNDOING: counts[tables.DONE],
    }
    moments = (run.created, run.begun, *(row.handled for row in by_state))
    last = max(moment for moment in moments if moment)
    return {
        "id": run.id,
        "state": run.state,
        "total": total,
        "done": total - waiting.get(run.state, 0),
        "counts": counts,
        "stalled": run.state in tables.BUSY and tables.now() - last > STALLED,
    }


def unfinished() -> list[str]:
    """Return the ids of the runs on which a job is at work, or should be."""
    query = sa.select(Run.id).where(Run.state.in_(tables.BUSY)).order_by(Run.created)
    return list(model.Session.scalars(query))


def _rows(run_id: str, batch: Sequence[tuple[int, PlannedItem]]) -> list[dict[str, Any]]:
    references = {item["dataset"] for _, item in batch if item["dataset"]}
    package = model.package_table
    # They cannot be purged before the end of the transaction.
    query = sa.select(package.c.id).where(package.c.id.in_(references)).order_by(package.c.id)
    existing = set(model.Session.scalars(query.with_for_update(read=True, key_share=True)))
    return [_row(run_id, position, item, existing) for position, item in batch]


def _row(run_id: str, position: int, item: PlannedItem, existing: set[str]) -> dict[str, Any]:
    values, errors, dataset_id = item["values"], item.get("errors") or {}, item["dataset"]
    if not storable(values):
        values, errors = {}, saving.message(tk._("A value holds an invisible character."))
    if dataset_id not in existing:
        if item["operation"] == tables.PATCH and not errors:
            errors = saving.errors_of(tk.ObjectNotFound())
        dataset_id = None
    return {
        "run_id": run_id,
        "position": position,
        "dataset_id": dataset_id,
        "operation": item["operation"],
        "values": values,
        "note": item.get("note") or {},
        "errors": errors,
        "state": tables.REFUSED if errors else tables.ITEM_PLANNED,
        "checked": bool(errors),
    }


def storable(value: Any) -> bool:
    """Return whether the database can hold a value of any shape."""
    pending = [value]
    while pending:
        inner = pending.pop()
        if isinstance(inner, Mapping):
            pending.extend((*inner.keys(), *inner.values()))
        elif isinstance(inner, list):
            pending.extend(inner)
        elif isinstance(inner, str):
            if not inputs.storable(inner):
                return False
        elif isinstance(inner, float) and not math.isfinite(inner):
            return False
    return True


def _work(run_id: str, step: Callable[[str], bool], job: Callable[[str], None]) -> bool:
    """Make steps; return whether none is left. Otherwise a job was asked for the others."""
    end = time.monotonic() + SLICE
    with spoken(_language(run_id)):
        while step(run_id):
            if time.monotonic() > end:
                _enqueue(job, run_id, first=False)
                return False
    return True


def _language(run_id: str) -> str:
    return model.Session.scalar(sa.select(Run.language).where(Run.id == run_id)) or ""


def _is_untouched(run_id: str) -> bool:
    """Return whether a run of all or nothing has saved nothing yet."""
    saved = sa.exists().where(Item.run_id == Run.id, Item.state == tables.DONE)
    query = sa.select(Run.id).where(
        Run.id == run_id, Run.all_or_nothing, Run.state == tables.RUNNING, sa.not_(saved)
    )
    return model.Session.scalar(query) is not None


def _move(
    run_id: str, from_states: tuple[str, ...], state: str, *conditions: Any, **columns: Any
) -> bool:
    """Change the state of a run, unless it has another one meanwhile; return whether it had."""
    result: Any = model.Session.execute(
        sa.update(Run)
        .where(Run.id == run_id, Run.state.in_(from_states), *conditions)
        .values(state=state, begun=sa.func.now(), **columns)
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()
    return result.rowcount > 0


def _end(run_id: str, from_state: str, state: str, remaining: Any) -> None:
    """End a job, unless another process still has an item that is `remaining`."""
    left = sa.exists().where(Item.run_id == run_id, remaining)
    result: Any = model.Session.execute(
        sa.update(Run)
        .where(Run.id == run_id, Run.state == from_state, sa.not_(left))
        .values(state=state, finished=sa.func.now())
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()
    if result.rowcount and state in (tables.FINISHED, tables.STOPPED):
        kind = model.Session.scalar(sa.select(Run.kind).where(Run.id == run_id))
        if kind and (ended := KINDS[kind].ended):
            ended(run_id)


def _delete_old_runs() -> None:
    model.Session.execute(
        sa.delete(Run)
        .where(Run.created < tables.now() - KEPT, Run.state.not_in(tables.BUSY))
        .execution_options(synchronize_session=False)
    )


def _enqueue(job: Callable[[str], None], run_id: str, *, first: bool = True) -> None:
    """Have a job done; somebody waits for its first slice, so that comes before loads of files."""
    title = f"nd47 bulk {job.__name__} {run_id}"
    options = {"timeout": TIMEOUT, "at_front": first}
    tk.enqueue_job(job, [run_id], title=title, rq_kwargs=options)


def _wrong(text: str) -> tk.ValidationError:
    return tk.ValidationError({saving.MESSAGE: [text]})
