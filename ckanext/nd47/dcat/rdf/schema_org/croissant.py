"""The RDF profile `nd47_croissant`, which completes ckanext-dcat's profile `croissant`.

It is used after that profile (`ckanext.dcat.croissant.profiles = croissant nd47_croissant`) where
a portal has ckanext-dcat's plugin `croissant`, and changes its graph: licence and agencies have the
IRIs of the DCAT export, `citeAs` is the citation of the dataset, services are no files, and
geometries that are not in WGS 84 are removed.

Source: MLCommons, Croissant Format Specification 1.0.
"""

from __future__ import annotations

import re
from typing import Any

from rdflib import Literal, URIRef
from rdflib.namespace import RDF

from ckanext.dcat.profiles.base import CR, RDFProfile
from ckanext.dcat.profiles.croissant import JSONLD_CONTEXT, SCHEMA
from ckanext.dcat.utils import resource_uri

from ckanext.nd47.dcat.rdf import licences, terms
from ckanext.nd47.dcat.rdf.distributions import SERVICE_METHOD
from ckanext.nd47.dcat.rdf.record import Site
from ckanext.nd47.dcat.rdf.schema_org import additions
from ckanext.nd47.dcat.rdf.site import current_site

_SHA256 = re.compile("[0-9a-fA-F]{64}")


class CroissantAdditions(RDFProfile):
    """Additions to Croissant of datasets of Vietnamese state agencies."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Complete the graph of a dataset that `croissant` has written.

        Args:
            dataset_dict: the dataset as `package_show` returns it.
            dataset_ref: IRI of the dataset.
        """
        site = current_site()
        # The stock module reads the language when it is imported, when there may be no option yet.
        JSONLD_CONTEXT["@language"] = site.language
        self.g.remove((dataset_ref, SCHEMA.license, None))
        if licence := licences.reference(site, dataset_dict.get("license_id")):
            self.g.add((dataset_ref, SCHEMA.license, Literal(licence[0].value)))
        statement = site.attribution(dataset_dict)
        if statement and (dataset_ref, CR.citeAs, None) not in self.g:
            self.g.add((dataset_ref, CR.citeAs, Literal(statement)))
        self._add_agencies(site, dataset_dict, dataset_ref)
        self._complete_files(dataset_dict, dataset_ref)
        additions.remove_unknown_places(self.g, dataset_ref, SCHEMA)

    def _add_agencies(self, site: Site, dataset: dict[str, Any], node: URIRef) -> None:
        """Write the responsible agency as creator and the agency of the dataset as publisher."""
        owner = str(dataset.get("owner_org") or "")
        for name, property_iri in (
            (site.responsible(dataset), SCHEMA.creator),
            (owner, SCHEMA.publisher),
        ):
            details = site.organisation(name) if name else None
            iri = terms.web_iri(site.agent_iri(details["id"])) if details else None
            if details is None or iri is None:
                continue
            for stock_agent in list(self.g.objects(node, property_iri)):
                self.g.remove((node, property_iri, stock_agent))
                if (None, None, stock_agent) not in self.g:
                    self.g.remove((stock_agent, None, None))
            agent = URIRef(iri.value)
            self.g.add((node, property_iri, agent))
            self.g.add((agent, RDF.type, SCHEMA.Organization))
            self.g.set((agent, SCHEMA.name, Literal(details["title"] or details["name"])))

    def _complete_files(self, dataset: dict[str, Any], node: URIRef) -> None:
        """Remove services, and write the checksum of each file."""
        for resource in dataset.get("resources", []):
            file = URIRef(resource_uri(resource))
            if resource.get("publication_method") == SERVICE_METHOD:
                self.g.remove((node, SCHEMA.distribution, file))
                self.g.remove((file, None, None))
                continue
            checksum = str(resource.get("checksum") or "")
            if _SHA256.fullmatch(checksum):
                self.g.set((file, SCHEMA.sha256, Literal(checksum.lower())))
