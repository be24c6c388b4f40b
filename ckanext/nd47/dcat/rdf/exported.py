"""Which fields of a dataset the export knows.

The mapping table names those of the suite. The others are written by the profile of ckanext-dcat,
which says nowhere what it reads: it is given a dataset that notes what it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import rdflib

from ckanext.dcat.profiles import EuropeanDCATAP3Profile

from ckanext.nd47.dcat.rdf.mapping import rows_of
from ckanext.nd47.dcat.rdf.profile import (
    NOT_OTHER,
    OF_CKAN,
    OF_CKAN_RESOURCES,
    REPLACED,
    WRITTEN,
    is_other,
)
from ckanext.nd47.metadata.dataset_reader import LEGACY_GROUPS

_UNSAID = frozenset({"rights"})
"""Fields of resources in whose place the export says something of the whole dataset."""

_SUBJECT = "urn:x-nd47:dataset"


@dataclass(frozen=True)
class Exported:
    """Names of fields that are exported, or that only CKAN itself uses.

    Attributes:
        dataset: fields of a dataset, by our names.
        resource: fields of a resource, by our names.
    """

    dataset: frozenset[str]
    resource: frozenset[str]


@cache
def fields() -> Exported:
    """Return the fields that the export knows."""
    resource = _Asked({"id": "resource", "uri": f"{_SUBJECT}/resource"})
    dataset = _Asked({"id": "dataset", "uri": _SUBJECT, "extras": [], "resources": [resource]})
    profile = EuropeanDCATAP3Profile(rdflib.Graph(), dataset_type="dataset")
    profile.graph_from_dataset(dataset, rdflib.URIRef(_SUBJECT))
    before = {name for names in LEGACY_GROUPS.values() for name in names.values()}
    of_resource = {row.field for row in rows_of("distribution")} | NOT_OTHER - _UNSAID
    return Exported(
        frozenset({*filter(is_other, dataset.asked), *WRITTEN, *REPLACED, *OF_CKAN, *before}),
        frozenset(resource.asked - _UNSAID | of_resource | OF_CKAN_RESOURCES),
    )


class _Asked(dict[str, Any]):
    """A mapping that notes the names it is asked for."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)
