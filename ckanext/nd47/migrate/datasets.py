"""Datasets as they are stored, and selections of them for a map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import SearchError
from ckan.types import Context

from ckanext.nd47.lib.fields import spellings, values
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.migrate import targets
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
RESOURCE_COLUMNS = frozenset(column.name for column in model.resource_table.c)
TAGS, GROUPS = "tags", "groups"
BATCH = 100
"""Datasets that are changed in one transaction."""


@dataclass(frozen=True)
class StoredDataset:
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
        return {extra["key"]: extra["value"] for extra in self.record["extras"]}

    def text(self, source: str) -> str:
        """Return what a source holds, as a text."""
        if source in COLUMNS:
            return str(self.record.get(source) or "")
        if source == TAGS:
            return "; ".join(self.tags)
        if source == GROUPS:
            return "; ".join(title for title, _name in self.groups)
        return self.extras.get(source, "")


def resource_field(name: str) -> tuple[str, str] | None:
    """Return id of the resource and name of the field in the name of a recorded change."""
    prefix, _, rest = name.partition(".")
    resource_id, _, field_name = rest.partition(".")
    return (resource_id, field_name) if f"{prefix}." == targets.RESOURCES and field_name else None


def stored_list(resource: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list with the value of a resource, empty for none; an extra may be null."""
    value = resource.get(name)
    is_extra = name in resource and name not in RESOURCE_COLUMNS
    return [value] if value is not None or is_extra else []


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


def load(dataset_ids: Sequence[str]) -> list[StoredDataset]:
    """Return datasets by id."""
    tags, groups = _tags(dataset_ids), _groups(dataset_ids)
    return [
        StoredDataset(record, tags[record["id"]], groups[record["id"]])
        for record in records.by_ids(dataset_ids)
    ]


def _tags(dataset_ids: Sequence[str]) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = defaultdict(list)
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
        tags[package_id].append(name)
    return tags


def _groups(dataset_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
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
        groups[package_id].append((title or name, name))
    return groups


CONDITIONS = (
    "all",
    "organization",
    "tag",
    "group",
    "search",
    "dataset",
    "public",
    "published_from",
    "published_until",
)
SEARCH_PAGE = 1_000
MAX_SEARCH_RESULTS = 100_000
"""Datasets of a search that are read; use `all` for more."""


class SelectionError(ValueError):
    """Conditions that cannot be used; the message says why."""


@dataclass(frozen=True)
class Selection:
    """The datasets that meet all conditions of a selection.

    Attributes:
        matches_all: whether the map says `all`; the other conditions apply too.
        organisations: ids of organisations.
        tags: keys of keywords, one of which they have.
        groups: keys of the titles or names of groups, one of which they are in.
        dataset_ids: ids of datasets that the map names or a search returned; None for no such
            condition.
        public: whether everybody can see them; None for both.
        published_from: first day of publication, empty for any.
        published_until: last day of publication, empty for any.
    """

    matches_all: bool = False
    organisations: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    dataset_ids: frozenset[str] | None = None
    public: bool | None = None
    published_from: str = ""
    published_until: str = ""

    @classmethod
    def from_conditions(cls, conditions: Mapping[str, Any]) -> Selection:
        """Return the selection that conditions of a map describe.

        Raises:
            SelectionError: a condition is not known, or an organisation or dataset does not exist.
        """
        if unknown := sorted(set(conditions) - set(CONDITIONS)):
            raise SelectionError(
                tk._("“{key}” selects no datasets; use {keys}.").format(
                    key=unknown[0][:80], keys=", ".join(CONDITIONS)
                )
            )
        if not conditions:
            raise SelectionError(
                tk._("say which datasets are meant, with one of {keys}.").format(
                    keys=", ".join(CONDITIONS)
                )
            )
        texts = {name: _texts(name, value) for name, value in conditions.items()}
        public = texts.get("public")
        return cls(
            matches_all="all" in texts,
            organisations=_ids(model.Group, texts.get("organization", ())),
            tags=frozenset(map(spellings.text_key, texts.get("tag", ()))),
            groups=frozenset(map(spellings.text_key, texts.get("group", ()))),
            dataset_ids=_selected_ids(texts),
            public=None if public is None else tk.asbool(public[0]),
            published_from=_publication_day(texts.get("published_from", [])),
            published_until=_publication_day(texts.get("published_until", [])),
        )

    def matches(self, dataset: StoredDataset, issued: str = "") -> bool:
        """Return whether a dataset is selected.

        Args:
            dataset: the dataset.
            issued: its day of publication; default: the day of its creation.
        """
        record = dataset.record
        day = issued or dataset_reader.day_in_vietnam(record.get("metadata_created") or "")
        in_group = any(
            spellings.text_key(name) in self.groups for names in dataset.groups for name in names
        )
        has_tag = any(spellings.text_key(tag) in self.tags for tag in dataset.tags)
        tests = (
            (self.organisations, record.get("owner_org") in self.organisations),
            (self.tags, has_tag),
            (self.groups, in_group),
            (self.dataset_ids is not None, record["id"] in (self.dataset_ids or ())),
            (self.published_from, day >= self.published_from),
            (self.published_until, day <= self.published_until),
            (self.public is not None, self.public == _is_public(record)),
        )
        return all(met for required, met in tests if required)


def _is_public(record: Mapping[str, Any]) -> bool:
    return record.get("state") == model.State.ACTIVE and not record.get("private")


def _texts(name: str, value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise SelectionError(tk._("“{key}” must be a text.").format(key=name))
    if name in {"all", "public"} and texts not in (["true"], ["false"]):
        raise SelectionError(tk._("“{key}” must be true or false.").format(key=name))
    if name == "all" and texts != ["true"]:
        raise SelectionError(tk._("“{key}” must be true.").format(key=name))
    return texts


def _publication_day(texts: list[str]) -> str:
    try:
        return values.date(texts[0]) if texts else ""
    except ValueError as error:
        raise SelectionError(tk._("“{value}” is no date.").format(value=texts[0][:80])) from error


def _ids(record_class: Any, references: list[str] | tuple[str, ...]) -> frozenset[str]:
    if not references:
        return frozenset()
    query = sa.select(record_class.id, record_class.name).where(
        sa.or_(record_class.name.in_(references), record_class.id.in_(references))
    )
    rows = model.Session.execute(query).all()
    missing = set(references) - {reference for row in rows for reference in row}
    if missing:
        raise SelectionError(
            tk._("there is no “{name}” on this portal.").format(name=min(missing)[:80])
        )
    return frozenset(row.id for row in rows)


def _selected_ids(texts: Mapping[str, list[str]]) -> frozenset[str] | None:
    dataset_ids: frozenset[str] | None = None
    if "dataset" in texts:
        dataset_ids = _ids(model.Package, texts["dataset"])
    for query in texts.get("search", ()):
        search_ids = _search_ids(query)
        dataset_ids = search_ids if dataset_ids is None else dataset_ids & search_ids
    return dataset_ids


def _search_ids(query: str) -> frozenset[str]:
    package_search = tk.get_action("package_search")
    dataset_ids: set[str] = set()
    for start in range(0, MAX_SEARCH_RESULTS, SEARCH_PAGE):
        search_params = {
            "q": query,
            "fl": "id",
            "rows": SEARCH_PAGE,
            "start": start,
            "sort": "id asc",
            "include_private": True,
            "include_drafts": True,
        }
        try:
            rows = package_search(Context(ignore_auth=True), search_params)["results"]
        except (SearchError, tk.ValidationError) as error:
            raise SelectionError(
                tk._("the search “{query}” cannot be made.").format(query=query[:80])
            ) from error
        dataset_ids.update(row["id"] for row in rows)
        if len(rows) < SEARCH_PAGE:
            break
    return frozenset(dataset_ids)
