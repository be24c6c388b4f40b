"""Writes into the tables, in the transaction of the caller: the only module that does.

Who writes locks the one row of `State` first and holds it until the commit, and renders after that.
So places and change numbers follow the order of the commits, a reader that has seen a number can
never miss a smaller one, and what is rendered is made from what all earlier writers committed.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

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
from ckanext.nd47.lib import dates

VCARD = terms.PREFIXES["vcard"]
_BRIEF = sa.text("SELECT id, iri, state, etag FROM nd47_dcat_entry WHERE id = ANY(:ids)")
_STORED = sa.text("SELECT key FROM nd47_dcat_node WHERE key = ANY(:keys) AND etag <> ''")
_STATE = sa.text(
    # The clock of the database, the same for all nodes, and never back.
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


def set_columns(
    table: type[Any], condition: sa.ColumnElement[bool], values: Mapping[str, Any]
) -> None:
    """Set columns of the rows of a condition, past what the session has loaded of them."""
    model.Session.execute(sa.update(table.__table__).where(condition).values(dict(values)))


class Writer:
    """Gives places and change numbers, and writes the rows that carry them."""

    def __init__(self, ids: Collection[str] = ()) -> None:
        """Lock the state row, made when there is none yet.

        Args:
            ids: datasets that are about to be written.
        """
        state = model.Session.execute(_STATE).first()
        if state is None:
            missing = any(one not in ids for one in public.unwritten())
            model.Session.execute(_NEW_STATE, {"complete": not missing})
            state = model.Session.execute(_STATE).one()
        self.moment: dt.datetime = state.moment
        self._first: int = state.seq
        self._seq: int = state.seq
        self._ordinal: int = state.ordinal
        self._live: int = state.live
        self._listed = False
        self._keys: set[str] = set()
        rows = model.Session.execute(_BRIEF, {"ids": list(ids)}) if ids else ()
        self._known: dict[str, Any] = {row.id: row for row in rows}

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def publish(self, one: Rendered, source_modified: dt.datetime | None) -> bool:
        """Store a public dataset; it gets a number only when it says something else.

        Returns:
            Whether it does.
        """
        self._add_nodes(one)
        row = self._known.get(one.id)
        facts: dict[str, Any] = {
            "name": one.name,
            "fingerprint": fingerprint.current(),
            "problems": [asdict(problem) for problem in one.problems],
            "error": "",
            "pending": False,
            "source_modified": source_modified,
        }
        was_live = row is not None and row.state == LIVE
        if row is not None and was_live and (row.etag, row.iri) == (one.etag, one.iri):
            set_columns(Entry, Entry.id == one.id, facts)
            return False
        facts |= {
            "iri": one.iri,
            "state": LIVE,
            "change": UPDATE if was_live else CREATE,
            "seq": self._next(),
            "modified": self.moment,
            "etag": one.etag,
            "shared": sorted(node.key for node in one.shared),
            "registered": sorted(one.registered),
            **asdict(one.content),
        }
        self._save(one.id, row, facts)
        if not was_live:
            self._live += 1
            self._listed = True
        return True

    def withdraw(self, ids: Iterable[str]) -> None:
        """Note that datasets are no longer public; one never written leaves no trace."""
        for one in ids:
            row = self._known.get(one)
            if row is None or row.state == GONE:
                continue
            if row.state == BROKEN and not row.iri:
                model.Session.execute(sa.delete(Entry).where(Entry.id == one))
                continue
            self._live -= row.state == LIVE
            self._listed = True
            facts = {"state": GONE, "change": DELETE, "seq": self._next(), "modified": self.moment}
            if self._is_called_so(row):
                facts["iri"] = own_dataset_iri(row.id)
            emptied = {"etag": "", "registered": [], "shared": [], "problems": [], "error": ""}
            none = {"pending": False, **asdict(Content())}
            set_columns(Entry, Entry.id == one, {**facts, **emptied, **none})

    def fail(self, package: Any, error: str) -> None:
        """Note that a dataset could not be written; what was written before stays."""
        self._keys.clear()  # what was stored for it was rolled back
        row = self._known.get(package.id)
        if row is not None and row.state == LIVE:
            set_columns(Entry, Entry.id == package.id, {"error": error, "pending": False})
            return
        facts = {"name": package.name, "state": BROKEN, "error": error, "pending": False}
        if row is None:
            facts |= {"iri": "", "change": CREATE, "seq": self._next(), "modified": self.moment}
        self._save(package.id, row, facts)

    def mark_pending(self, condition: sa.ColumnElement[bool]) -> bool:
        """Note that datasets repeat what an agency no longer says; say whether there are any."""
        marked = model.Session.execute(
            sa.update(Entry)
            .where(Entry.state == LIVE, Entry.pending.is_(False), condition)
            .values(pending=True)
            .returning(Entry.id)
            .execution_options(synchronize_session=False)
        )
        return bool(marked.all())

    def renew_nodes(self, condition: sa.ColumnElement[bool]) -> list[str]:
        """Render agencies and contacts again, and store those that say something else.

        Returns:
            The keys of contacts by which nobody can be reached on any day to come.
        """
        rows = model.Session.execute(
            sa.select(Node.key, Node.kind, Node.reference)
            .where(Node.kind != SHARED, condition)
            .distinct()
            .order_by(Node.key)
        ).all()
        found = [(row, self._put_node(row.key, row.kind, row.reference)) for row in rows]
        return [row.key for row, reachable in found if not reachable]

    def finish(self, *, complete: bool = False) -> None:
        """Write the counts back."""
        counts = {"ordinal": self._ordinal, "live": self._live, "complete": complete}
        values = {
            "moment": self.moment if self._seq > self._first else None,
            "listed": self.moment if self._listed else None,
            "seq": self._seq,
            "mark": secrets.token_hex(8),
        }
        model.Session.execute(_FINISH, {**counts, **values})

    def recount(self) -> None:
        """Count the public datasets again."""
        live = sa.select(sa.func.count()).where(Entry.state == LIVE)
        self._live = model.Session.scalar(live) or 0

    @staticmethod
    def _is_called_so(row: Any) -> bool:
        """Say whether another public dataset is called as one that goes: it must not go with it."""
        others = sa.select(Entry.id).where(
            Entry.iri == row.iri, Entry.id != row.id, Entry.state == LIVE
        )
        return model.Session.execute(others.limit(1)).first() is not None

    def _save(self, dataset_id: str, row: Any | None, facts: Mapping[str, Any]) -> None:
        if row is not None:
            set_columns(Entry, Entry.id == dataset_id, facts)
            return
        self._ordinal += 1
        model.Session.execute(
            insert(Entry).values(
                id=dataset_id, ordinal=self._ordinal, first_published=self.moment, **dict(facts)
            )
        )

    def _add_nodes(self, one: Rendered) -> None:
        """Store what a dataset refers to, where it is not stored yet."""
        shared = {node.key: node for node in one.shared}
        wanted = {*one.registered, *shared} - self._keys
        if not wanted:
            return
        missing = wanted - set(model.Session.scalars(_STORED, {"keys": list(wanted)}))
        for key in sorted(missing & one.registered.keys()):
            self._put_node(key, *one.registered[key])
        self._insert_nodes([shared[key] for key in sorted(missing & shared.keys())], seq=0)
        self._keys |= wanted

    def _put_node(self, key: str, kind: str, reference: str) -> bool:
        """Render an agency or a contact, and store it where it says something else.

        Returns:
            Whether it is an agency, or somebody can be reached by it.
        """
        today = dates.today()
        rendered = [one for one in render.node(kind, reference) if one.key == key]
        gone = RenderedNode(key, kind, reference, Content(), _depends_on(kind, reference))
        rendered = rendered or [gone]
        rows = model.Session.execute(
            sa.select(Node.valid_from, Node.valid_to, Node.etag, Node.seq, Node.modified)
            .where(Node.key == key, Node.valid_to >= today)
            .order_by(Node.valid_from)
        ).all()
        unchanged = bool(rows) and rows[0].etag == rendered[0].content.etag
        if unchanged:
            # A term that has begun by date stays one, for clients that have not heard of it.
            rendered[0] = replace(rendered[0], valid_from=rows[0].valid_from)
        before = [(row.valid_from, row.valid_to, row.etag) for row in rows]
        after = [(one.valid_from, one.valid_to, one.content.etag) for one in rendered]
        reachable = kind == AGENCY or any(map(_is_reachable, rendered))
        if before == after:
            return reachable
        model.Session.execute(
            sa.delete(Node).where(Node.key == key).execution_options(synchronize_session=False)
        )
        # What changes only on a day to come is announced on that day.
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
                "key": one.key,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "kind": one.kind,
                "reference": one.reference,
                "agencies": list(one.agencies),
                "seq": seq,
                "modified": modified or self.moment,
                "etag": one.content.etag,
                **asdict(one.content),
            }
            for one in nodes
        ]
        model.Session.execute(insert(Node), rows)


def _is_reachable(one: RenderedNode) -> bool:
    return any(f"{VCARD}{name}" in one.content.nt for name in ("hasEmail", "hasTelephone"))


def _depends_on(kind: str, reference: str) -> tuple[str, ...]:
    return (reference,) if kind == AGENCY else (reference.partition(" ")[0],)
