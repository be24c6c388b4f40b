"""Writes into the tables what was saved and what was rendered, in the transaction of the caller.

Whoever gives places or change numbers locks the one row of `State` first and holds it until the
commit. So they follow the order of the commits, and a reader that has seen a number can never miss
a smaller one. Everything slow has been done before.

A save marks the dataset as due, with the time that the database's clock shows once the row is
locked, so a later save has a later mark. Who writes the content takes away the mark that it saw
before it began to render, and no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.dcat.store import visible
from ckanext.nd47.dcat.store.ledger import Ledger
from ckanext.nd47.dcat.store.model import (
    GONE,
    LIVE,
    SHARED,
    STATE_ID,
    Entry,
    Node,
    State,
)
from ckanext.nd47.dcat.store.render import Rendered, RenderedNode, anew

_BRIEF = (
    Entry.id,
    Entry.name,
    Entry.iri,
    Entry.state,
    Entry.etag,
    Entry.fingerprint,
    Entry.seq,
    Entry.ordinal,
    Entry.error,
    Entry.problems,
    Entry.source_modified,
    Entry.due,
)
_MARK = sa.text("""
    UPDATE nd47_dcat_entry SET due = clock_timestamp() WHERE id IN (
        SELECT id FROM nd47_dcat_entry WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
    )
""")
"""Rows are locked in one order, or two commits could wait for each other."""


@dataclass(frozen=True)
class Work:
    """What became of datasets.

    Attributes:
        saved: names and IRIs of public datasets whose content is still to be written, by id.
        rendered: public datasets, with `metadata_modified` of what was written.
        gone: ids of datasets that are not public.
        failed: why public datasets could not be written, by id, with name.
        nodes: agencies and focal points that changed.
        lost: keys of agencies and focal points that are no more.
        due: keys of nodes whose datasets have to be written anew.
        fingerprint: under which it was rendered.
        expected: the entries when rendering began; where somebody else has written one since, that
            content is kept.
    """

    saved: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    rendered: Sequence[tuple[Rendered, dt.datetime | None]] = ()
    gone: Collection[str] = ()
    failed: Sequence[tuple[str, str, str]] = ()
    nodes: Sequence[RenderedNode] = ()
    lost: Collection[str] = ()
    due: Collection[str] = ()
    fingerprint: str = ""
    expected: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """The datasets that it is about."""
        rendered = {one.id for one, _ in self.rendered}
        return {*self.saved, *rendered, *self.gone, *(one[0] for one in self.failed)}


def brief(ids: Collection[str]) -> dict[str, Any]:
    """Return what is known of entries, without their content, by id."""
    if not ids:
        return {}
    rows = model.Session.execute(sa.select(*_BRIEF).where(Entry.id.in_(ids)))
    return {row.id: row for row in rows}


def store(work: Work) -> set[str]:
    """Write what changed; where no more than marks are to be set, nothing else is locked.

    Returns:
        Ids of datasets that somebody else has written since, whose content was left as it is.
    """
    if not _differs(work, brief(work.ids)):
        _mark(work.saved)
        return set()
    marks = {one: row.due for one, row in work.expected.items() if row}
    ledger = Ledger(locked(work.ids), marks)
    known = brief(work.ids)
    moved = {one for one in work.expected if _moved(work.expected[one], known.get(one))}
    _mark(ledger.announce(work.saved, known))
    nodes, outdated = _news(work)
    ledger.keep_nodes(nodes)
    moved |= {one.id for one, _ in work.rendered if outdated & {node.key for node in one.nodes}}
    for one, source_modified in work.rendered:
        if one.id not in moved:
            ledger.publish(one, source_modified, known.get(one.id), work.fingerprint)
    for one in work.gone:
        if one not in moved:
            ledger.withdraw(known.get(one))
    for one, name, error in work.failed:
        if one not in moved:
            ledger.fail(one, name, error, known.get(one))
    ledger.lose_nodes(work.lost)
    ledger.mark_due(work.due)
    ledger.finish()
    return moved


def _news(work: Work) -> tuple[list[RenderedNode], set[str]]:
    """Return the nodes to write, as they are now, and keys of those that were rendered too early.

    While the state row is locked nobody else can write a node. What was rendered before may be
    older than what is kept, so agencies and focal points are rendered once more, but only where
    they differ from it, which is seldom.
    """
    referred = [node for one, _ in work.rendered for node in one.nodes]
    nodes = {node.key: node for node in (*referred, *work.nodes)}
    rows = model.Session.execute(sa.select(Node.key, Node.etag).where(Node.key.in_(nodes)))
    etags = {row.key: row.etag for row in rows}
    news: list[RenderedNode] = []
    outdated: set[str] = set()
    for key, node in nodes.items():
        if etags.get(key) == node.etag:
            continue
        found = node if node.kind == SHARED else anew(node)
        if found is None or (found.key, found.etag) != (key, node.etag):
            outdated.add(key)
        if found is not None and found.key == key and found.etag != etags.get(key):
            news.append(found)
    return news, outdated


def _mark(ids: Collection[str]) -> None:
    if ids:
        model.Session.execute(_MARK, {"ids": list(ids)})


def _moved(before: Any | None, now: Any | None) -> bool:
    """Say whether somebody wrote an entry; a save that only marked it is no reason to wait."""
    if before is None or now is None:
        return before is not now
    return before.seq != now.seq or (before.due is not None and now.due is None)


def _differs(work: Work, known: Mapping[str, Any]) -> bool:
    if work.failed or work.nodes or work.due or work.lost:
        return True
    if any(one not in known or known[one].state != LIVE for one in work.saved):
        return True
    if any(one in known and (known[one].state != GONE or known[one].due) for one in work.gone):
        return True
    return any(
        not _same(one, source_modified, known.get(one.id), work.fingerprint)
        for one, source_modified in work.rendered
    )


def _same(
    one: Rendered, source_modified: dt.datetime | None, row: Any | None, fingerprint: str
) -> bool:
    return (
        row is not None
        and row.state == LIVE
        and row.etag == one.etag
        and row.name == one.name
        and row.fingerprint == fingerprint
        and row.source_modified == source_modified
        and not row.error
        and row.due is None
        and row.problems == [asdict(problem) for problem in one.problems]
    )


def locked(ids: Collection[str] = ()) -> Any:
    """Lock the state row, made when there is none yet, and return it.

    Args:
        ids: datasets that are about to be written.
    """
    query = sa.select(State.__table__).where(State.id == STATE_ID).with_for_update()
    row = model.Session.execute(query).first()
    if row is None:
        complete = not set(visible.unwritten(limit=len(ids) + 1)) - set(ids)
        values = {"id": STATE_ID, "complete": complete}
        model.Session.execute(
            insert(State).values(**values).on_conflict_do_nothing(index_elements=["id"])
        )
        row = model.Session.execute(query).first()
    return row
