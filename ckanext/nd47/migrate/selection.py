"""Named groups of datasets: by organisation, keyword, group, search or name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import SearchError
from ckan.types import Context

from ckanext.nd47.lib import values
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.migrate import words
from ckanext.nd47.migrate.sources import Old

KEYS = (
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
PAGE = 1_000
MOST_FOUND = 100_000
"""Datasets of a search; more are a group that `all` names."""


class SelectionError(ValueError):
    """A group of datasets that cannot be told; the message says why."""


@dataclass(frozen=True)
class Selection:
    """Datasets for which everything that is named holds; none where nothing is named.

    Attributes:
        everything: all datasets, as far as the rest allows.
        organisations: ids of organisations.
        tags: keys of keywords, one of which they have.
        groups: keys of the titles or names of groups, one of which they are in.
        found: ids of datasets that are named or that a search found; None for no such condition.
        public: whether everybody sees them; None for either.
        first: first day of publication, empty for any.
        last: last day of publication, empty for any.
    """

    everything: bool = False
    organisations: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    found: frozenset[str] | None = None
    public: bool | None = None
    first: str = ""
    last: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Selection:
        """Return the selection that a map names.

        Raises:
            SelectionError: a condition is not known, or an organisation or dataset does not exist.
        """
        if unknown := sorted(set(given) - set(KEYS)):
            raise SelectionError(
                tk._("“{key}” selects no datasets; use {keys}.").format(
                    key=unknown[0][:80], keys=", ".join(KEYS)
                )
            )
        if not given:
            raise SelectionError(
                tk._("say which datasets are meant, with one of {keys}.").format(
                    keys=", ".join(KEYS)
                )
            )
        texts = {name: _texts(name, value) for name, value in given.items()}
        public = texts.get("public")
        return cls(
            everything="all" in texts,
            organisations=_ids(model.Group, texts.get("organization", ())),
            tags=frozenset(map(words.key, texts.get("tag", ()))),
            groups=frozenset(map(words.key, texts.get("group", ()))),
            found=_found(texts),
            public=None if public is None else tk.asbool(public[0]),
            first=_day(texts.get("published_from", [])),
            last=_day(texts.get("published_until", [])),
        )

    def holds(self, old: Old, issued: str = "") -> bool:
        """Say whether a dataset is one of them.

        Args:
            old: the dataset.
            issued: the day of its publication; default: the day on which it was made.
        """
        record = old.record
        day = issued or dataset_reader.day_in_vietnam(record.get("metadata_created") or "")
        tests = (
            (self.organisations, record.get("owner_org") in self.organisations),
            (self.tags, any(words.key(tag) in self.tags for tag in old.tags)),
            (self.groups, any(words.key(n) in self.groups for both in old.groups for n in both)),
            (self.found is not None, record["id"] in (self.found or ())),
            (self.first, day >= self.first),
            (self.last, day <= self.last),
            (self.public is not None, self.public == _is_public(record)),
        )
        return all(met for asked, met in tests if asked)


def _is_public(record: Mapping[str, Any]) -> bool:
    return record.get("state") == model.State.ACTIVE and not record.get("private")


def _texts(name: str, value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(one, str) and one.strip() for one in listed):
        raise SelectionError(tk._("“{key}” must be a text.").format(key=name))
    if name in {"all", "public"} and listed not in (["true"], ["false"]):
        raise SelectionError(tk._("“{key}” must be true or false.").format(key=name))
    if name == "all" and listed != ["true"]:
        raise SelectionError(tk._("“{key}” must be true.").format(key=name))
    return listed


def _day(given: list[str]) -> str:
    try:
        return values.date(given[0]) if given else ""
    except ValueError as error:
        raise SelectionError(tk._("“{value}” is no date.").format(value=given[0][:80])) from error


def _ids(record: Any, references: list[str] | tuple[str, ...]) -> frozenset[str]:
    if not references:
        return frozenset()
    query = sa.select(record.id, record.name).where(
        sa.or_(record.name.in_(references), record.id.in_(references))
    )
    rows = model.Session.execute(query).all()
    missing = set(references) - {one for row in rows for one in row}
    if missing:
        raise SelectionError(
            tk._("there is no “{name}” on this portal.").format(name=min(missing)[:80])
        )
    return frozenset(row.id for row in rows)


def _found(texts: Mapping[str, list[str]]) -> frozenset[str] | None:
    found: frozenset[str] | None = None
    if "dataset" in texts:
        found = _ids(model.Package, texts["dataset"])
    for query in texts.get("search", ()):
        result = _search(query)
        found = result if found is None else found & result
    return found


def _search(query: str) -> frozenset[str]:
    search = tk.get_action("package_search")
    ids: set[str] = set()
    for start in range(0, MOST_FOUND, PAGE):
        asked = {
            "q": query,
            "fl": "id",
            "rows": PAGE,
            "start": start,
            "sort": "id asc",
            "include_private": True,
            "include_drafts": True,
        }
        try:
            rows = search(Context(ignore_auth=True), asked)["results"]
        except (SearchError, tk.ValidationError) as error:
            raise SelectionError(
                tk._("the search “{query}” cannot be made.").format(query=query[:80])
            ) from error
        ids.update(one["id"] for one in rows)
        if len(rows) < PAGE:
            break
    return frozenset(ids)
