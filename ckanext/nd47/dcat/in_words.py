"""One dataset as the national side will read it: its properties in words, and what is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode

import ckan.plugins.toolkit as tk

from ckanext.dcat.utils import dataset_uri

from ckanext.nd47.dcat.rdf import exported, terms
from ckanext.nd47.dcat.rdf.mapping import MARKS, ROWS, Row
from ckanext.nd47.dcat.rdf.profile import write_dataset
from ckanext.nd47.dcat.rdf.record import DERIVED, Problem, Record, is_empty
from ckanext.nd47.dcat.rdf.statements import TYPE, Graph, Term
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.web import http

NAMES = ("dct:title", "vcard:fn", "foaf:name", "skos:prefLabel", "rdfs:label", "nd47:formatName")
"""Properties that name a node, the first that it has counts."""

DETAILS = ("vcard:hasEmail", "vcard:hasTelephone", "dcat:startDate", "dcat:endDate")
"""Properties that tell more of a node than its name."""

CORE_LABELS = {
    "title": lambda: tk._("Title"),
    "notes": lambda: tk._("Description"),
    "tags": lambda: tk._("Keywords"),
    "owner_org": lambda: tk._("Providing agency"),
    "resources": lambda: tk._("Data files"),
    "next_due": lambda: tk._("Next update due"),
    "size": lambda: tk._("Size"),
    "issued": lambda: tk._("Date of publication"),
    "modified": lambda: tk._("Date of last update"),
    "checksum": lambda: tk._("Checksum"),
    "mimetype": lambda: tk._("Media type"),
    "availability": lambda: tk._("Availability"),
}
"""Names of fields that the forms do not ask for."""

MOST_FILES = 20


@dataclass(frozen=True)
class Line:
    """A property of a node: what it is called here and there, and its values in words.

    Attributes:
        label: name of the field.
        property: prefixed name of the property.
        values: pairs of a text and an IRI, which may be empty.
        derived: whether the record does not state it.
    """

    label: str
    property: str
    values: list[tuple[str, str]]
    derived: bool = False


@dataclass(frozen=True)
class Described:
    """A dataset in words.

    Attributes:
        iri: its IRI.
        lines: its properties.
        files: name and properties of each file.
        more_files: number of files that are not shown.
        problems: values that are left out or changed.
        left_out: labels of fields with a value that no property stands for.
    """

    iri: str
    lines: list[Line]
    files: list[tuple[str, list[Line]]]
    more_files: int
    problems: list[Problem]
    left_out: list[str] = field(default_factory=list)


def describe(dataset: dict[str, Any]) -> Described:
    """Return a dataset in words.

    Args:
        dataset: the dataset as `package_show` returns it.
    """
    iri = dataset_uri(dict(dataset))
    record = write_dataset(dict(dataset), iri)
    target = record.site.target
    if target is not None:
        for graph in record.graphs():
            target.apply(graph, record.site.namespace)
    words = _Words(record, dataset)
    distribution = record.iri("dcat:distribution")
    nodes = [
        node
        for node in record.graph.objects(record.subject, distribution)
        if isinstance(node, NamedNode)
    ]
    files = [(words.name(node), words.lines(node, "distribution")) for node in nodes[:MOST_FILES]]
    return Described(
        iri=iri,
        lines=words.lines(record.subject, "dataset"),
        files=files,
        more_files=max(len(nodes) - MOST_FILES, 0),
        problems=record.problems,
        left_out=list(_left_out(dataset)),
    )


class _Words:
    """Names of properties and nodes of one record."""

    def __init__(self, record: Record, dataset: Mapping[str, Any]) -> None:
        self.record = record
        self.dataset = dataset
        self.prefixes = {"nd47": record.site.namespace, **terms.PREFIXES}
        self.labels = {
            (row.of, name): _label(dataset, row.of, row.field) or _own_label(row)
            for row in reversed((*ROWS, *MARKS))
            for name in (row.prefix_name, row.eu_property)
            if name
        }

    def lines(self, node: NamedNode, of: str) -> list[Line]:
        derived = {
            term.value
            for term in self.record.graph.objects(node, self.record.iri(DERIVED))
            if isinstance(term, Literal)
        }
        by_property: dict[str, list[Term]] = {}
        for triple in self.record.graph.of(node):
            name = self.short(triple.predicate.value)
            if triple.predicate != TYPE and name not in (DERIVED, "dcat:distribution"):
                by_property.setdefault(name, []).append(triple.object)  # pyright: ignore[reportArgumentType] # no RDF-star
        fields = {
            name: row.field
            for row in ROWS
            if row.of == of
            for name in (row.prefix_name, row.eu_property)
        }
        return [
            Line(
                self.labels.get((of, name)) or name.partition(":")[2],
                name,
                [self.value(term) for term in values],
                fields.get(name) in derived,
            )
            for name, values in by_property.items()
        ]

    def value(self, term: Term) -> tuple[str, str]:
        if isinstance(term, Literal):
            return _readable(term), ""
        address = term.value
        name = self.name(term)
        details = [
            _readable(value) if isinstance(value, Literal) else value.value.partition(":")[2]
            for graph in self.record.graphs()
            for detail in DETAILS
            for value in graph.objects(term, self.record.iri(detail))
        ]
        text = " · ".join(dict.fromkeys(filter(None, (name, *details))))
        return text or self.short(address), address

    def name(self, node: Any) -> str:
        for graph in self.record.graphs():
            if name := self._name_in(graph, node):
                return name
        return ""

    def _name_in(self, graph: Graph, node: Any) -> str:
        for name in NAMES:
            found = [
                term
                for term in graph.objects(node, self.record.iri(name))
                if isinstance(term, Literal)
            ]
            if found:
                own = [term for term in found if (term.language or "") == http.language()[:2]]
                return (own or found)[0].value
        return ""

    def short(self, iri: str) -> str:
        """Return the prefixed name of an IRI, the IRI itself if no prefix is known."""
        for prefix, namespace in self.prefixes.items():
            if iri.startswith(namespace) and iri != namespace:
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri


def _readable(literal: Literal) -> str:
    text = literal.value
    kind = literal.datatype.value if literal.datatype else ""
    return tk.h.nd47_day(text) if kind.endswith(("#date", "#dateTime")) else text


def _own_label(row: Row) -> str:
    return row.label_vi if http.language().startswith("vi") else row.label_en


def _label(dataset: Mapping[str, Any], of: str, name: str) -> str:
    """Return the label of a field in the form, empty if the form does not have it."""
    if of not in ("dataset", "distribution"):
        return ""
    schema = tk.h.scheming_get_dataset_schema(dataset.get("type") or "dataset") or {}
    fields = dataset_fields.of(dataset)
    kind = "dataset_fields" if of == "dataset" else "resource_fields"
    own = fields.name(name) if of == "dataset" else fields.resource_names.get(name, name)
    for schema_field in schema.get(kind, ()):
        if schema_field.get("field_name") == own:
            return str(tk.h.scheming_language_text(schema_field.get("label") or own))
    return CORE_LABELS[name]() if name in CORE_LABELS else ""


def _left_out(dataset: Mapping[str, Any]) -> Iterator[str]:
    """Yield the labels of fields with a value that are not exported."""
    fields, known = dataset_fields.of(dataset), exported.fields()
    schema = tk.h.scheming_get_dataset_schema(dataset.get("type") or "dataset") or {}
    ours = {theirs: own for own, theirs in fields.names.items()}
    for schema_field in schema.get("dataset_fields", ()):
        name = schema_field["field_name"]
        if is_empty(dataset.get(name)) or ours.get(name, name) in known.dataset:
            continue
        yield str(tk.h.scheming_language_text(schema_field.get("label") or name))
    for extra in dataset.get("extras") or ():
        if extra.get("key") not in known.dataset and not is_empty(extra.get("value")):
            yield str(extra["key"])
