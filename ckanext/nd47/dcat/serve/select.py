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
from ckanext.nd47.dcat.serve.binary import Content
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

_PROBE_BY_PLACE = sa.text("SELECT * FROM nd47_dcat_page(:first, :last, :types, :fingerprint)")
_PROBE_BY_IDS = sa.text(
    "SELECT * FROM nd47_dcat_page(CAST(:ids AS text[]), :types, CAST(:fingerprint AS text))"
)
"""Functions of the database, see the migration 4700e2: of those it keeps the plan."""

_CONTENT = """
    WITH page AS MATERIALIZED (
        SELECT e.ordinal, e.iri, e.{column} AS body, e.nodes || e.registered AS keys
        FROM {listed} {chosen}
    )
    SELECT iri, body FROM (
        SELECT 0 AS part, ordinal AS place, '' AS kind, '' AS key, iri, body FROM page
        UNION ALL
        SELECT 1, 0, n.kind, n.key, '', n.{column} FROM nd47_dcat_node n
        WHERE n.key IN (SELECT unnest(keys) FROM page)
    ) AS found
    ORDER BY part, place, kind, key
"""
_IDS = "SELECT e.id FROM {public} {chosen} ORDER BY e.ordinal"


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
    statement = _PROBE_BY_PLACE if chosen.ids is None else _PROBE_BY_IDS
    values = {**chosen.values(), "fingerprint": current}
    found = model.Session.execute(statement, values).one()
    if found.waiting:
        settle.before_reading(found.waiting, found.until)
        found = model.Session.execute(statement, values).one()
    if found.stale:
        jobs.note_stale()
    jobs.note_day()
    return found


def content(chosen: Chosen, column: str) -> tuple[list[tuple[str, Content]], list[Content]]:
    """Return the datasets of a page, and what they refer to, each once.

    Returns:
        IRIs and content of the datasets in the order of their places, and the rest.
    """
    statement = _statement("content", chosen.ids is None, column)
    rows = [(str(iri, "utf-8"), body) for iri, body in binary.rows(statement, chosen.values())]
    return [row for row in rows if row[0]], [body for iri, body in rows if not iri]


def ids_of(chosen: Chosen) -> list[Any]:
    """Return the ids of the datasets of a page."""
    statement = _statement("ids", chosen.ids is None, "")
    return list(model.Session.execute(statement, chosen.values()))


@cache
def _statement(name: str, by_place: bool, column: str) -> sa.TextClause:
    text = {"content": _CONTENT, "ids": _IDS}[name]
    chosen = _BY_PLACE if by_place else _BY_ID
    return sa.text(text.format(public=_PUBLIC, listed=LISTED, chosen=chosen, column=column))


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
        "  AND state = 'active' AND private IS FALSE"
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
    jobs.note_day()
    return found


@cache
def _complete() -> sa.TextClause:
    return sa.text("SELECT complete FROM nd47_dcat_state")


def complete() -> bool:
    """Say whether the store has every public dataset; a portal without any is complete."""
    found = model.Session.execute(_complete()).first()
    return found.complete if found else not visible.unwritten(limit=1)
