"""The RDF profile `nd47_schemaorg`: what ckanext-dcat's `schemaorg` leaves out for search engines.

It is used behind that profile (`ckanext.dcat.structured_data.profiles = schemaorg nd47_schemaorg`)
and works on its graph: the sentence to cite by, the licence by the IRI that the DCAT export gives
it, the agency that answers for the data as creator, where the stock profile repeats the publisher,
the address of each file, and one date of each kind, where the stock profile writes two.

Source: schema.org, classes CreativeWork and Dataset.
"""

from __future__ import annotations

from typing import Any

from pyoxigraph import NamedNode
from rdflib import BNode, Literal, URIRef
from rdflib.namespace import RDF

from ckanext.dcat.profiles.base import SCHEMA, RDFProfile
from ckanext.dcat.utils import resource_uri

from ckanext.nd47.dcat.rdf import statements, terms
from ckanext.nd47.dcat.rdf.agents import contact_nodes
from ckanext.nd47.dcat.rdf.distributions import SERVICE_METHOD
from ckanext.nd47.dcat.rdf.licences import licence_iri
from ckanext.nd47.dcat.rdf.record import Record, Site, flatten
from ckanext.nd47.dcat.rdf.site import current_site
from ckanext.nd47.lib import contact_values
from ckanext.nd47.metadata import dataset_reader

_CONTACT = {
    "name": SCHEMA.name,
    "email": SCHEMA.email,
    "telephone": SCHEMA.telephone,
    "function": SCHEMA.contactType,
}


class SchemaOrgAdditions(RDFProfile):
    """Additions to schema.org of datasets of Vietnamese state agencies."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Add what is said of the dataset to the graph that `schemaorg` made.

        Args:
            dataset_dict: the dataset as `package_show` gives it.
            dataset_ref: IRI of the dataset.
        """
        site = current_site()
        statement = terms.text(site.attribution(dataset_dict))
        if statement:
            self.g.add((dataset_ref, SCHEMA.creditText, statements.to_rdflib(statement)))
        self._name_licence(site, dataset_dict, dataset_ref)
        self._name_creator(site, dataset_dict, dataset_ref)
        self._name_contacts(site, dataset_dict, dataset_ref)
        self._date(dataset_dict, dataset_ref)
        self._name_files(dataset_dict)
        if dataset_reader.openness(dataset_dict) == "open":
            self.g.add((dataset_ref, SCHEMA.isAccessibleForFree, Literal(True)))

    def _name_licence(self, site: Site, dataset: dict[str, Any], node: URIRef) -> None:
        name = str(dataset.get("license_id") or "")
        known = site.licence(name)
        if known:
            licence = URIRef(licence_iri(site, name, known["url"]).value)
            self.g.set((node, SCHEMA.license, licence))
            self.g.add((licence, RDF.type, SCHEMA.CreativeWork))
            if title := terms.text(known.get("title_vi") or known.get("title")):
                self.g.add((licence, SCHEMA.name, statements.to_rdflib(title)))

    def _date(self, dataset: dict[str, Any], node: URIRef) -> None:
        """Say each date once: as given, else the moment that CKAN noted, with its offset."""
        for given, noted, name in (
            ("issued", "metadata_created", SCHEMA.datePublished),
            ("modified", "metadata_modified", SCHEMA.dateModified),
        ):
            day = terms.date(dataset.get(given)) or terms.date(dataset.get(noted))
            self.g.remove((node, name, None))
            if day is not None:
                self.g.add((node, name, Literal(day.value)))

    def _name_files(self, dataset: dict[str, Any]) -> None:
        """Give the address at which a file is had; a service has none of that kind."""
        for resource in dataset.get("resources", []):
            address = terms.web(resource.get("url"))
            if address and resource.get("publication_method") != SERVICE_METHOD:
                node = URIRef(resource_uri(resource))
                self.g.set((node, SCHEMA.contentUrl, Literal(address.value)))

    def _name_creator(self, site: Site, dataset: dict[str, Any], node: URIRef) -> None:
        name = site.responsible(dataset)
        details = site.organisation(name) if name else None
        iri = terms.web(site.agent_iri(details["id"])) if details else None
        if details is None or iri is None:
            return
        agent = URIRef(iri.value)
        for stock in list(self.g.objects(node, SCHEMA.creator)):
            if isinstance(stock, BNode):
                self.g.remove((stock, None, None))
        self.g.set((node, SCHEMA.creator, agent))
        title = terms.text(details["title"] or details["name"])
        if title and (agent, RDF.type, SCHEMA.Organization) not in self.g:
            self.g.add((agent, RDF.type, SCHEMA.Organization))
            self.g.add((agent, SCHEMA.name, statements.to_rdflib(title)))

    def _name_contacts(self, site: Site, dataset: dict[str, Any], node: URIRef) -> None:
        """Give the publisher the contacts that the DCAT export gives the dataset."""
        publisher = self.g.value(node, SCHEMA.publisher)
        if publisher is None:
            return
        for stock in list(self.g.objects(publisher, SCHEMA.contactPoint)):
            self.g.remove((stock, None, None))
            self.g.remove((publisher, SCHEMA.contactPoint, stock))
        written = Record(statements.Graph(), NamedNode(node), flatten(dataset), site)
        for iri, fields in contact_nodes(written):
            contact = URIRef(iri.value)
            self.g.add((publisher, SCHEMA.contactPoint, contact))
            self.g.add((contact, RDF.type, SCHEMA.ContactPoint))
            for field, name in _CONTACT.items():
                for text in map(terms.text, _texts(field, fields.get(field))):
                    if text:
                        self.g.add((contact, name, statements.to_rdflib(text)))


def _texts(field: str, value: object) -> list[object]:
    """Return the texts of a contact's field: each mailbox and number on its own."""
    if (
        field == "email"
        and isinstance(value, str)
        and (found := contact_values.find_mailboxes(value))
    ):
        return [one.address for one in found]
    if field == "telephone" and len(found := terms.phones(value)) > 1:
        return list(found.values())
    return [value]
