"""Which datasets an item may be about: by code and identifier, title, agency and columns.

A proposal is only shown; a person confirms it. Every proposal says why it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.catalogue.items import listing, progress
from ckanext.nd47.catalogue.records.model import Item, Link
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.language import text

MOST_CANDIDATES = 3
BY_CODE, SAME_TITLE = 100, 90
LEAST = 40
"""Points from which a dataset is proposed."""

SIMILAR_TITLE = 70
SAME_AGENCY = 20
COLUMNS = 20
"""Points at most for a similar title, for the agency, for columns."""

LIKELY = 0.4
"""Share of words that two titles must have in common."""

COLUMN_ACTION = "nd47_file_columns"
"""Action of the plugin that checks files; without it no columns are compared."""


class CandidateDict(TypedDict):
    """A dataset that an item may be about; `score` is at most 100."""

    id: str
    name: str
    title: str
    agency: str
    score: int
    reasons: list[str]


class MatchDict(TypedDict):
    """An item without a dataset, with proposals, the best first."""

    item: dict[str, Any]
    candidates: list[CandidateDict]


class MatchPage(TypedDict):
    """A page of items without a dataset."""

    count: int
    results: list[MatchDict]


@dataclass(frozen=True)
class Candidate:
    """A public dataset that no item of the edition has."""

    id: str
    name: str
    title: str
    owner: str
    identifier: str
    codes: frozenset[str]
    words: frozenset[str]


def page(catalogue_id: str, filters: Mapping[str, str], limit: int, offset: int) -> MatchPage:
    """Return the items of an edition without a dataset, each with proposals.

    Args:
        catalogue_id: the edition.
        filters: as for `listing.page`.
        limit: items at most.
        offset: items before the page.
    """
    linked = sa.exists().where(Link.line_id == Item.line_id)
    conditions = [Item.catalogue_id == catalogue_id, ~linked]
    item_page = listing.page(conditions, filters, limit, offset, officers=True)
    items = item_page["results"]
    owners = _owners({item["provider_id"] for item in items} - {""})
    candidates = _candidates(catalogue_id, items, owners)
    columns = _columns(items, candidates)
    results: list[MatchDict] = [
        {"item": item, "candidates": _best(item, candidates, owners, columns)} for item in items
    ]
    return {"count": item_page["count"], "results": results}


def _owners(agency_ids: set[str]) -> dict[str, set[str]]:
    """Return by agency itself and those that took over from it."""
    owners = {agency_id: {agency_id} for agency_id in agency_ids}
    query = sa.select(Agency.id, Agency.successor_id).where(
        Agency.id.in_(agency_ids), Agency.successor_id.is_not(None)
    )
    for agency_id, successor_id in model.Session.execute(query).tuples():
        owners[agency_id].add(successor_id or agency_id)
    return owners


def _candidates(
    catalogue_id: str, items: Sequence[Mapping[str, Any]], owners: Mapping[str, set[str]]
) -> list[Candidate]:
    """Return the datasets of the agencies of some items, and those that have their codes."""
    names = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    extras = model.Package.extras
    identifier = extras[names.name("identifier")].astext
    entry = extras[names.name("catalogue_entry")].astext
    codes = sorted({item["code"] for item in items if item["code"]})
    agencies = sorted(set().union(*owners.values())) if owners else []
    lines = sa.select(Item.line_id).where(Item.catalogue_id == catalogue_id)
    taken = sa.exists().where(Link.dataset_id == model.Package.id, Link.line_id.in_(lines))
    fits = [model.Package.owner_org.in_(agencies), identifier.in_(codes)]
    fits += [
        entry.contains(json.dumps(code, ensure_ascii=False), autoescape=True) for code in codes
    ]
    query = sa.select(
        model.Package.id,
        model.Package.name,
        model.Package.title,
        model.Package.owner_org,
        identifier.label("identifier"),
        entry.label("entry"),
    ).where(progress.is_public(), ~taken, sa.or_(*fits))
    return [
        Candidate(
            id=row.id,
            name=row.name,
            title=row.title or row.name,
            owner=row.owner_org or "",
            identifier=row.identifier or "",
            codes=frozenset(_codes_of(row.entry)),
            words=_words(row.title or row.name),
        )
        for row in model.Session.execute(query)
    ]


def _best(
    item: Mapping[str, Any],
    candidates: Iterable[Candidate],
    owners: Mapping[str, set[str]],
    columns: Mapping[str, set[str]],
) -> list[CandidateDict]:
    words = _words(item["name"])
    agencies = owners.get(item["provider_id"], set())
    expected = [column for column in item["columns"] if column["name"]]
    scored: list[CandidateDict] = []
    for candidate in candidates:
        score, reasons = _score(item, words, candidate, is_own=candidate.owner in agencies)
        if (
            score
            and expected
            and (matches := _count_matches(expected, columns.get(candidate.id, set())))
        ):
            score = min(score + COLUMNS * matches // len(expected), BY_CODE)
            message = tk._("{found} of {number} expected columns")
            reasons.append(message.format(found=matches, number=len(expected)))
        if score >= LEAST:
            agency = directory.cached().get(candidate.owner)
            scored.append(
                {
                    "id": candidate.id,
                    "name": candidate.name,
                    "title": candidate.title,
                    "agency": directory.display_title(agency) if agency else "",
                    "score": score,
                    "reasons": reasons,
                }
            )
    return sorted(scored, key=lambda row: (-row["score"], row["title"]))[:MOST_CANDIDATES]


def _score(
    item: Mapping[str, Any], words: frozenset[str], candidate: Candidate, *, is_own: bool
) -> tuple[int, list[str]]:
    """Return the points of a dataset and why it has them."""
    code = item["code"]
    if code and code in candidate.codes:
        return BY_CODE, [tk._("the dataset names this code")]
    if code and candidate.identifier == code:
        return BY_CODE, [tk._("its identifier is this code")]
    shared = (
        len(words & candidate.words) / len(words | candidate.words)
        if words and candidate.words
        else 0
    )
    if shared < LIKELY:
        return 0, []
    if shared == 1 and is_own:
        return SAME_TITLE, [tk._("same title"), tk._("same agency")]
    reasons = [tk._("same title") if shared == 1 else tk._("similar title")]
    if is_own:
        reasons.append(tk._("same agency"))
    return int(SIMILAR_TITLE * shared) + (SAME_AGENCY if is_own else 0), reasons


def _words(title: str) -> frozenset[str]:
    return frozenset(text.common(word) for word in text.words(title))


def _codes_of(entry: str | None) -> list[str]:
    """Return the codes in the stored field of a dataset; other shapes have none."""
    try:
        groups = json.loads(entry or "[]")
    except ValueError:
        return []
    if not isinstance(groups, list):
        return []
    codes = [group.get("code") for group in groups if isinstance(group, dict)]
    return [code for code in codes if isinstance(code, str) and code]


def _columns(
    items: Sequence[Mapping[str, Any]], candidates: Sequence[Candidate]
) -> dict[str, set[str]]:
    """Return the folded names of the columns of datasets, where an item expects some."""
    if not candidates or not any(item["columns"] for item in items):
        return {}
    try:
        action = tk.get_action(COLUMN_ACTION)
    except KeyError:
        return {}
    names_by_dataset = action(
        Context(ignore_auth=True), {"ids": [candidate.id for candidate in candidates]}
    )
    return {
        dataset_id: {text.fold(column) for column in names}
        for dataset_id, names in names_by_dataset.items()
    }


def _count_matches(expected: Sequence[Mapping[str, Any]], names: set[str]) -> int:
    return sum(
        any(text.fold(name) in names for name in (column["name"], *column["aliases"]))
        for column in expected
    )
