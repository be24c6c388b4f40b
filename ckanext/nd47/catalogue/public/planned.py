"""Items in force that are not published yet, as RDF: a list of their own, never datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.editions import shown
from ckanext.nd47.catalogue.items import listing, progress
from ckanext.nd47.catalogue.logic.rights import Rights
from ckanext.nd47.catalogue.public import decisions
from ckanext.nd47.catalogue.records.model import ISSUED
from ckanext.nd47.lib import config

FORMATS: Mapping[str, RdfFormat] = {"ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD}
MEDIA_TYPES: Mapping[str, str] = {"ttl": "text/turtle", "jsonld": "application/ld+json"}
"""By the extension of the address."""

PREFIXES: Mapping[str, str] = {
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
NAMESPACE = "/ns/nd47#"
"""End of the IRI of the project's own namespace, as in the export."""

MOST_ITEMS = 20_000
LANGUAGE = "vi"
TITLE = "Dữ liệu có trong danh mục, chưa công bố"


def content(extension: str) -> bytes:
    """Return the unpublished items of all catalogues in force in a format.

    Args:
        extension: one of `FORMATS`.
    """
    items = listing.page(
        [progress.in_force()], {listing.UNPUBLISHED: "1"}, MOST_ITEMS, 0, officers=False
    )["results"]
    listed = {item["catalogue_id"] for item in items}
    catalogues = shown.listed(Rights(), {"state": ISSUED}, MOST_ITEMS, 0)["results"]
    return rendered(
        items, [catalogue for catalogue in catalogues if catalogue["id"] in listed], extension
    )


def rendered(
    items: list[dict[str, Any]], catalogues: list[dict[str, Any]], extension: str
) -> bytes:
    """Return the list in a format.

    Args:
        items: unpublished items in force, as the API writes them.
        catalogues: their catalogues.
        extension: one of `FORMATS`.
    """
    prefixes = {**PREFIXES, "nd47": config.base_iri() + NAMESPACE}
    content = serialize(_triples(items, catalogues), format=FORMATS[extension], prefixes=prefixes)
    return content or b""


def _triples(items: list[dict[str, Any]], catalogues: list[dict[str, Any]]) -> Iterator[Triple]:
    the_list = NamedNode(f"{config.base_iri()}/catalogues/planned")
    yield Triple(the_list, _node("rdf:type"), _node("skos:Collection"))
    yield Triple(the_list, _node("dct:title"), Literal(TITLE, language=LANGUAGE))
    for catalogue in catalogues:
        yield from _of_decision(catalogue)
    for item in items:
        node = NamedNode(f"{decisions.iri(item['catalogue_name'])}/items/{item['line_id']}")
        yield Triple(the_list, _node("skos:member"), node)
        yield from _of_item(node, item)


def _of_decision(catalogue: Mapping[str, Any]) -> Iterator[Triple]:
    node = NamedNode(decisions.iri(catalogue["name"]))
    yield Triple(node, _node("rdf:type"), _node("eli:LegalResource"))
    yield Triple(node, _node("dct:title"), Literal(catalogue["title"], language=LANGUAGE))
    yield Triple(node, _node("eli:number"), Literal(catalogue["decision_number"]))
    yield Triple(node, _node("eli:date_document"), _date(catalogue["decision_date"]))


def _of_item(node: NamedNode, item: Mapping[str, Any]) -> Iterator[Triple]:
    yield Triple(node, _node("rdf:type"), _node("nd47:PlannedItem"))
    yield Triple(node, _node("dct:title"), Literal(item["name"], language=LANGUAGE))
    decision = NamedNode(decisions.iri(item["catalogue_name"]))
    yield Triple(node, _node("dcatap:applicableLegislation"), decision)
    if item["description"]:
        yield Triple(
            node, _node("dct:description"), Literal(item["description"], language=LANGUAGE)
        )
    if item["code"]:
        yield Triple(node, _node("dct:identifier"), Literal(item["code"]))
    if item["planned"]:
        yield Triple(node, _node("dct:available"), _date(item["planned"]))
    agency = item["provider_agency"]
    if agency["name"]:
        publisher = NamedNode(_address(agency["name"]))
        yield Triple(node, _node("dct:publisher"), publisher)
        yield Triple(publisher, _node("rdf:type"), _node("foaf:Agent"))
        yield Triple(publisher, _node("foaf:name"), Literal(agency["title"], language=LANGUAGE))


def _address(agency: str) -> str:
    """Return the address of the page of an agency; building one takes as long as an item."""
    addresses: dict[str, str] = tk.g.setdefault("nd47_agency_addresses", {})
    if agency not in addresses:
        addresses[agency] = tk.url_for("organization.read", id=agency, qualified=True)
    return addresses[agency]


def _node(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    namespace = PREFIXES.get(prefix) or config.base_iri() + NAMESPACE
    return NamedNode(namespace + local)


def _date(day: str) -> Literal:
    return Literal(day, datatype=_node("xsd:date"))
