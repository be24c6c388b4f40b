"""Writes fields by the rows of the mapping table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import codes, statements, terms
from ckanext.nd47.dcat.rdf.mapping import Kind, Row, rows_of
from ckanext.nd47.dcat.rdf.record import Record, as_list, is_empty
from ckanext.nd47.dcat.rdf.terms import geometry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ckanext.nd47.dcat.rdf.statements import Term


def write_rows(
    record: Record, subject: NamedNode, rows: Iterable[Row], data: Mapping[str, Any]
) -> None:
    """Write the rows that have a value, except those of kind NODE, which have own functions."""
    for row in rows:
        if row.kind in (Kind.NODE, Kind.IDENTITY):
            continue
        value = data.get(row.field)
        if not is_empty(value):
            write_row(record, subject, row, value)
        elif row.default and not is_empty(data.get(row.default)):
            write_row(record, subject, row, data[row.default])
            record.mark_derived(subject, row.field)


def write_row(record: Record, subject: NamedNode, row: Row, value: object) -> None:
    """Write the value or the values of a field."""
    if row.kind is Kind.GROUP:
        write_group(record, subject, row)
        return
    for position, item in enumerate(as_list(value) if row.many else [value], start=1):
        write_value(record, subject, row, item, position)


def write_value(record: Record, subject: NamedNode, row: Row, value: object, position: int) -> None:
    """Write a value of a field."""
    if row.kind is Kind.CONCEPT:
        write_concept(record, subject, row, value)
        return
    if row.kind in _MULTIPLE_NODES:
        write_multiple_nodes(record, subject, row, value)
        return
    if row.kind in _NODE_WITH_LABEL:
        node = _NODE_WITH_LABEL[row.kind](record, subject, row, value, position)
    else:
        node = term(record, row.kind, value)
    if node is None:
        record.leave_out(_path(row), value, f"not a value for {row.prefix_name} ({row.kind.value})")
        return
    if _is_changed(row.kind, value, node):
        record.leave_out(_path(row), value, "characters that RDF cannot hold, taken out or escaped")
    record.add(subject, row.prefix_name, node)
    if row.rdf_class and isinstance(node, NamedNode):
        record.type_link(node, row.rdf_class)


def _is_changed(kind: Kind, stored: object, term: Term) -> bool:
    """Tell whether a text or address was changed to make it valid in RDF."""
    if kind in (Kind.TEXT, Kind.PLAIN, Kind.STATEMENT):
        return isinstance(stored, str) and terms.clean(stored) != stored
    exported = getattr(term, "value", "")
    return kind is Kind.LINK and isinstance(stored, str) and exported != stored.strip()


def term(record: Record, kind: Kind, value: object) -> Term | None:
    """Return the literal or IRI of a value, None if the value is not valid."""
    if kind is Kind.TEXT:
        return terms.text(value, record.site.language)
    return _LITERAL_OR_IRI[kind](value)


def write_concept(record: Record, subject: NamedNode, row: Row, code: object) -> None:
    """Write a code as concept of this project and as the EU concept that it is mapped to."""
    concept = codes.find(row.vocabulary, str(code))
    if concept is None:
        record.leave_out(_path(row), code, f"not a code of the vocabulary {row.vocabulary}")
        return
    record.add(subject, row.prefix_name, concept.iri)
    write_concept_node(record, concept, row.rdf_class)
    if row.eu_property and concept.mapping:
        record.add(subject, row.eu_property, concept.mapping)


def write_concept_node(record: Record, concept: codes.Code, rdf_class: str = "") -> None:
    """Write a concept of this project: labels, code and vocabulary."""
    record.type(concept.iri, "skos:Concept")
    if rdf_class:
        record.type(concept.iri, rdf_class)
    record.add(concept.iri, "skos:inScheme", concept.scheme)
    record.add(concept.iri, "skos:notation", Literal(concept.code))
    for language, label in concept.labels.items():
        record.add(concept.iri, "skos:prefLabel", Literal(label, language=language))


def write_group(record: Record, subject: NamedNode, row: Row) -> None:
    """Write each group of subfields as a node with an IRI below that of the dataset."""
    rows = rows_of(row.field)
    for position, group in enumerate(record.groups(row.field), start=1):
        suffix = "" if position == 1 else f"-{position}"
        node = record.part(row.field.replace("_", "-") + suffix, subject)
        record.add(subject, row.prefix_name, node)
        record.type(node, row.rdf_class)
        write_rows(record, node, rows, group)


def write_multiple_nodes(record: Record, subject: NamedNode, row: Row, text: object) -> None:
    """Write the mailboxes or telephone numbers of a field."""
    nodes = _MULTIPLE_NODES[row.kind](text)
    if not nodes:
        record.leave_out(_path(row), text, f"not a value for {row.prefix_name} ({row.kind.value})")
    for node, label in nodes.items():
        record.add(subject, row.prefix_name, node)
        if label and node.value != f"tel:{label}":
            record.graph.add(node, statements.LABEL, Literal(terms.clean(label)))


def _language(value: object) -> NamedNode | None:
    concept = codes.find("language", str(value))
    return concept.mapping if concept else None


def _statement(
    record: Record, subject: NamedNode, row: Row, value: object, position: int
) -> NamedNode | None:
    """Return a node with the text as label, for properties whose range is a class."""
    label = terms.text(value, record.site.language)
    if label is None:
        return None
    node = record.part(f"{row.field.replace('_', '-')}-{position}", subject)
    record.graph.add(node, statements.LABEL, label)
    return node


def _standard(
    record: Record, subject: NamedNode, row: Row, value: object, position: int
) -> NamedNode | None:
    """Return the address of a standard, or a node with its title."""
    address = terms.web_iri(value)
    if address:
        return address
    title = terms.text(value, record.site.language)
    if title is None:
        return None
    node = record.part(f"{row.field.replace('_', '-')}-{position}", subject)
    record.add(node, "dct:title", title)
    return node


def _path(row: Row) -> str:
    return row.field if row.of == "dataset" else f"{row.of}.{row.field}"


_LITERAL_OR_IRI: dict[Kind, Callable[[object], Term | None]] = {
    Kind.PLAIN: terms.text,
    Kind.DATE: terms.date,
    Kind.SIZE: terms.size,
    Kind.LINK: terms.web_iri,
    Kind.GEOMETRY: geometry,
    Kind.LANGUAGE: _language,
}

_MULTIPLE_NODES: dict[Kind, Callable[[object], Mapping[NamedNode, str]]] = {
    # Mailboxes get no label.
    Kind.MAIL: lambda value: dict.fromkeys(terms.mail_iris(value), ""),
    Kind.PHONE: terms.phone_iris,
}

_NODE_WITH_LABEL: dict[Kind, Callable[[Record, NamedNode, Row, object, int], NamedNode | None]] = {
    Kind.STATEMENT: _statement,
    Kind.STANDARD: _standard,
}
