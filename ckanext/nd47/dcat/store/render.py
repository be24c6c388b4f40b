"""Writes a dataset, an agency or a focal point in the form in which the store keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pyoxigraph import Triple
from rdflib import Graph, URIRef

from ckan import model

from ckanext.dcat.utils import dataset_uri

from ckanext.nd47 import config
from ckanext.nd47.agencies import contacts, lookup, public
from ckanext.nd47.dcat.agents import write_contact, write_organisation
from ckanext.nd47.dcat.profile import Nd47Profile
from ckanext.nd47.dcat.record import Problem, Record
from ckanext.nd47.dcat.site import current_site
from ckanext.nd47.dcat.store import triples, writers
from ckanext.nd47.dcat.store.model import AGENCY, CONTACT, SHARED
from ckanext.nd47.dcat.store.quick import QuickStore

_NOBODY = URIRef("urn:x-nd47:nobody")
"""Stands for the dataset while an agency is written alone."""


@dataclass(frozen=True)
class RenderedNode:
    """What many datasets refer to.

    Attributes:
        key: IRI, or hash of the content of what is shared.
        kind: as in `Node`.
        iri: the node's IRI.
        etag: hash of the content.
        bodies: the content, by column.
        reference: id of the organisation or focal point.
    """

    key: str
    kind: str
    iri: str
    etag: str
    bodies: Mapping[str, bytes]
    reference: str = ""


@dataclass(frozen=True)
class Rendered:
    """A dataset, ready to be kept.

    Attributes:
        id: id of the dataset.
        name: its name.
        iri: its IRI.
        etag: hash of what it says.
        bodies: the content, by column.
        nodes: what it refers to.
        problems: what was left out.
    """

    id: str
    name: str
    iri: str
    etag: str
    bodies: Mapping[str, bytes]
    nodes: list[RenderedNode] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Renderer:
    """Writes what one transaction or one batch needs; an agency is written once for all of them."""

    def __init__(self) -> None:
        self._agencies: dict[str, RenderedNode | None] = {}
        self._contacts: dict[str, RenderedNode | None] = {}

    def dataset(self, data: Mapping[str, Any]) -> Rendered:
        """Write a dataset.

        Args:
            data: the dataset as `package_show` gives it.
        """
        subject = URIRef(dataset_uri(dict(data)))
        graph = Graph(QuickStore(), bind_namespaces="none")
        record = Nd47Profile(graph, dataset_type=data["type"]).write_dataset(dict(data), subject)
        parts = triples.split(graph, subject)
        agencies = _agencies(record)
        nodes = [
            self._registered(iri, agencies) or _shared(iri, tuple(content), config.base_iri())
            for iri, content in parts.shared.items()
        ]
        bodies = writers.bodies(_without_orphans(parts.own, str(subject), nodes))
        keys = sorted(node.key for node in nodes)
        return Rendered(
            id=data["id"],
            name=data["name"],
            iri=str(subject),
            etag=triples.digest([*bodies.values(), *(key.encode() for key in keys)]),
            bodies=bodies,
            nodes=nodes,
            problems=record.problems,
        )

    def node(self, kind: str, reference: str) -> RenderedNode | None:
        """Write an agency or a focal point, None when there is none such."""
        return self._agency(reference) if kind == AGENCY else self._contact(reference)

    def _registered(self, iri: str, agencies: Mapping[str, str]) -> RenderedNode | None:
        if iri in agencies:
            return self._agency(agencies[iri])
        start = public.iri("")
        return self._contact(iri.removeprefix(start)) if iri.startswith(start) else None

    def _agency(self, organisation_id: str) -> RenderedNode | None:
        if organisation_id not in self._agencies:
            self._agencies[organisation_id] = agency(organisation_id)
        return self._agencies[organisation_id]

    def _contact(self, focal_point_id: str) -> RenderedNode | None:
        if focal_point_id not in self._contacts:
            self._contacts[focal_point_id] = contact(focal_point_id)
        return self._contacts[focal_point_id]


def agency(organisation_id: str) -> RenderedNode | None:
    """Write an organisation by its id, None when there is none such."""
    graph = Graph()
    record = Record(graph, _NOBODY, {}, current_site())
    iri = write_organisation(record, organisation_id, {})
    return _node(graph, str(iri), AGENCY, organisation_id) if iri else None


def contact(focal_point_id: str) -> RenderedNode | None:
    """Write a focal point by its id, as its agency shows it; None when nothing is public of it."""
    officer = lookup.directory().referred(focal_point_id)
    shown = contacts.of_officer(officer) if officer else None
    if shown is None:
        return None
    graph = Graph()
    record = Record(graph, _NOBODY, {}, current_site())
    iri = URIRef(public.iri(focal_point_id))
    write_contact(record, iri, shown)
    graph.remove((_NOBODY, None, None))
    return _node(graph, str(iri), CONTACT, focal_point_id)


def anew(node: RenderedNode) -> RenderedNode | None:
    """Write an agency or a focal point once more, from what others have committed by now."""
    model.Session.expire_all()
    with lookup.anew():
        return Renderer().node(node.kind, node.reference)


def _agencies(record: Record) -> dict[str, str]:
    """Return the ids of the organisations that a dataset may refer to, by IRI."""
    site = record.site
    given = (record.data.get("owner_org"), record.data.get("responsible_agency"))
    found = (lookup.directory().get(str(one)) for one in given if one)
    ids = {one.id for one in found if one}
    responsible = site.responsible(record.data)
    return {site.agent_iri(one): one for one in {*ids, responsible} if one}


def _node(graph: Graph, iri: str, kind: str, reference: str) -> RenderedNode:
    bodies = writers.bodies(triples.ordered(graph, iri))
    return RenderedNode(iri, kind, iri, triples.digest(bodies.values()), bodies, reference)


# Concepts and licences come again with each dataset. The base address stands for the prefixes.
@lru_cache(maxsize=2048)
def _shared(iri: str, content: tuple[Triple, ...], _base: str) -> RenderedNode:
    bodies = writers.bodies(content)
    etag = triples.digest(bodies.values())
    return RenderedNode(etag, SHARED, iri, etag, bodies)


def _without_orphans(own: list[Triple], subject: str, nodes: list[RenderedNode]) -> list[Triple]:
    """Leave out what only an agency of the dataset refers to: the agency's own row has it."""
    if all(node.kind == SHARED for node in nodes):
        return own
    pointed = {getattr(one.object, "value", "") for one in own}
    start = (f"{subject}#", f"{subject}/")
    return [
        one
        for one in own
        if (value := getattr(one.subject, "value", "")) == subject
        or value in pointed
        or value.startswith(start)
    ]
