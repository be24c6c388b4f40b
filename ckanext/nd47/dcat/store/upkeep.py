"""Keeps the store true after restores, upgrades and changed settings, and tells how it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import changes, days, lookup
from ckanext.nd47.dcat.store import capture, fingerprint, jobs, keep, settle, visible
from ckanext.nd47.dcat.store.ledger import set_columns
from ckanext.nd47.dcat.store.model import (
    AGENCY,
    BROKEN,
    CONTACT,
    GONE,
    LIVE,
    SHARED,
    STATE_ID,
    Entry,
    Node,
    State,
)
from ckanext.nd47.dcat.store.render import Renderer
from ckanext.nd47.dcat.store.settle import Progress, silent

WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Findings:
    """How the store differs from the portal, each as ids or keys.

    Attributes:
        missing: public datasets that are not in the store.
        left: entries of datasets that are no longer public.
        stale: entries written from older metadata or under other settings, but those of which the
            store knows that they wait: their readers have them written.
        waiting: agencies and focal points whose datasets wait to be written anew.
        broken: public datasets that cannot be written.
        counted: whether the number of public datasets is as the store says.
    """

    missing: list[str]
    left: list[str]
    stale: list[str]
    waiting: list[str]
    broken: list[str]
    counted: bool

    @property
    def sound(self) -> bool:
        """Whether nothing was found that can be repaired."""
        return self.counted and not (self.missing or self.left or self.stale or self.waiting)


def rebuild(progress: Progress = silent) -> int:
    """Write every public dataset anew and withdraw what is no longer public.

    In batches that are committed, so that it may be interrupted and does not hold up anybody.

    Returns:
        How many datasets were written.
    """
    ids = list(model.Session.scalars(sa.select(model.Package.id).where(visible.condition())))
    settle.write(sorted(ids), progress)
    settle.catch_up()
    withdraw(left())
    refresh_nodes()
    clean()
    settle_counts(complete=True)
    jobs.schedule_dump()
    return len(ids)


def refresh(progress: Progress = silent) -> int:
    """Write what is stale, missing or waiting anew; return how many datasets that were."""
    caught_up = settle.catch_up(progress)
    found = check()
    ids = sorted({*found.missing, *found.stale})
    settle.write(ids, progress)
    if ids:
        jobs.schedule_dump()
    return caught_up + len(ids)


def repair(progress: Progress = silent) -> int:
    """Do away with every difference that `check` finds; return how many datasets were written."""
    written = refresh(progress)
    withdraw(left())
    refresh_nodes()
    clean()
    settle_counts(complete=not visible.unwritten(limit=1))
    return written


def withdraw(ids: Collection[str]) -> None:
    """Note that datasets are no longer public."""
    if ids:
        keep.store(keep.Work(gone=ids))
        model.Session.commit()


def left() -> list[str]:
    """Return ids of entries that say a dataset is public which is not."""
    query = (
        sa.select(Entry.id)
        .join(
            model.Package, sa.and_(model.Package.id == Entry.id, visible.condition()), isouter=True
        )
        .where(Entry.state != GONE, model.Package.id.is_(None))
        .order_by(Entry.ordinal)
    )
    return list(model.Session.scalars(query))


def new_day() -> None:
    """Write anew whom the calendar alone has changed: terms begin and end without an edit.

    A week is looked back on, since on some days nobody may have asked for anything. What nothing
    refers to any more goes as well: a telephone number outlives its focal point there.
    """
    today = days.today()
    agencies = changes.on_days(today - WEEK, today)
    if agencies:
        capture.tell(capture.Noted(agencies=agencies, due=agencies))
        model.Session.commit()
    settle.catch_up()
    clean()
    jobs.schedule_dump()


def refresh_nodes() -> None:
    """Write agencies and focal points anew."""
    renderer = Renderer()
    rows = model.Session.execute(
        sa.select(Node.key, Node.kind, Node.reference, Node.etag).where(
            Node.kind.in_((AGENCY, CONTACT)), Node.etag != ""
        )
    ).all()
    with lookup.at_hand():
        nodes = [(row, renderer.node(row.kind, row.reference)) for row in rows]
    changed = [node for row, node in nodes if node is not None and node.etag != row.etag]
    lost = [row.key for row, node in nodes if node is None or node.key != row.key]
    keep.store(keep.Work(nodes=changed, lost=lost))
    model.Session.commit()


def clean() -> None:
    """Remove what no dataset refers to any more, but the news of agencies that went."""
    keep.locked()  # or a writer could refer to what is about to go
    used = sa.select(sa.func.unnest(Entry.nodes)).where(Entry.state == LIVE)
    model.Session.execute(
        sa.delete(Node)
        .where(Node.kind == SHARED, Node.key.not_in(used))
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()


def settle_counts(*, complete: bool) -> None:
    """Count anew, and say whether the store may be served."""
    keep.locked()
    live = sa.select(sa.func.count()).where(Entry.state == LIVE).scalar_subquery()
    values: dict[str, Any] = {"live": live}
    if complete:
        values["complete"] = True
    set_columns(State, State.id == STATE_ID, values)
    model.Session.commit()


def check() -> Findings:
    """Compare the store with the portal."""
    return Findings(
        missing=visible.unwritten(limit=1_000_000),
        left=left(),
        stale=_stale(),
        waiting=list(model.Session.scalars(sa.select(Node.key).where(Node.due.is_not(None)))),
        broken=list(model.Session.scalars(sa.select(Entry.id).where(Entry.error != ""))),
        counted=_counted(),
    )


def _stale() -> list[str]:
    columns = visible.PACKAGE.c
    query = (
        sa.select(Entry.id)
        .select_from(visible.joined())
        .where(
            visible.condition(),
            Entry.state.in_((LIVE, BROKEN)),
            Entry.due.is_(None),
            sa.or_(
                Entry.fingerprint != fingerprint.current(),
                Entry.source_modified.is_distinct_from(columns.metadata_modified),
                Entry.name != columns.name,
            ),
        )
        .order_by(Entry.ordinal)
    )
    return list(model.Session.scalars(query))


def _counted() -> bool:
    live = model.Session.scalar(sa.select(sa.func.count()).where(Entry.state == LIVE)) or 0
    return (model.Session.scalar(sa.select(State.live)) or 0) == live


def losses() -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """Yield the name of each dataset that lost something, why it failed, and what was left out."""
    query = (
        sa.select(Entry.name, Entry.error, Entry.problems)
        .where(sa.or_(Entry.error != "", Entry.problems != sa.cast([], Entry.problems.type)))
        .order_by(Entry.name)
    )
    for row in model.Session.execute(query):
        yield row.name, row.error, row.problems


def stats() -> dict[str, Any]:
    """Return how much the store holds."""
    state = model.Session.execute(sa.select(State.__table__)).mappings().first() or {}
    counts = _counts(Entry.state)
    nodes = _counts(Node.kind)
    size = sum(
        model.Session.scalar(sa.select(sa.func.pg_total_relation_size(table))) or 0
        for table in (Entry.__tablename__, Node.__tablename__)
    )
    return {
        "live": counts.get(LIVE, 0),
        "withdrawn": counts.get(GONE, 0),
        "broken": counts.get(BROKEN, 0),
        "agencies": nodes.get(AGENCY, 0),
        "focal_points": nodes.get(CONTACT, 0),
        "shared": nodes.get(SHARED, 0),
        "waiting": model.Session.scalar(sa.select(sa.func.count(Entry.due))) or 0,
        "seq": state.get("seq", 0),
        "modified": state["modified"].isoformat() if state else "",
        "complete": bool(state.get("complete")),
        "bytes": size,
    }


def _counts(column: Any) -> dict[str, int]:
    rows = model.Session.execute(sa.select(column, sa.func.count()).group_by(column))
    return {row[0]: row[1] for row in rows}
