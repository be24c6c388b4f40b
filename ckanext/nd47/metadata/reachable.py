"""Whom to call about a dataset, as a computed field of the API, and what its provider is called.

Both are read from the register each time, so one edit there is seen with every dataset. CKAN drops
computed fields on saving, so a dataset that was read may be sent back as it is.
"""

from __future__ import annotations

from typing import Any

from ckanext.nd47.agencies import directory
from ckanext.nd47.metadata import dataset_reader

FIELD = "contact_points"


def show(dataset: dict[str, Any]) -> None:
    """Put the contacts into a dataset that an action returns, and the provider's name of today."""
    dataset[FIELD] = dataset_reader.contacts(dataset)
    organisation, provider = (
        dataset.get("organization"),
        directory.name_and_title(dataset.get("owner_org")),
    )
    if isinstance(organisation, dict) and provider:
        # CKAN gives both as they were when the dataset was last saved.
        organisation["name"], organisation["title"] = provider


def renew(datasets: list[dict[str, Any]]) -> None:
    """Put the contacts of today into datasets that a search found.

    A search for single fields (`fl`) gives datasets without an owner, and they stay as they are.
    """
    whole = [dataset for dataset in datasets if "owner_org" in dataset and "id" in dataset]
    dataset_reader.prime(whole)
    for dataset in whole:
        show(dataset)
