"""Terms of use as RDF."""

from __future__ import annotations

from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF

from ckanext.nd47.lib import vocabulary
from ckanext.nd47.lib.data import Labels
from ckanext.nd47.metadata import licence
from ckanext.nd47.metadata.terms_of_use import Terms, addition

CC = Namespace("http://creativecommons.org/ns#")

SERIALISERS = {
    "ttl": ("turtle", "text/turtle"),
    "jsonld": ("json-ld", "application/ld+json"),
    "rdf": ("xml", "application/rdf+xml"),
}
"""rdflib's name of a format and its media type, by extension."""


def write(terms: Terms, page: str, extension: str) -> str:
    """Write terms in one of the formats.

    Args:
        terms: the terms.
        page: address of the page that people read.
        extension: key of `SERIALISERS`.
    """
    return graph(terms, page).serialize(format=SERIALISERS[extension][0])


def graph(terms: Terms, page: str) -> Graph:
    """Return terms as a graph: the licence document and what it allows and asks for."""
    triples = Graph()
    triples.bind("cc", CC)
    node = URIRef(licence.address(terms.id))
    triples.add((node, RDF.type, DCTERMS.LicenseDocument))
    triples.add((node, RDF.type, CC.License))
    triples.add((node, DCTERMS.identifier, Literal(terms.id)))
    triples.add((node, FOAF.page, URIRef(page)))
    _add_text(triples, node, DCTERMS.title, terms.title)
    for lang in ("vi", "en"):
        triples.add((node, DCTERMS.description, Literal(whole(terms, lang), lang=lang)))
    if terms.instrument:
        source = URIRef(vocabulary.iri("instrument", terms.instrument))
        triples.add((node, DCTERMS.source, source))
    if terms.valid_from:
        triples.add((node, DCTERMS.valid, Literal(_period(terms), datatype=DCTERMS.Period)))
    if terms.successor:
        follower = URIRef(licence.address(terms.successor))
        triples.add((node, DCTERMS.isReplacedBy, follower))
    for name in terms.permits:
        triples.add((node, CC.permits, CC[name]))
    for name in terms.requires:
        triples.add((node, CC.requires, CC[name]))
    return triples


def whole(terms: Terms, lang: str) -> str:
    """Return the text of all clauses, and what the portal adds, in one language."""
    clauses = [f"{clause.clause[lang]}. {clause.text[lang]}" for clause in terms.clauses]
    return "\n".join([*clauses, *addition(terms, lang)])


def _add_text(triples: Graph, node: URIRef, predicate: URIRef, text: Labels) -> None:
    for lang, words in text.items():
        triples.add((node, predicate, Literal(words, lang=lang)))


def _period(terms: Terms) -> str:
    parts = [f"start={terms.valid_from}"]
    if terms.valid_to:
        parts.append(f"end={terms.valid_to}")
    return "; ".join([*parts, "scheme=W3C-DTF"])
