"""Keeps the store true: what a transaction changes is told to it by the same commit.

Three things are needed, because no hook of CKAN 2.12 is called for every way to change a dataset
(read in its source):

* the session's flush knows of every change made through the model: datasets, files, tags,
  organisations, agencies and focal points, whichever code made it;
* `before_dataset_index` also knows of a dataset that is only indexed anew, as after SQL by hand;
* the session's commit is the last moment that still belongs to the transaction.

So the first two only note. The commit withdraws what is no longer public, gives a new dataset its
place, and marks what was saved: to write a dataset as RDF takes as long as a third of saving it,
so that is done by a worker, or by the first reader, whichever comes first (`settle`). What no
session sees (a restored backup) is kept out of every answer by `visible`, and found by
`ckan nd47 dcat check`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins as p
from ckan import model
from ckan.model import meta

from ckanext.nd47.agencies import changes
from ckanext.nd47.agencies import tables as registry
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.dcat.site import expected_iri
from ckanext.nd47.dcat.store import jobs, keep, tables, visible
from ckanext.nd47.dcat.store.model import AGENCY, CONTACT, Node
from ckanext.nd47.dcat.store.render import RenderedNode, Renderer

PLUGIN = "nd47_dcat"
_NOTED = "nd47_dcat"
_TOLD = "nd47_dcat_told"

_ONLY_OF_THE_NODE = {
    model.Group: frozenset({"description", "image_url", "approval_status"}),
    Agency: frozenset(
        {
            "administrative_unit",
            "address",
            "code",
            "folded",
            "former_code",
            "legal_name",
            "level",
            "modified",
            "short_name",
            "sort_key",
            "title_en",
            "url",
        }
    ),
    FocalPoint: frozenset(
        {
            "document_date",
            "document_number",
            "document_url",
            "folded",
            "full_name",
            "function",
            "modified",
            "personal_email",
            "personal_telephone",
            "position",
        }
    ),
}
"""Columns whose change shows in the node alone. Any other may change what a dataset says: its
attribution names the agency, and its contact is whoever can be reached."""


@dataclass
class Noted:
    """What one transaction changed.

    Attributes:
        packages: ids of datasets.
        agencies: ids of organisations.
        focal_points: ids of focal points.
        due: ids of organisations whose datasets may have to be written anew.
    """

    packages: set[str] = field(default_factory=set)
    agencies: set[str] = field(default_factory=set)
    focal_points: set[str] = field(default_factory=set)
    due: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.packages or self.agencies or self.focal_points)


def indexed(pkg_dict: dict[str, Any]) -> None:
    """Note a dataset that the search index gets; from `before_dataset_index`."""
    _of(model.Session()).packages.add(pkg_dict["id"])


def _of(session: Any) -> Noted:
    return session.info.setdefault(_NOTED, Noted())


def active() -> bool:
    """Say whether changes are noted: the plugin may be switched off in this process."""
    return p.plugin_loaded(PLUGIN)


@event.listens_for(meta.create_local_session, "after_flush")
@event.listens_for(meta.Session, "after_flush")
def _note(session: Any, _context: Any) -> None:
    """Note what a flush writes; its states are still known here."""
    if not active():
        return
    noted = _of(session)
    for one in (*session.new, *session.dirty, *session.deleted):
        if isinstance(one, model.Package):
            noted.packages.add(one.id)
        elif isinstance(one, (model.Resource, model.PackageTag)) and one.package_id:
            noted.packages.add(one.package_id)
        elif isinstance(one, (model.Group, Agency)):
            _note_agency(noted, one)
        elif isinstance(one, FocalPoint):
            _note_focal_point(noted, one)


def _note_agency(noted: Noted, one: Any) -> None:
    if isinstance(one, model.Group) and not one.is_organization:
        return
    noted.agencies.add(one.id)
    if _touches_datasets(one):
        noted.due.add(one.id)


def _note_focal_point(noted: Noted, one: FocalPoint) -> None:
    noted.focal_points.add(one.id)
    if _touches_datasets(one):
        noted.due.add(one.agency_id)


def _touches_datasets(one: Any) -> bool:
    inspected: Any = sa.inspect(one)
    changed = {
        attribute.key
        for attribute in inspected.attrs
        if attribute.key in inspected.mapper.column_attrs and attribute.history.has_changes()
    }
    return bool(changed - _ONLY_OF_THE_NODE.get(type(one), frozenset()))


@event.listens_for(meta.create_local_session, "before_commit")
@event.listens_for(meta.Session, "before_commit")
def _tell(session: Any) -> None:
    """Tell the store what was noted, as the last thing before the commit; not at a savepoint's."""
    if session.in_nested_transaction() or not active():
        return
    session.flush()
    noted = session.info.pop(_NOTED, None)
    if noted and session is model.Session() and tables.ready():
        tell(noted)
        session.info[_TOLD] = True


@event.listens_for(meta.create_local_session, "after_transaction_end")
@event.listens_for(meta.Session, "after_transaction_end")
def _forget(session: Any, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_NOTED, None)


@event.listens_for(meta.Session, "after_commit")
def _hand_on(session: Any) -> None:
    """Have workers do the rest, once the change is there to be read."""
    if not session.in_nested_transaction() and session.info.pop(_TOLD, False):
        jobs.changed()


def tell(noted: Noted) -> None:
    """Tell the store of datasets, agencies and focal points, in the running transaction."""
    saved = {
        package.id: (package.name, expected_iri(package))
        for package in visible.packages(noted.packages).values()
        if visible.is_public(package)
    }
    nodes, lost, due = _registered(noted)
    gone = noted.packages - saved.keys()
    keep.store(keep.Work(saved=saved, gone=gone, nodes=nodes, lost=lost, due=due))


def _registered(noted: Noted) -> tuple[list[RenderedNode], list[str], list[str]]:
    """Write the agencies and focal points that the store has and the transaction changed.

    Returns:
        Those that were written, the keys of those that are no more, and the keys of those whose
        datasets wait to be written anew.
    """
    references = noted.agencies | noted.focal_points | noted.due
    if not references or not registry.ready():
        return [], [], []
    below = _below(noted.due)
    people = sa.select(FocalPoint.id).where(FocalPoint.agency_id.in_(noted.agencies))
    rows = model.Session.execute(
        sa.select(Node.key, Node.kind, Node.reference, Node.etag).where(
            Node.kind.in_((AGENCY, CONTACT)),
            sa.or_(Node.reference.in_(references | below), Node.reference.in_(people)),
        )
    ).all()
    renderer = Renderer()
    changed: list[RenderedNode] = []
    lost: list[str] = []
    for row in rows:
        node = renderer.node(row.kind, row.reference)
        if node is None or node.key != row.key:
            lost.append(row.key)
        if node is not None and node.etag != row.etag:
            changed.append(node)
    return changed, lost, [row.key for row in rows if row.reference in below]


def _below(agency_ids: Collection[str]) -> set[str]:
    if not agency_ids:
        return set()
    return {*agency_ids, *model.Session.scalars(changes.tree(agency_ids))}
