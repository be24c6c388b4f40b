"""Keeps out of CKAN's activity stream what may not be stored there.

ckanext-activity stores each saved dataset as `package_show` gives it to the system, and shows it to
everybody who may see the dataset, for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import ckan.plugins as p
from ckan import model

from ckanext.nd47.metadata import disclosure

PLUGIN = "activity"
PACKAGE = "package"
BATCH = 500


def watch() -> None:
    """Clean each entry before it is stored, where the portal keeps an activity stream."""
    if p.plugin_loaded(PLUGIN) and not event.contains(_entry(), "before_insert", _clean):
        event.listen(_entry(), "before_insert", _clean)


def clean() -> int:
    """Clean the entries that are stored, and commit; return how many were changed."""
    if not p.plugin_loaded(PLUGIN):
        return 0
    table = _entry().__table__
    count = 0
    for rows in _batches(table):
        changed = [
            {"entry": row.id, "cleaned": cleaned}
            for row in rows
            if (cleaned := _cleaned(row.data)) != row.data
        ]
        if changed:
            statement = (
                sa.update(table)
                .where(table.c.id == sa.bindparam("entry"))
                .values(data=sa.bindparam("cleaned"))
            )
            model.Session.connection().execute(statement, changed)
            model.Session.commit()
        count += len(changed)
    return count


def _batches(table: Any) -> Iterator[list[Any]]:
    last = ""
    while True:
        query = sa.select(table.c.id, table.c.data).where(table.c.id > last)
        rows = list(model.Session.execute(query.order_by(table.c.id).limit(BATCH)))
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _clean(_mapper: Any, _connection: Any, entry: Any) -> None:
    if p.plugin_loaded("nd47"):
        entry.data = _cleaned(entry.data)


def _cleaned(data: Any) -> Any:
    if not isinstance(data, dict) or not isinstance(data.get(PACKAGE), dict):
        return data
    return {**data, PACKAGE: disclosure.storable(data[PACKAGE])}


def _entry() -> Any:
    # Imported where the plugin is loaded alone: the module declares the plugin's tables.
    from ckanext.activity.model import Activity  # noqa: PLC0415 - declares tables

    return Activity
