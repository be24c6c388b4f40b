"""The only module that writes to the tables, in the transaction of the caller.

Writers first lock the single row of `State` until the commit, and render after that. So places and
change numbers follow the order of commits, a reader that has read a number can never miss a smaller
one, and content is rendered from what all earlier writers committed.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.dcat.identity import own_dataset_iri
from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.store import fingerprint, public, render
from ckanext.nd47.dcat.store.model import (
    AGENCY,
    BROKEN,
    CREATE,
    DELETE,
    GONE,
    LIVE,
    SHARED,
    UPDATE,
    Entry,
    Node,
)
from ckanext.nd47.dcat.store.render import Content, Rendered, RenderedNode
from ckanext.nd47.lib.calendar import dates

VCARD = terms.PREFIXES["vcard"]
_ENTRIES = sa.text(
    "SELECT id, iri, state, etag, registered || shared AS nodes FROM nd47_dcat_entry"
    " WHERE id = ANY(:ids)"
)
_STORED = sa.text("SELECT key FROM nd47_dcat_node WHERE key = ANY(:keys) AND etag <> ''")
_STATE = sa.text(
    # The clock of the database, the same for all nodes; it never goes back.
    "SELECT seq, ordinal, live, complete,"
    " greatest(clock_timestamp(), modified + interval '1 microsecond') AS moment"
    " FROM nd47_dcat_state WHERE id = 1 FOR UPDATE"
)
_NEW_STATE = sa.text(
    "INSERT INTO nd47_dcat_state (id, modified, listed, complete)"
    " VALUES (1, clock_timestamp(), clock_timestamp(), :complete) ON CONFLICT DO NOTHING"
)
_FINISH = sa.text("""
    WITH mark AS (
        INSERT INTO nd47_dcat_commit (seq, mark)
        SELECT :seq, :mark WHERE CAST(:moment AS timestamptz) IS NOT NULL
    )
    UPDATE nd47_dcat_state SET ordinal = :ordinal, live = :live, seq = :seq,
        modified = coalesce(CAST(:moment AS timestamptz), modified),
        listed = coalesce(CAST(:listed AS timestamptz), listed), complete = complete OR :complete
""")


# Built once: building them for each dataset would take longer than running them.
_TABLE = Entry.__table__
_UPDATE = sa.update(_TABLE).where(_TABLE.c.id == sa.bindparam("dataset_id"))
_INSERT = sa.insert(_TABLE)


class Writer:
    """Assigns places and change numbers, and writes the rows."""

    def __init__(self, ids: Collection[str] = ()) -> None:
        """Lock the state row; create it if there is none yet.

        Args:
            ids: datasets that will be written.
        """
        self._connection = model.Session.connection()
        state = self._connection.execute(_STATE).first()
        if state is None:
            missing = any(dataset_id not in ids for dataset_id in public.unwritten())
            self._connection.execute(_NEW_STATE, {"complete": not missing})
            state = self._connection.execute(_STATE).one()
        self.moment: dt.datetime = state.moment
        self._first: int = state.seq
        self._seq: int = state.seq
        self._ordinal: int = state.ordinal
        self._live: int = state.live
        self._listed = False
        self._stored: set[str] = set()
        """Keys of nodes that are already stored."""
        rows = self._connection.execute(_ENTRIES, {"ids": list(ids)}) if ids else ()
        self._entries: dict[str, Any] = {row.id: row for row in rows}

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def publish(self, dataset: Rendered, source_modified: dt.datetime | None) -> bool:
        """Store a public dataset; it gets a number only if its content changed.

        Returns:
            Whether it changed.
        """
        entry = self._entries.get(dataset.id)
        live = entry if entry is not None and entry.state == LIVE else None
        # The nodes of a public dataset are stored.
        self._add_nodes(dataset, stored=live.nodes if live else ())
        columns: dict[str, Any] = {
            "name": dataset.name,
            "fingerprint": fingerprint.current(),
            "problems": [asdict(problem) for problem in dataset.problems],
            "error": "",
            "pending": False,
            "source_modified": source_modified,
        }
        if live and (live.etag, live.iri) == (dataset.etag, dataset.iri):
            self._update(dataset.id, columns)
            return False
        columns |= {
            "iri": dataset.iri,
            "state": LIVE,
            "change": UPDATE if live else CREATE,
            "seq": self._next(),
            "modified": self.moment,
            "etag": dataset.etag,
            "shared": sorted(node.key for node in dataset.shared),
            "registered": sorted(dataset.registered),
            **asdict(dataset.content),
        }
        self._save(dataset.id, columns)
        if not live:
            self._live += 1
            self._listed = True
        return True

    def withdraw(self, ids: Iterable[str]) -> None:
        """Mark datasets as no longer public; datasets that were never written get no entry."""
        for dataset_id in ids:
            entry = self._entries.get(dataset_id)
            if entry is None or entry.state == GONE:
                continue
            if entry.state == BROKEN and not entry.iri:
                self._connection.execute(sa.delete(_TABLE).where(_TABLE.c.id == dataset_id))
                continue
            self._live -= entry.state == LIVE
            self._listed = True
            columns = {
                "state": GONE,
                "change": DELETE,
                "seq": self._next(),
                "modified": self.moment,
                "etag": "",
                "registered": [],
                "shared": [],
                "problems": [],
                "error": "",
                "pending": False,
                **asdict(Content()),
            }
            if self._has_namesake(entry):
                columns["iri"] = own_dataset_iri(dataset_id)
            self._update(dataset_id, columns)

    def fail(self, package: Any, error: str) -> None:
        """Record that a dataset could not be written; earlier content remains."""
        self._stored.clear()  # its nodes were rolled back
        entry = self._entries.get(package.id)
        if entry is not None and entry.state == LIVE:
            self._update(package.id, {"error": error, "pending": False})
            return
        columns = {"name": package.name, "state": BROKEN, "error": error, "pending": False}
        if entry is None:
            columns |= {"iri": "", "change": CREATE, "seq": self._next(), "modified": self.moment}
        self._save(package.id, columns)

    def mark_pending(self, condition: sa.ColumnElement[bool]) -> bool:
        """Mark datasets that repeat outdated data of an agency; return whether there are any."""
        marked = self._connection.execute(
            sa.update(_TABLE)
            .where(Entry.state == LIVE, Entry.pending.is_(False), condition)
            .values(pending=True)
        )
        return marked.rowcount > 0

    def renew_nodes(self, condition: sa.ColumnElement[bool]) -> list[str]:
        """Render agencies and contacts again, and store those that changed.

        Returns:
            The keys of contacts without a person or address on any day from today on.
        """
        nodes = self._connection.execute(
            sa.select(Node.key, Node.kind, Node.reference)
            .where(Node.kind != SHARED, condition)
            .distinct()
            .order_by(Node.key)
        ).all()
        return [row.key for row in nodes if not self._put_node(row.key, row.kind, row.reference)]

    def finish(self, *, complete: bool = False) -> None:
        """Save the counts."""
        counts = {"ordinal": self._ordinal, "live": self._live, "complete": complete}
        values = {
            "moment": self.moment if self._seq > self._first else None,
            "listed": self.moment if self._listed else None,
            "seq": self._seq,
            "mark": secrets.token_hex(8),
        }
        self._connection.execute(_FINISH, {**counts, **values})

    def recount(self) -> None:
        """Count the public datasets again."""
        live = sa.select(sa.func.count()).where(Entry.state == LIVE)
        self._live = self._connection.scalar(live) or 0

    def _has_namesake(self, entry: Any) -> bool:
        """Return whether another public dataset has the IRI of a withdrawn dataset."""
        others = sa.select(Entry.id).where(
            Entry.iri == entry.iri, Entry.id != entry.id, Entry.state == LIVE
        )
        return self._connection.execute(others.limit(1)).first() is not None

    def _update(self, dataset_id: str, columns: Mapping[str, Any]) -> None:
        self._connection.execute(_UPDATE, {**columns, "dataset_id": dataset_id})

    def _save(self, dataset_id: str, columns: Mapping[str, Any]) -> None:
        if dataset_id in self._entries:
            self._update(dataset_id, columns)
            return
        self._ordinal += 1
        place = {"ordinal": self._ordinal, "first_published": self.moment}
        self._connection.execute(_INSERT, {**columns, **place, "id": dataset_id})

    def _add_nodes(self, dataset: Rendered, stored: Iterable[str]) -> None:
        """Store the nodes of a dataset that are not stored yet."""
        shared = {node.key: node for node in dataset.shared}
        keys = {*dataset.registered, *shared} - self._stored.union(stored)
        if not keys:
            return
        missing = keys - set(self._connection.scalars(_STORED, {"keys": list(keys)}))
        for key in sorted(missing & dataset.registered.keys()):
            self._put_node(key, *dataset.registered[key])
        self._insert_nodes([shared[key] for key in sorted(missing & shared.keys())], seq=0)
        self._stored |= keys

    def _put_node(self, key: str, kind: str, reference: str) -> bool:
        """Render an agency or a contact, and store it if it changed.

        Returns:
            Whether it is an agency, or a contact that can be reached.
        """
        today = dates.today()
        rendered = [node for node in render.node(kind, reference) if node.key == key]
        gone = RenderedNode(key, kind, reference, Content(), _depends_on(kind, reference))
        rendered = rendered or [gone]
        rows = self._connection.execute(
            sa.select(Node.valid_from, Node.valid_to, Node.etag, Node.seq, Node.modified)
            .where(Node.key == key, Node.valid_to >= today)
            .order_by(Node.valid_from)
        ).all()
        unchanged = bool(rows) and rows[0].etag == rendered[0].content.etag
        if unchanged:
            # A term that has begun by date remains, for clients that have not read it yet.
            rendered[0] = replace(rendered[0], valid_from=rows[0].valid_from)
        before = [(row.valid_from, row.valid_to, row.etag) for row in rows]
        after = [(node.valid_from, node.valid_to, node.content.etag) for node in rendered]
        reachable = kind == AGENCY or any(map(_is_reachable, rendered))
        if before == after:
            return reachable
        self._connection.execute(sa.delete(Node).where(Node.key == key))
        # A change on a future day is announced on that day.
        if unchanged:
            self._insert_nodes(rendered, seq=rows[0].seq, modified=rows[0].modified)
        else:
            self._insert_nodes(rendered, seq=self._next())
        return reachable

    def _insert_nodes(
        self, nodes: list[RenderedNode], seq: int, modified: dt.datetime | None = None
    ) -> None:
        if not nodes:
            return
        rows = [
            {
                "key": node.key,
                "valid_from": node.valid_from,
                "valid_to": node.valid_to,
                "kind": node.kind,
                "reference": node.reference,
                "agencies": list(node.agencies),
                "seq": seq,
                "modified": modified or self.moment,
                "etag": node.content.etag,
                **asdict(node.content),
            }
            for node in nodes
        ]
        self._connection.execute(sa.insert(Node), rows)


def _is_reachable(node: RenderedNode) -> bool:
    return any(f"{VCARD}{name}" in node.content.nt for name in ("hasEmail", "hasTelephone"))


def _depends_on(kind: str, reference: str) -> tuple[str, ...]:
    return (reference,) if kind == AGENCY else (reference.partition(" ")[0],)
