"""The context of writing one dataset: graph, portal, and values that could not be exported."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.statements import TYPE, Graph, Node, Term
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.metadata import update_state
from ckanext.nd47.metadata.dataset_reader import groups, normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Triple

    from ckanext.nd47.agencies.contacts import Contact
    from ckanext.nd47.dcat.rdf.targets import Target
    from ckanext.nd47.dcat.rdf.terms import Extent
    from ckanext.nd47.lib.legal_basis import Decision

_MAX_VALUE_LENGTH = 80

DERIVED = "nd47:derived"
"""Property that names the fields of a node whose values are not in the dataset, but come from other
fields or from the portal. The reader ignores these fields."""

FOREIGN_IRI = "the IRI of another record"


@dataclass(frozen=True)
class Territory:
    """The area that a portal serves.

    Attributes:
        name: its name.
        unit: IRI of the administrative unit, None if it has no code.
        extent: west, south, east and north in degrees (WGS 84), None if it is not known.
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
        language: language of texts that have no language of their own.
        organisation: returns the fields of an organisation by id or name, None if there is none.
        agent_iri: returns the IRI of an organisation by its id.
        licence: returns title, title_vi and url of a licence by its id, None if there is none.
        responsible: returns the id of the responsible agency of a dataset, empty if unknown.
        contacts: returns the contacts of a dataset that has none of its own.
        registered_contact: returns the focal point that a contact refers to, None if the contact
            does not refer to the register, an empty dict if the focal point no longer exists.
        attribution: returns the citation of a dataset.
        territory: the area of the portal, None if it is not configured.
        availability: code of the EU table `planned-availability` for files without one, or empty.
        target: the target of the export, None for the mapping table without changes.
        foreign_iris: returns those of some IRIs that belong to other datasets than the one given.
        is_record: tells whether an IRI is that of a record of the portal.
        decisions: returns the decisions that a dataset is based on, besides those in its fields.
    """

    base: str
    namespace: str
    language: str
    organisation: Callable[[str], Mapping[str, Any] | None]
    agent_iri: Callable[[str], str]
    licence: Callable[[str], Mapping[str, Any] | None]
    responsible: Callable[[Mapping[str, Any]], str]
    contacts: Callable[[Mapping[str, Any]], Sequence[Contact]]
    attribution: Callable[[Mapping[str, Any]], str]
    territory: Territory | None = None
    availability: str = ""
    target: Target | None = None
    foreign_iris: Callable[[Iterable[str], Mapping[str, Any]], frozenset[str]] = (
        lambda _iris, _dataset: frozenset()
    )
    is_record: Callable[[str], bool] = lambda _iri: False
    decisions: Callable[[Mapping[str, Any]], Sequence[Decision]] = lambda _dataset: ()
    registered_contact: Callable[[Mapping[str, Any]], Contact | None] = lambda _contact: None

    @property
    def catalogue(self) -> NamedNode:
        """Node of the catalogue."""
        return NamedNode(self.base)


@dataclass(frozen=True)
class Problem:
    """A value that could not be exported.

    Attributes:
        field: name of the field, for subfields with the group (`contact.email`).
        value: the value, truncated.
        reason: for the log and the administrator.
    """

    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Registered:
    """An agency or contact of the register that a dataset refers to.

    Attributes:
        kind: `agency` or `contact`.
        reference: key by which the store finds it.
        graph: its current description.
    """

    kind: str
    reference: str
    graph: Graph


@dataclass
class Record:
    """A dataset that is being written to a graph.

    Attributes:
        graph: statements of the dataset.
        subject: IRI of the dataset.
        data: the dataset as `package_show` returns it, with its extras as fields.
        site: the portal.
        problems: values that were left out, in the order in which they were found.
        own_properties: prefixed names of the properties of the project's namespace that were used.
        registered: agencies and contacts that the dataset refers to, by IRI. The store holds each
            of them once for all datasets.
    """

    graph: Graph
    subject: NamedNode
    data: Mapping[str, Any]
    site: Site
    problems: list[Problem] = field(default_factory=list)
    own_properties: set[str] = field(default_factory=set)
    registered: dict[NamedNode, Registered] = field(default_factory=dict)

    def graphs(self) -> Iterator[Graph]:
        """Yield the graph of the dataset and those of its agencies and contacts."""
        yield self.graph
        for registered in self.registered.values():
            yield registered.graph

    def triples(self) -> Iterator[Triple]:
        """Yield the statements of all graphs."""
        return chain.from_iterable(self.graphs())

    def describe(self, node: NamedNode, kind: str, reference: str) -> Record | None:
        """Return a record that writes to the graph of an agency or contact.

        Returns:
            None if the node has been written already.
        """
        if node in self.registered:
            return None
        self.registered[node] = Registered(kind, reference, Graph())
        return replace(self, graph=self.registered[node].graph)

    def iri(self, name: str) -> NamedNode:
        """Return the IRI of a prefixed name."""
        return terms.expand(name, self.site.namespace)

    def add(self, subject: Node, name: str, value: Term) -> None:
        """Add a statement; the property is a prefixed name."""
        if name.startswith("nd47:"):
            self.own_properties.add(name)
        self.graph.add(subject, self.iri(name), value)

    def mark_derived(self, subject: Node, field: str) -> None:
        """Note that the value of a field of a node is not in the dataset."""
        self.add(subject, DERIVED, Literal(field))

    def copy(self, source: Node, target: Node, *names: str) -> None:
        """Copy the values of some properties from one node to another."""
        for name in names:
            for value in self.graph.objects(source, self.iri(name)):
                self.add(target, name, value)

    def type(self, subject: Node, name: str) -> None:
        """Add the class of a node; the class is a prefixed name."""
        self.graph.add(subject, TYPE, self.iri(name))

    def type_link(self, subject: NamedNode, name: str) -> None:
        """Add the class of a link's target, unless it is a record, which states its own class."""
        own = subject.value.startswith(f"{self.subject.value}#")
        if own or not self.site.is_record(subject.value):
            self.type(subject, name)

    @cached_property
    def foreign_iris(self) -> frozenset[str]:
        """IRIs of other records that parts of the dataset have as `uri`."""
        return self.site.foreign_iris(claimed_iris(self.data), self.data)

    def part_iri(self, uri: object, default: NamedNode, field: str) -> NamedNode:
        """Return the IRI of a part of the dataset.

        Args:
            uri: the `uri` of the part, if it has one.
            default: the IRI that the portal generates for it.
            field: field of the `uri`, for the problem if it belongs to another record.
        """
        iri = terms.web_iri(uri)
        if iri is None or iri == default:
            return default
        if iri.value in self.foreign_iris:
            self.leave_out(field, uri, FOREIGN_IRI)
            return default
        return iri

    def part(self, name: str, of: NamedNode | None = None) -> NamedNode:
        """Return the IRI of a part of the dataset or of another node.

        Blank nodes would get new labels each time the dataset is written, and harvesters that
        compare bytes would see a change.
        """
        parent = (of or self.subject).value
        return NamedNode(f"{parent}{'/' if '#' in parent else '#'}{name}")

    def groups(self, name: str) -> list[dict[str, Any]]:
        """Return the groups of subfields of a field of the dataset; other values are left out."""
        value = self.data.get(name)
        for entry in as_entries(value):
            if not isinstance(entry, dict):
                self.leave_out(name, entry, "not a group of subfields")
        return as_groups(value)

    def leave_out(self, name: str, value: object, reason: str) -> None:
        """Note a value that is not exported, or not as it is stored."""
        problem = Problem(name, terms.clean(str(value))[:_MAX_VALUE_LENGTH], reason)
        if problem not in self.problems:
            self.problems.append(problem)


def flatten(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dataset with its extras as fields, the names of its tags, and its next due day."""
    tags = [tag["name"] for tag in dataset.get("tags") or () if tag.get("name")]
    # Contacts that refer to the register are not resolved: the focal point changes over time.
    return {
        **normal(dataset),
        "tags": tags,
        "contact": groups(dataset, "contact"),
        "next_due": dates.iso(update_state.next_due(dataset)),
    }


def claimed_iris(dataset: Mapping[str, Any]) -> Iterator[str]:
    """Yield the `uri` of each part of a dataset."""
    for value in dataset.values():
        for part in value if isinstance(value, list) else [value]:
            iri = terms.web_iri(part.get("uri")) if isinstance(part, dict) else None
            if iri is not None:
                yield iri.value


def is_empty(value: object) -> bool:
    """Tell whether a field has no value."""
    return value is None or value in ("", [], {})


def as_list(value: object) -> list[Any]:
    """Return the values of a field that holds a list, a list as JSON, or a single value."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    if isinstance(value, (list, tuple)):
        return [item for item in value if not is_empty(item)]
    return [] if is_empty(value) else [value]


def as_entries(value: object) -> list[Any]:
    """Return the entries of a field with subfields, which may be stored as list, dict or JSON."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = f"[{value}]"
    return as_list([value] if isinstance(value, dict) else value)


def as_groups(value: object) -> list[dict[str, Any]]:
    """Return the groups of a field with subfields that have a value."""
    groups = (group for group in as_entries(value) if isinstance(group, dict))
    return [group for group in groups if not all(is_empty(item) for item in group.values())]
