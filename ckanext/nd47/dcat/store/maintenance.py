"""Updates the store after renames, upgrades and restores, and reports its state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.dcat.store import addresses, fingerprint, jobs, public, render
from ckanext.nd47.dcat.store.model import (
    AGENCY,
    BROKEN,
    CONTACT,
    GONE,
    LIVE,
    SHARED,
    Entry,
    Node,
    State,
)
from ckanext.nd47.dcat.store.session_hooks import write_dataset
from ckanext.nd47.dcat.store.write import Writer
from ckanext.nd47.lib.calendar import dates

BATCH = 20
"""Datasets written under one lock; a save waits for it, a few tenths of a second."""

Progress = Callable[[int, int], None]
"""Called with the number of datasets done, and their total number."""

_STALE = sa.text(
    f"SELECT e.id FROM {public.ENTRIES} AND e.state <> 'gone'"  # noqa: S608 - constants
    " AND (e.pending OR e.fingerprint <> :fingerprint"
    " OR e.source_modified IS DISTINCT FROM p.metadata_modified OR e.name <> p.name)"
    " ORDER BY e.ordinal"
)


def silent(_done: int, _all: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Findings:
    """How the store differs from the portal, each as ids or keys.

    Attributes:
        missing: public datasets that are not in the store.
        left: entries of datasets that are no longer public.
        stale: entries written from older metadata, before an agency was changed, or under other
            settings.
        outdated: agencies and contacts that differ from the register.
        broken: public datasets whose newest metadata cannot be written.
        counted: whether the store has the correct number of public datasets.
        moved: former addresses of the portal in IRIs.
    """

    missing: list[str]
    left: list[str]
    stale: list[str]
    outdated: list[str]
    broken: list[str]
    counted: bool
    moved: list[str]

    @property
    def sound(self) -> bool:
        """Whether there is nothing to repair."""
        differences = (self.missing, self.left, self.stale, self.outdated, self.moved)
        return self.counted and not any(differences)


def rebuild(progress: Progress = silent) -> int:
    """Write every public dataset again and withdraw what is no longer public.

    Each batch is committed, so it can be interrupted and does not block other users.

    Returns:
        The number of datasets written.
    """
    ids = public.every()
    left = addresses.old()
    _renew_nodes()
    write(ids, progress)
    _tidy(complete=True)
    _forget(left)
    jobs.schedule_dump()
    return len(ids)


def refresh(progress: Progress = silent) -> int:
    """Write stale and missing datasets; return their number."""
    left = addresses.old()
    _renew_nodes()
    ids = [*public.unwritten(), *_stale()]
    write(ids, progress)
    _forget(left)
    if ids:
        jobs.schedule_dump()
    return len(ids)


def repair(progress: Progress = silent) -> int:
    """Correct all differences that `check` finds; return the number of datasets written."""
    written = refresh(progress)
    _tidy(complete=next(public.unwritten(), None) is None)
    return written


def write(ids: Sequence[str], progress: Progress = silent) -> None:
    """Write datasets, and commit each batch."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        model.Session.expire_all()  # objects loaded before may be outdated
        writer = Writer(batch)
        with directory.uncached():
            packages = public.packages(batch)
            for package_id in batch:
                if package_id in packages:
                    write_dataset(writer, packages[package_id])
        writer.withdraw(package_id for package_id in batch if package_id not in packages)
        writer.finish()
        model.Session.commit()
        model.Session.expunge_all()
        progress(min(start + BATCH, len(ids)), len(ids))


def _renew_nodes() -> None:
    """Write agencies and contacts again."""
    writer = Writer()
    with directory.uncached():
        unreachable = writer.renew_nodes(sa.true())
    if unreachable:
        writer.mark_pending(Entry.registered.overlap(unreachable))
    writer.finish()
    model.Session.commit()


def _forget(left: addresses.Old) -> None:
    """Remove entries with another address of the portal."""
    if left:
        writer = Writer()
        addresses.replace(left)
        writer.finish()
        model.Session.commit()


def _tidy(*, complete: bool) -> None:
    """Withdraw datasets that are no longer public, remove unused nodes, and count again."""
    hidden = public.hidden()
    writer = Writer(hidden)
    writer.withdraw(hidden)
    used = sa.select(sa.func.unnest(Entry.shared)).where(Entry.state == LIVE)
    model.Session.execute(
        sa.delete(Node)
        .where(Node.kind == SHARED, Node.key.not_in(used))
        .execution_options(synchronize_session=False)
    )
    writer.recount()
    writer.finish(complete=complete)
    model.Session.commit()


def check() -> Findings:
    """Compare the store with the portal."""
    broken = list(model.Session.scalars(sa.select(Entry.id).where(Entry.error != "")))
    left = addresses.old()
    return Findings(
        missing=list(public.unwritten()),
        left=public.hidden(),
        # A dataset that cannot be exported retains its last content; no repair changes that.
        stale=[key for key in _stale() if key not in broken],
        outdated=[key for key in _outdated() if key not in left.keys],
        broken=broken,
        counted=(model.Session.scalar(sa.select(State.live)) or 0) == _live(),
        moved=left.addresses or left.keys,
    )


def _stale() -> list[str]:
    values = {**public.values(), "fingerprint": fingerprint.current()}
    return list(model.Session.scalars(_STALE, values))


def _outdated() -> list[str]:
    today = dates.today()
    stored = model.Session.execute(
        sa.select(Node.key, Node.kind, Node.reference, Node.etag)
        .where(Node.kind != SHARED, Node.valid_to >= today)
        .order_by(Node.key, Node.valid_from)
    )
    etags: dict[str, list[str]] = {}
    kinds: dict[str, tuple[str, str]] = {}
    for row in stored:
        kinds[row.key] = (row.kind, row.reference)
        etags.setdefault(row.key, []).append(row.etag)
    with directory.uncached():
        return [key for key, kind in kinds.items() if etags[key] != _etags(key, *kind)]


def _etags(key: str, kind: str, reference: str) -> list[str]:
    rendered = [node for node in render.node(kind, reference) if node.key == key]
    return [node.content.etag for node in rendered] or [""]


def _live() -> int:
    return model.Session.scalar(sa.select(sa.func.count()).where(Entry.state == LIVE)) or 0


def losses() -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """Yield the name of each incomplete dataset, its error, and the omitted values."""
    query = (
        sa.select(Entry.name, Entry.error, Entry.problems)
        .where(sa.or_(Entry.error != "", Entry.problems != sa.cast([], Entry.problems.type)))
        .order_by(Entry.name)
    )
    for row in model.Session.execute(query):
        yield row.name, row.error, _problems(row.problems)


def _problems(stored: Any) -> list[dict[str, str]]:
    """Return the omitted values of a row; what is none of the stored shape is left out."""
    problems: list[Any] = stored if isinstance(stored, list) else []
    return [
        problem
        for problem in problems
        if isinstance(problem, dict) and isinstance(problem.get("reason"), str)
    ]


def stats() -> dict[str, Any]:
    """Return the number of entries in the store."""
    state = model.Session.execute(sa.select(State.__table__)).mappings().first() or {}
    counts = _counts(Entry.state, sa.func.count())
    nodes = _counts(Node.kind, sa.func.count(Node.key.distinct()))
    size = sum(
        model.Session.scalar(sa.select(sa.func.pg_total_relation_size(table))) or 0
        for table in (Entry.__tablename__, Node.__tablename__)
    )
    pending = sa.select(sa.func.count()).select_from(Entry).where(Entry.pending)
    return {
        "live": counts.get(LIVE, 0),
        "withdrawn": counts.get(GONE, 0),
        "broken": counts.get(BROKEN, 0),
        "agencies": nodes.get(AGENCY, 0),
        "contacts": nodes.get(CONTACT, 0),
        "shared": nodes.get(SHARED, 0),
        "pending": model.Session.scalar(pending) or 0,
        "seq": state.get("seq", 0),
        "modified": state["modified"].isoformat() if state else "",
        "complete": bool(state.get("complete")),
        "bytes": size,
    }


def _counts(column: Any, count: Any) -> dict[str, int]:
    rows = model.Session.execute(sa.select(column, count).group_by(column))
    return {row[0]: row[1] for row in rows}
