"""Health of the stored export, for `ckan nd47 doctor`."""

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
MAX_COUNTED = 1000
"""Maximum number of datasets with lost values that are counted, to answer in time."""


@dataclass(frozen=True)
class Health:
    """Health of the stored export.

    Attributes:
        complete: whether every public dataset has been written at least once.
        pending: number of datasets that have to be written again.
        broken: number of datasets whose current metadata could not be written.
        lossy: number of datasets that lost a value, at most `MAX_COUNTED`.
        live: number of datasets in the export.
        changed: time of the last change of the export.
        dumped: time of the last dump, None if there is none.
        moved: former addresses of the portal that are still in the export.
        left_out: fields that are not exported, with the number of datasets.
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
    """Return the health of the export, None if its tables do not exist."""
    if not migrated.ready():
        return None
    figures = maintenance.stats()
    broken = sa.select(sa.func.count()).select_from(Entry).where(Entry.error != "")
    return Health(
        complete=figures["complete"],
        pending=figures["pending"],
        broken=model.Session.scalar(broken) or 0,
        lossy=sum(bool(problems) for _, _, problems in islice(maintenance.losses(), MAX_COUNTED)),
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
