"""What the functions that write one dataset share: the graph, the portal, and what was left out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.statements import TYPE, Graph, Node, Term
from ckanext.nd47.metadata.dataset_reader import groups, normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pyoxigraph import Triple

    from ckanext.nd47.dcat.rdf.targets import Target
    from ckanext.nd47.dcat.rdf.terms import Extent

_SHOWN = 80


DERIVED = "nd47:derived"
"""Names the fields of a node that the record does not state: they were taken from other fields,
or are those of the portal. Who reads the graph back leaves them out."""

ANOTHER = "the IRI of another record"


@dataclass(frozen=True)
class Territory:
    """The area that a portal serves.

    Attributes:
        name: as people call it.
        unit: IRI of the administrative unit, None when it has no code.
        extent: west, south, east and north in degrees (WGS 84), None when it is not known.
    """

    name: str
    unit: NamedNode | None
    extent: Extent | None


@dataclass(frozen=True)
class Site:
    """The portal whose datasets are written.

    Attributes:
        base: IRI of the catalogue, without a slash at its end.
        namespace: IRI of the project's own namespace, with `#` at its end.
        language: language of texts that carry none of their own.
        organisation: gives the fields of an organisation by id or name, None when there is none.
        agent_iri: gives the IRI of an organisation by its id.
        licence: gives title, title_vi and url of a licence by its id, None when there is none.
        responsible: gives the id of the agency that answers for a dataset, empty when unknown.
        contacts: gives the contacts of a dataset that names none itself.
        referred: gives the contact that an entry of a dataset's contacts refers to, None where it
            refers to none of the register, and nothing where its agency is gone.
        attribution: gives the sentence by which a dataset is to be cited.
        territory: the area that the portal serves, None when the portal does not say.
        availability: code of the EU table `planned-availability` that holds for files which state
            none, empty for none.
        target: what the export is made for, None for the mapping table as it is.
        of_others: gives those of some IRIs that a dataset may not describe.
        is_record: tells whether an IRI is that of a record of the portal.
    """

    base: str
    namespace: str
    language: str
    organisation: Callable[[str], Mapping[str, Any] | None]
    agent_iri: Callable[[str], str]
    licence: Callable[[str], Mapping[str, Any] | None]
    responsible: Callable[[Mapping[str, Any]], str]
    contacts: Callable[[Mapping[str, Any]], list[dict[str, Any]]]
    attribution: Callable[[Mapping[str, Any]], str]
    territory: Territory | None = None
    availability: str = ""
    target: Target | None = None
    of_others: Callable[[Iterable[str], Mapping[str, Any]], frozenset[str]] = (
        lambda _iris, _dataset: frozenset()
    )
    is_record: Callable[[str], bool] = lambda _iri: False
    referred: Callable[[Mapping[str, Any]], dict[str, Any] | None] = lambda _contact: None

    @property
    def catalogue(self) -> NamedNode:
        """IRI of the catalogue as a node."""
        return NamedNode(self.base)


@dataclass(frozen=True)
class Problem:
    """A value that could not be exported.

    Attributes:
        field: the field, with its group before it (`contact.email`).
        value: the value, shortened.
        reason: why, for the log and the administrator.
    """

    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Registered:
    """What a dataset refers to and the register describes.

    Attributes:
        kind: `agency` or `contact`.
        reference: which one, as the store finds it again.
        graph: its description as it is today.
    """

    kind: str
    reference: str
    graph: Graph


@dataclass
class Record:
    """One dataset on its way into a graph.

    Attributes:
        graph: takes what the dataset itself says.
        subject: IRI of the dataset.
        data: the dataset as `package_show` gives it, extras merged in.
        site: the portal.
        problems: what was left out, in the order of discovery.
        own: prefixed names of the project's own properties that were used.
        registered: agencies and contacts that the dataset refers to, by IRI. The store has them
            once for all datasets.
    """

    graph: Graph
    subject: NamedNode
    data: Mapping[str, Any]
    site: Site
    problems: list[Problem] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    registered: dict[NamedNode, Registered] = field(default_factory=dict)

    def triples(self) -> Iterator[Triple]:
        """Yield everything, the description of agencies and contacts too."""
        yield from self.graph
        for one in self.registered.values():
            yield from one.graph

    def describe(self, node: NamedNode, kind: str, reference: str) -> Record | None:
        """Return a record that takes the description of an agency or contact.

        Returns:
            None where the node is described already.
        """
        if node in self.registered:
            return None
        self.registered[node] = Registered(kind, reference, Graph())
        return replace(self, graph=self.registered[node].graph)

    def iri(self, name: str) -> NamedNode:
        """Return the IRI of a prefixed name."""
        return terms.expand(name, self.site.namespace)

    def add(self, subject: Node, name: str, value: Term) -> None:
        """Add one triple, the property given as prefixed name."""
        if name.startswith("nd47:"):
            self.own.add(name)
        self.graph.add(subject, self.iri(name), value)

    def derive(self, subject: Node, field: str) -> None:
        """Say of a field of a node that the record does not state it."""
        self.add(subject, DERIVED, Literal(field))

    def copy(self, source: Node, target: Node, *names: str) -> None:
        """Say of a node what is said of another, by these properties."""
        for name in names:
            for value in self.graph.objects(source, self.iri(name)):
                self.add(target, name, value)

    def type(self, subject: Node, name: str) -> None:
        """Say the class of a node, the class given as prefixed name."""
        self.graph.add(subject, TYPE, self.iri(name))

    def type_link(self, subject: NamedNode, name: str) -> None:
        """Say the class of what a dataset links to, unless that is a record and says it itself."""
        own = subject.value.startswith(f"{self.subject.value}#")
        if own or not self.site.is_record(subject.value):
            self.type(subject, name)

    @cached_property
    def of_others(self) -> frozenset[str]:
        """IRIs that parts of the dataset claim although they are those of other records."""
        return self.site.of_others(claimed(self.data), self.data)

    def called(self, given: object, own: NamedNode, name: str) -> NamedNode:
        """Return the IRI of a part of the dataset.

        Args:
            given: the IRI that it came with, if any.
            own: the IRI that the portal makes for it.
            name: the field, should the IRI be that of another record.
        """
        iri = terms.web(given)
        if iri is None or iri == own:
            return own
        if iri.value in self.of_others:
            self.leave_out(name, given, ANOTHER)
            return own
        return iri

    def part(self, name: str, of: NamedNode | None = None) -> NamedNode:
        """Return the IRI of a part of the dataset, the same each time the dataset is written.

        Blank nodes get new labels each time, and a harvester that compares bytes would see a
        change where there is none.
        """
        whole = (of or self.subject).value
        return NamedNode(f"{whole}{'/' if '#' in whole else '#'}{name}")

    def groups(self, name: str) -> list[dict[str, Any]]:
        """Return the groups of a repeating field of the dataset; what is no group is left out."""
        value = self.data.get(name)
        for stray in as_entries(value):
            if not isinstance(stray, dict):
                self.leave_out(name, stray, "not a group of subfields")
        return as_groups(value)

    def leave_out(self, name: str, value: object, reason: str) -> None:
        """Note a value that is not exported."""
        problem = Problem(name, terms.clean(str(value))[:_SHOWN], reason)
        if problem not in self.problems:
            self.problems.append(problem)


def flatten(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dataset with the fields of our schema, its extras, and its tags as plain names."""
    tags = [tag["name"] for tag in dataset.get("tags") or () if tag.get("name")]
    # Contacts that refer to the register stay references: who is meant changes by the day.
    return {**normal(dataset), "tags": tags, "contact": groups(dataset, "contact")}


def claimed(dataset: Mapping[str, Any]) -> Iterator[str]:
    """Go through the IRIs that the parts of a dataset claim for themselves."""
    for value in dataset.values():
        for one in value if isinstance(value, list) else [value]:
            iri = terms.web(one.get("uri")) if isinstance(one, dict) else None
            if iri is not None:
                yield iri.value


def empty(value: object) -> bool:
    """Say whether a field says nothing."""
    return value is None or value in ("", [], {})


def as_list(value: object) -> list[Any]:
    """Return the values of a field that may hold a list, a list written as JSON, or one value."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    if isinstance(value, (list, tuple)):
        return [item for item in value if not empty(item)]
    return [] if empty(value) else [value]


def as_entries(value: object) -> list[Any]:
    """Return the entries of a repeating field, whatever way CKAN stored them."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = f"[{value}]"
    return as_list([value] if isinstance(value, dict) else value)


def as_groups(value: object) -> list[dict[str, Any]]:
    """Return the groups of a repeating field that say anything."""
    groups = (group for group in as_entries(value) if isinstance(group, dict))
    return [group for group in groups if not all(empty(item) for item in group.values())]
