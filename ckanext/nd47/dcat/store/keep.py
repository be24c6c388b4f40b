"""Writes what was rendered into the tables, in the transaction of the caller.

Whoever writes locks the one row of `State` first and holds it until the commit. So places and
change numbers are given in the order of the commits, and a reader that has seen a number can never
miss a smaller one. Everything slow has been done before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.dcat.store import visible
from ckanext.nd47.dcat.store.model import (
    BROKEN,
    CREATE,
    DELETE,
    GONE,
    LIVE,
    SHARED,
    STATE_ID,
    UPDATE,
    Entry,
    Node,
    State,
    now,
)
from ckanext.nd47.dcat.store.render import Rendered, RenderedNode

_EMPTY = {"nt": b"", "ttl": b"", "xml": b"", "jsonld": b""}
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
)


@dataclass(frozen=True)
class Work:
    """What became of datasets.

    Attributes:
        rendered: public datasets, with `metadata_modified` of what was written.
        gone: ids of datasets that are not public.
        failed: why public datasets could not be written, by id, with name.
        nodes: agencies and focal points that changed.
        lost: keys of agencies and focal points that are no more.
        due: keys of nodes whose datasets have to be written anew.
        fingerprint: under which it was rendered.
        expected: change numbers of the entries when rendering began; where one has moved on,
            somebody else wrote newer content, which is kept. None to overwrite in any case.
    """

    rendered: Sequence[tuple[Rendered, dt.datetime | None]] = ()
    gone: Collection[str] = ()
    failed: Sequence[tuple[str, str, str]] = ()
    nodes: Sequence[RenderedNode] = ()
    lost: Collection[str] = ()
    due: Collection[str] = ()
    fingerprint: str = ""
    expected: Mapping[str, int] | None = None


def brief(ids: Collection[str]) -> dict[str, Any]:
    """Return what is known of entries, without their content, by id."""
    if not ids:
        return {}
    rows = model.Session.execute(sa.select(*_BRIEF).where(Entry.id.in_(ids)))
    return {row.id: row for row in rows}


def store(work: Work) -> bool:
    """Write what changed, and say whether anything did.

    Where nothing changed, nothing is locked.
    """
    ids = {one.id for one, _ in work.rendered} | set(work.gone) | {one[0] for one in work.failed}
    if not _differs(work, brief(ids)):
        return False
    writer = _Writer(locked(ids))
    known = brief(ids)
    if work.expected is not None:
        moved = {one for one, row in known.items() if row.seq != work.expected.get(one, 0)}
    else:
        moved = set()
    writer.keep_nodes([node for one, _ in work.rendered for node in one.nodes], work.nodes)
    for one, source_modified in work.rendered:
        if one.id not in moved:
            writer.publish(one, source_modified, known.get(one.id), work.fingerprint)
    for one in work.gone:
        if one not in moved:
            writer.withdraw(known.get(one))
    for one, name, error in work.failed:
        writer.fail(one, name, error, known.get(one))
    writer.lose_nodes(work.lost)
    writer.mark_due(work.due)
    writer.finish()
    return True


def _differs(work: Work, known: Mapping[str, Any]) -> bool:
    if work.failed or work.nodes or work.due or work.lost:
        return True
    if any(one in known and known[one].state != GONE for one in work.gone):
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


class _Writer:
    """Collects rows to write and counts, while the state row is locked."""

    def __init__(self, state: Any) -> None:
        self.seq: int = state.seq
        self.ordinal: int = state.ordinal
        self.live: int = state.live
        self.changed = False
        self.listed = False
        self.moment = now()

    def _next(self) -> int:
        self.changed = True
        self.seq += 1
        return self.seq

    def publish(
        self, one: Rendered, source_modified: dt.datetime | None, row: Any | None, fingerprint: str
    ) -> None:
        """Keep a public dataset; the change number moves only when it says something else."""
        problems = [asdict(problem) for problem in one.problems]
        facts: dict[str, Any] = {
            "name": one.name,
            "fingerprint": fingerprint,
            "problems": problems,
            "error": "",
            "source_modified": source_modified,
        }
        was_live = row is not None and row.state == LIVE
        if row is not None and was_live and row.etag == one.etag and row.iri == one.iri:
            self._update(one.id, facts)
            return
        facts |= {
            "iri": one.iri,
            "state": LIVE,
            "change": UPDATE if was_live else CREATE,
            "seq": self._next(),
            "modified": self.moment,
            "etag": one.etag,
            "nodes": sorted(node.key for node in one.nodes if node.kind == SHARED),
            "registered": sorted(node.key for node in one.nodes if node.kind != SHARED),
            **one.bodies,
        }
        if not was_live:
            self.live += 1
            self.listed = True
        if row is not None:
            self._update(one.id, facts)
            return
        self._insert({"id": one.id, **facts})

    def withdraw(self, row: Any | None) -> None:
        """Note that a dataset is no longer public; one that never was leaves no trace."""
        if row is None or row.state == GONE:
            return
        if row.state == BROKEN:
            model.Session.execute(sa.delete(Entry).where(Entry.id == row.id))
            return
        self.live -= 1
        self.listed = True
        gone = {"state": GONE, "change": DELETE, "seq": self._next(), "modified": self.moment}
        self._update(
            row.id,
            {
                **gone,
                **_EMPTY,
                "etag": "",
                "nodes": [],
                "registered": [],
                "problems": [],
                "error": "",
            },
        )

    def fail(self, dataset_id: str, name: str, error: str, row: Any | None) -> None:
        """Note that a dataset could not be written; what was written before stays."""
        if row is None:
            self._insert(
                {
                    "id": dataset_id,
                    "name": name,
                    "iri": "",
                    "state": BROKEN,
                    "change": CREATE,
                    "seq": self._next(),
                    "modified": self.moment,
                    "error": error,
                }
            )
        else:
            self._update(dataset_id, {"error": error})

    def keep_nodes(self, referred: Sequence[RenderedNode], changed: Sequence[RenderedNode]) -> None:
        """Keep agencies, focal points and shared statements that are new or say something else."""
        nodes = {node.key: node for node in (*referred, *changed)}
        if not nodes:
            return
        rows = model.Session.execute(sa.select(Node.key, Node.etag).where(Node.key.in_(nodes)))
        etags = {row.key: row.etag for row in rows}
        values = [
            {
                "key": node.key,
                "kind": node.kind,
                "reference": node.reference,
                "iri": node.iri,
                "etag": node.etag,
                "seq": 0 if node.kind == SHARED else self._next(),
                "modified": self.moment,
                **node.bodies,
            }
            for node in nodes.values()
            if etags.get(node.key) != node.etag
        ]
        if not values:
            return
        statement = insert(Node)
        replaced = {name: statement.excluded[name] for name in values[0] if name != "key"}
        model.Session.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_=replaced), values
        )

    def lose_nodes(self, keys: Collection[str]) -> None:
        """Empty agencies and focal points that are no more; `upkeep` removes the rows later."""
        for key in keys:
            gone = {"etag": "", "seq": self._next(), "modified": self.moment}
            self._mark([key], {**gone, **_EMPTY, "due": self.moment})

    def mark_due(self, keys: Collection[str]) -> None:
        """Note that the datasets that refer to a node have to be written anew."""
        if keys:
            self._mark(keys, {"due": self.moment})

    @staticmethod
    def _mark(keys: Collection[str], values: Mapping[str, Any]) -> None:
        model.Session.execute(
            sa.update(Node)
            .where(Node.key.in_(keys))
            .values(dict(values))
            .execution_options(synchronize_session=False)
        )

    def finish(self) -> None:
        """Write the counts back."""
        values: dict[str, Any] = {"seq": self.seq, "ordinal": self.ordinal, "live": self.live}
        if self.changed:
            values["modified"] = self.moment
        if self.listed:
            values["listed"] = self.moment
        model.Session.execute(
            sa.update(State)
            .where(State.id == STATE_ID)
            .values(values)
            .execution_options(synchronize_session=False)
        )

    def _insert(self, values: Mapping[str, Any]) -> None:
        self.ordinal += 1
        model.Session.execute(
            insert(Entry).values(ordinal=self.ordinal, first_published=self.moment, **dict(values))
        )

    @staticmethod
    def _update(dataset_id: str, values: Mapping[str, Any]) -> None:
        model.Session.execute(
            sa.update(Entry)
            .where(Entry.id == dataset_id)
            .values(dict(values))
            .execution_options(synchronize_session=False)
        )
