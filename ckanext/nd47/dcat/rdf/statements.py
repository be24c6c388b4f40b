"""A graph of pyoxigraph terms that can be sorted, and conversion from and to rdflib."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import rdflib
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    Triple,
)
from rdflib.term import Node as RdflibNode

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
HYDRA = "http://www.w3.org/ns/hydra/core#"

TYPE = NamedNode(f"{RDF}type")
PROPERTY = NamedNode(f"{RDF}Property")
LABEL = NamedNode(f"{RDFS}label")
SEE_ALSO = NamedNode(f"{RDFS}seeAlso")

_HAS_TYPE = f" {TYPE} "

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal


class Graph:
    """A set of statements, by subject."""

    def __init__(self) -> None:
        self._by_subject: dict[Node, dict[Triple, None]] = {}

    def add(self, subject: Node, predicate: NamedNode, value: Term) -> None:
        """Add a statement."""
        triple = Triple(subject, predicate, value)
        self._by_subject.setdefault(subject, {})[triple] = None

    def put(self, subject: Node, triples: Iterable[Triple]) -> None:
        """Replace the statements about a node."""
        self._by_subject[subject] = dict.fromkeys(triples)

    def update(self, triples: Iterable[Triple]) -> None:
        """Add statements."""
        for triple in triples:
            self.add(triple.subject, triple.predicate, triple.object)  # pyright: ignore[reportArgumentType] # no RDF-star

    def remove(self, triple: Triple) -> None:
        """Remove a statement."""
        self._by_subject.get(triple.subject, {}).pop(triple, None)  # pyright: ignore[reportArgumentType, reportCallIssue] # as above

    def of(self, subject: Node) -> list[Triple]:
        """Return the statements about a node."""
        return list(self._by_subject.get(subject, ()))

    def objects(self, subject: Node, predicate: NamedNode) -> list[Term]:
        """Return the values of a property of a node."""
        return [triple.object for triple in self.of(subject) if triple.predicate == predicate]  # pyright: ignore[reportReturnType] # as above

    def has_type(self, subject: Node, kind: NamedNode) -> bool:
        """Tell whether a node has a class."""
        return Triple(subject, TYPE, kind) in self._by_subject.get(subject, ())

    def subjects(self) -> list[Node]:
        """Return the nodes that have statements."""
        return list(self._by_subject)

    def ordered(self, first: Node | None = None) -> list[Triple]:
        """Return the statements sorted by subject, those about the subject `first` in front."""
        nodes = sorted(self._by_subject, key=lambda node: (node != first, node.value))
        return [triple for node in nodes for triple in ordered(self._by_subject[node])]

    def __iter__(self) -> Iterator[Triple]:
        """Yield the statements in the order in which they were added."""
        for triples in self._by_subject.values():
            yield from triples

    def __len__(self) -> int:
        """Return the number of statements."""
        return sum(map(len, self._by_subject.values()))


def ordered(triples: Iterable[Triple]) -> list[Triple]:
    """Return statements about one node sorted, with its classes first."""

    def sort_key(triple: Triple) -> tuple[bool, str]:
        text = str(triple)
        return _HAS_TYPE not in text, text

    return sorted(triples, key=sort_key)


def digest(parts: Iterable[bytes]) -> str:
    """Return a hash of byte strings for an ETag."""
    result = hashlib.sha256()
    for part in parts:
        result.update(part)
        result.update(b"\0")
    return result.hexdigest()[:32]


def from_rdflib(graph: Iterable[tuple[RdflibNode, ...]], scope: str) -> list[Triple]:
    """Return statements of rdflib as pyoxigraph's, with canonical labels for blank nodes.

    Labels of blank nodes are valid for a whole document: two datasets that both use `b0` would
    share a node on a page, so the labels contain a hash of the scope.
    """
    triples = [
        Triple(_term(s), NamedNode(str(p)), _term(o))  # pyright: ignore[reportArgumentType] # subjects are no literals
        for s, p, o in graph
    ]
    has_blank_nodes = any(
        isinstance(node, BlankNode)
        for triple in triples
        for node in (triple.subject, triple.object)
    )
    return _canonical(triples, scope) if has_blank_nodes else triples


def to_rdflib(term: Term) -> RdflibNode:
    """Return a term of pyoxigraph as one of rdflib."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == f"{XSD}string":
        return rdflib.Literal(term.value)
    datatype = rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def add_to_rdflib(graph: rdflib.Graph, triples: Iterable[Triple]) -> None:
    """Add statements to a graph of rdflib."""
    for triple in triples:
        terms = (triple.subject, triple.predicate, triple.object)
        graph.add(tuple(map(to_rdflib, terms)))  # pyright: ignore[reportArgumentType] # no RDF-star


def _canonical(triples: list[Triple], scope: str) -> list[Triple]:
    scope_hash = hashlib.sha256(scope.encode()).hexdigest()[:12]
    dataset = Dataset(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)

    def renamed(term: object) -> object:
        return BlankNode(f"n{scope_hash}{term.value}") if isinstance(term, BlankNode) else term

    return [
        Triple(renamed(quad.subject), quad.predicate, renamed(quad.object))  # pyright: ignore[reportArgumentType] # as above
        for quad in dataset
    ]


def _term(term: RdflibNode) -> Term:
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if not isinstance(term, rdflib.Literal):
        return NamedNode(str(term))
    if term.language:
        return Literal(str(term), language=term.language)
    if term.datatype:
        return Literal(str(term), datatype=NamedNode(str(term.datatype)))
    return Literal(str(term))
