"""Template helpers for links to the pages of fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.metadata.fields import listing
from ckanext.nd47.metadata.search import index

__all__ = ["nd47_field_links", "nd47_field_search", "nd47_value_page"]


def nd47_field_links(dataset: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and address of the page of each field of a dataset."""
    language = http.language()
    terms = (listing.find(code) for code in dataset_reader.codes(dataset, "theme"))
    return [
        (term.text(language), tk.url_for("nd47_fields.read", code=term.code))
        for term in terms
        if term
    ]


def nd47_field_search(code: str, **filters: str) -> str:
    """Return the address of the search that finds the datasets of a field."""
    return tk.url_for("dataset.search", **{index.THEME: code, **filters})


def nd47_value_page(vocabulary_id: str, code: str) -> str:
    """Return the address of the page of a field, empty for a code of another vocabulary."""
    if vocabulary_id != vocabulary.get(vocabulary.FIELD).id or listing.find(code) is None:
        return ""
    return tk.url_for("nd47_fields.read", code=code)
