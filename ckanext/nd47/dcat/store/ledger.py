"""Gives places and change numbers, and writes the rows that bear them.

The caller holds the state row locked (see `keep`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.dcat.identity import own_dataset_iri
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


def set_columns(
    table: type[Any], condition: sa.ColumnElement[bool], values: Mapping[str, Any]
) -> None:
    """Set columns of the rows of a condition, past what the session has loaded of them."""
    model.Session.execute(
        sa.update(table)
        .where(condition)
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )


class Ledger:
    """Collects rows to write and counts, while the state row is locked."""

    def __init__(self, state: Any, marks: Mapping[str, dt.datetime | None]) -> None:
        """Begin.

        Args:
            state: the locked row.
            marks: since when datasets had waited when their rendering began.
        """
        self.marks = marks
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

    def announce(self, saved: Mapping[str, tuple[str, str]], known: Mapping[str, Any]) -> list[str]:
        """Give each saved dataset its place, and return those that had theirs, to be marked."""
        for one, (name, iri) in saved.items():
            row = known.get(one)
            if row is not None and row.state == LIVE:
                continue
            self.live += 1
            self.listed = True
            facts = {
                "name": name,
                "state": LIVE,
                "change": CREATE,
                "seq": self._next(),
                "modified": self.moment,
                "due": self.moment,
            }
            if row is None:
                self._insert({"id": one, "iri": iri, **facts})
            else:
                self._update(one, facts)
        return [one for one in saved if one in known and known[one].state == LIVE]

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
            **self._unmarked(one.id),
        }
        was_live = row is not None and row.state == LIVE
        if row is not None and was_live and row.etag == one.etag and row.iri == one.iri:
            self._update(one.id, facts)
            return
        facts |= {
            "iri": one.iri,
            "state": LIVE,
            "change": UPDATE if row is not None and was_live and row.etag else CREATE,
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
        """Note that a dataset is no longer public; one never written leaves no trace."""
        if row is None:
            return
        if row.state == GONE:
            self._update(row.id, self._unmarked(row.id))
            return
        if row.state == LIVE:
            self.live -= 1
            self.listed = True
        if not row.iri:
            model.Session.execute(sa.delete(Entry).where(Entry.id == row.id))
            return
        gone = {"state": GONE, "change": DELETE, "seq": self._next(), "modified": self.moment}
        if self._is_called_so(row):
            gone["iri"] = own_dataset_iri(row.id)
        emptied = {"etag": "", "nodes": [], "registered": [], "problems": [], "error": ""}
        mark = self._unmarked(row.id) if row.id in self.marks else {"due": None}
        self._update(row.id, {**gone, **_EMPTY, **emptied, **mark})

    @staticmethod
    def _is_called_so(row: Any) -> bool:
        """Say whether another public dataset is called as one that goes: it must not go with it."""
        others = sa.select(Entry.id).where(
            Entry.iri == row.iri, Entry.id != row.id, Entry.state == LIVE
        )
        return model.Session.execute(others.limit(1)).first() is not None

    def fail(self, dataset_id: str, name: str, error: str, row: Any | None) -> None:
        """Note that a dataset could not be written; what was written before stays."""
        if row is None:
            facts = {"name": name, "iri": "", "state": BROKEN, "change": CREATE, "error": error}
            self._insert({"id": dataset_id, "seq": self._next(), "modified": self.moment, **facts})
            return
        facts = {"error": error, **self._unmarked(dataset_id)}
        if row.state == LIVE and not row.etag:
            self.live -= 1
            self.listed = True
            facts["state"] = BROKEN
        self._update(dataset_id, facts)

    def keep_nodes(self, nodes: Sequence[RenderedNode]) -> None:
        """Keep agencies, focal points and shared statements that say something new."""
        if not nodes:
            return
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
            for node in nodes
        ]
        statement = insert(Node)
        replaced = {name: statement.excluded[name] for name in values[0] if name != "key"}
        model.Session.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_=replaced), values
        )

    def lose_nodes(self, keys: Collection[str]) -> None:
        """Empty agencies and focal points that are no more; `upkeep` removes the rows later."""
        for key in keys:
            gone = {"etag": "", "seq": self._next(), "modified": self.moment}
            set_columns(Node, Node.key == key, {**gone, **_EMPTY, "due": self.moment})

    def mark_due(self, keys: Collection[str]) -> None:
        """Note that the datasets that refer to a node have to be written anew."""
        if keys:
            set_columns(Node, Node.key.in_(keys), {"due": self.moment})

    def finish(self) -> None:
        """Write the counts back."""
        values: dict[str, Any] = {"seq": self.seq, "ordinal": self.ordinal, "live": self.live}
        if self.changed:
            values["modified"] = self.moment
        if self.listed:
            values["listed"] = self.moment
        set_columns(State, State.id == STATE_ID, values)

    def _unmarked(self, dataset_id: str) -> dict[str, Any]:
        """Take away the mark that was there before it was rendered, not that of a later save."""
        mark = self.marks.get(dataset_id)
        return {"due": sa.case((Entry.due == mark, sa.null()), else_=Entry.due)} if mark else {}

    def _insert(self, values: Mapping[str, Any]) -> None:
        self.ordinal += 1
        model.Session.execute(
            insert(Entry).values(ordinal=self.ordinal, first_published=self.moment, **dict(values))
        )

    @staticmethod
    def _update(dataset_id: str, values: Mapping[str, Any]) -> None:
        if values:
            set_columns(Entry, Entry.id == dataset_id, values)
