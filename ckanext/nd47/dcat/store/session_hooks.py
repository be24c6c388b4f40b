"""Writes the changes of a transaction to the store in the same commit.

Three hooks are needed, because no hook of CKAN 2.12 is called for every kind of change of a dataset
(according to its source code):

* the session's flush sees every change through the model: datasets, files, tags, organisations,
  agencies and contacts, whichever code changed them;
* `before_dataset_index` has the dataset as `package_show` returned it to the index, and also sees
  datasets that are only indexed, such as after manual SQL;
* the session's commit is the last event within the transaction.

So the first two only record changes, and the commit writes them. Changes outside the session (a
restored backup) are excluded from responses by `public`, and reported by `ckan nd47 dcat check`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model import meta
from ckan.types import Context

from ckanext.nd47.agencies import datasets, directory, migrated
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.dcat.contact_points import CONTACT_FRAGMENT
from ckanext.nd47.dcat.store import jobs, public, render
from ckanext.nd47.dcat.store.model import Entry, Node
from ckanext.nd47.dcat.store.write import Writer

log = logging.getLogger(__name__)

PLUGIN = "nd47_dcat"
_NOTED = "nd47_dcat"
_WRITTEN = "nd47_dcat_written"

_REPEATED = {
    Agency: frozenset({"parent_id"}),
    FocalPoint: frozenset({"agency_id", "role", "rank"}),
    model.Group: frozenset({"id", "name", "title", "state", "type", "extras"}),
}
"""Columns that affect datasets: their citation names the agency; if they name no responsible
agency, the agency at the top of the tree is responsible. Other columns affect only the row of an
agency or contact, or whether a dataset has a contact."""


@dataclass
class Noted:
    """Changes of a transaction.

    Attributes:
        packages: ids of datasets.
        shown: datasets as `package_show` returns them, as JSON, by id.
        agencies: ids of organisations whose description or contacts may have changed.
        repeated: ids of organisations whose changed data may be repeated in datasets.
        decided: ids of datasets whose legal basis changed; they are written by a job.
    """

    packages: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    agencies: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.packages or self.agencies or self.decided)


def indexed(pkg_dict: Mapping[str, Any]) -> None:
    """Record a dataset that is indexed; called by `before_dataset_index`."""
    noted = _noted(model.Session())
    if pkg_dict["id"] in noted.packages and pkg_dict.get("validated_data_dict"):
        noted.shown[pkg_dict["id"]] = pkg_dict["validated_data_dict"]
    noted.packages.add(pkg_dict["id"])


def decisions_changed(dataset_ids: Collection[str], **_more: Any) -> None:
    """Record datasets whose decisions change."""
    if active() and dataset_ids:
        _noted(model.Session()).decided.update(dataset_ids)


def active() -> bool:
    """Return whether changes are recorded: the plugin may be disabled in this process."""
    return p.plugin_loaded(PLUGIN)


def _noted(session: Any) -> Noted:
    return session.info.setdefault(_NOTED, Noted())


@event.listens_for(meta.create_local_session, "after_flush")
@event.listens_for(meta.Session, "after_flush")
def _note(session: Any, _context: Any) -> None:
    """Record the changes of a flush, while the states of its objects are still available."""
    if not active():
        return
    noted = _noted(session)
    for changed in (*session.new, *session.dirty, *session.deleted):
        new, deleted = changed in session.new, changed in session.deleted
        if isinstance(changed, model.Package):
            _note_package(noted, changed.id)
        elif isinstance(changed, (model.Resource, model.PackageTag)) and changed.package_id:
            _note_package(noted, changed.package_id)
        elif isinstance(changed, (model.Group, Agency)):
            if isinstance(changed, Agency) or changed.is_organization:
                _note_agency(noted, changed.id, shows=new or deleted or _shows(changed))
        elif isinstance(changed, FocalPoint):
            _note_agency(noted, changed.agency_id, shows=deleted or (not new and _shows(changed)))


def _note_package(noted: Noted, package_id: str) -> None:
    noted.packages.add(package_id)
    noted.shown.pop(package_id, None)  # the indexed dataset was older


def _note_agency(noted: Noted, agency_id: str, *, shows: bool) -> None:
    noted.agencies.add(agency_id)
    if shows:
        noted.repeated.add(agency_id)


def _shows(changed: Any) -> bool:
    """Return whether a column changed that datasets repeat."""
    attributes: Any = sa.inspect(changed).attrs
    names = [name for name in _REPEATED[type(changed)] if name in attributes]
    return any(_says_more(attributes[name].history) for name in names)


def _says_more(history: Any) -> bool:
    """Return whether a value changed, except for copies of the register in extras."""
    if not history.has_changes():
        return False
    before, after = (_without_mirrored(side) for side in (history.deleted, history.added))
    return not before or before != after


def _without_mirrored(side: Any) -> list[Any]:
    return [
        {k: v for k, v in value.items() if k not in directory.ORGANISATION_FIELDS}
        if isinstance(value, dict)
        else value
        for value in side or ()
    ]


@event.listens_for(meta.create_local_session, "before_commit")
@event.listens_for(meta.Session, "before_commit")
def _write(session: Any) -> None:
    """Write the recorded changes directly before the commit, but not for a savepoint."""
    if session.in_nested_transaction() or not active():
        return
    session.flush()
    noted = session.info.pop(_NOTED, None)
    if noted and session is model.Session() and migrated.ready():
        session.info[_WRITTEN] = write(noted)
        session.info.pop(_NOTED, None)  # rendering records no changes


@event.listens_for(meta.create_local_session, "after_transaction_end")
@event.listens_for(meta.Session, "after_transaction_end")
def _forget(session: Any, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_NOTED, None)


@event.listens_for(meta.Session, "after_commit")
def _ask_workers(session: Any) -> None:
    """Enqueue the remaining work, once the change is committed."""
    if session.in_nested_transaction():
        return
    pending = session.info.pop(_WRITTEN, None)
    if pending is not None:
        jobs.changed(pending=pending)


def write(noted: Noted) -> bool:
    """Write the changes of a transaction.

    Returns:
        Whether datasets remain that repeat outdated data of an agency.
    """
    writer = Writer(noted.packages)
    with directory.uncached():
        packages = public.packages(noted.packages)
        for package_id, package in sorted(packages.items()):
            write_dataset(writer, package, noted.shown.get(package_id))
        writer.withdraw(sorted(noted.packages - packages.keys()))
        pending = _write_agencies(writer, noted) if noted.agencies else False
        if noted.decided:
            pending |= writer.mark_pending(Entry.id.in_(noted.decided - noted.packages))
    writer.finish()
    return pending


def write_dataset(writer: Writer, package: Any, shown: str | None = None) -> bool:
    """Write a public dataset; record any error.

    Args:
        writer: holds the lock.
        package: the dataset of the model.
        shown: as `package_show` returns it, as JSON; None to call it.

    Returns:
        Whether its content changed.
    """
    try:
        # An error of the database must not affect the rest of the transaction.
        with model.Session.connection().begin_nested():
            return writer.publish(render.dataset(_data(package, shown)), package.metadata_modified)
    except Exception as error:  # the save and the other datasets must not fail
        log.exception("Dataset %s cannot be exported", package.name)
        writer.fail(package, repr(error))
        return False


def _data(package: Any, shown: str | None) -> dict[str, Any]:
    if shown is not None:
        return json.loads(shown)
    context = Context(ignore_auth=True, use_cache=False)
    return tk.get_action("package_show")(context, {"id": package.id})


def _write_agencies(writer: Writer, noted: Noted) -> bool:
    """Write changed agencies and contacts, and mark the datasets that repeat their data."""
    below = _with_those_below(noted.repeated)
    dependent = Node.agencies.overlap(sorted(below | noted.agencies))
    repeating = sa.false()
    if below:
        depending = sa.select(Node.key).where(Node.agencies.overlap(sorted(below)))
        keys = model.Session.scalars(depending)
        owned = Entry.id.in_(datasets.affected_by(noted.repeated))
        repeating = sa.or_(owned, Entry.registered.overlap(list(keys)))
    without = sa.and_(
        sa.not_(sa.func.array_to_string(Entry.registered, " ").contains(CONTACT_FRAGMENT)),
        Entry.id.in_(datasets.affected_by(noted.agencies)),
    )
    unreachable = writer.renew_nodes(dependent)
    lost = Entry.registered.overlap(unreachable) if unreachable else sa.false()
    return writer.mark_pending(sa.or_(repeating, without, lost))


def _with_those_below(agency_ids: Collection[str]) -> set[str]:
    if not agency_ids:
        return set()
    return {*agency_ids, *model.Session.scalars(datasets.dependent_agencies(agency_ids))}
