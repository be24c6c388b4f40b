"""How the stored export is, for those who look after the portal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.store import addresses, left_out, maintenance
from ckanext.nd47.dcat.store.model import Entry, Node, State

TABLES = (Entry.__tablename__, Node.__tablename__, State.__tablename__)
COUNTED = 1000
"""Datasets with lost values that are counted; more are not, since somebody waits for the answer."""


@dataclass(frozen=True)
class Health:
    """How the stored export is.

    Attributes:
        complete: whether every public dataset has been written at least once.
        pending: datasets that wait to be written again.
        broken: datasets whose newest metadata could not be written.
        lossy: datasets that lost a value, at most `COUNTED`.
        live: datasets in the export.
        changed: moment of the last change of the export.
        dumped: moment of the last dump, None where there is none.
        moved: addresses of the portal of before that the export still has.
        left_out: fields that the export leaves out, with the number of datasets.
    """

    complete: bool
    pending: int
    broken: int
    lossy: int
    live: int
    changed: dt.datetime | None
    dumped: dt.datetime | None
    moved: tuple[str, ...] = ()
    left_out: tuple[left_out.LeftOut, ...] = ()


def look() -> Health | None:
    """Return how the export is, None where it has no tables."""
    if not migrated.ready():
        return None
    figures = maintenance.stats()
    broken = sa.select(sa.func.count()).select_from(Entry).where(Entry.error != "")
    return Health(
        complete=figures["complete"],
        pending=figures["pending"],
        broken=model.Session.scalar(broken) or 0,
        lossy=sum(bool(problems) for _, _, problems in islice(maintenance.losses(), COUNTED)),
        live=figures["live"],
        changed=dt.datetime.fromisoformat(figures["modified"]) if figures["modified"] else None,
        dumped=_dumped(),
        moved=tuple(addresses.old().addresses),
        left_out=tuple(left_out.fields()),
    )


def _dumped() -> dt.datetime | None:
    folder = dump.folder()
    manifest = folder / dump.MANIFEST if folder else None
    if manifest is None or not manifest.is_file():
        return None
    return dt.datetime.fromtimestamp(manifest.stat().st_mtime, dt.timezone.utc)
