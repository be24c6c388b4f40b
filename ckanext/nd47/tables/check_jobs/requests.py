"""Asks for the check of every file that a transaction adds or replaces.

The session's flush sees every change through the model, whichever code makes it. The row is written
in the same transaction and the job is enqueued after its commit, so a job never precedes its file.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model import core, meta

from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs import queue
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.datastore.dictionary import update

log = logging.getLogger(__name__)

PLUGIN = "nd47_tables"
_NOTED = "nd47_tables"
_ASKED = "nd47_tables_asked"
_DESCRIBED = "nd47_tables_described"

_DICTIONARY = "data_dictionary"


def install() -> None:
    """Register the hooks, once for a process."""
    for session in (meta.create_local_session, meta.Session):
        for name, hook in _HOOKS.items():
            if not event.contains(session, name, hook):
                event.listen(session, name, hook)


def version(resource: model.Resource) -> str:
    """Return the fingerprint of the file of a resource: it changes with the file."""
    parts = (resource.url, resource.url_type, resource.last_modified, resource.format)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def ask(resources: Iterable[model.Resource], *, again: bool = False) -> list[str]:
    """Mark files as waiting for their check, with one statement.

    Args:
        resources: their resources.
        again: also those whose present file has been checked.

    Returns:
        The ids of the resources that now wait.
    """
    rows = [
        {"resource_id": resource.id, "version": version(resource), "state": tables.WAITING}
        for resource in resources
        if resource.state == core.State.ACTIVE
    ]
    if not rows:
        return []
    statement = insert(FileCheck).values(rows)
    changed = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["resource_id"],
        set_={
            "version": changed.version,
            "state": changed.state,
            "requested": sa.func.now(),
        },
        where=sa.true() if again else FileCheck.version != changed.version,
    ).returning(FileCheck.resource_id)
    return list(model.Session.scalars(statement))


def _note(session: Any, _context: Any) -> None:
    """Record the files of a flush."""
    if not p.plugin_loaded(PLUGIN):
        return
    noted: set[str] = session.info.setdefault(_NOTED, set())
    noted.update(
        changed.id
        for changed in (*session.new, *session.dirty)
        if isinstance(changed, model.Resource)
    )
    described: set[str] = session.info.setdefault(_DESCRIBED, set())
    described.update(
        changed.id
        for changed in session.dirty
        if isinstance(changed, model.Resource) and _is_description_changed(changed)
    )


def _is_description_changed(resource: model.Resource) -> bool:
    """Return whether the data dictionary of a table was changed."""
    state: Any = sa.inspect(resource)
    history = state.attrs.extras.history
    if not (history.added and history.added[0] or {}).get("datastore_active"):
        return False
    before, after = history.deleted or [{}], history.added
    return (before[0] or {}).get(_DICTIONARY) != (after[0] or {}).get(_DICTIONARY)


def _write(session: Any) -> None:
    """Ask for the checks, but not at the end of a savepoint."""
    if session.in_nested_transaction() or not p.plugin_loaded(PLUGIN):
        return
    session.flush()
    noted = session.info.pop(_NOTED, None)
    if not noted or session is not model.Session() or not tables.ready():
        return
    try:
        # An error of the database must not affect the rest of the transaction.
        with model.Session.connection().begin_nested():
            resources = model.Session.scalars(
                sa.select(model.Resource).where(model.Resource.id.in_(noted))
            )
            session.info[_ASKED] = ask(resources)
    except Exception:  # the save must not fail; the command checks what is missing
        log.exception("The check of the files was not asked for")


def _enqueue(session: Any) -> None:
    if not session.in_nested_transaction():
        if session.info.pop(_ASKED, ()):
            queue.enqueue()
        _pass_on(session.info.pop(_DESCRIBED, ()))


def _pass_on(resource_ids: Iterable[str]) -> None:
    """Enqueue the changes of the DataStore's data dictionary."""
    try:
        for resource_id in resource_ids:
            tk.enqueue_job(
                describe, [resource_id], title=f"data dictionary of the table {resource_id}"
            )
    except RedisError:
        log.exception("Redis does not answer: the next load passes the data dictionary on")


def describe(resource_id: str) -> None:
    """Pass the data dictionary of a table on to the DataStore, and load it again for a new type."""
    if not update.pass_on(resource_id):
        return
    resource = model.Session.get(model.Resource, resource_id)
    if resource is not None and tables.ready():
        ask([resource], again=True)
        model.Session.commit()
        queue.enqueue()


def _forget(session: Any, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_NOTED, None)
        session.info.pop(_ASKED, None)
        session.info.pop(_DESCRIBED, None)


_HOOKS = {
    "after_flush": _note,
    "before_commit": _write,
    "after_commit": _enqueue,
    "after_transaction_end": _forget,
}
