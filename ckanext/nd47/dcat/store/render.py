"""Writes a dataset, an agency or a contact in the form in which the store holds it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from functools import lru_cache
from typing import Any, get_args

from pyoxigraph import BlankNode, NamedNode, Triple

from ckanext.dcat.utils import dataset_uri

from ckanext.nd47.dcat import contact_points
from ckanext.nd47.dcat.contact_points import FIRST, LAST
from ckanext.nd47.dcat.rdf import statements, terms
from ckanext.nd47.dcat.rdf.agents import write_contact, write_organisation
from ckanext.nd47.dcat.rdf.profile import write_dataset
from ckanext.nd47.dcat.rdf.record import Problem, Record
from ckanext.nd47.dcat.rdf.site import current_site
from ckanext.nd47.dcat.store import serialise
from ckanext.nd47.dcat.store.model import AGENCY, CONTACT, SHARED
from ckanext.nd47.dcat.store.serialise import Column
from ckanext.nd47.lib import config, dates

_NOBODY = NamedNode("urn:x-nd47:nobody")
"""Stands for the dataset while an agency is written alone."""

_OF_ONE_DATASET = frozenset(
    NamedNode(terms.PREFIXES[prefix] + name)
    for prefix, name in (
        ("dcat", "Dataset"),
        ("dcat", "Distribution"),
        ("dcat", "DataService"),
        ("foaf", "Document"),
    )
)
"""Classes of nodes that few datasets share: to store them apart would cost more than it saves."""


@dataclass(frozen=True)
class Content:
    """Statements as they are stored, in each format."""

    nt: str = ""
    ttl: str = ""
    xml: str = ""
    jsonld: str = ""

    @property
    def etag(self) -> str:
        """Hash of the content, empty for none."""
        return _digest(astuple(self)) if self.nt else ""


@dataclass(frozen=True)
class RenderedNode:
    """What many datasets refer to, on the days from one to another.

    Attributes:
        key: as in `model.Node`; so are the others.
    """

    key: str
    kind: str
    reference: str
    content: Content
    agencies: tuple[str, ...] = ()
    valid_from: dt.date = FIRST
    valid_to: dt.date = LAST


@dataclass(frozen=True)
class Rendered:
    """A dataset, ready to be stored.

    Attributes:
        id: id of the dataset.
        name: its name.
        iri: its IRI.
        etag: hash of what it says.
        content: what it says.
        registered: kind and reference of the agencies and contacts that it refers to, by key.
        shared: statements that other datasets may share.
        problems: what was left out.
    """

    id: str
    name: str
    iri: str
    etag: str
    content: Content
    registered: Mapping[str, tuple[str, str]]
    shared: list[RenderedNode] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def dataset(data: Mapping[str, Any]) -> Rendered:
    """Write a dataset.

    Args:
        data: the dataset as `package_show` gives it.
    """
    iri = dataset_uri(dict(data))
    record = write_dataset(dict(data), iri)
    own, shared = _split(record.graph, record.subject)
    content = _content(own)
    nodes = [_shared(node.value, tuple(triples), config.base_iri()) for node, triples in shared]
    registered = {
        node.value: (described.kind, described.reference)
        for node, described in record.registered.items()
    }
    keys = sorted([*registered, *(node.key for node in nodes)])
    return Rendered(
        id=data["id"],
        name=data["name"],
        iri=iri,
        etag=_digest([*astuple(content), *keys]),
        content=content,
        registered=registered,
        shared=nodes,
        problems=record.problems,
    )


def node(kind: str, reference: str) -> list[RenderedNode]:
    """Write an agency or a contact for each of the terms to come; nothing when it is no more."""
    return agency(reference) if kind == AGENCY else contact(reference)


def agency(organisation_id: str) -> list[RenderedNode]:
    """Write an organisation by its id."""
    record = Record(statements.Graph(), _NOBODY, {}, current_site())
    iri = write_organisation(record, organisation_id, {})
    if iri is None:
        return []
    content = _content(_finished(record, record.registered[iri].graph))
    return [RenderedNode(iri.value, AGENCY, organisation_id, content, (organisation_id,))]


def contact(reference: str) -> list[RenderedNode]:
    """Write a contact as it is on each day from today on."""
    point = contact_points.read(reference)
    agencies = tuple(contact_points.agencies(point))
    nodes: list[RenderedNode] = []
    for period in contact_points.periods(point, dates.today()):
        record = Record(statements.Graph(), _NOBODY, {}, current_site())
        write_contact(record, NamedNode(point.iri), period.contact)
        content = _content(_finished(record, record.graph))
        term = (period.valid_from, period.valid_to)
        nodes.append(RenderedNode(point.iri, CONTACT, reference, content, agencies, *term))
    return nodes


def _finished(record: Record, graph: statements.Graph) -> list[Triple]:
    if record.site.target:
        record.site.target.apply(graph, record.site.namespace)
    return graph.ordered()


def _content(triples: list[Triple]) -> Content:
    return Content(*(serialise.part(name, triples).decode() for name in get_args(Column)))


def _digest(parts: Iterable[str]) -> str:
    return statements.digest(part.encode() for part in parts)


def _split(
    graph: statements.Graph, subject: NamedNode
) -> tuple[list[Triple], list[tuple[NamedNode, list[Triple]]]]:
    """Take apart what belongs to a dataset alone, and what others may say in the same words."""
    own = statements.Graph()
    shared: list[tuple[NamedNode, list[Triple]]] = []
    for node in graph.subjects():
        triples = graph.of(node)
        if isinstance(node, BlankNode) or _is_own(node.value, triples, subject.value):
            own.put(node, triples)
        else:
            shared.append((node, statements.ordered(triples)))
    return own.ordered(subject), shared


def _is_own(node: str, triples: Iterable[Triple], subject: str) -> bool:
    # A telephone number is somebody's: it must not outlive what says it.
    if node == subject or node.startswith((f"{subject}#", f"{subject}/", "tel:")):
        return True
    return any(
        triple.predicate == statements.TYPE and triple.object in _OF_ONE_DATASET
        for triple in triples
    )


# Concepts and licences come again with each dataset. The base address stands for the prefixes.
@lru_cache(maxsize=2048)
def _shared(iri: str, triples: tuple[Triple, ...], _base: str) -> RenderedNode:
    content = _content(list(triples))
    return RenderedNode(content.etag, SHARED, iri, content)
