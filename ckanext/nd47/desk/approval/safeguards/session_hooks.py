"""The last line of the guard: looks at the datasets of a transaction just before its commit.

What a dataset was before is read from the database before the first flush that changes it. Changes
of the visibility that need no approval are recorded here, whichever code makes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import has_request_context
from sqlalchemy import event

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model import meta

from ckanext.nd47.desk.approval import cases
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.axes import Approval, Event, Publication
from ckanext.nd47.desk.approval.cases import Said, is_public
from ckanext.nd47.desk.approval.model import Case
from ckanext.nd47.desk.approval.safeguards import guard, permit, personal_data
from ckanext.nd47.desk.approval.steps import chain
from ckanext.nd47.lib import config
from ckanext.nd47.metadata import harvested

PLUGIN = "nd47_desk"
_SEEN = "nd47_approval"

COLUMNS = ("id", "type", "state", "private", "owner_org", "license_id", "extras")

OF_CKAN = frozenset({"metadata_modified"})
"""Columns that CKAN writes at every save."""

OF_DATASTORE = frozenset({"datastore_active", "datastore_contains_all_records_of_source_file"})
"""Extras of a resource that the load of its table writes, long after somebody saved the file."""

Row = dict[str, Any]


@dataclass
class Seen:
    """Datasets of a transaction: as they were before, and the ids of all that it changes."""

    before: dict[str, Row] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


def install() -> None:
    """Register the hooks, once for a process."""
    for session in (meta.create_local_session, meta.Session):
        for name, hook in _HOOKS.items():
            if not event.contains(session, name, hook):
                # First: what is refused is not examined or exported either.
                event.listen(session, name, hook, insert=True)
    personal_data.install()


def _is_active() -> bool:
    return p.plugin_loaded(PLUGIN)


def _look(session: Any, _context: Any, _instances: Any) -> None:
    """Read what the datasets of a flush were before."""
    if not _is_active():
        return
    seen: Seen = session.info.setdefault(_SEEN, Seen())
    ids = {
        instance.id
        for instance in (*session.dirty, *session.deleted)
        if isinstance(instance, model.Package) and instance.id not in seen.before
    }
    if ids:
        seen.before.update(_rows(session, ids))


def _note(session: Any, _context: Any) -> None:
    """Note the datasets of a flush, with their ids."""
    seen: Seen | None = session.info.get(_SEEN)
    if seen is None:
        return
    for instance in (*session.new, *session.dirty):
        dataset_id = _dataset_of(instance)
        if dataset_id and (instance in session.new or _is_edited(instance)):
            seen.changed.add(dataset_id)


def _dataset_of(instance: Any) -> str | None:
    if isinstance(instance, model.Package):
        return instance.id
    return instance.package_id if isinstance(instance, model.Resource | model.PackageTag) else None


def _is_edited(instance: Any) -> bool:
    """Return whether a flush changes more of a row than what CKAN and the DataStore write."""
    state: Any = sa.inspect(instance)
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if column.key in OF_CKAN or not history.has_changes():
            continue
        if column.key != "extras" or _of_people(history.added) != _of_people(history.deleted):
            return True
    return False


def _of_people(extras: Any) -> dict[str, Any]:
    values = (extras[0] if extras else None) or {}
    return {name: value for name, value in values.items() if name not in OF_DATASTORE}


def _check(session: Any) -> None:
    """Refuse a commit that makes something public without approval."""
    if session.in_nested_transaction() or not _is_active():
        return
    session.flush()
    seen: Seen | None = session.info.pop(_SEEN, None)
    if not seen or not seen.changed or session is not model.Session():
        return
    ids = {dataset_id for dataset_id in seen.changed if not permit.is_permitted(dataset_id)}
    if not ids or not tables.ready():
        return
    rows = {key: row for key, row in _rows(session, ids).items() if guard.is_governed(row["type"])}
    exempt = set() if config.approval_of_harvests() else harvested.linked(rows)
    for dataset_id, row in rows.items():
        if dataset_id not in exempt:
            _refuse(row, seen.before.get(dataset_id))
    _record(session, {key: (seen.before.get(key), row) for key, row in rows.items()})


def _refuse(row: Row, before: Row | None) -> None:
    if not is_public(row["state"], row["private"]):
        return
    was_public = before is not None and is_public(before["state"], before["private"])
    if was_public and before is not None:
        changed = [
            name for name in config.approval_fields() if _value(row, name) != _value(before, name)
        ]
        owners = {row["owner_org"], before["owner_org"]} if changed else set()
    else:
        owners = {row["owner_org"]}
    for owner in owners:
        if chain.rule_for(owner).required:
            raise guard.ApprovalRequiredError(owner)


def _record(session: Any, changes: dict[str, tuple[Row | None, Row]]) -> None:
    """Record what the cases of the changed datasets become."""
    query = sa.select(Case.id).where(Case.id.in_(changes))
    for dataset_id in list(session.scalars(query)):
        before, row = changes[dataset_id]
        package, case = cases.lock(dataset_id)
        happened = _event(case, before, row)
        if happened is None:
            continue
        if happened is Event.CHANGE and case.chain:
            case.step, case.step_kind = 0, case.chain[0]
        cases.record(package, case, happened, Said(user_id=_user_id()))


def _event(case: Case, before: Row | None, row: Row) -> Event | None:
    """Return what a change of a dataset means for its case."""
    is_now = is_public(row["state"], row["private"])
    was = is_public(before["state"], before["private"]) if before else is_now
    if is_now:
        return None if case.publication == Publication.PUBLISHED.value else Event.OPEN
    if was and case.publication == Publication.PUBLISHED.value:
        return Event.HIDE
    in_work = (Approval.WAITING.value, Approval.APPROVED.value)
    return Event.CHANGE if case.approval in in_work else None


def _rows(session: Any, ids: set[str]) -> dict[str, Row]:
    table = model.package_table
    columns = [table.c[name] for name in COLUMNS]
    # On the connection: a statement of the session would flush again.
    rows = session.connection().execute(sa.select(*columns).where(table.c.id.in_(ids)))
    return {row["id"]: dict(row) for row in rows.mappings()}


def _value(row: Row, name: str) -> Any:
    if name in row:
        return row[name] or ""
    extras = row["extras"]
    return (extras or {}).get(name) or "" if isinstance(extras, (dict, type(None))) else ""


def _user_id() -> str:
    user = getattr(tk.g, "userobj", None) if has_request_context() else None
    return user.id if user else ""


def _forget(session: Any, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_SEEN, None)


_HOOKS = {
    "before_flush": _look,
    "after_flush": _note,
    "before_commit": _check,
    "after_transaction_end": _forget,
}
