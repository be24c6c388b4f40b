"""Reads the fields of the schema from RDF, by the same rows that are used for writing.

It runs after ckanext-dcat's parser, and adds the fields of this project and codes in place of IRIs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geomet import wkt
from rdflib import Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDFS

from ckanext.nd47.dcat.rdf import codes, terms
from ckanext.nd47.dcat.rdf.distributions import IANA
from ckanext.nd47.dcat.rdf.mapping import DATASET, Kind, Row, rows_of
from ckanext.nd47.dcat.rdf.record import DERIVED
from ckanext.nd47.dcat.rdf.site import NAMESPACE
from ckanext.nd47.metadata.files import CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rdflib import Graph
    from rdflib.term import Node


@dataclass(frozen=True)
class Source:
    """A graph that is being read.

    Attributes:
        graph: the graph.
        namespace: IRI of the `nd47` namespace of the portal that wrote it.
        language: preferred language of texts.
    """

    graph: Graph
    namespace: str
    language: str

    def objects(self, subject: Node, name: str) -> list[Node]:
        """Return the values of a property, sorted."""
        return sorted(self.graph.objects(subject, self.iri(name)), key=_sort_key)

    def iri(self, name: str) -> URIRef:
        """Return the IRI of a prefixed name."""
        return URIRef(terms.expand(name, self.namespace).value)

    def derived(self, subject: Node) -> set[str]:
        """Return the fields of a node whose values are not in the original dataset."""
        return {str(value) for value in self.objects(subject, DERIVED)}

    def text(self, subject: Node, predicate: Node) -> str:
        """Return a text, preferably in the portal's language."""
        texts = [o for o in self.graph.objects(subject, predicate) if isinstance(o, Literal)]
        texts.sort(key=lambda literal: (literal.language != self.language, str(literal)))
        return str(texts[0]) if texts else ""


@dataclass(frozen=True)
class Agency:
    """An agency of another portal.

    Attributes:
        iri: its IRI on that portal.
        code: its electronic identifier, or empty.
        name: its name.
    """

    iri: str
    code: str
    name: str


def source_of(graph: Graph, subject: Node, default: str, language: str) -> Source:
    """Return the graph with the `nd47` namespace that it uses, else the default namespace."""
    for predicate in graph.predicates(subject):
        start, namespace, _ = str(predicate).partition(NAMESPACE)
        if namespace:
            return Source(graph, start + namespace, language)
    return Source(graph, default, language)


def read_dataset(source: Source, dataset: URIRef) -> dict[str, Any]:
    """Return the fields of a dataset that are in the graph."""
    fields = read_rows(source, dataset, DATASET)
    derived = source.derived(dataset)
    for name, predicate, read in _NODE_FIELDS:
        if name not in derived:
            nodes = source.objects(dataset, predicate)
            fields[name] = [read(source, dataset, node) for node in nodes]
    return {name: value for name, value in fields.items() if value not in ("", [])}


def read_agency(source: Source, dataset: URIRef) -> Agency | None:
    """Return the responsible agency, None if the original dataset has none."""
    if "responsible_agency" in source.derived(dataset):
        return None
    for node in source.objects(dataset, "dct:rightsHolder"):
        identifiers = source.objects(node, "dct:identifier")
        return Agency(
            iri=str(node),
            code=str(identifiers[0]) if identifiers else "",
            name=source.text(node, FOAF.name),
        )
    return None


def read_licence(source: Source, dataset: URIRef) -> str:
    """Return the IRI of the licence of the dataset, else that of its first distribution."""
    distributions = source.objects(dataset, "dcat:distribution")
    for node in (dataset, *distributions):
        for licence in source.objects(node, "dct:license"):
            return str(licence)
    return ""


def read_distribution(source: Source, distribution: URIRef, dataset: URIRef) -> dict[str, Any]:
    """Return the fields of a resource that ckanext-dcat's parser does not read correctly."""
    fields = read_rows(source, distribution, rows_of("distribution"))
    for node in source.objects(distribution, "dcat:mediaType"):
        media_type = str(node).removeprefix(IANA)
        fields["mimetype"] = media_type
        file_format = codes.find_format("", media_type)
        if file_format:
            fields["format"] = file_format.name
    for node in source.objects(distribution, "dct:format"):
        code = codes.code_of("file-format", str(node))
        if code:
            fields["format"] = code
    for node in source.objects(distribution, "nd47:formatName"):
        fields["format"] = str(node)
    for node in source.objects(distribution, "nd47:dataDictionary"):
        fields["data_dictionary"] = str(node)
    for node in source.objects(distribution, "spdx:checksum"):
        for digits in source.objects(node, "spdx:checksumValue"):
            fields[_CHECKSUM_FIELDS.get(len(str(digits)), "hash")] = str(digits)
    inherited = source.objects(dataset, "dct:license")
    if inherited and source.objects(distribution, "dct:license") == inherited:
        fields["license"] = ""
    return fields


def read_rows(source: Source, subject: Node, rows: Iterable[Row]) -> dict[str, Any]:
    """Return the fields of rows that have a value."""
    fields: dict[str, Any] = {}
    derived = source.derived(subject)
    for row in rows:
        if row.kind in (Kind.NODE, Kind.IDENTITY) or row.field in derived | {"tags"}:
            continue
        values = _row_values(source, subject, row)
        if values:
            fields[row.field] = _field_value(row, values)
    return fields


def _field_value(row: Row, values: list[Any]) -> Any:
    if row.many or row.kind is Kind.GROUP:
        return values
    # These fields hold all mailboxes or numbers as one text.
    return "; ".join(values) if row.kind in (Kind.MAIL, Kind.PHONE) else values[0]


def _row_values(source: Source, subject: Node, row: Row) -> list[Any]:
    if row.kind is Kind.TEXT and not row.many:
        content = source.text(subject, source.iri(row.prefix_name))
        return [content] if content else []
    nodes = source.objects(subject, row.prefix_name)
    if row.kind is Kind.CONCEPT:
        return _codes(source, subject, row, nodes)
    values = (_node_value(source, row, node) for node in nodes)
    return [value for value in values if value not in (None, "", {})]


def _codes(source: Source, subject: Node, row: Row, nodes: list[Node]) -> list[str]:
    """Return the codes of the concepts of this project, else those of the EU concepts."""
    for candidates in (nodes, source.objects(subject, row.eu_property) if row.eu_property else []):
        recognised = [
            code for node in candidates if (code := codes.code_of(row.vocabulary, str(node)))
        ]
        if recognised:
            return recognised
    return []


def _node_value(source: Source, row: Row, node: Node) -> Any:
    if row.kind is Kind.GROUP:
        return read_rows(source, node, rows_of(row.field))
    read = _READERS.get(row.kind)
    return read(source, node) if read else str(node)


def _geojson(node: Node) -> str | None:
    try:
        return json.dumps(wkt.loads(str(node)))
    except ValueError:
        return None


def _contact(source: Source, dataset: URIRef, node: Node) -> dict[str, Any]:
    fields = read_rows(source, node, rows_of("contact"))
    # IRIs below that of the dataset are generated by the export.
    if isinstance(node, URIRef) and not str(node).startswith(f"{dataset}#"):
        fields["uri"] = str(node)
    return fields


def _period(source: Source, _dataset: URIRef, node: Node) -> dict[str, Any]:
    return read_rows(source, node, rows_of("temporal_coverage"))


def _place(source: Source, dataset: URIRef, node: Node) -> dict[str, Any]:
    fields = read_rows(source, node, rows_of("spatial_coverage"))
    for candidate in (node, *source.objects(node, "skos:exactMatch")):
        code = codes.code_of("province", str(candidate))
        # IRIs below that of the dataset are generated by the export.
        if code or (isinstance(candidate, URIRef) and not candidate.startswith(f"{dataset}#")):
            fields["uri"] = code or str(candidate)
            break
    return fields


def _sort_key(node: Node) -> tuple[int, str]:
    # Nodes that the export has numbered stay in order: `contact-10` after `contact-9`.
    return len(str(node)), str(node)


# The field of this schema is SHA-256; CKAN's field `hash` takes any other.
_CHECKSUM_FIELDS = {64: CHECKSUM}

_READERS: dict[Kind, Callable[[Source, Node], Any]] = {
    Kind.LANGUAGE: lambda _source, node: codes.code_of("language", str(node)),
    Kind.MAIL: lambda _source, node: str(node).removeprefix("mailto:"),
    Kind.PHONE: lambda source, node: (
        source.text(node, RDFS.label) or str(node).removeprefix("tel:")
    ),
    Kind.STATEMENT: lambda source, node: source.text(node, RDFS.label) or str(node),
    Kind.STANDARD: lambda source, node: source.text(node, DCTERMS.title) or str(node),
    Kind.GEOMETRY: lambda _source, node: _geojson(node),
    Kind.SIZE: lambda _source, node: int(str(node)) if str(node).isdigit() else None,
}

_NODE_FIELDS: tuple[tuple[str, str, Callable[[Source, URIRef, Node], dict[str, Any]]], ...] = (
    ("contact", "dcat:contactPoint", _contact),
    ("temporal_coverage", "dct:temporal", _period),
    ("spatial_coverage", "dct:spatial", _place),
)
