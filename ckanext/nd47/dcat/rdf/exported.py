"""The fields of a dataset that the export writes.

The mapping table names those of the suite. The others are written by the profile of ckanext-dcat,
which does not declare what it reads: it gets a dataset that records which fields are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import rdflib

from ckanext.dcat.profiles import EuropeanDCATAP3Profile

from ckanext.nd47.dcat.rdf.mapping import rows_of
from ckanext.nd47.dcat.rdf.profile import (
    DATASET_FIELDS_NOT_WRITTEN,
    REPLACED,
    RESOURCE_FIELDS_NOT_WRITTEN,
    WRITTEN_FIELDS,
    WRITTEN_RESOURCE_FIELDS,
    is_other,
)
from ckanext.nd47.metadata.dataset_reader import LEGACY_GROUPS

_NOT_EXPORTED = frozenset({"rights"})
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
    """Return the fields that the export writes."""
    resource = _Recorder({"id": "resource", "uri": f"{_SUBJECT}/resource"})
    dataset = _Recorder({"id": "dataset", "uri": _SUBJECT, "extras": [], "resources": [resource]})
    profile = EuropeanDCATAP3Profile(rdflib.Graph(), dataset_type="dataset")
    profile.graph_from_dataset(dataset, rdflib.URIRef(_SUBJECT))
    legacy = {name for names in LEGACY_GROUPS.values() for name in names.values()}
    of_resource = {
        row.field for row in rows_of("distribution")
    } | WRITTEN_RESOURCE_FIELDS - _NOT_EXPORTED
    return Exported(
        frozenset(
            {
                *filter(is_other, dataset.names),
                *WRITTEN_FIELDS,
                *REPLACED,
                *DATASET_FIELDS_NOT_WRITTEN,
                *legacy,
            }
        ),
        frozenset(resource.names - _NOT_EXPORTED | of_resource | RESOURCE_FIELDS_NOT_WRITTEN),
    )


class _Recorder(dict[str, Any]):
    """A mapping that records the names that are read from it."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)
