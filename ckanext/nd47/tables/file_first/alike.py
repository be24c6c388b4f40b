"""What the portal's like datasets say: keywords, fields, kinds, places, and meanings of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.language import text
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.tables.findings import expected

MOST = 8
"""Datasets that are compared."""

MOST_WORDS = 12
MOST_KEYWORDS = 5
SHORTEST = 3
_FEWEST_SHARED = 2
_SHARE = 0.5
"""Share of the like datasets that must say the same."""

_COMMON = frozenset(
    [
        "danh",
        "sach",
        "bang",
        "du",
        "lieu",
        "so",
        "tong",
        "hop",
        "theo",
        "tren",
        "dia",
        "ban",
        "tinh",
        "cua",
        "cac",
        "nam",
        "thang",
        "quy",
        "ky",
        "va",
        "trong",
    ]
)
"""Words that say nothing about the subject."""


@dataclass(frozen=True)
class Alike:
    """Like datasets.

    Attributes:
        datasets: as `package_search` returns them, the most similar first.
        of_agency: those of the same agency, whether similar or not.
    """

    datasets: list[dict[str, Any]]
    of_agency: list[dict[str, Any]]


def find(context: Context, words: Iterable[str], agency_id: str) -> Alike:
    """Return the like datasets that the account may see, with two searches."""
    wanted = [word for word in dict.fromkeys(words) if is_telling(word)][:MOST_WORDS]
    query = " OR ".join(f"title:{word} OR tags:{word}" for word in wanted)
    datasets = _search(context, f"({query})", "") if query else []
    return Alike(
        datasets=[dataset for dataset in datasets if _shares(dataset, wanted)],
        of_agency=_search(context, "*:*", f'+owner_org:"{agency_id}"') if agency_id else [],
    )


def _shares(dataset: Mapping[str, Any], wanted: list[str]) -> bool:
    """Return whether a dataset has half of the words of the file, and two if there are so many."""
    tags = " ".join(tag["name"] for tag in dataset.get("tags") or ())
    own = set(text.fold(f"{dataset.get('title') or ''} {tags}").split())
    return len(own & set(wanted)) >= min(len(wanted), max(_FEWEST_SHARED, len(wanted) / 2))


def is_telling(word: str) -> bool:
    """Return whether a folded word says something about the subject."""
    return len(word) >= SHORTEST and word.isalpha() and word.isascii() and word not in _COMMON


def keywords(alike: Alike, words: set[str]) -> list[str]:
    """Return keywords of like datasets whose words the file has too, those used most first."""
    counts = Counter(
        tag["name"]
        for dataset in (*alike.datasets, *alike.of_agency)
        for tag in dataset.get("tags") or ()
    )
    return [
        name
        for name, _ in counts.most_common()
        if (parts := text.fold(name).split()) and set(parts) <= words
    ][:MOST_KEYWORDS]


def themes(alike: Alike) -> list[str]:
    """Return the fields that at least half of the like datasets have."""
    return _usual([dataset_reader.codes(dataset, "theme") for dataset in alike.datasets])


def category(alike: Alike) -> str:
    """Return the open-data category that at least half of the like datasets have."""
    categories = _usual(
        [[dataset_reader.text(dataset, "open_data_category")] for dataset in alike.datasets]
    )
    return categories[0] if categories else ""


def place(alike: Alike, names: set[str]) -> dict[str, Any]:
    """Return the place whose name the file has, else the one that the agency's datasets have."""
    groups = [
        group
        for dataset in (*alike.of_agency, *alike.datasets)
        for group in dataset_reader.groups(dataset, "spatial_coverage")
    ]
    for group in groups:
        parts = [text.fold(part.strip()) for part in str(group.get("text") or "").split(",")]
        if len(parts) > 1 and parts[0] in names:
            return dict(group)
    usual = Counter(str(group.get("text") or group.get("uri") or "") for group in groups)
    if not usual:
        return {}
    name, count = usual.most_common(1)[0]
    if not name or count < len(groups) * _SHARE:
        return {}
    return dict(
        next(group for group in groups if name == str(group.get("text") or group.get("uri") or ""))
    )


def meanings(alike: Alike) -> dict[str, str]:
    """Return what columns mean in other tables of the portal, by their folded headings."""
    by_heading: dict[str, str] = {}
    for dataset in (*alike.of_agency, *alike.datasets):
        for resource in dataset_reader.resources(dataset):
            for name, meaning in expected.dictionary(str(resource.get("data_dictionary") or "")):
                by_heading.setdefault(text.fold(name), meaning)
    return by_heading


def _usual(of_datasets: list[list[str]]) -> list[str]:
    counts = Counter(code for codes in of_datasets for code in set(codes) if code)
    least = max(1, len(of_datasets) * _SHARE)
    return [code for code, count in counts.most_common() if count >= least]


def _search(context: Context, query: str, condition: str) -> list[dict[str, Any]]:
    own = Context(user=context.get("user") or "", auth_user_obj=context.get("auth_user_obj"))
    conditions = [f"+dataset_type:{dataset_fields.DEFAULT_TYPE} +state:active"]
    result: Mapping[str, Any] = tk.get_action("package_search")(
        own,
        {
            "q": query,
            "fq_list": [*conditions, *([condition] if condition else [])],
            "rows": MOST,
            "include_private": True,
            "facet": False,
        },
    )
    return list(result["results"])
