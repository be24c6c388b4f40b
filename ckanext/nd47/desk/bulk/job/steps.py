"""The steps of the jobs: each checks, applies or undoes one item of a run.

A step is a transaction. It holds the run against changes of its state, takes the next item that no
other process has, and locks the dataset before it compares it with what was seen at the preview. So
several processes may work on one run, and one that was killed is continued by any other.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import SearchError, SearchIndexError
from ckan.types import Context

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.job import saving
from ckanext.nd47.desk.bulk.kinds import KINDS, Values
from ckanext.nd47.desk.bulk.model import Item, Run
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_show, harvested
from ckanext.nd47.rules import records, report

log = logging.getLogger(__name__)

FAILURES = (SearchError, SearchIndexError, OperationalError)
"""Faults of a service, which say nothing about a dataset: the run goes on when it is back."""

EMPTY = (None, "", [], {}, False)


def check_next(run_id: str) -> bool:
    """Rehearse the next item that is not checked; return whether there was one."""
    run = _run(run_id, tables.PREPARING)
    query = _items(run_id).where(sa.not_(Item.checked)).order_by(Item.position).limit(1)
    item = model.Session.execute(query).first() if run else None
    if run is None or item is None:
        model.Session.rollback()
        return False
    try:
        values = _checked(run, item)
    except FAILURES:
        model.Session.rollback()
        raise
    except Exception as error:  # noqa: BLE001 - one dataset must not stop the others
        values = _refusal(error, run_id, item.position)
    model.Session.rollback()
    _note(run_id, item.position, tables.ITEM_PLANNED, checked=True, **values)
    return True


def apply_next(run_id: str) -> bool:
    """Save the next planned item; return whether there was one."""
    return _step(run_id, (tables.RUNNING,), tables.ITEM_PLANNED, _apply, tables.REFUSED)


def undo_next(run_id: str) -> bool:
    """Undo the last item that was saved; return whether there was one."""
    states = (tables.UNDOING, tables.REVERTING)
    return _step(run_id, states, tables.DONE, _undo, tables.UNDO_REFUSED)


def refuse_changed(run_id: str) -> int:
    """Refuse the planned items whose datasets have changed, in one statement; return how many."""
    package = model.package_table
    current = sa.select(saving.fingerprint()).where(package.c.id == Item.dataset_id)
    changed = (
        sa.update(Item)
        .where(
            Item.run_id == run_id,
            Item.state == tables.ITEM_PLANNED,
            Item.operation == tables.PATCH,
            Item.fingerprint.is_distinct_from(current.scalar_subquery()),
        )
        .values(state=tables.REFUSED, errors=saving.message(changed_since()), handled=sa.func.now())
        .execution_options(synchronize_session=False)
    )
    result: Any = model.Session.execute(changed)
    model.Session.commit()
    return result.rowcount


def changed_since() -> str:
    """Return the message about a dataset that somebody changed after the preview."""
    return tk._("Somebody has changed the dataset since; it was left as it is.")


def _run(run_id: str, *states: str, share: bool = False) -> Any:
    """Return the row of a run in one of some states, else None.

    Args:
        run_id: the run.
        states: the states.
        share: whether its state must not change before the end of the transaction.
    """
    query = sa.select(*Run.__table__.c).where(Run.id == run_id, Run.state.in_(states))
    return model.Session.execute(query.with_for_update(read=True) if share else query).first()


def _items(run_id: str) -> sa.Select[Any]:
    return sa.select(*Item.__table__.c).where(Item.run_id == run_id)


def _step(run_id: str, states: tuple[str, ...], state: str, act: Any, refused_state: str) -> bool:
    run = _run(run_id, *states, share=True)
    order = Item.position if state == tables.ITEM_PLANNED else Item.position.desc()
    query = _items(run_id).where(Item.state == state).order_by(order).limit(1)
    item = run and model.Session.execute(query.with_for_update(skip_locked=True)).first()
    if not item:
        model.Session.rollback()
        return False
    try:
        act(run, item)
    except FAILURES:
        model.Session.rollback()
        raise
    except Exception as error:  # noqa: BLE001 - one dataset must not stop the others
        refusal = _refusal(error, run_id, item.position)
        model.Session.rollback()
        if run.all_or_nothing:
            _revert(run_id)
        _note(run_id, item.position, state, **(refusal | {"state": refused_state}))
    return True


def _revert(run_id: str) -> None:
    """Let what was saved be undone: one item of all or nothing is refused in this transaction."""
    model.Session.execute(
        sa.update(Run)
        .where(Run.id == run_id, Run.state == tables.RUNNING)
        .values(state=tables.REVERTING)
        .execution_options(synchronize_session=False)
    )


def _note(run_id: str, position: int, from_state: str, **columns: Any) -> None:
    """Write the outcome of a step, unless another process was quicker."""
    model.Session.execute(
        sa.update(Item)
        .where(Item.run_id == run_id, Item.position == position, Item.state == from_state)
        .values(handled=sa.func.now(), **columns)
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()


def _refusal(error: Exception, run_id: str, position: int) -> dict[str, Any]:
    if not isinstance(error, (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound)):
        log.exception("Item %s of run %s failed", position, run_id)
    return {"state": tables.REFUSED, "errors": saving.errors_of(error)}


def _context(account_id: str) -> Context:
    context = saving.account_context(account_id)
    if context is None:
        raise tk.NotAuthorized(tk._("The account that asked for this is no longer active."))
    return context


def _checked(run: Any, item: Any) -> dict[str, Any]:
    """Return the columns of an item as a rehearsal finds them; nothing is saved."""
    context, before, seen = _context(run.account), None, ""
    if item.operation == tables.PATCH:
        seen, before = _seen(context, item.dataset_id)
    values = item.values
    if values is None:
        compute = KINDS[run.kind].values
        values = compute(run.request, before or {}) if compute else {}
    columns: dict[str, Any] = {"values": values, "before": before, "fingerprint": seen}
    if before is not None and not changes(before, values):
        return {**columns, "state": tables.SKIPPED}
    with saving.rehearsal(), directory.uncached(), vocabulary.preloaded():
        unmet = _unmet(item.dataset_id) if before is not None else {}
        try:
            saved = saving.rehearsed(context, item.operation, item.dataset_id, values)
            rules = _compared(unmet, _unmet(saved))
        except FAILURES:
            raise
        except Exception as error:  # noqa: BLE001 - any plugin may refuse it in its own way
            return {**columns, **_refusal(error, run.id, item.position)}
    return {**columns, "rules": rules}


def _seen(context: Context, dataset_id: str | None) -> tuple[str, dict[str, Any]]:
    """Return the fingerprint of a dataset, and the dataset.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: it is gone.
        ckan.plugins.toolkit.NotAuthorized: the account may not change it.
    """
    model.Session.expire_all()
    package = model.package_table
    query = sa.select(saving.fingerprint()).where(
        package.c.id == dataset_id, package.c.state != model.State.DELETED
    )
    seen = model.Session.scalar(query)
    if seen is None:
        raise tk.ObjectNotFound
    reference = {"id": dataset_id}
    tk.check_access("package_update", Context(**context), reference)
    dataset = tk.get_action("package_show")(Context(**context), reference)
    return seen, json.loads(json.dumps(dataset_show.without_computed(dataset), default=str))


def changes(before: Mapping[str, Any], values: Values) -> list[str]:
    """Return the names of the fields that values would change."""
    return [name for name, value in values.items() if comparable(name, before) != _plain(value)]


def comparable(name: str, dataset: Mapping[str, Any]) -> Any:
    """Return the value of a field in a form in which equal values are equal."""
    if name == "tags":
        return sorted(tag["name"] for tag in dataset.get("tags") or [])
    return _plain(dataset.get(name))


def _plain(value: Any) -> Any:
    if value in EMPTY:
        return None
    if isinstance(value, list):
        if all(isinstance(item, Mapping) and item.keys() == {"name"} for item in value):
            return sorted(item["name"] for item in value)
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: inner for key, inner in value.items() if inner not in EMPTY}
    return value


def _unmet(dataset_id: str) -> dict[str, report.Finding]:
    """Return the rules that a dataset does not meet, by id, as the transaction would store it."""
    record = records.by_id(dataset_id)
    if record is None or harvested.among([dataset_id]):
        return {}
    return {
        finding.rule.id: finding
        for finding in report.examine(record)
        if finding.met is False and records.has_field(record, finding.field)
    }


def _compared(
    before: Mapping[str, report.Finding], after: Mapping[str, report.Finding]
) -> dict[str, list[dict[str, str]]]:
    """Return the rules that are newly unmet and newly met, in words."""
    language = http.language()
    return {
        kind: [
            {
                "rule": rule,
                "level": finding.level.value,
                "message": finding.message(language),
            }
            for rule, finding in findings.items()
            if rule not in others
        ]
        for kind, findings, others in (("unmet", after, before), ("met", before, after))
    }


def _apply(run: Any, item: Any) -> None:
    context = _context(run.actor)
    if item.operation == tables.PATCH:
        _require_unchanged(item, item.fingerprint)
    complete = KINDS[run.kind].complete
    values = complete(run.id, item.note, item.values) if complete else item.values
    _set_state(item, tables.DONE)
    with saving.recorded(item):
        saving.save(context, item.operation, item.dataset_id, values)
        # CKAN's action commits, unless there was nothing to save.
        model.Session.commit()


def _undo(run: Any, item: Any) -> None:
    context = _context(run.actor)
    _require_unchanged(item, item.fingerprint_after)
    _set_state(item, tables.ITEM_UNDONE)
    if item.operation == tables.CREATE:
        tk.get_action("package_delete")(context, {"id": item.dataset_id})
    else:
        restore, values = KINDS[run.kind].restore, former(item.before, item.values)
        values = restore(run.id, item.note, values) if restore else values
        saving.save(context, tables.PATCH, item.dataset_id, values)
    model.Session.commit()


def _require_unchanged(item: Any, expected: str) -> None:
    """Lock the dataset of an item, and stop unless it is as it was.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: it is gone.
        ckan.plugins.toolkit.ValidationError: it has changed.
    """
    current = saving.locked_fingerprint(item.dataset_id)
    if current is None:
        raise tk.ObjectNotFound
    if current != expected:
        raise tk.ValidationError({saving.MESSAGE: [changed_since()]})


def _set_state(item: Any, state: str) -> None:
    model.Session.execute(
        sa.update(Item)
        .where(Item.run_id == item.run_id, Item.position == item.position)
        .values(state=state, errors={}, handled=sa.func.now())
        .execution_options(synchronize_session=False)
    )


def former(before: Mapping[str, Any], values: Values) -> Values:
    """Return the values that fields had, as input of `package_patch`."""
    restored: Values = {}
    for name, value in values.items():
        if name == "tags":
            restored[name] = [{"name": tag["name"]} for tag in before.get("tags") or []]
        else:
            was = before.get(name)
            restored[name] = ([] if isinstance(value, list) else "") if was is None else was
    return restored
