"""Finds related datasets: with the same keywords, then fields, then agency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.metadata.search import index

MOST = 5
MOST_VALUES = 20
"""Maximum number of keywords and fields in the search."""

WEIGHTS = {"tags": 3, index.THEME: 2, "organization": 1}


def datasets(dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return related public datasets, the most similar first, with a single search.

    The same agency alone is not enough: an agency may publish hundreds of datasets.
    """
    subjects = {
        "tags": [tag["name"] for tag in dataset.get("tags") or []],
        index.THEME: dataset_reader.codes(dataset, "theme"),
    }
    required = _any_of(subjects)
    if not required:
        return []
    provider = (dataset.get("organization") or {}).get("name")
    preferred = _any_of({**subjects, "organization": [provider] if provider else []})
    everybody: Any = {"user": "", "auth_user_obj": None}
    query = {
        "q": preferred,
        "fq_list": [
            required,
            "+capacity:public +state:active",
            f"+dataset_type:{dataset_fields.DEFAULT_TYPE}",
            f"-id:{_phrase(dataset['id'])}",
        ],
        "sort": "score desc, metadata_modified desc",
        "rows": MOST,
        "facet": False,
    }
    return tk.get_action("package_search")(everybody, query)["results"]


def _any_of(values: Mapping[str, Iterable[str]]) -> str:
    conditions = [
        f"{field}:{_phrase(value)}^{WEIGHTS[field]}"
        for field, several in values.items()
        for value in list(several)[:MOST_VALUES]
    ]
    return f"({' OR '.join(conditions)})" if conditions else ""


def _phrase(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
