"""Which datasets everybody may see, asked of CKAN's own table.

Every statement that gives content out joins it: what was made private, deleted or purged is gone
with the commit that did it, whichever way it was done, even where the store was not told.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

import ckan.lib.plugins as lib_plugins
from ckan import model

from ckanext.nd47 import config
from ckanext.nd47.dcat.store.model import LIVE, Entry

PUBLIC_LABEL = "public"
PACKAGE: sa.Table = model.meta.metadata.tables["package"]


def condition() -> sa.ColumnElement[bool]:
    """Return the condition for a dataset that everybody may see."""
    columns = PACKAGE.c
    return sa.and_(
        columns.state == model.State.ACTIVE,
        columns.private.is_(False),
        columns.type.in_(config.dcat_types()),
    )


def joined() -> sa.Join:
    """Return entries with their datasets; use together with `condition` and `LIVE`."""
    return sa.join(Entry, model.Package, Entry.id == model.Package.id)


def listed() -> sa.ColumnElement[bool]:
    """Return the condition for an entry, joined to its dataset, that may be given out."""
    return sa.and_(Entry.state == LIVE, Entry.etag != "", condition())


def is_public(package: Any) -> bool:
    """Say whether everybody may see a dataset; plugins may know more than its own columns."""
    return bool(
        package is not None
        and package.state == model.State.ACTIVE
        and not package.private
        and package.type in config.dcat_types()
        and PUBLIC_LABEL in lib_plugins.get_permission_labels().get_dataset_labels(package)
    )


def packages(ids: Collection[str]) -> dict[str, Any]:
    """Return datasets as the transaction has them, by id."""
    query = sa.select(model.Package).where(model.Package.id.in_(ids))
    return {one.id: one for one in model.Session.scalars(query)}


def unwritten(limit: int) -> list[str]:
    """Return ids of public datasets that the store does not have."""
    query = (
        sa.select(model.Package.id)
        .join(Entry, sa.and_(Entry.id == model.Package.id, Entry.state != "gone"), isouter=True)
        .where(condition(), Entry.id.is_(None))
        .order_by(model.Package.id)
        .limit(limit)
    )
    return list(model.Session.scalars(query))
