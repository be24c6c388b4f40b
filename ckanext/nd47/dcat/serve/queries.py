"""The SQL statements of the readers; their number does not depend on the size of a page.

Plain SQL: SQLAlchemy would need longer to build them for each request than to run them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from psycopg2.extensions import BYTES, register_type
from sqlalchemy.dialects.postgresql import psycopg2

from ckan import model

from ckanext.nd47.dcat.store import fingerprint, public
from ckanext.nd47.dcat.store.public import CONDITION, LISTED
from ckanext.nd47.dcat.store.serialise import Column
from ckanext.nd47.lib.calendar import dates

TODAY = "n.valid_from <= :today AND n.valid_to >= :today"
"""Condition for the version of a node `n` that is valid on the portal's day."""

CHANGED = """
    greatest(n.modified, CASE WHEN n.valid_from > '0001-01-01'
        THEN n.valid_from::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' END)
"""
"""When a node `n` last changed, by an edit or by date."""

_BY_PLACE = "AND e.ordinal BETWEEN :first AND :last"
_BY_ID = "AND e.id = ANY(:ids)"
_LIVE = "SELECT ordinal FROM nd47_dcat_entry WHERE state = 'live'"
# Links may lead to a page whose datasets were hidden without a change of the store: it is not empty
# either, unless nothing follows. A join with CKAN's table would double the time.
_AROUND = f"""
    ({_LIVE} AND ordinal < :first ORDER BY ordinal DESC LIMIT 1) AS before,
    ({_LIVE} AND ordinal > :last ORDER BY ordinal LIMIT 1) AS behind,
    ({_LIVE} ORDER BY ordinal DESC LIMIT 1) AS final
"""
_NO_PLACES = "NULL AS before, NULL AS behind, NULL AS final"
_IDENTITY = f"""
    WITH page AS MATERIALIZED (
        SELECT e.etag, e.modified, e.ordinal, e.registered,
            e.pending OR e.fingerprint <> :fingerprint AS stale
        FROM {LISTED} {{chosen}}
    ), dataset AS (
        SELECT count(*) AS size, string_agg(etag, ',' ORDER BY ordinal) AS entries,
            max(modified) AS modified, bool_or(stale) AS stale
        FROM page
    ), node AS (
        SELECT string_agg(n.etag, ',' ORDER BY n.key) AS nodes, max({CHANGED}) AS modified
        FROM nd47_dcat_node n
        WHERE n.key IN (SELECT unnest(registered) FROM page) AND {TODAY}
    )
    SELECT d.size, d.entries, d.stale, n.nodes, greatest(d.modified, n.modified, s.listed)
            AS modified,
        s.live, s.listed, s.complete, clock_timestamp() AS now, {{around}}
    FROM dataset d CROSS JOIN node n LEFT JOIN nd47_dcat_state s ON true
"""  # noqa: S608 - as above
_CONTENT = f"""
    WITH page AS MATERIALIZED (
        SELECT e.ordinal, e.iri, e.{{column}} AS body, e.registered || e.shared AS keys
        FROM {LISTED} {{chosen}}
    )
    SELECT iri, body FROM (
        SELECT ordinal, '' AS kind, '' AS key, iri, body FROM page
        UNION ALL
        SELECT NULL, n.kind, n.key, '', n.{{column}} FROM nd47_dcat_node n
        WHERE n.key IN (SELECT unnest(keys) FROM page) AND {TODAY}
    ) AS part
    ORDER BY ordinal NULLS LAST, kind, key
"""  # noqa: S608 - as above
_DATASET = f"""
    SELECT e.id, e.iri, e.state, e.etag, e.modified, ({CONDITION}) IS TRUE AS visible,
        e.pending OR e.fingerprint <> :fingerprint AS stale,
        n.nodes, greatest(e.modified, n.modified) AS changed, clock_timestamp() AS now
    FROM nd47_dcat_entry e LEFT JOIN package p ON p.id = e.id CROSS JOIN LATERAL (
        SELECT string_agg(n.etag, ',' ORDER BY n.key) AS nodes, max({CHANGED}) AS modified
        FROM nd47_dcat_node n WHERE n.key = ANY(e.registered) AND {TODAY}
    ) n
    WHERE e.id IN (SELECT :reference UNION SELECT p.id FROM package p WHERE p.name = :reference
        AND {CONDITION} UNION SELECT id FROM nd47_dcat_entry WHERE name = :reference)
    ORDER BY visible DESC, (e.id = :reference) DESC, e.seq DESC LIMIT 1
"""  # noqa: S608 - as above
_CHANGED_SINCE = f"FROM {LISTED} AND e.modified >= :moment"


@dataclass(frozen=True)
class Chosen:
    """Selects the entries of a page: a range of places, or ids.

    Attributes:
        first: first place.
        last: last place.
        ids: ids, None to use places.
    """

    first: int = 0
    last: int = 0
    ids: Sequence[str] | None = None

    def values(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        values = {**public.values(), "today": dates.today()}
        if self.ids is None:
            return {**values, "first": self.first, "last": self.last}
        return {**values, "ids": list(self.ids)}


def identity(chosen: Chosen, fingerprint: str) -> Any:
    """Return what identifies a page, without its content, with one statement."""
    values = {**chosen.values(), "fingerprint": fingerprint}
    return model.Session.execute(_identity(chosen.ids is None), values).one()


def content(chosen: Chosen, column: Column) -> tuple[list[str], list[bytes]]:
    """Return the IRIs of the datasets of a page, and its parts with each referenced node once.

    The cursor of the driver returns the parts as bytes. Otherwise most of the time would be needed
    to decode and encode them, or to join them in the database.
    """
    cursor: Any = model.Session.connection().connection.cursor()
    register_type(BYTES, cursor)
    cursor.execute(_content(chosen.ids is None, column), chosen.values())
    rows = cursor.fetchall()
    cursor.close()
    return [iri.decode() for iri, _ in rows if iri], [body for _, body in rows]


def neighbour(place: int, skipped: int) -> list[str]:
    """Return the id of a dataset after a place, with an offset if there are enough."""
    values = {**public.values(), "place": place}
    ids = list(model.Session.scalars(_neighbour(), values))
    return ids[skipped : skipped + 1] or ids[:1]


def changed_since(
    moment: dt.datetime, after: int, start: int, size: int
) -> tuple[list[str], int, int]:
    """Return the ids of datasets changed since a time, sorted by place.

    Returns:
        The ids, the place of the last of them, and their total number.
    """
    values = {**public.values(), "moment": moment}
    page = {**values, "after": after, "start": start, "size": size}
    rows = model.Session.execute(_since_page(), page).all()
    total = model.Session.execute(_since_count(), values).scalar() or 0
    return [row.id for row in rows], rows[-1].ordinal if rows else 0, total


def dataset(reference: str) -> Any | None:
    """Return the entry of a dataset by id or name; a withdrawn dataset has its last name."""
    values = {
        **public.values(),
        "today": dates.today(),
        "reference": reference,
        "fingerprint": fingerprint.current(),
    }
    return model.Session.execute(_dataset(), values).first()


def complete() -> bool:
    """Return whether the store has every public dataset; true for a portal without any."""
    state = model.Session.execute(_complete()).first()
    return state.complete if state else next(public.unwritten(), None) is None


@cache
def _identity(by_place: bool) -> sa.TextClause:
    chosen, around = (_BY_PLACE, _AROUND) if by_place else (_BY_ID, _NO_PLACES)
    return sa.text(_IDENTITY.format(chosen=chosen, around=around))


@cache
def _content(by_place: bool, column: Column) -> str:
    chosen = _BY_PLACE if by_place else _BY_ID
    statement = sa.text(_CONTENT.format(chosen=chosen, column=column))
    return str(statement.compile(dialect=psycopg2.dialect()))


@cache
def _neighbour() -> sa.TextClause:
    return sa.text(
        f"SELECT e.id FROM {LISTED} AND e.ordinal > :place ORDER BY e.ordinal LIMIT 2"  # noqa: S608 - constants
    )


@cache
def _since_page() -> sa.TextClause:
    return sa.text(
        f"SELECT e.id, e.ordinal {_CHANGED_SINCE}"  # noqa: S608 - as above
        " AND e.ordinal > :after ORDER BY e.ordinal LIMIT :size OFFSET :start"
    )


@cache
def _since_count() -> sa.TextClause:
    return sa.text(f"SELECT count(*) {_CHANGED_SINCE}")


@cache
def _dataset() -> sa.TextClause:
    return sa.text(_DATASET)


@cache
def _complete() -> sa.TextClause:
    return sa.text("SELECT complete FROM nd47_dcat_state")
