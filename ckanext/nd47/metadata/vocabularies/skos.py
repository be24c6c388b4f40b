"""Code lists as SKOS (W3C Recommendation of 18 August 2009)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, OWL, RDFS, SKOS, XSD

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.vocabularies.vocabulary import Term, Vocabulary

ADMS = Namespace("http://www.w3.org/ns/adms#")
EUVOC = Namespace("http://publications.europa.eu/ontology/euvoc#")
"""Ontology of the EU authority tables, for the days on which a row is in force."""

SERIALISERS: Mapping[str, tuple[str, str]] = {
    "ttl": ("turtle", "text/turtle"),
    "jsonld": ("json-ld", "application/ld+json"),
}
"""rdflib's name of a format and its media type, by extension."""

ROW_STATUS = "row-status"
OWN_CHOICE = frozenset({"design", "inferred", "unverified"})
"""Statuses of mappings that were made for this software: close, not exact."""

Triple = tuple[URIRef, URIRef, Literal | URIRef]


def write(terms: Vocabulary, extension: str, code: str | None = None) -> str:
    """Write a list, or one row of it, in one of the formats; the output is reproducible."""
    text = graph(terms, code).serialize(format=SERIALISERS[extension][0])
    if extension != "jsonld":
        return text
    # rdflib orders JSON-LD by the hash of its terms, which differs from process to process.
    return json.dumps(_ordered(json.loads(text)), ensure_ascii=False, indent=2)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return sorted(map(_ordered, value), key=json.dumps)
    return value


def graph(terms: Vocabulary, code: str | None = None) -> Graph:
    """Return a list as a concept scheme with all its concepts, or only one of them."""
    triples = Graph()
    for prefix, namespace in (("skos", SKOS), ("adms", ADMS), ("euvoc", EUVOC)):
        triples.bind(prefix, namespace)
    chosen = [terms.by_code[code]] if code else terms.terms
    for triple in _scheme(terms):
        triples.add(triple)
    for term in chosen:
        for triple in _concept(terms, term):
            triples.add(triple)
    return triples


def _scheme(terms: Vocabulary) -> Iterator[Triple]:
    node = URIRef(vocabulary.iri(terms.id))
    yield node, RDF.type, SKOS.ConceptScheme
    yield node, DCTERMS.identifier, Literal(terms.id)
    yield node, DCTERMS.source, Literal(terms.source, lang="vi")
    yield node, ADMS.status, _status(terms.status)
    for lang, text in terms.title.items():
        yield node, DCTERMS.title, Literal(text, lang=lang)
        yield node, SKOS.prefLabel, Literal(text, lang=lang)
    for lang, text in terms.about.items():
        yield node, DCTERMS.description, Literal(text, lang=lang)
    for name, title in terms.columns.items():
        column = _column(terms, name)
        yield column, RDF.type, OWL.DatatypeProperty
        for lang, text in title.items():
            yield column, RDFS.label, Literal(text, lang=lang)


def _concept(terms: Vocabulary, term: Term) -> Iterator[Triple]:
    node = URIRef(vocabulary.iri(terms.id, term.code))
    scheme = URIRef(vocabulary.iri(terms.id))
    yield node, RDF.type, SKOS.Concept
    yield node, SKOS.inScheme, scheme
    yield node, SKOS.topConceptOf, scheme
    yield scheme, SKOS.hasTopConcept, node
    yield node, SKOS.notation, Literal(term.code)
    yield node, ADMS.status, _status(term.status)
    for lang, text in term.label.items():
        yield node, SKOS.prefLabel, Literal(text, lang=lang)
    if term.source:
        yield node, DCTERMS.source, Literal(term.source, lang="vi")
    if term.mapping:
        close = (term.mapping_status or term.status) in OWN_CHOICE
        yield node, SKOS.closeMatch if close else SKOS.exactMatch, URIRef(term.mapping)
    if term.valid_from:
        yield node, EUVOC.startDate, Literal(term.valid_from, datatype=XSD.date)
    if term.valid_to:
        yield node, EUVOC.endDate, Literal(term.valid_to, datatype=XSD.date)
    if term.retired:
        yield node, OWL.deprecated, Literal(True)
    for follower in terms.followers(term):
        yield node, DCTERMS.isReplacedBy, URIRef(vocabulary.iri(*follower))
    for name, value in term.columns.items():
        for item in value if isinstance(value, tuple) else (value,):
            yield node, _column(terms, name), _literal(item)


def _status(status: str) -> URIRef:
    return URIRef(vocabulary.iri(ROW_STATUS, status))


def _column(terms: Vocabulary, name: str) -> URIRef:
    return URIRef(f"{vocabulary.iri(terms.id)}#{name}")


def _literal(value: Any) -> Literal:
    return Literal(value)
