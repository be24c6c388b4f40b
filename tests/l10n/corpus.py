"""The sample province, and more datasets, in a search index without a database."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml

import ckan.plugins.toolkit as tk
from ckan import logic
from ckan.lib.search import clear_all, commit
from ckan.lib.search.index import PackageSearchIndex
from ckan.types import Context

from dev.province import DEFAULT_SEED, Dataset, province

WITH_BOTH_SCHEMAS = hasattr(logic, "index_update_package")
"""Whether CKAN indexes a dataset as both schemas show it; up to 2.11, only by the stock one."""

CORE = frozenset({"name", "title", "notes", "license_id", "url", "private", "version", "type"})
MOMENT = "2026-11-22T00:00:00"


MORE = Path(__file__).with_name("more.yaml")


@cache
def datasets() -> tuple[Dataset, ...]:
    """All datasets of the province, drafts and private ones as well, and those of `more.yaml`."""
    rows = yaml.load(MORE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return (*province(DEFAULT_SEED).datasets, *(_dataset(*row) for row in rows))


def _dataset(name: str, title: str, notes: str, keywords: str, owner: str) -> Dataset:
    metadata = {"name": name, "title": title, "notes": notes, "tag_string": keywords}
    metadata |= {"owner_org": owner, "license_id": "notspecified"}
    return Dataset(name, "published", late=False, incomplete=False, metadata=metadata, files=())


@cache
def agencies() -> dict[str, str]:
    """Titles of the agencies by name."""
    return {agency.name: agency.title for agency in province(DEFAULT_SEED).organisations}


def tags(dataset: Dataset) -> list[str]:
    """Keywords of a dataset."""
    return [tag for tag in dataset.metadata.get("tag_string", "").split(",") if tag]


def texts(dataset: Dataset) -> Iterator[str]:
    """The texts on the page of a dataset."""
    metadata = dataset.metadata
    yield from (metadata["title"], metadata.get("notes", ""), agencies()[dataset.owner])
    yield from tags(dataset)
    for file in dataset.files:
        yield from (file.name, file.description)


FOR_FEW = frozenset({"personal_data_assessment", "security_assessment"})


def indexed_texts(dataset: Dataset) -> Iterator[str]:
    """All texts of a dataset that are indexed; assessments are restricted."""
    yield from texts(dataset)
    for name, value in dataset.metadata.items():
        if name not in FOR_FEW:
            yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def document(dataset: Dataset) -> dict[str, Any]:
    """A dataset as CKAN indexes it."""
    metadata = dataset.metadata
    core = {key: value for key, value in metadata.items() if key in CORE}
    extras = {key: value for key, value in metadata.items() if key not in {*CORE, "tag_string"}}
    agency = {"name": dataset.owner, "title": agencies()[dataset.owner], "id": dataset.owner}
    shared: dict[str, Any] = {
        **core,
        "id": str(uuid5(NAMESPACE_URL, dataset.name)),
        "type": "dataset",
        "state": "active",
        "private": False,
        "metadata_created": MOMENT,
        "metadata_modified": MOMENT,
        "organization": agency,
        "owner_org": dataset.owner,
        "groups": [],
        "tags": [{"name": name} for name in tags(dataset)],
        "resources": [
            {"name": file.name, "description": file.description, "format": file.format}
            for file in dataset.files
        ],
    }
    stored = [
        {
            "key": key,
            "value": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
        }
        for key, value in extras.items()
    ]
    handed = {**shared, "extras": stored}
    return {**handed, "with_custom_schema": {**shared, **extras}} if WITH_BOTH_SCHEMAS else handed


def fill(*documents: dict[str, Any]) -> None:
    """Index these documents only."""
    index = PackageSearchIndex()
    for document in documents:
        # CKAN up to 2.11 changes its argument.
        index.index_package(copy.deepcopy(document), defer_commit=True)
    commit()


def empty() -> None:
    """Empty the index."""
    clear_all()


def search(query: str, **options: Any) -> list[str]:
    """Return the names of the datasets of a search, in its order."""
    context = Context(ignore_auth=True, user="")
    data_dict = {"q": query, "rows": 1000, "fl": ["name"], **options}
    return [row["name"] for row in tk.get_action("package_search")(context, data_dict)["results"]]
