"""The statements that a page of the catalogue needs; their number does not depend on the page.

Written as SQL: to put them together anew for each request would take longer than to run them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47 import config
from ckanext.nd47.dcat.serve import binary
from ckanext.nd47.dcat.store import fingerprint, jobs, settle, visible

_PUBLIC = """
    nd47_dcat_entry e JOIN package p ON p.id = e.id
    WHERE e.state = 'live' AND p.state = 'active' AND p.private IS FALSE AND p.type = ANY(:types)
"""
LISTED = f"{_PUBLIC} AND e.etag <> ''"
"""Tables and condition for the public datasets that are written, whichever way they are listed."""

_WAITS = "n.due IS NOT NULL AND (e.settled IS NULL OR e.settled < n.due)"
"""An agency was changed, and the dataset has not been written anew since."""

_SINCE = "AND (e.modified >= :moment OR e.due IS NOT NULL)"
_BY_PLACE = "AND e.ordinal BETWEEN :first AND :last"
_BY_ID = "AND e.id = ANY(:ids)"

_PROBE = """
    WITH page AS (
        SELECT e.id, e.etag, e.modified, e.ordinal, e.registered, e.settled, e.fingerprint, e.due
        FROM {public} {chosen}
    ), node AS (
        SELECT n.key, n.etag, n.modified, n.due FROM nd47_dcat_node n
        WHERE n.key IN (SELECT unnest(registered) FROM page)
    )
    SELECT
        (SELECT count(*) FROM page WHERE etag <> '') AS found,
        (SELECT string_agg(etag, ',' ORDER BY ordinal) FROM page) AS entries,
        (SELECT string_agg(etag, ',' ORDER BY key) FROM node) AS nodes,
        greatest((SELECT max(modified) FROM page), (SELECT max(modified) FROM node), s.listed)
            AS modified,
        (SELECT array_agg(e.id) FROM page e WHERE e.due IS NOT NULL
            OR EXISTS (SELECT FROM node n WHERE n.key = ANY(e.registered) AND {waits}))
            AS waiting,
        (SELECT max(due) FROM node) AS until,
        (SELECT bool_or(fingerprint <> :fingerprint) FROM page) AS stale,
        s.live, s.listed, s.seq, s.complete{around}
    FROM (SELECT 1) AS always LEFT JOIN nd47_dcat_state s ON true
"""
_AROUND = """,
        (SELECT e.ordinal FROM {public} AND e.ordinal < :first ORDER BY e.ordinal DESC LIMIT 1)
            AS before,
        (SELECT e.ordinal FROM {public} AND e.ordinal > :last ORDER BY e.ordinal LIMIT 1)
            AS behind,
        (SELECT e.ordinal FROM {public} ORDER BY e.ordinal DESC LIMIT 1) AS final
"""
_ENTRIES = "SELECT e.iri, e.{column} FROM {listed} {chosen} ORDER BY e.ordinal"
_IDS = "SELECT e.id FROM {public} {chosen} ORDER BY e.ordinal"
_NODES = """
    SELECT n.{column} FROM nd47_dcat_node n
    WHERE n.key IN (SELECT unnest(e.nodes || e.registered) FROM {listed} {chosen})
    ORDER BY n.kind, n.key
"""


@dataclass(frozen=True)
class Chosen:
    """Which entries a page has: a range of places, or ids.

    Attributes:
        first: first place.
        last: last place.
        ids: ids, None to go by place.
    """

    first: int = 0
    last: int = 0
    ids: Sequence[str] | None = None

    def values(self) -> dict[str, Any]:
        """Return the values of the statements."""
        given: dict[str, Any] = {"types": config.dcat_types()}
        if self.ids is None:
            return {**given, "first": self.first, "last": self.last}
        return {**given, "ids": list(self.ids)}


def probe(chosen: Chosen, current: str) -> Any:
    """Return what identifies a page without its content, in one statement.

    Where datasets of the page wait, since they or an agency were changed, they are written first.
    After a change of the settings, which concerns all pages, that is left to a worker.

    Args:
        chosen: the page.
        current: fingerprint of the portal as it is set up now.
    """
    found = _run("probe", chosen, fingerprint=current).one()
    if found.waiting:
        settle.before_reading(found.waiting, found.until)
        found = _run("probe", chosen, fingerprint=current).one()
    if found.stale:
        jobs.note_stale()
    return found


def entries(chosen: Chosen, column: str) -> list[tuple[str, bytes]]:
    """Return IRIs and content of the datasets of a page, in the order of their places."""
    statement = _statement("entries", chosen.ids is None, column)
    return [(iri.decode(), body) for iri, body in binary.rows(statement, chosen.values())]


def ids_of(chosen: Chosen) -> list[Any]:
    """Return the ids of the datasets of a page."""
    return list(_run("ids", chosen))


def nodes(chosen: Chosen, column: str) -> list[bytes]:
    """Return what the datasets of a page refer to, each once."""
    statement = _statement("nodes", chosen.ids is None, column)
    return [body for (body,) in binary.rows(statement, chosen.values())]


def _run(name: str, chosen: Chosen, **values: Any) -> Any:
    statement = _statement(name, chosen.ids is None, "")
    return model.Session.execute(statement, {**chosen.values(), **values})


@cache
def _statement(name: str, by_place: bool, column: str) -> sa.TextClause:
    text = {"probe": _PROBE, "entries": _ENTRIES, "nodes": _NODES, "ids": _IDS}[name]
    around = _AROUND.format(public=_PUBLIC) if by_place else ""
    return sa.text(
        text.format(
            public=_PUBLIC,
            listed=LISTED,
            chosen=_BY_PLACE if by_place else _BY_ID,
            column=column,
            around=around,
            waits=_WAITS,
        )
    )


@cache
def _single(condition: str, order: str) -> sa.TextClause:
    return sa.text(f"SELECT e.id FROM {_PUBLIC} {condition} ORDER BY {order}")  # noqa: S608 - constants of this module


def neighbour(place: int, skipped: int) -> list[str]:
    """Return the id of one dataset behind a place, skipping some where there are more."""
    statement = _single("AND e.ordinal > :place", "e.ordinal LIMIT 2")
    values = {"types": config.dcat_types(), "place": place}
    found = list(model.Session.scalars(statement, values))
    return found[skipped : skipped + 1] or found[:1]


def changed_since(
    moment: dt.datetime, after: int, start: int, size: int
) -> tuple[list[str], int, int]:
    """Return ids of datasets that changed since a moment, in the order of their places.

    Those that wait are among them: what they say may have changed.

    Returns:
        The ids, the place of the last of them, and how many there are in all.
    """
    values = {
        "types": config.dcat_types(),
        "moment": moment,
        "after": after,
        "start": start,
        "size": size,
    }
    rows = model.Session.execute(_since_page(), values).all()
    total = model.Session.execute(_since_count(), values).scalar() or 0
    return [row.id for row in rows], rows[-1].ordinal if rows else 0, total


@cache
def _since_page() -> sa.TextClause:
    return sa.text(
        f"SELECT e.id, e.ordinal FROM {_PUBLIC} {_SINCE}"  # noqa: S608 - as above
        " AND e.ordinal > :after ORDER BY e.ordinal LIMIT :size OFFSET :start"
    )


@cache
def _since_count() -> sa.TextClause:
    return sa.text(f"SELECT count(*) FROM {_PUBLIC} {_SINCE}")  # noqa: S608 - as above


@cache
def _found() -> sa.TextClause:
    return sa.text(
        "SELECT e.id, e.name, e.iri, e.state, e.etag, e.modified, e.seq, e.fingerprint,"  # noqa: S608 - as above
        " (p.state = 'active' AND p.private IS FALSE AND p.type = ANY(:types)) IS TRUE AS visible,"
        " (SELECT string_agg(n.etag, ',' ORDER BY n.key) FROM nd47_dcat_node n"
        "  WHERE n.key = ANY(e.registered)) AS nodes,"
        " (SELECT max(n.modified) FROM nd47_dcat_node n WHERE n.key = ANY(e.registered))"
        "  AS nodes_modified,"
        " (SELECT max(n.due) FROM nd47_dcat_node n WHERE n.key = ANY(e.registered)) AS until,"
        " e.due IS NOT NULL OR EXISTS (SELECT FROM nd47_dcat_node n"
        f"  WHERE n.key = ANY(e.registered) AND {_WAITS}) AS waits"
        " FROM nd47_dcat_entry e LEFT JOIN package p ON p.id = e.id"
        " WHERE e.id IN (SELECT :reference UNION SELECT id FROM package WHERE name = :reference"
        "  UNION SELECT id FROM nd47_dcat_entry WHERE name = :reference)"
        " ORDER BY (p.state = 'active' AND p.private IS FALSE) IS TRUE DESC,"
        " (e.id = :reference) DESC, e.seq DESC LIMIT 1"
    )


def one(reference: str) -> Any | None:
    """Return what is known of a dataset by id or name; its old name, where it is withdrawn."""
    values = {"types": config.dcat_types(), "reference": reference}
    found = model.Session.execute(_found(), values).first()
    if found is not None and found.visible and found.waits:
        settle.before_reading([found.id], found.until)
        found = model.Session.execute(_found(), values).first()
    if found is not None and found.visible and found.fingerprint != fingerprint.current():
        jobs.note_stale()
    return found


@cache
def _complete() -> sa.TextClause:
    return sa.text("SELECT complete FROM nd47_dcat_state")


def complete() -> bool:
    """Say whether the store has every public dataset; a portal without any is complete."""
    found = model.Session.execute(_complete()).first()
    return found.complete if found else not visible.unwritten(limit=1)
