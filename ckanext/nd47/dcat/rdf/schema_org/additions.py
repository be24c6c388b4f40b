"""The RDF profile `nd47_schemaorg`, which completes ckanext-dcat's profile `schemaorg`.

It is used after that profile (`ckanext.dcat.structured_data.profiles = schemaorg nd47_schemaorg`)
and changes its graph. It adds the citation, the licence with the IRI of the DCAT export, the
responsible agency as creator (the stock profile repeats the publisher), the address of each file,
and one date of each kind (the stock profile writes two). It removes geometries that are not in
WGS 84.

Source: schema.org, classes CreativeWork and Dataset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyoxigraph import NamedNode
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF

from ckanext.dcat.profiles.base import SCHEMA, RDFProfile
from ckanext.dcat.utils import resource_uri

from ckanext.nd47.dcat.rdf import licences, statements, terms
from ckanext.nd47.dcat.rdf.agents import contact_nodes
from ckanext.nd47.dcat.rdf.distributions import SERVICE_METHOD
from ckanext.nd47.dcat.rdf.record import Record, Site, flatten
from ckanext.nd47.dcat.rdf.site import current_site
from ckanext.nd47.lib.fields import contact_values
from ckanext.nd47.metadata import dataset_reader

_CONTACT_PROPERTIES = {
    "name": SCHEMA.name,
    "email": SCHEMA.email,
    "telephone": SCHEMA.telephone,
    "function": SCHEMA.contactType,
}


_DATES = {"issued": SCHEMA.datePublished, "modified": SCHEMA.dateModified}
_RECORDED = {"issued": "metadata_created", "modified": "metadata_modified"}
"""Fields of CKAN with the time that stands for a missing date."""


class SchemaOrgAdditions(RDFProfile):
    """Additions to schema.org of datasets of Vietnamese state agencies."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Complete the graph of a dataset that `schemaorg` has written.

        Args:
            dataset_dict: the dataset as `package_show` returns it.
            dataset_ref: IRI of the dataset.
        """
        site = current_site()
        statement = terms.text(site.attribution(dataset_dict))
        if statement:
            self.g.add((dataset_ref, SCHEMA.creditText, statements.to_rdflib(statement)))
        self._add_licence(site, dataset_dict.get("license_id"), dataset_ref)
        self._add_creator(site, dataset_dict, dataset_ref)
        self._add_contacts(site, dataset_dict, dataset_ref)
        self._add_dates(dataset_dict, dataset_ref, _RECORDED)
        self._add_files(site, dataset_dict)
        remove_unknown_places(self.g, dataset_ref, SCHEMA)
        if dataset_reader.openness(dataset_dict) == "open":
            self.g.add((dataset_ref, SCHEMA.isAccessibleForFree, Literal(True)))

    def _add_licence(self, site: Site, value: object, node: URIRef) -> None:
        """Write the licence of a dataset or file; the stock profile writes its name as a text."""
        self.g.remove((node, SCHEMA.license, None))
        reference = licences.reference(site, value)
        if reference is None:
            return
        iri, written_title = reference
        licence = URIRef(iri.value)
        self.g.add((node, SCHEMA.license, licence))
        self.g.add((licence, RDF.type, SCHEMA.CreativeWork))
        if title := terms.text(written_title):
            self.g.add((licence, SCHEMA.name, statements.to_rdflib(title)))

    def _add_dates(self, fields: dict[str, Any], node: URIRef, defaults: Mapping[str, str]) -> None:
        """Write each date once, as precisely as it is known.

        Args:
            fields: the dataset or file.
            node: its node.
            defaults: fields with the times that CKAN has recorded.
        """
        for field, property_iri in _DATES.items():
            date = terms.date(fields.get(field)) or terms.date(fields.get(defaults.get(field, "")))
            self.g.remove((node, property_iri, None))
            if date is not None:
                self.g.add((node, property_iri, Literal(date.value)))

    def _add_files(self, site: Site, dataset: dict[str, Any]) -> None:
        """Complete the files; the address of each is its contentUrl, services have none."""
        for resource in dataset.get("resources", []):
            node = URIRef(resource_uri(resource))
            self._add_licence(site, resource.get("license"), node)
            self._add_dates(resource, node, {})
            address = terms.web_iri(resource.get("url"))
            if address and resource.get("publication_method") != SERVICE_METHOD:
                self.g.set((node, SCHEMA.contentUrl, Literal(address.value)))

    def _add_creator(self, site: Site, dataset: dict[str, Any], node: URIRef) -> None:
        name = site.responsible(dataset)
        details = site.organisation(name) if name else None
        iri = terms.web_iri(site.agent_iri(details["id"])) if details else None
        if details is None or iri is None:
            return
        agent = URIRef(iri.value)
        for stock_creator in list(self.g.objects(node, SCHEMA.creator)):
            if isinstance(stock_creator, BNode):
                self.g.remove((stock_creator, None, None))
        self.g.set((node, SCHEMA.creator, agent))
        title = terms.text(details["title"] or details["name"])
        if title and (agent, RDF.type, SCHEMA.Organization) not in self.g:
            self.g.add((agent, RDF.type, SCHEMA.Organization))
            self.g.add((agent, SCHEMA.name, statements.to_rdflib(title)))

    def _add_contacts(self, site: Site, dataset: dict[str, Any], node: URIRef) -> None:
        """Write the contacts of the DCAT export as contacts of the publisher."""
        publisher = self.g.value(node, SCHEMA.publisher)
        if publisher is None:
            return
        for stock_contact in list(self.g.objects(publisher, SCHEMA.contactPoint)):
            self.g.remove((stock_contact, None, None))
            self.g.remove((publisher, SCHEMA.contactPoint, stock_contact))
        record = Record(statements.Graph(), NamedNode(node), flatten(dataset), site)
        for iri, fields in contact_nodes(record):
            contact = URIRef(iri.value)
            self.g.add((publisher, SCHEMA.contactPoint, contact))
            self.g.add((contact, RDF.type, SCHEMA.ContactPoint))
            for field, property_iri in _CONTACT_PROPERTIES.items():
                for text in map(terms.text, _contact_values(field, fields.get(field))):
                    if text:
                        self.g.add((contact, property_iri, statements.to_rdflib(text)))


def _contact_values(field: str, value: object) -> list[object]:
    """Return the values of a field of a contact: each mailbox and telephone number separately."""
    if field == "email" and isinstance(value, str):
        mailboxes = contact_values.find_mailboxes(value)
        return [mailbox.address for mailbox in mailboxes] or [value]
    if field == "telephone" and len(numbers := terms.phone_iris(value)) > 1:
        return list(numbers.values())
    return [value]


def remove_unknown_places(graph: Graph, node: URIRef, schema: Namespace) -> None:
    """Remove what the stock profiles write of a geometry that is not in WGS 84.

    Args:
        graph: the graph of a stock profile.
        node: the dataset.
        schema: the namespace of schema.org that the profile uses.
    """
    for place in list(graph.objects(node, schema.spatialCoverage)):
        for shape in list(graph.objects(place, schema.geo)):
            if terms.geometry(graph.value(shape, schema.polygon)) is None:
                graph.remove((shape, None, None))
                graph.remove((place, schema.geo, shape))
        if set(graph.predicates(place)) == {RDF.type}:
            graph.remove((place, None, None))
            graph.remove((node, schema.spatialCoverage, place))
