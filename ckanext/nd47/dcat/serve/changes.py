"""What changed, in the order of the commits: for clients that keep a copy.

The newest change of each dataset, agency and focal point is listed, deletions for ever. Numbers
follow the commits (see `store.keep`), so who has read up to one has missed nothing below it. As
LDES in TriG by DCAT-AP Feeds (https://semiceu.github.io/LDES-DCAT-AP-feeds/), or as plain JSON.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Response
from pyoxigraph import Literal, NamedNode, Triple

from ckan import model

from ckanext.nd47 import config
from ckanext.nd47.dcat.serve import conditional
from ckanext.nd47.dcat.serve.query import BadQueryError, moment, number
from ckanext.nd47.dcat.store import settle, writers

PAGE = 250
PATH = "/catalog/changes"

_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_AS = "https://www.w3.org/ns/activitystreams#"
_LDES = "https://w3id.org/ldes#"
_TREE = "https://w3id.org/tree#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_SHAPE = "https://semiceu.github.io/LDES-DCAT-AP-feeds/shacl/activity-shape.ttl#ActivityShape"

_CHANGES = """
    SELECT * FROM (
        SELECT e.seq, 'dataset' AS kind, e.id, e.iri, e.etag, e.modified, e.first_published,
            CASE WHEN {visible} THEN e.change ELSE 'delete' END AS change,
            CASE WHEN {visible} THEN {body} ELSE '' END AS body,
            e.name
        FROM nd47_dcat_entry e LEFT JOIN package p ON p.id = e.id
        WHERE (e.state = 'gone' OR e.state = 'live' AND e.etag <> '')
            AND e.seq > :after AND e.modified >= :moment
        UNION ALL
        SELECT n.seq, n.kind, n.reference, n.iri, n.etag, n.modified, n.modified,
            CASE WHEN n.etag = '' THEN 'delete' ELSE 'update' END,
            {node_body}, ''
        FROM nd47_dcat_node n
        WHERE n.seq > :after AND n.modified >= :moment
    ) AS change
    ORDER BY seq LIMIT :size
"""
_VISIBLE = (
    "(e.state = 'live' AND p.state = 'active' AND p.private IS FALSE AND p.type = ANY(:types))"
    " IS TRUE"
)
_FIRST_MOMENT = dt.datetime(1, 1, 2, tzinfo=dt.timezone.utc)


@dataclass(frozen=True)
class Asked:
    """Which changes are wanted.

    Attributes:
        after: only those behind this number.
        modified_since: only those at or after this moment; None for all.
    """

    after: int
    modified_since: dt.datetime | None

    def parameters(self, after: int) -> str:
        """Return the query string of the page behind a number."""
        since = self.modified_since.isoformat() if self.modified_since else ""
        given = {"modified_since": since, "after": str(after)}
        return urlencode({name: value for name, value in given.items() if value})


def read(arguments: Mapping[str, str]) -> Asked:
    """Read the parameters of a request.

    Raises:
        BadQueryError: one of them cannot be understood.
    """
    since = arguments.get("modified_since", "").strip()
    return Asked(
        after=number("after", arguments.get("after", ""), least=0),
        modified_since=moment("modified_since", since) if since else None,
    )


def answer(asked: Asked, *, trig: bool) -> Response:
    """Return a page of changes.

    Raises:
        BadQueryError: the number is one that the portal has not reached, so the client's copy is
            of another time: a backup was restored, and it has to start again.
    """
    # What waits gets its number when it is written.
    waiting = settle.oldest(PAGE)
    state = model.Session.execute(sa.text("SELECT seq, modified FROM nd47_dcat_state")).first()
    newest = state.seq if state else 0
    if asked.after > newest:
        msg = f"after is beyond the newest change, {newest}: start again without it"
        raise BadQueryError(msg)
    found = _rows(asked, with_bodies=trig)
    rows, more = found[:PAGE], waiting or len(found) > PAGE
    media_type = "application/trig" if trig else "application/json"
    changes = [(row.seq, row.change) for row in rows]
    tag = conditional.etag(changes, more, asked, address(), media_type)
    modified = max((row.modified for row in found), default=state.modified if state else None)
    write = _as_trig if trig else _as_json
    return conditional.answer(tag, modified, media_type, lambda: write(asked, rows, more))


def address() -> str:
    """Return the address of the feed."""
    return config.site_base() + PATH


def _rows(asked: Asked, *, with_bodies: bool) -> list[Any]:
    values = {
        "types": config.dcat_types(),
        "after": asked.after,
        "moment": asked.modified_since or _FIRST_MOMENT,
        "size": PAGE + 1,
    }
    return list(model.Session.execute(_statement(with_bodies), values))


@cache
def _statement(with_bodies: bool) -> sa.TextClause:
    body = ("e.ttl", "n.ttl") if with_bodies else ("''::bytea", "''::bytea")
    return sa.text(_CHANGES.format(visible=_VISIBLE, body=body[0], node_body=body[1]))


def _as_json(asked: Asked, rows: list[Any], more: bool) -> bytes:
    last = rows[-1].seq if rows else asked.after
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
        "last_seq": last,
        "next": f"{address()}.json?{asked.parameters(last)}" if more else None,
        # Where to ask again later; also after the last page.
        "resume": f"{address()}.json?{asked.parameters(last)}",
    }
    return json.dumps(page, ensure_ascii=False, indent=1).encode()


def _as_trig(asked: Asked, rows: list[Any], more: bool) -> bytes:
    feed, here = NamedNode(address()), NamedNode(_here(asked))
    found = [
        Triple(feed, _TYPE, NamedNode(_LDES + "EventStream")),
        Triple(feed, NamedNode(_LDES + "timestampPath"), NamedNode(_AS + "published")),
        Triple(feed, NamedNode(_LDES + "versionOfPath"), NamedNode(_AS + "object")),
        Triple(feed, NamedNode(_TREE + "shape"), NamedNode(_SHAPE)),
        Triple(feed, NamedNode(_TREE + "view"), here),
        *_retention(here),
    ]
    if more:
        found += _relation(here, asked, rows[-1].seq if rows else asked.after)
    graphs: list[bytes] = []
    for row in rows:
        event = NamedNode(f"{address()}#{row.seq}")
        found.append(Triple(feed, NamedNode(_TREE + "member"), event))
        found += _event(event, row)
        if bytes(row.body):
            graphs.append(f"<{event.value}> {{\n".encode() + bytes(row.body) + b"}\n")
    return writers.document(writers.TTL, [writers.TTL.part(found), *graphs])


def _here(asked: Asked) -> str:
    parameters = asked.parameters(asked.after)
    return f"{address()}.trig?{parameters}"


def _retention(here: NamedNode) -> list[Triple]:
    """Say that the newest version of each entity is kept, deletions too."""
    policy = NamedNode(f"{address()}#retention")
    amount = Literal("1", datatype=NamedNode(_XSD + "integer"))
    return [
        Triple(here, NamedNode(_LDES + "retentionPolicy"), policy),
        Triple(policy, _TYPE, NamedNode(_LDES + "LatestVersionSubset")),
        Triple(policy, NamedNode(_LDES + "amount"), amount),
    ]


def _relation(here: NamedNode, asked: Asked, last: int) -> list[Triple]:
    """Say where the next page is. The order is that of the commits, hence a plain relation."""
    relation = NamedNode(f"{here.value}#next")
    following = NamedNode(f"{address()}.trig?{asked.parameters(last)}")
    return [
        Triple(here, _TYPE, NamedNode(_TREE + "Node")),
        Triple(here, NamedNode(_TREE + "relation"), relation),
        Triple(relation, _TYPE, NamedNode(_TREE + "Relation")),
        Triple(relation, NamedNode(_TREE + "node"), following),
    ]


def _event(event: NamedNode, row: Any) -> list[Triple]:
    published = Literal(row.modified.isoformat(), datatype=NamedNode(_XSD + "dateTime"))
    return [
        Triple(event, _TYPE, NamedNode(_AS + row.change.capitalize())),
        Triple(event, NamedNode(_AS + "object"), NamedNode(row.iri)),
        Triple(event, NamedNode(_AS + "published"), published),
    ]
