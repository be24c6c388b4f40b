"""The only definition of which datasets are public.

Every SQL statement that returns content joins CKAN's table of datasets with `CONDITION`: a dataset
that was made private, deleted or purged disappears with that commit, however it was changed, even
if the store was not updated. Plugins may hide further datasets by permission labels, which SQL
cannot evaluate: such datasets have no entry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

import ckan.lib.plugins as lib_plugins
from ckan import model

from ckanext.nd47.lib import config

CONDITION = "p.state = 'active' AND p.private IS FALSE AND p.type = ANY(:types)"
"""Condition for a row `p` of the table `package`, with the parameters `values()`."""

ENTRIES = f"nd47_dcat_entry e JOIN package p ON p.id = e.id WHERE {CONDITION}"
"""Tables and condition for entries `e` of public datasets."""

LISTED = f"{ENTRIES} AND e.state = 'live'"
"""Tables and condition for entries `e` that may be served."""

_LABEL = "public"
_BATCH = 500
_FEW = 3

_UNWRITTEN = sa.text(
    "SELECT p.id FROM package p LEFT JOIN nd47_dcat_entry e ON e.id = p.id AND e.state <> 'gone'"  # noqa: S608 - constants of this module
    f" WHERE {CONDITION} AND e.id IS NULL ORDER BY p.id"
)
_ALL = sa.text(f"SELECT p.id FROM package p WHERE {CONDITION} ORDER BY p.id")  # noqa: S608 - as above
_HIDDEN = sa.text(
    "SELECT e.id FROM nd47_dcat_entry e LEFT JOIN package p"  # noqa: S608 - as above
    f" ON p.id = e.id AND {CONDITION} WHERE e.state <> 'gone' AND p.id IS NULL ORDER BY e.id"
)
_WRITTEN = sa.text(f"SELECT e.id FROM {LISTED} ORDER BY e.id")  # noqa: S608 - as above


def values() -> dict[str, Any]:
    """Return the parameters of `CONDITION`."""
    return {"types": config.dcat_types()}


def is_public(package: Any) -> bool:
    """Return whether a dataset of the model is public."""
    return bool(
        package is not None
        and package.state == model.State.ACTIVE
        and not package.private
        and package.type in config.dcat_types()
        and _LABEL in lib_plugins.get_permission_labels().get_dataset_labels(package)
    )


def packages(ids: Collection[str]) -> dict[str, Any]:
    """Return the public ones among the datasets, as the transaction has them, by id."""
    loaded: dict[str, Any] = {}
    if len(ids) > _FEW:
        query = sa.select(model.Package).where(model.Package.id.in_(ids))
        loaded = {package.id: package for package in model.Session.scalars(query)}
    else:  # a save already has them in its session
        loaded = {package_id: model.Session.get(model.Package, package_id) for package_id in ids}
    return {key: package for key, package in loaded.items() if is_public(package)}


def every() -> list[str]:
    """Return the ids of all public datasets."""
    return list(_only_public(_ids(_ALL)))


def unwritten() -> Iterator[str]:
    """Yield the ids of public datasets without an entry."""
    return _only_public(_ids(_UNWRITTEN))


def hidden() -> list[str]:
    """Return the ids of entries whose datasets are no longer public."""
    ids = _ids(_HIDDEN)
    if type(lib_plugins.get_permission_labels()) is not lib_plugins.DefaultPermissionLabels:
        written = _ids(_WRITTEN)
        ids += sorted(set(written) - set(_only_public(written)))
    return ids


def _ids(statement: sa.TextClause) -> list[str]:
    return list(model.Session.scalars(statement, values()))


def _only_public(ids: list[str]) -> Iterator[str]:
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        public = packages(batch)
        yield from (package_id for package_id in batch if package_id in public)
