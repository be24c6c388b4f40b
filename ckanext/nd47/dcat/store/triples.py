"""From an rdflib graph to sorted triples, apart by what they belong to.

Sorted, with blank nodes named by what they say, so that equal statements give equal bytes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    Triple,
)
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.namespace import DCAT, FOAF, RDF
from rdflib.term import Node

_TYPE = NamedNode(str(RDF.type))
_OF_ONE_DATASET = frozenset(
    NamedNode(str(one))
    for one in (DCAT.Dataset, DCAT.Distribution, DCAT.DataService, FOAF.Document)
)
"""Classes of nodes that few datasets share: to keep them apart would cost more than it saves."""

Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True)
class Split:
    """The triples of a dataset.

    Attributes:
        own: what belongs to this dataset alone.
        shared: what other datasets may say in the same words, by its subject.
    """

    own: list[Triple] = field(default_factory=list)
    shared: Mapping[str, list[Triple]] = field(default_factory=dict)


def split(graph: Graph, subject: URIRef) -> Split:
    """Take the triples of a dataset apart.

    Args:
        graph: what was written of one dataset.
        subject: its IRI.
    """
    by_subject: dict[NamedNode | BlankNode, list[Triple]] = defaultdict(list)
    for triple in converted(graph, str(subject)):
        by_subject[triple.subject].append(triple)  # pyright: ignore[reportArgumentType] # no RDF-star
    own: list[Triple] = []
    shared: dict[str, list[Triple]] = {}
    for node in sorted(by_subject, key=lambda one: (one.value != str(subject), one.value)):
        found = sorted(by_subject[node], key=_order)
        if _is_own(node, found, str(subject)):
            own.extend(found)
        else:
            shared[node.value] = found
    return Split(own, shared)


def ordered(graph: Graph, scope: str) -> list[Triple]:
    """Return all triples of a graph, sorted."""
    found = converted(graph, scope)
    return sorted(found, key=lambda one: (str(one.subject), _order(one)))


def digest(parts: Iterable[bytes]) -> str:
    """Return a hash of bytes, short enough for a header and long enough to be the only one."""
    made = hashlib.sha256()
    for part in parts:
        made.update(part)
        made.update(b"\0")
    return made.hexdigest()[:32]


def _is_own(node: NamedNode | BlankNode, triples: list[Triple], subject: str) -> bool:
    if isinstance(node, BlankNode) or node.value == subject:
        return True
    if node.value.startswith((f"{subject}#", f"{subject}/")):
        return True
    return any(one.predicate == _TYPE and one.object in _OF_ONE_DATASET for one in triples)


def _order(triple: Triple) -> tuple[bool, str, str]:
    return (triple.predicate != _TYPE, triple.predicate.value, str(triple.object))


def converted(graph: Graph, scope: str) -> list[Triple]:
    """Return the triples of an rdflib graph as pyoxigraph's, blank nodes named by their content.

    Labels of blank nodes hold for a whole document: two datasets that both use `b0` would become
    one node on a page, so the labels carry a hash of the scope.
    """
    triples = [
        Triple(_term(s), NamedNode(str(p)), _term(o))  # pyright: ignore[reportArgumentType] # subjects are no literals
        for s, p, o in graph
    ]
    blank = [one for one in graph.all_nodes() if isinstance(one, BNode)]
    return _named(triples, scope) if blank else triples


def _named(triples: list[Triple], scope: str) -> list[Triple]:
    mark = hashlib.sha256(scope.encode()).hexdigest()[:12]
    dataset = Dataset(Quad(one.subject, one.predicate, one.object) for one in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)

    def renamed(term: Term) -> Term:
        return BlankNode(f"n{mark}{term.value}") if isinstance(term, BlankNode) else term

    return [
        Triple(renamed(quad.subject), quad.predicate, renamed(quad.object))  # pyright: ignore[reportArgumentType] # as above
        for quad in dataset
    ]


def _term(term: Node) -> Term:
    if isinstance(term, BNode):
        return BlankNode(str(term))
    if not isinstance(term, RdflibLiteral):
        return NamedNode(str(term))
    if term.language:
        return Literal(str(term), language=term.language)
    if term.datatype:
        return Literal(str(term), datatype=NamedNode(str(term.datatype)))
    return Literal(str(term))
