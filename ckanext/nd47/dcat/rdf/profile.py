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

import rdflib
from pyoxigraph import NamedNode
from rdflib import Literal, URIRef

from ckanext.dcat.profiles import EuropeanDCATAP3Profile

from ckanext.nd47.dcat.rdf import statements, terms
from ckanext.nd47.dcat.rdf.catalogue import catalogue
from ckanext.nd47.dcat.rdf.dataset import write
from ckanext.nd47.dcat.rdf.distributions import distribution_iri
from ckanext.nd47.dcat.rdf.mapping import DATASET, rows_of
from ckanext.nd47.dcat.rdf.reader import (
    Source,
    read_agency,
    read_dataset,
    read_distribution,
    read_licence,
    source_of,
)
from ckanext.nd47.dcat.rdf.record import ANOTHER, Record, as_groups, empty, flatten
from ckanext.nd47.dcat.rdf.site import agency_id, current_site, licence_id
from ckanext.nd47.metadata import dataset_show
from ckanext.nd47.metadata.files import CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Triple
    from rdflib.term import Node

log = logging.getLogger(__name__)

# Fields of CKAN and of ckanext-dcat that say what a field of the table says, or stand in for it.
REPLACED = frozenset(
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
_NOT_REPLACED = frozenset({"spatial_resolution_in_meters", "temporal_resolution"})
NOT_OTHER = frozenset(
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
WRITTEN = frozenset(row.field for row in DATASET)
OF_CKAN = frozenset(
    {
        "attribution_statement",
        "contact_points",
        "creator_user_id",
        "groups",
        "isopen",
        "name",
        "next_due",
        "num_resources",
        "num_tags",
        "plugin_data",
        "private",
        "relationships_as_object",
        "relationships_as_subject",
        "resources",
        "state",
        "type",
        "update_state",
        "uri",
    }
)
OF_CKAN_RESOURCES = frozenset(
    {
        "cache_last_updated",
        "cache_url",
        "datastore_active",
        "datastore_contains_all_records_of_source_file",
        "hash_of_file",
        "last_modified",
        "mimetype_inner",
        "original_url",
        "position",
        "resource_id",
        "resource_type",
        "set_url_type",
        "state",
        "ckan_url",
        "task_created",
        "uri",
        "url_type",
    }
)
"""Fields that CKAN, its extensions and this one add, of which that profile says nothing."""


class Nd47Profile(EuropeanDCATAP3Profile):
    """DCAT-AP 3.0.1 with the fields of Decree 47/2020/NĐ-CP and of what followed it."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Add a dataset to the graph.

        Args:
            dataset_dict: dataset as `package_show` or `package_search` gives it.
            dataset_ref: IRI of the dataset.
        """
        record = write_dataset(dataset_dict, str(dataset_ref))
        self._add_to_graph(record.triples())
        for problem in record.problems:
            log.warning(
                "Dataset %s: %s not exported, %s: %r",
                record.data.get("name"),
                problem.field,
                problem.reason,
                problem.value,
            )

    def graph_from_catalog(
        self, catalog_dict: Mapping[str, Any] | None, catalog_ref: URIRef
    ) -> None:
        """Add the description of the catalogue to the graph."""
        modified = self._last_catalog_modification()
        given = dict(catalog_dict or {})
        self._add_to_graph(catalogue(NamedNode(str(catalog_ref)), given, modified))

    def _add_to_graph(self, triples: Iterable[Triple]) -> None:
        site = current_site()
        targets = site.target.prefixes if site.target else {}
        for prefix, iri in {**terms.PREFIXES, **targets, "nd47": site.namespace}.items():
            self.g.bind(prefix, iri)
        statements.add_to_rdflib(self.g, triples)

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
            self._set_field(dataset_dict, name, value)
        # ckanext-dcat looks in a list of its own making, which plugins cannot add to.
        known = licence_id(read_licence(source, dataset_ref))
        if known:
            dataset_dict["license_id"] = known
        agency = read_agency(source, dataset_ref)
        if agency and (found := agency_id(agency.iri, agency.code, agency.name)):
            self._set_field(dataset_dict, "responsible_agency", found)
        for name in source.derived(dataset_ref):
            self._remove_field(dataset_dict, name)
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

    def _remove_field(self, dataset_dict: dict[str, Any], name: str) -> None:
        """Remove what ckanext-dcat's parser has read of a field that the record does not state."""
        if name == "tags":
            dataset_dict["tags"] = []
            return
        dataset_dict.pop(name, None)
        dataset_dict["extras"] = [e for e in dataset_dict.get("extras", []) if e["key"] != name]

    def _set_field(self, dataset_dict: dict[str, Any], name: str, value: object) -> None:
        """Set a field, if the portal's schema has it."""
        if not self._schema_field(name):
            return
        dataset_dict[name] = value
        dataset_dict["extras"] = [e for e in dataset_dict.get("extras", []) if e["key"] != name]


def write_dataset(dataset: dict[str, Any], iri: str) -> Record:
    """Write a dataset and return what was written, with the problems.

    Args:
        dataset: as `package_show` or `package_search` gives it.
        iri: IRI of the dataset.
    """
    shown = dict(dataset)
    dataset_show.hide_assessments(shown)
    record = Record(statements.Graph(), NamedNode(iri), flatten(shown), current_site())
    claim = terms.web(record.data.get("uri"))
    if claim is not None and claim != record.subject:
        record.leave_out("uri", claim.value, ANOTHER)
    _write_other_fields(record)
    write(record)
    return record


def _write_other_fields(record: Record) -> None:
    """Let `euro_dcat_ap_3` write the fields that the mapping table does not have.

    It writes to a graph of its own, from which only legal terms are taken over: one bad value must
    not make the page of a hundred datasets unreadable. Most datasets have no such field, and it
    takes longer than all the rest, so it is left out for them.
    """
    others = _other_fields(record)
    if not _says_more(others, OF_CKAN):
        resources = others["resources"]
        if not any(_says_more(one, OF_CKAN_RESOURCES) for one in resources):
            return
    graph = rdflib.Graph()
    subject = URIRef(record.subject.value)
    kind = str(record.data.get("type") or "dataset")
    EuropeanDCATAP3Profile(graph, dataset_type=kind).graph_from_dataset(others, subject)
    legal = []
    foreign = _not_ours(record, graph)
    for one, predicate, value in graph:
        if str(one) in foreign:
            record.leave_out(str(predicate), f"{one} {value}", ANOTHER)
            continue
        found = _legal(value)
        if isinstance(one, Literal) or _legal(one) is None or found is None:
            record.leave_out(str(predicate), value, "not a legal RDF term")
        else:
            legal.append((one, predicate, found))
    record.graph.update(statements.from_rdflib(legal, record.subject.value))


def _says_more(fields: Mapping[str, Any], known: frozenset[str]) -> bool:
    return any(name not in known and not empty(value) for name, value in fields.items())


def _not_ours(record: Record, graph: rdflib.Graph) -> frozenset[str]:
    """Return the IRIs that those statements describe although they are other records'."""
    own = {record.subject.value, *(node.value for node in _files(record))}
    described = {str(subject) for subject in graph.subjects() if isinstance(subject, URIRef)}
    return record.site.of_others(described - own, record.data)


def _files(record: Record) -> list[NamedNode]:
    """Return the IRIs of the files of a dataset."""
    nodes = (distribution_iri(record, one) for one in as_groups(record.data.get("resources")))
    return [node for node in nodes if node]


def _other_fields(record: Record) -> dict[str, Any]:
    """Return the dataset without the fields that the mapping table or CKAN itself explains."""
    others = {name: value for name, value in record.data.items() if is_other(name)}
    others["resources"] = [
        {**{k: v for k, v in resource.items() if k not in NOT_OTHER}, "uri": node.value}
        for resource in as_groups(record.data.get("resources"))
        if (node := distribution_iri(record, resource))
    ]
    return others


def is_other(name: str) -> bool:
    """Say whether a field of a dataset is left to the profile of ckanext-dcat."""
    if name in WRITTEN | REPLACED:
        return False
    return name in _NOT_REPLACED or not name.startswith(_REPLACED_STARTS)


def _legal(term: Node) -> Node | None:
    """Return the term as every serialiser can write it, None when there is no such form."""
    if isinstance(term, Literal):
        content = terms.clean(str(term))
        return Literal(content, lang=term.language, datatype=term.datatype, normalize=False)
    if not isinstance(term, URIRef):
        return term
    found = terms.mail(str(term)) if term.startswith("mailto:") else terms.web(str(term))
    return URIRef(found.value) if found else None
