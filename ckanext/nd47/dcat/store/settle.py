"""Writes what waits: datasets that were saved, and those of changed agencies.

A save only marks a dataset (see `capture`). It is written as RDF by a background worker, or before
that by whoever reads it first, so that an answer always says what was committed before it was asked
for. Where many wait and there is no worker, each page that is asked for pays for itself once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import lookup
from ckanext.nd47.dcat.store import fingerprint, keep, visible
from ckanext.nd47.dcat.store.ledger import set_columns
from ckanext.nd47.dcat.store.model import LIVE, Entry, Node
from ckanext.nd47.dcat.store.render import Rendered, Renderer

log = logging.getLogger(__name__)

BATCH = 100

_FEW = 10
"""Up to so many datasets, their agencies are read one by one and not all agencies of the portal."""

ATTEMPTS = 3
"""How often a dataset is tried that somebody else writes at the same moment."""

Progress = Callable[[int, int], None]
"""Called with how many datasets are done, and how many there are."""


def silent(_done: int, _all: int) -> None:
    """Show nothing."""


def catch_up(progress: Progress = silent) -> int:
    """Write all that waits; return how many datasets that were."""
    marks = _marked_nodes()
    ids = [*dict.fromkeys([*_saved(), *_referring(marks)])]
    if not write(ids, progress):
        _clear(marks)
    return len(ids)


def oldest(size: int) -> bool:
    """Write the datasets that have waited longest.

    Args:
        size: how many at most.

    Returns:
        Whether there are more.
    """
    ids = _saved(size + 1)
    write(ids[:size])
    return len(ids) > size


def before_reading(ids: Collection[str], until: dt.datetime | None) -> None:
    """Write datasets that are about to be read.

    Args:
        ids: datasets that `serve` found waiting.
        until: the newest mark of an agency that they refer to. Marks are given in the order of the
            commits, so whoever saw this one has seen all before it.
    """
    left = write(sorted(ids))
    if until is not None:
        settled = sa.func.greatest(Entry.settled, until)
        set_columns(Entry, Entry.id.in_(set(ids) - left), {"settled": settled})
        model.Session.commit()


def write(ids: Sequence[str], progress: Progress = silent) -> set[str]:
    """Write datasets anew, in batches that are committed; nobody is held up meanwhile.

    Returns:
        Ids of those that others wrote each time it was tried.
    """
    left: set[str] = set()
    for start in range(0, len(ids), BATCH):
        tried = set(ids[start : start + BATCH])
        for _ in range(ATTEMPTS):
            if not tried:
                break
            with lookup.at_hand() if len(tried) > _FEW else nullcontext():
                tried = _write_batch(tried)
        left |= tried
        progress(min(start + BATCH, len(ids)), len(ids))
    return left


def _write_batch(ids: Collection[str]) -> set[str]:
    others = list(model.Session)
    model.Session.expire_all()  # what was loaded before may have been changed by others since
    before = keep.brief(ids)
    rendered, failed = _rendered(ids)
    public = {one.id for one, _ in rendered} | {one[0] for one in failed}
    left = keep.store(
        keep.Work(
            rendered=rendered,
            gone=set(ids) - public,
            failed=failed,
            fingerprint=fingerprint.current(),
            expected={one: before.get(one) for one in ids},
        )
    )
    model.Session.commit()
    _let_go(others)
    return left


def _let_go(others: list[Any]) -> None:
    """Forget what was loaded, but what a reader's request had already: its user, for one."""
    kept = set(map(id, others))
    for one in [one for one in model.Session if id(one) not in kept]:
        model.Session.expunge(one)


def _rendered(
    ids: Collection[str],
) -> tuple[list[tuple[Rendered, dt.datetime | None]], list[tuple[str, str, str]]]:
    """Render those of the datasets that are public.

    Returns:
        What was rendered, with `metadata_modified`; id, name and reason of what could not be.
    """
    renderer = Renderer()
    rendered: list[tuple[Rendered, dt.datetime | None]] = []
    failed: list[tuple[str, str, str]] = []
    for dataset_id, package in sorted(visible.packages(ids).items()):
        if not visible.is_public(package):
            continue
        found = _attempt(package, renderer)
        if isinstance(found, Rendered):
            rendered.append((found, package.metadata_modified))
        else:
            failed.append((dataset_id, package.name, found))
    return rendered, failed


def _attempt(package: Any, renderer: Renderer) -> Rendered | str:
    context = Context(ignore_auth=True, use_cache=False)
    try:
        return renderer.dataset(tk.get_action("package_show")(context, {"id": package.id}))
    except Exception as error:  # noqa: BLE001 - whatever it is, the others must be written
        log.exception("Dataset %s cannot be exported", package.name)
        return repr(error)


def _saved(size: int | None = None) -> list[str]:
    query = sa.select(Entry.id).where(Entry.due.is_not(None)).order_by(Entry.due, Entry.id)
    return list(model.Session.scalars(query.limit(size)))


def _marked_nodes() -> dict[str, dt.datetime]:
    rows = model.Session.execute(sa.select(Node.key, Node.due).where(Node.due.is_not(None)))
    return {row.key: row.due for row in rows}


def _referring(keys: Collection[str]) -> list[str]:
    if not keys:
        return []
    query = sa.select(Entry.id).where(Entry.state == LIVE, Entry.registered.overlap(list(keys)))
    return list(model.Session.scalars(query.order_by(Entry.ordinal)))


def _clear(marks: dict[str, dt.datetime]) -> None:
    """Take marks away from agencies, but those of a change in between."""
    if not marks:
        return
    seen = sa.tuple_(Node.key, Node.due).in_(list(marks.items()))
    set_columns(Node, seen, {"due": None})
    model.Session.commit()
