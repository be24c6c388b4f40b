"""What is published in each field (lĩnh vực), read from the search index.

Everybody sees the same: public datasets only. A link from a count leads to as many datasets,
because both come from the same index.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib.fields import dataset_fields, values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.vocabularies.vocabulary import Term
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata.search import index

PER_PAGE = 20
NEWEST_FILES = 5
OTHER_ICON = "other"
NEWEST = f"{index.DATA_DATE} desc, metadata_modified desc"
"""Sort order of the search index: datasets with the newest data first."""

FACET: Mapping[str, Any] = {
    "facet": "true",
    "facet.field": [index.THEME],
    "facet.limit": -1,
    "facet.mincount": 1,
}
"""Search parameters that count the datasets of each field."""


@dataclass(frozen=True)
class Field:
    """A field with public datasets.

    Attributes:
        code: its code in the vocabulary.
        label: its name in the language of the page.
        icon: code of the EU table of themes in small letters, which names its drawing.
        datasets: number of its public datasets.
    """

    code: str
    label: str
    icon: str
    datasets: int


@dataclass(frozen=True)
class Provider:
    """An agency with datasets in a field: name in addresses, title, and number of datasets."""

    name: str
    title: str
    datasets: int


@dataclass(frozen=True)
class NewFile:
    """A file of a field.

    Attributes:
        dataset: name of its dataset in addresses.
        dataset_title: title of its dataset.
        resource_id: id of its resource.
        title: its name.
        format: its format as stored, may be empty.
        day: day on which it was added or replaced, in Viet Nam, as `YYYY-MM-DD`.
    """

    dataset: str
    dataset_title: str
    resource_id: str
    title: str
    format: str
    day: str


@dataclass(frozen=True)
class Content:
    """What is published in a field.

    Attributes:
        datasets: the datasets of the requested page, those with the newest data first.
        count: number of all its datasets.
        providers: the agencies with datasets in the field, those with most first.
    """

    datasets: list[dict[str, Any]]
    count: int
    providers: list[Provider]


def find(code: str) -> Term | None:
    """Return a field of the portal by its code."""
    return vocabulary.get(vocabulary.FIELD).term(code)


def published() -> list[Field]:
    """Return the fields with public datasets, in the order of the vocabulary, by one search."""
    return counted(_search(rows=0, **FACET)["search_facets"])


def counted(search_facets: Mapping[str, Any]) -> list[Field]:
    """Return the fields that a search with the parameters of `FACET` has counted."""
    counts = {
        item["name"]: item["count"] for item in search_facets.get(index.THEME, {}).get("items", [])
    }
    language = http.language()
    return [
        Field(term.code, term.text(language), icon(term), counts[term.code])
        for term in vocabulary.get(vocabulary.FIELD)
        if counts.get(term.code)
    ]


def content(code: str, page: int) -> Content:
    """Return the datasets of a field on a page counted from 1, and its agencies, by one search."""
    result = _search(
        fq_list=[_condition(code)],
        sort=NEWEST,
        rows=PER_PAGE,
        start=(page - 1) * PER_PAGE,
        **{"facet": "true", "facet.field": ["organization"], "facet.limit": -1},
    )
    agencies = result["search_facets"].get("organization", {}).get("items", [])
    return Content(result["results"], result["count"], list(_providers(agencies)))


def newest_files(code: str) -> list[NewFile]:
    """Return the files of a field that were added or replaced last, by one search.

    Each of the newest files belongs to one of the datasets with the newest files.
    """
    result = _search(
        fq_list=[_condition(code), f"+{index.FILE_DATE}:[* TO *]"],
        sort=f"{index.FILE_DATE} desc",
        rows=NEWEST_FILES,
        facet="false",
    )
    files = (pair for dataset in result["results"] for pair in _files(dataset))
    ordered = sorted(files, key=lambda pair: pair[0], reverse=True)
    return [file for _moment, file in ordered[:NEWEST_FILES]]


def icon(term: Term) -> str:
    """Return the name of the drawing of a field."""
    return (term.mapping or "").rpartition("/")[2].lower() or OTHER_ICON


def _providers(items: Iterable[Mapping[str, Any]]) -> Iterator[Provider]:
    for item in sorted(items, key=lambda item: (-item["count"], item["display_name"])):
        title = directory.shown_title(item["name"], item["display_name"])
        yield Provider(item["name"], title, item["count"])


def _files(dataset: Mapping[str, Any]) -> Iterator[tuple[dt.datetime, NewFile]]:
    for resource in dataset.get("resources") or []:
        moment = index.file_moment(resource)
        if moment:
            yield (
                moment,
                NewFile(
                    dataset["name"],
                    tk.h.dataset_display_name(dataset),
                    resource["id"],
                    tk.h.resource_display_name(resource),
                    resource.get("format") or "",
                    values.day_of(moment),
                ),
            )


def _condition(code: str) -> str:
    escaped = code.replace("\\", "\\\\").replace('"', '\\"')
    return f'+{index.THEME}:"{escaped}"'


def _search(**params: Any) -> dict[str, Any]:
    everybody: Any = {"user": "", "auth_user_obj": None}
    public = ["+capacity:public +state:active", f"+dataset_type:{dataset_fields.DEFAULT_TYPE}"]
    query = {"q": "*:*", **params, "fq_list": [*public, *params.get("fq_list", [])]}
    return tk.get_action("package_search")(everybody, query)
