"""The feed of changes, in the order of the commits, for clients with a copy of the catalogue.

The latest change of each dataset, agency and contact is listed; deletions are never removed.
Numbers follow the commits (see `store.write`), so a client that has read up to a number has all
changes below it. The feed is LDES in TriG as in DCAT-AP Feeds
(https://semiceu.github.io/LDES-DCAT-AP-feeds/), or plain JSON.

A `Place` states how far a client has read. A contact whose term begins or ends by date is not
edited on that day and gets no number: it is listed for clients whose place is from an earlier day.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Response
from pyoxigraph import Literal, NamedNode, Triple

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.dcat.rdf.statements import TYPE, XSD
from ckanext.nd47.dcat.serve import conditional
from ckanext.nd47.dcat.serve.parameters import MAX_DIGITS, BadQueryError, moment
from ckanext.nd47.dcat.serve.queries import CHANGED, TODAY
from ckanext.nd47.dcat.store import fingerprint, jobs, public, serialise
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates

PAGE = 250
PATH = "/catalog/changes"

_AS = "https://www.w3.org/ns/activitystreams#"
_LDES = "https://w3id.org/ldes#"
_TREE = "https://w3id.org/tree#"
_SHAPE = "https://semiceu.github.io/LDES-DCAT-AP-feeds/shacl/activity-shape.ttl#ActivityShape"
_PLACE = re.compile(rf"([0-9]{{1,{MAX_DIGITS}}})-([0-9]{{8}})-([0-9a-f]{{1,32}})")
_NOTHING = "0"
"""Mark of a client that has read nothing yet."""

_VISIBLE = f"(e.state = 'live' AND {public.CONDITION}) IS TRUE"
_CHANGES = f"""
    SELECT * FROM (
        SELECT e.seq, '' AS turn, 'dataset' AS kind, e.id, e.iri, e.etag, e.modified,
            CASE WHEN {_VISIBLE} THEN e.change ELSE 'delete' END AS change,
            CASE WHEN {_VISIBLE} THEN {{dataset}} ELSE '' END AS body,
            e.name
        FROM nd47_dcat_entry e LEFT JOIN package p ON p.id = e.id
        WHERE e.state IN ('live', 'gone') AND e.seq > :after AND e.modified >= :moment
        UNION ALL
        SELECT n.seq, '' AS turn, n.kind, n.reference, n.key, n.etag, {CHANGED},
            CASE WHEN n.etag = '' THEN 'delete' ELSE 'update' END, {{node}}, ''
        FROM nd47_dcat_node n
        WHERE n.seq > :after AND {TODAY} AND {CHANGED} >= :moment
    ) AS change
    ORDER BY seq LIMIT :size
"""  # noqa: S608 - constants of this module and of `public`
_TURNS = f"""
    SELECT n.seq, '-' || n.valid_from AS turn, n.kind, n.reference AS id, n.key AS iri, n.etag,
        {CHANGED} AS modified, 'update' AS change, {{node}} AS body, '' AS name
    FROM nd47_dcat_node n
    WHERE n.seq > 0 AND n.seq <= :after AND {TODAY} AND n.valid_from > :day
        AND {CHANGED} >= :moment
    ORDER BY n.valid_from, n.seq, n.key
"""  # noqa: S608 - as above
_STATE = sa.text("""
    SELECT s.seq, s.modified, clock_timestamp() AS now,
        EXISTS (SELECT FROM nd47_dcat_entry WHERE pending) OR :fingerprint <> (
            SELECT fingerprint FROM nd47_dcat_entry WHERE state = 'live' ORDER BY modified LIMIT 1
        ) AS stale
    FROM nd47_dcat_state s
""")
_MARK = sa.text("SELECT mark FROM nd47_dcat_commit WHERE seq >= :seq ORDER BY seq LIMIT 1")
_FIRST_MOMENT = dt.datetime(1, 1, 2, tzinfo=dt.timezone.utc)


class OtherHistoryError(Exception):
    """The portal has no such place: a backup was restored, and the client must start again."""


@dataclass(frozen=True)
class Place:
    """How far a client has read.

    Attributes:
        seq: number of the last change.
        day: the portal's day on which it was read.
        mark: mark of the commit with that number; different after a backup was restored.
    """

    seq: int
    day: dt.date
    mark: str

    def __str__(self) -> str:
        """Return it as clients send it back."""
        return f"{self.seq}-{self.day:%Y%m%d}-{self.mark}"


START = Place(0, dt.date.max, _NOTHING)


@dataclass(frozen=True)
class Selection:
    """Which changes a request is for.

    Attributes:
        after: only changes after this place.
        modified_since: only changes at or after this time; None for all.
    """

    after: Place
    modified_since: dt.datetime | None

    def parameters(self, after: Place) -> str:
        """Return the query string of the page after a place."""
        since = self.modified_since.isoformat() if self.modified_since else ""
        parameters = {"modified_since": since, "after": str(after)}
        return urlencode({name: value for name, value in parameters.items() if value})


def read(arguments: Mapping[str, str]) -> Selection:
    """Read the parameters of a request.

    Raises:
        BadQueryError: a parameter is invalid.
    """
    since = arguments.get("modified_since", "").strip()
    return Selection(
        after=_place(arguments.get("after", "").strip()),
        modified_since=moment("modified_since", since) if since else None,
    )


def _place(text: str) -> Place:
    if text in ("", "0"):
        return START
    match = _PLACE.fullmatch(text)
    try:
        if match:
            day = dt.datetime.strptime(match[2], "%Y%m%d").replace(tzinfo=dt.timezone.utc).date()
            return Place(int(match[1]), day, match[3])
    except ValueError:
        pass
    msg = tk._(
        "after must be taken from resume, or from a link to the next page: start again without it"
    )
    raise BadQueryError(msg)


def place(seq: int, execute: Any = None) -> Place:
    """Return the place of a client that has read up to a number today.

    Args:
        seq: the number.
        execute: runs a statement; None for the session's.
    """
    run = execute or model.Session.execute
    mark = run(_MARK, {"seq": seq}).scalar() if seq else None
    return Place(seq, dates.today(), mark or _NOTHING)


def answer(selection: Selection, *, trig: bool) -> Response:
    """Return a page of changes.

    Raises:
        OtherHistoryError: the client has read the number from another history of the portal.
    """
    values = {"fingerprint": fingerprint.current()}
    state = model.Session.execute(_STATE, values).first()
    if selection.after.seq and place(selection.after.seq).mark != selection.after.mark:
        raise OtherHistoryError
    if state and state.stale:
        jobs.note_stale()
    begun, changed = _rows(selection, with_bodies=trig)
    rows, more = [*begun, *changed[:PAGE]], len(changed) > PAGE
    last = place(changed[:PAGE][-1].seq if changed else selection.after.seq)
    media_type = "application/trig" if trig else "application/json"
    changes = [(row.seq, row.turn, row.change, row.etag) for row in rows]
    tag = conditional.etag(changes, more, selection, last, address(), media_type)
    modified = max((row.modified for row in rows), default=state.modified if state else None)
    now = state.now if state else _FIRST_MOMENT
    write = _as_trig if trig else _as_json
    version = conditional.Version(tag, modified, now)
    return conditional.answer(version, media_type, lambda: write(selection, rows, last, more))


def address() -> str:
    """Return the address of the feed."""
    return config.site_base() + PATH


def _rows(selection: Selection, *, with_bodies: bool) -> tuple[list[Any], list[Any]]:
    """Return the changes by date, and the edits."""
    values = {
        **public.values(),
        "after": selection.after.seq,
        "day": selection.after.day,
        "today": dates.today(),
        "moment": selection.modified_since or _FIRST_MOMENT,
        "size": PAGE + 1,
    }
    begun = []
    if selection.after.day < dates.today():
        begun = list(model.Session.execute(_statement(_TURNS, with_bodies), values))
    return begun, list(model.Session.execute(_statement(_CHANGES, with_bodies), values))


@cache
def _statement(text: str, with_bodies: bool) -> sa.TextClause:
    dataset, node = ("e.ttl", "n.ttl") if with_bodies else ("''", "''")
    return sa.text(text.format(dataset=dataset, node=node))


def _as_json(selection: Selection, rows: list[Any], last: Place, more: bool) -> bytes:
    page = {
        "changes": [
            {
                "seq": row.seq,
                "change": row.change,
                "kind": row.kind,
                "id": row.id,
                "name": row.name,
                "iri": row.iri,
                "modified": row.modified.isoformat(),
                "etag": row.etag if row.change != "delete" else "",
            }
            for row in rows
        ],
        "last_seq": last.seq,
        "next": f"{address()}.json?{selection.parameters(last)}" if more else None,
        # Where the client continues later; also after the last page.
        "resume": f"{address()}.json?{selection.parameters(last)}",
    }
    return json.dumps(page, ensure_ascii=False, indent=1).encode()


def _as_trig(selection: Selection, rows: list[Any], last: Place, more: bool) -> bytes:
    feed, here = NamedNode(address()), NamedNode(_here(selection))
    triples = [
        Triple(feed, TYPE, NamedNode(_LDES + "EventStream")),
        Triple(feed, NamedNode(_LDES + "timestampPath"), NamedNode(_AS + "published")),
        Triple(feed, NamedNode(_LDES + "versionOfPath"), NamedNode(_AS + "object")),
        Triple(feed, NamedNode(_TREE + "shape"), NamedNode(_SHAPE)),
        Triple(feed, NamedNode(_TREE + "view"), here),
        *_retention(here),
    ]
    if more:
        triples += _relation(here, selection, last)
    graphs: list[bytes] = []
    for row in rows:
        event = NamedNode(f"{address()}#{row.seq}{row.turn}")
        triples.append(Triple(feed, NamedNode(_TREE + "member"), event))
        triples += _event(event, row)
        if row.body:
            graphs.append(f"<{event.value}> {{\n{row.body}}}\n".encode())
    return b"".join(serialise.document("ttl", triples, graphs))


def _here(selection: Selection) -> str:
    parameters = selection.parameters(selection.after)
    return f"{address()}.trig?{parameters}"


def _retention(here: NamedNode) -> list[Triple]:
    """Return the retention policy: the latest version of each entity, including deletions."""
    policy = NamedNode(f"{address()}#retention")
    amount = Literal("1", datatype=NamedNode(XSD + "integer"))
    return [
        Triple(here, NamedNode(_LDES + "retentionPolicy"), policy),
        Triple(policy, TYPE, NamedNode(_LDES + "LatestVersionSubset")),
        Triple(policy, NamedNode(_LDES + "amount"), amount),
    ]


def _relation(here: NamedNode, selection: Selection, last: Place) -> list[Triple]:
    """Return the link to the next page; a plain relation, since the order is that of commits."""
    relation = NamedNode(f"{here.value}#next")
    following = NamedNode(f"{address()}.trig?{selection.parameters(last)}")
    return [
        Triple(here, TYPE, NamedNode(_TREE + "Node")),
        Triple(here, NamedNode(_TREE + "relation"), relation),
        Triple(relation, TYPE, NamedNode(_TREE + "Relation")),
        Triple(relation, NamedNode(_TREE + "node"), following),
    ]


def _event(event: NamedNode, row: Any) -> list[Triple]:
    published = Literal(row.modified.isoformat(), datatype=NamedNode(XSD + "dateTime"))
    return [
        Triple(event, TYPE, NamedNode(_AS + row.change.capitalize())),
        Triple(event, NamedNode(_AS + "object"), NamedNode(row.iri)),
        Triple(event, NamedNode(_AS + "published"), published),
    ]
