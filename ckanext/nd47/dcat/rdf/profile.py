"""The RDF profile `nd47_dcat_ap`: DCAT-AP 3 with the fields of the decree.

It is used alone (`ckanext.dcat.rdf.profiles = nd47_dcat_ap`) and extends `euro_dcat_ap_3`. Fields
of the mapping table are written by the functions of this package. All other fields that a portal's
schema takes from ckanext-dcat are written by the base profile, from a copy of the dataset with only
those fields. Errors of the base profile in fields of the mapping table (UnknownIPR, two contacts,
literals in place of IRIs) thus cannot occur.
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
from ckanext.nd47.dcat.rdf.record import FOREIGN_IRI, Record, as_groups, flatten, is_empty
from ckanext.nd47.dcat.rdf.site import agency_id, current_site, licence_id
from ckanext.nd47.metadata import dataset_show
from ckanext.nd47.metadata.files import CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Triple
    from rdflib.term import Node

log = logging.getLogger(__name__)

# Fields of CKAN and ckanext-dcat that the base profile does not get, because fields of the mapping
# table have the same content or replace them.
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
_REPLACED_PREFIXES = ("contact_", "license_", "spatial_", "temporal_")
_NOT_REPLACED = frozenset({"spatial_resolution_in_meters", "temporal_resolution"})
WRITTEN_RESOURCE_FIELDS = frozenset(
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
WRITTEN_FIELDS = frozenset(row.field for row in DATASET)
DATASET_FIELDS_NOT_WRITTEN = frozenset(
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
RESOURCE_FIELDS_NOT_WRITTEN = frozenset(
    {
        "cache_last_updated",
        "cache_url",
        "datastore_active",
        "datastore_contains_all_records_of_source_file",
        "hash_of_file",
        "last_modified",
        "mimetype_inner",
        "original_filename",
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
"""Fields of CKAN and its extensions, including this one, that the base profile does not write."""


class Nd47Profile(EuropeanDCATAP3Profile):
    """DCAT-AP 3.0.1 with the fields of Decree 47/2020/NĐ-CP and of what followed it."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Add a dataset to the graph.

        Args:
            dataset_dict: dataset as `package_show` or `package_search` returns it.
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
        fields = dict(catalog_dict or {})
        self._add_to_graph(catalogue(NamedNode(str(catalog_ref)), fields, modified))

    def _add_to_graph(self, triples: Iterable[Triple]) -> None:
        site = current_site()
        targets = site.target.prefixes if site.target else {}
        for prefix, iri in {**terms.PREFIXES, **targets, "nd47": site.namespace}.items():
            self.g.bind(prefix, iri)
        statements.add_to_rdflib(self.g, triples)

    def parse_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> dict[str, Any]:
        """Read a dataset from the graph.

        Args:
            dataset_dict: fields that other profiles have read.
            dataset_ref: IRI of the dataset.

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
        # ckanext-dcat compares with a list of licences that plugins cannot change.
        if name := licence_id(read_licence(source, dataset_ref)):
            dataset_dict["license_id"] = name
        agency = read_agency(source, dataset_ref)
        if agency and (responsible := agency_id(agency.iri, agency.code, agency.name)):
            self._set_field(dataset_dict, "responsible_agency", responsible)
        for name in source.derived(dataset_ref):
            self._remove_field(dataset_dict, name)
        for resource in dataset_dict.get("resources", []):
            self._complete_resource(source, resource, dataset_ref)
        return dataset_dict

    def _complete_resource(
        self, source: Source, resource: dict[str, Any], dataset_ref: URIRef
    ) -> None:
        """Set the fields of a resource that ckanext-dcat's parser does not read correctly."""
        node = URIRef(resource["distribution_ref"])
        fields = read_distribution(source, node, dataset_ref)
        if CHECKSUM in fields:
            for name in ("hash", "hash_algorithm"):
                resource.pop(name, None)
        resource.update({k: v for k, v in fields.items() if self._schema_resource_field(k)})
        for name in source.derived(node):
            resource.pop(name, None)

    def _remove_field(self, dataset_dict: dict[str, Any], name: str) -> None:
        """Remove a field that ckanext-dcat's parser has read but that is not in the original."""
        if name == "tags":
            dataset_dict["tags"] = []
            return
        dataset_dict.pop(name, None)
        dataset_dict["extras"] = [e for e in dataset_dict.get("extras", []) if e["key"] != name]

    def _set_field(self, dataset_dict: dict[str, Any], name: str, value: object) -> None:
        """Set a field if it is in the portal's schema."""
        if not self._schema_field(name):
            return
        dataset_dict[name] = value
        dataset_dict["extras"] = [e for e in dataset_dict.get("extras", []) if e["key"] != name]


def write_dataset(dataset: dict[str, Any], iri: str) -> Record:
    """Write a dataset to a new record.

    Args:
        dataset: dataset as `package_show` or `package_search` returns it.
        iri: IRI of the dataset.
    """
    shown = dict(dataset)
    dataset_show.hide_assessments(shown)
    record = Record(statements.Graph(), NamedNode(iri), flatten(shown), current_site())
    uri = terms.web_iri(record.data.get("uri"))
    if uri is not None and uri != record.subject:
        record.leave_out("uri", uri.value, FOREIGN_IRI)
    _write_other_fields(record)
    write(record)
    return record


def _write_other_fields(record: Record) -> None:
    """Write the fields that are not in the mapping table by the profile `euro_dcat_ap_3`.

    It writes to a separate graph, from which only valid terms are copied. The profile takes longer
    than all other functions, so it is not called for datasets without such fields.
    """
    others = _other_fields(record)
    resources = as_groups(record.data.get("resources"))
    if not _has_unknown_fields(others, DATASET_FIELDS_NOT_WRITTEN):
        written = WRITTEN_RESOURCE_FIELDS | RESOURCE_FIELDS_NOT_WRITTEN
        if not any(_has_unknown_fields(resource, written) for resource in resources):
            return
    others["resources"] = [
        {
            **{k: v for k, v in resource.items() if k not in WRITTEN_RESOURCE_FIELDS},
            "uri": node.value,
        }
        for resource in resources
        if (node := distribution_iri(record, resource))
    ]
    graph = rdflib.Graph()
    subject = URIRef(record.subject.value)
    dataset_type = str(record.data.get("type") or "dataset")
    EuropeanDCATAP3Profile(graph, dataset_type=dataset_type).graph_from_dataset(others, subject)
    files = {resource["uri"] for resource in others["resources"]}
    described = {str(node) for node in graph.subjects() if isinstance(node, URIRef)}
    foreign = record.site.foreign_iris(described - files - {record.subject.value}, record.data)
    valid = []
    for node, predicate, value in graph:
        if str(node) in foreign:
            record.leave_out(str(predicate), f"{node} {value}", FOREIGN_IRI)
            continue
        valid_value = _valid_term(value)
        if isinstance(node, Literal) or _valid_term(node) is None or valid_value is None:
            record.leave_out(str(predicate), value, "not a legal RDF term")
        else:
            valid.append((node, predicate, valid_value))
    record.graph.update(statements.from_rdflib(valid, record.subject.value))


def _has_unknown_fields(fields: Mapping[str, Any], known_names: frozenset[str]) -> bool:
    return any(name not in known_names and not is_empty(value) for name, value in fields.items())


def _other_fields(record: Record) -> dict[str, Any]:
    """Return the dataset without the fields that the mapping table or CKAN itself explains."""
    return {name: value for name, value in record.data.items() if is_other(name)}


def is_other(name: str) -> bool:
    """Return whether a field of a dataset is left to the profile of ckanext-dcat."""
    if name in WRITTEN_FIELDS or name in REPLACED:
        return False
    return name in _NOT_REPLACED or not name.startswith(_REPLACED_PREFIXES)


def _valid_term(term: Node) -> Node | None:
    """Return the term in a form that every serialiser can write, None if there is none."""
    if isinstance(term, Literal):
        content = terms.clean(str(term))
        return Literal(content, lang=term.language, datatype=term.datatype, normalize=False)
    if not isinstance(term, URIRef):
        return term
    iri = terms.mail_iri(str(term)) if term.startswith("mailto:") else terms.web_iri(str(term))
    return URIRef(iri.value) if iri else None
