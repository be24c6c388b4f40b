"""Names that datasets and organisations had: their old addresses lead to the new ones.

A name is noted when it changes, whoever changes it. Who has a name now has it: a former name that
was given to another record leads nowhere.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from flask import Response, redirect, request
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.meta import registry

TABLE = sa.Table(
    "nd47_former_name",
    registry.metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, nullable=False),
)
KINDS: dict[str, Any] = {"dataset": model.Package, "organization": model.Group}
"""First part of the addresses of pages, and what has them."""

_SHOW = {"dataset": "package_show", "organization": "organization_show"}
_ADDRESS = re.compile(r"/(dataset|organization)/([a-z0-9_-]{2,100})(?=[/.]|$)")
_LISTENING: set[str] = set()


def listen() -> None:
    """Note every change of a name from now on."""
    for kind, record in KINDS.items():
        if kind not in _LISTENING:
            event.listen(record, "after_update", _noting(kind))
            _LISTENING.add(kind)


def _noting(kind: str) -> Any:
    def note(_mapper: Any, connection: sa.Connection, record: Any) -> None:
        former = sa.inspect(record).attrs.name.history.deleted
        if not former or not former[0] or former[0] == record.name or not _is_there(connection):
            return
        row = {"kind": kind, "name": former[0], "record_id": record.id}
        added = insert(TABLE).values(row)
        connection.execute(
            added.on_conflict_do_update(
                index_elements=["kind", "name"], set_={"record_id": record.id}
            )
        )

    return note


def _is_there(connection: Any) -> bool:
    """Say whether the table was made; names change seldom enough to ask each time."""
    return connection.scalar(sa.select(sa.func.to_regclass(TABLE.name))) is not None


def lead_on(response: Response) -> Any:
    """Answer with the new address where an old one was asked for and nothing is found."""
    if response.status_code != 404 or request.method not in ("GET", "HEAD"):  # noqa: PLR2004 - HTTP
        return response
    found = _ADDRESS.match(request.path)
    name = _new_name(found[1], found[2]) if found else ""
    if not found or not name:
        return response
    address = f"/{found[1]}/{name}{request.path[found.end() :]}"
    query = request.query_string.decode("utf-8", "replace")
    moved = redirect(tk.h.url_for(address) + (f"?{query}" if query else ""), 301)
    # Others may not see where it leads, and the name may be given to another record.
    moved.headers["Cache-Control"] = "private, no-store"
    return moved


def _new_name(kind: str, name: str) -> str:
    """Return the name that a record has now; empty where the reader may not see the record."""
    record = KINDS[kind]
    taken = sa.select(record.id).where(record.name == name)
    if not _is_there(model.Session) or model.Session.scalar(taken) is not None:
        return ""
    known = sa.select(TABLE.c.record_id).where(TABLE.c.kind == kind, TABLE.c.name == name)
    record_id = model.Session.scalar(known)
    if record_id is None:
        return ""
    try:
        tk.check_access(_SHOW[kind], {}, {"id": record_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return ""
    current = sa.select(record.name).where(record.id == record_id, record.state == "active")
    return model.Session.scalar(current) or ""
