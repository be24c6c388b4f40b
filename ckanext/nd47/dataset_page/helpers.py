"""Template helpers of the dataset page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import ckan.plugins.toolkit as tk

from ckanext.nd47.dataset_page import archive, related
from ckanext.nd47.metadata import citation, dataset_reader

__all__ = ["nd47_has_archive", "nd47_mail_link", "nd47_page_address", "nd47_related_datasets"]


def nd47_has_archive(dataset: Mapping[str, Any]) -> bool:
    """Return whether a dataset offers all its files as one ZIP archive."""
    return archive.is_offered(dataset)


def nd47_related_datasets(dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return public datasets about the same things."""
    return related.datasets(dataset)


def nd47_page_address(dataset: Mapping[str, Any]) -> str:
    """Return the address of a dataset's page for sharing."""
    return citation.page_address(dataset)


def nd47_mail_link(dataset: Mapping[str, Any]) -> str:
    """Return the `mailto:` address that opens an email with the address of a dataset."""
    title = dataset_reader.text(dataset, "title") or dataset["name"]
    body = tk._("Dataset “{title}”: {address}").format(
        title=title, address=citation.page_address(dataset)
    )
    return f"mailto:?subject={quote(title)}&body={quote(body)}"
