"""What datasets have: columns, extras, keywords and groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.rules import records

COLUMNS = (
    "title",
    "notes",
    "url",
    "version",
    "license_id",
    "maintainer",
    "maintainer_email",
    "author",
    "author_email",
)
TAGS, GROUPS = "tags", "groups"
BATCH = 100
"""Datasets that are done in one transaction."""


@dataclass(frozen=True)
class Old:
    """A dataset as it is stored.

    Attributes:
        record: the dataset as the rules read it.
        tags: its keywords.
        groups: titles of the groups that it is in, each followed by the group's name.
    """

    record: dict[str, Any]
    tags: list[str] = field(default_factory=list)
    groups: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id."""
        return self.record["id"]

    @cached_property
    def extras(self) -> dict[str, str]:
        """Its extras by name."""
        return {one["key"]: one["value"] for one in self.record["extras"]}

    def text(self, source: str) -> str:
        """Return what a source holds, as a text."""
        if source in COLUMNS:
            return str(self.record.get(source) or "")
        if source == TAGS:
            return "; ".join(self.tags)
        if source == GROUPS:
            return "; ".join(title for title, _name in self.groups)
        return self.extras.get(source, "")


def ids_after(dataset_id: str, limit: int | None = BATCH, *, lock: bool = False) -> list[str]:
    """Return the ids of the datasets that follow one, drafts and private ones included.

    Args:
        dataset_id: the last one of the call before, empty for the first.
        limit: how many; None for all.
        lock: nobody else changes them until the transaction ends.
    """
    table = model.package_table
    query = (
        sa.select(table.c.id)
        .where(
            table.c.id > dataset_id,
            table.c.state != model.State.DELETED,
            table.c.type.in_(records.governed_types()),
        )
        .order_by(table.c.id)
        .limit(limit)
    )
    return list(model.Session.scalars(query.with_for_update() if lock else query))


def load(dataset_ids: Sequence[str]) -> list[Old]:
    """Return datasets by id."""
    tags, groups = _tags(dataset_ids), _groups(dataset_ids)
    return [
        Old(record, tags[record["id"]], groups[record["id"]])
        for record in records.by_ids(dataset_ids)
    ]


def _tags(dataset_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    query = (
        sa.select(model.PackageTag.package_id, model.Tag.name)
        .join(model.Tag, model.Tag.id == model.PackageTag.tag_id)
        .where(
            model.PackageTag.package_id.in_(dataset_ids),
            model.PackageTag.state == model.State.ACTIVE,
        )
        .order_by(model.Tag.name)
    )
    for package_id, name in model.Session.execute(query):
        found[package_id].append(name)
    return found


def _groups(dataset_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    query = (
        sa.select(model.Member.table_id, model.Group.title, model.Group.name)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .where(
            model.Member.table_id.in_(dataset_ids),
            model.Member.table_name == "package",
            model.Member.state == model.State.ACTIVE,
            model.Group.state == model.State.ACTIVE,
            model.Group.is_organization.is_(False),
        )
        .order_by(model.Group.name)
    )
    for package_id, title, name in model.Session.execute(query):
        found[package_id].append((title or name, name))
    return found
