"""Renders a dataset, an agency or a contact for the store."""

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
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates

_NOBODY = NamedNode("urn:x-nd47:nobody")
"""Subject in place of a dataset when an agency is rendered alone."""

_OF_ONE_DATASET = frozenset(
    NamedNode(terms.PREFIXES[prefix] + name)
    for prefix, name in (
        ("dcat", "Dataset"),
        ("dcat", "Distribution"),
        ("dcat", "DataService"),
        ("foaf", "Document"),
    )
)
"""Classes of nodes that few datasets share: storing them separately would cost more."""


@dataclass(frozen=True)
class Content:
    """Statements as they are stored, in each format."""

    nt: str = ""
    ttl: str = ""
    xml: str = ""
    jsonld: str = ""

    @property
    def etag(self) -> str:
        """Hash of the content, empty if there is none."""
        return _digest(astuple(self)) if self.nt else ""


@dataclass(frozen=True)
class RenderedNode:
    """A node that many datasets refer to, with the period in which it is valid.

    Attributes:
        key: as in `model.Node`, like the others.
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
        etag: hash of its content.
        content: its statements in each format.
        registered: kind and reference of the agencies and contacts that it refers to, by key.
        shared: statements that other datasets may share.
        problems: omitted values.
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
    """Render a dataset.

    Args:
        data: the dataset as `package_show` returns it.
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
    """Render an agency or a contact for each current and future term; empty if removed."""
    return agency(reference) if kind == AGENCY else contact(reference)


def agency(organisation_id: str) -> list[RenderedNode]:
    """Render an organisation by its id."""
    record = Record(statements.Graph(), _NOBODY, {}, current_site())
    iri = write_organisation(record, organisation_id, {})
    if iri is None:
        return []
    content = _content(_finished(record, record.registered[iri].graph))
    return [RenderedNode(iri.value, AGENCY, organisation_id, content, (organisation_id,))]


def contact(reference: str) -> list[RenderedNode]:
    """Render a contact as it is on each day from today on."""
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
    """Separate the statements of a dataset from those that other datasets may share."""
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
    # Telephone numbers are personal data: they must not outlive the dataset with them.
    if node == subject or node.startswith((f"{subject}#", f"{subject}/", "tel:")):
        return True
    return any(
        triple.predicate == statements.TYPE and triple.object in _OF_ONE_DATASET
        for triple in triples
    )


# Concepts and licences repeat in each dataset. The base address determines the prefixes.
@lru_cache(maxsize=2048)
def _shared(iri: str, triples: tuple[Triple, ...], _base: str) -> RenderedNode:
    content = _content(list(triples))
    return RenderedNode(content.etag, SHARED, iri, content)
