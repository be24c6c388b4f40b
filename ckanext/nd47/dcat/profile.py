"""The RDF profile `nd47_dcat_ap`: DCAT-AP 3 with the fields of the decree.

It is used alone (`ckanext.dcat.rdf.profiles = nd47_dcat_ap`) and builds on `euro_dcat_ap_3`: what
the mapping table knows is written by this room's functions; any other field that a portal's schema
takes from ckanext-dcat is written by the base profile, from a copy of the dataset that holds only
those fields. So nothing has to be corrected afterwards, and the faults of the base profile in the
fields the table knows (UnknownIPR, two contacts, literals in place of IRIs) cannot arise.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from rdflib import Graph, Literal, URIRef

from ckanext.dcat.profiles import EuropeanDCATAP3Profile

from ckanext.nd47.dcat import terms
from ckanext.nd47.dcat.catalogue import write_catalogue
from ckanext.nd47.dcat.distributions import distribution_iri
from ckanext.nd47.dcat.graph import write
from ckanext.nd47.dcat.mapping import DATASET, rows_of
from ckanext.nd47.dcat.reader import (
    Source,
    read_agency,
    read_dataset,
    read_distribution,
    read_licence,
    source_of,
)
from ckanext.nd47.dcat.record import ANOTHER, Record, as_groups, flatten
from ckanext.nd47.dcat.site import agency_id, current_site, licence_id
from ckanext.nd47.metadata import disclosure
from ckanext.nd47.metadata.checksum import FIELD as CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rdflib.term import Node

log = logging.getLogger(__name__)

# Fields of CKAN and of ckanext-dcat that say what a field of the table says, or stand in for it.
_REPLACED = frozenset(
    {
        "author",
        "author_email",
        "dcat_version",
        "extras",
        "guid",
        "id",
        "maintainer",
        "maintainer_email",
        "metadata_created",
        "metadata_modified",
        "organization",
        "spatial",
    }
)
_REPLACED_STARTS = ("contact_", "license_", "spatial_", "temporal_")
_KEPT_ALTHOUGH_ALIKE = frozenset({"spatial_resolution_in_meters", "temporal_resolution"})
_NOT_OTHER = frozenset(
    {
        "access_url",
        "created",
        "download_url",
        "hash",
        "hash_algorithm",
        "id",
        "metadata_modified",
        "package_id",
        "rights",
        *(row.field for row in rows_of("distribution")),
    }
)
_WRITTEN = frozenset(row.field for row in DATASET)


class Nd47Profile(EuropeanDCATAP3Profile):
    """DCAT-AP 3.0.1 with the fields of Decree 47/2020/NĐ-CP and of what followed it."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Add a dataset to the graph.

        Args:
            dataset_dict: dataset as `package_show` or `package_search` gives it.
            dataset_ref: IRI of the dataset.
        """
        record = self.write_dataset(dataset_dict, dataset_ref)
        for problem in record.problems:
            log.warning(
                "Dataset %s: %s not exported, %s: %r",
                record.data.get("name"),
                problem.field,
                problem.reason,
                problem.value,
            )

    def write_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> Record:
        """Add a dataset to the graph and return what was written, with the problems."""
        for prefix, iri in terms.PREFIXES.items():
            self.g.bind(prefix, iri)
        site = current_site()
        self.g.bind("nd47", site.namespace)
        shown = dict(dataset_dict)
        disclosure.reduce(shown)
        record = Record(self.g, dataset_ref, flatten(shown), site)
        claim = terms.web(record.data.get("uri"))
        if claim is not None and claim != dataset_ref:
            record.leave_out("uri", claim, ANOTHER)
        self._write_other_fields(record)
        write(record)
        return record

    def graph_from_catalog(
        self, catalog_dict: Mapping[str, Any] | None, catalog_ref: URIRef
    ) -> None:
        """Add the description of the catalogue to the graph."""
        for prefix, iri in terms.PREFIXES.items():
            self.g.bind(prefix, iri)
        write_catalogue(
            self.g, catalog_ref, dict(catalog_dict or {}), self._last_catalog_modification()
        )

    def parse_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> dict[str, Any]:
        """Read a dataset from the graph into CKAN's form.

        Args:
            dataset_dict: what profiles before this one have read.
            dataset_ref: the dataset's node in the graph.

        Returns:
            The dataset for `package_create` or `package_update`.
        """
        site = current_site()
        if site.target:
            site.target.restore(self.g, site.namespace)
        super().parse_dataset(dataset_dict, dataset_ref)
        source = source_of(self.g, dataset_ref, site.namespace, site.language)
        for name, value in read_dataset(source, dataset_ref).items():
            self._take(dataset_dict, name, value)
        # ckanext-dcat looks in a list of its own making, which plugins cannot add to.
        known = licence_id(read_licence(source, dataset_ref))
        if known:
            dataset_dict["license_id"] = known
        agency = read_agency(source, dataset_ref)
        if agency and (found := agency_id(agency.iri, agency.code, agency.name)):
            self._take(dataset_dict, "responsible_agency", found)
        for name in source.derived(dataset_ref):
            self._take_back(dataset_dict, name)
        for resource in dataset_dict.get("resources", []):
            self._complete(source, resource, dataset_ref)
        return dataset_dict

    def _complete(self, source: Source, resource: dict[str, Any], dataset_ref: URIRef) -> None:
        """Give a resource the fields that ckanext-dcat's parser does not read as we do."""
        node = URIRef(resource["distribution_ref"])
        found = read_distribution(source, node, dataset_ref)
        if CHECKSUM in found:
            for name in ("hash", "hash_algorithm"):
                resource.pop(name, None)
        resource.update({k: v for k, v in found.items() if self._schema_resource_field(k)})
        for name in source.derived(node):
            resource.pop(name, None)

    def _take_back(self, dataset_dict: dict[str, Any], name: str) -> None:
        """Forget what ckanext-dcat's parser has read of a field that the record does not state."""
        if name == "tags":
            dataset_dict["tags"] = []
            return
        dataset_dict.pop(name, None)
        dataset_dict["extras"] = [e for e in dataset_dict.get("extras", []) if e["key"] != name]

    def _take(self, dataset_dict: dict[str, Any], name: str, value: object) -> None:
        """Put a field in its place, if the portal's schema has it."""
        if not self._schema_field(name):
            return
        dataset_dict[name] = value
        dataset_dict["extras"] = [e for e in dataset_dict.get("extras", []) if e["key"] != name]

    def _write_other_fields(self, record: Record) -> None:
        """Let `euro_dcat_ap_3` write the fields that the mapping table does not have.

        It writes to a graph of its own, from which only legal terms are taken over: one bad value
        must not make the page of a hundred datasets unreadable.
        """
        page, self.g = self.g, Graph()
        try:
            super().graph_from_dataset(_other_fields(record), record.subject)
            others = list(self.g)
        finally:
            self.g = page
        foreign = self._not_ours(record, others)
        for subject, predicate, value in others:
            if str(subject) in foreign:
                record.leave_out(str(predicate), f"{subject} {value}", ANOTHER)
                continue
            legal = _legal(value)
            if isinstance(subject, Literal) or _legal(subject) is None or legal is None:
                record.leave_out(str(predicate), value, "not a legal RDF term")
            else:
                page.add((subject, predicate, legal))

    def _not_ours(self, record: Record, others: list[Any]) -> frozenset[str]:
        """Return the IRIs that those statements describe although they are other records'."""
        own = {str(record.subject), *(str(node) for node in _files(record))}
        described = {str(subject) for subject, _, _ in others if isinstance(subject, URIRef)}
        return record.site.of_others(described - own, record.data)


def _files(record: Record) -> list[URIRef]:
    """Return the IRIs of the files of a dataset."""
    nodes = (distribution_iri(record, one) for one in as_groups(record.data.get("resources")))
    return [node for node in nodes if node]


def _other_fields(record: Record) -> dict[str, Any]:
    """Return the dataset without the fields that the mapping table or CKAN itself explains."""
    others = {
        name: value
        for name, value in record.data.items()
        if name not in _WRITTEN | _REPLACED
        and (name in _KEPT_ALTHOUGH_ALIKE or not name.startswith(_REPLACED_STARTS))
    }
    others["resources"] = [
        {**{k: v for k, v in resource.items() if k not in _NOT_OTHER}, "uri": str(node)}
        for resource in as_groups(record.data.get("resources"))
        if (node := distribution_iri(record, resource))
    ]
    return others


def _legal(term: Node) -> Node | None:
    """Return the term as every serialiser can write it, None when there is no such form."""
    if isinstance(term, Literal):
        content = terms.clean(str(term))
        return Literal(content, lang=term.language, datatype=term.datatype, normalize=False)
    if not isinstance(term, URIRef):
        return term
    if term.startswith("mailto:"):
        return terms.mail(str(term))
    return terms.web(str(term))
