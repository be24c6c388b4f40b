"""The decisions that datasets are based on, for pages and for the export."""

from __future__ import annotations

from typing import Any

from ckanext.nd47.catalogue.matching import links
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.lib import config
from ckanext.nd47.lib.legal_basis import Decision


def iri(name: str) -> str:
    """Return the IRI of the decision that issued a catalogue."""
    return f"{config.base_iri()}/catalogues/{name}"


def of_dataset(dataset_id: str, **_more: Any) -> list[Decision]:
    """Return the decisions of the catalogues in force that list a dataset."""
    if not tables.ready():
        return []
    return [
        Decision(
            iri=iri(row["catalogue_name"]),
            title=row["catalogue_title"],
            number=row["decision_number"],
            date=row["decision_date"],
        )
        for row in links.of_datasets([dataset_id])
    ]


def shown(dataset_id: str) -> list[links.ListedDict]:
    """Return where catalogues in force list a dataset, for its page."""
    return links.of_datasets([dataset_id]) if tables.ready() else []
