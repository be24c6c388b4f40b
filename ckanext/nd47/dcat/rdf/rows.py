"""Writes rows of the mapping table: a value becomes a term, or is left out and noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import codes, statements, terms
from ckanext.nd47.dcat.rdf.mapping import Kind, Row, rows_of
from ckanext.nd47.dcat.rdf.record import Record, as_list, empty
from ckanext.nd47.dcat.rdf.terms import geometry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ckanext.nd47.dcat.rdf.statements import Term


def write_rows(
    record: Record, subject: NamedNode, rows: Iterable[Row], data: Mapping[str, Any]
) -> None:
    """Write each row that has a value; rows of kind NODE have functions of their own."""
    for row in rows:
        if row.kind in (Kind.NODE, Kind.IDENTITY):
            continue
        value = data.get(row.field)
        if not empty(value):
            write_row(record, subject, row, value)
        elif row.default and not empty(data.get(row.default)):
            write_row(record, subject, row, data[row.default])
            record.derive(subject, row.field)


def write_row(record: Record, subject: NamedNode, row: Row, value: object) -> None:
    """Write one field, each of its values when the row takes many."""
    if row.kind is Kind.GROUP:
        write_group(record, subject, row)
        return
    for position, item in enumerate(as_list(value) if row.many else [value], start=1):
        write_value(record, subject, row, item, position)


def write_value(record: Record, subject: NamedNode, row: Row, item: object, position: int) -> None:
    """Write one value of a field."""
    if row.kind is Kind.CONCEPT:
        write_concept(record, subject, row, item)
        return
    if row.kind in _SEVERAL:
        write_several(record, subject, row, item)
        return
    if row.kind in _NAMED:
        node = _NAMED[row.kind](record, subject, row, item, position)
    else:
        node = term(record, row.kind, item)
    if node is None:
        record.leave_out(_path(row), item, f"not a value for {row.prefix_name} ({row.kind.value})")
        return
    if _is_mended(row.kind, item, node):
        record.leave_out(_path(row), item, "characters that RDF cannot hold, taken out or escaped")
    record.add(subject, row.prefix_name, node)
    if row.rdf_class and isinstance(node, NamedNode):
        record.type_link(node, row.rdf_class)


def _is_mended(kind: Kind, item: object, node: Term) -> bool:
    """Say whether a text or an address is exported in another form than it was stored in."""
    if kind in (Kind.TEXT, Kind.PLAIN, Kind.STATEMENT):
        return isinstance(item, str) and terms.clean(item) != item
    written = getattr(node, "value", "")
    return kind is Kind.LINK and isinstance(item, str) and written != item.strip()


def term(record: Record, kind: Kind, value: object) -> Term | None:
    """Return the literal or IRI that a plain value becomes, None when it cannot."""
    if kind is Kind.TEXT:
        return terms.text(value, record.site.language)
    return _PLAIN[kind](value)


def write_concept(record: Record, subject: NamedNode, row: Row, code: object) -> None:
    """Write a code as our concept, with label, and as the EU concept it is mapped to."""
    found = codes.find(row.vocabulary, str(code))
    if found is None:
        record.leave_out(_path(row), code, f"not a code of the vocabulary {row.vocabulary}")
        return
    record.add(subject, row.prefix_name, found.iri)
    write_concept_node(record, found, row.rdf_class)
    if row.eu_property and found.mapping:
        record.add(subject, row.eu_property, found.mapping)


def write_concept_node(record: Record, found: codes.Code, rdf_class: str = "") -> None:
    """Describe one of our concepts: label in each language, code, vocabulary."""
    record.type(found.iri, "skos:Concept")
    if rdf_class:
        record.type(found.iri, rdf_class)
    record.add(found.iri, "skos:inScheme", found.scheme)
    record.add(found.iri, "skos:notation", Literal(found.code))
    for language, label in found.labels.items():
        record.add(found.iri, "skos:prefLabel", Literal(label, language=language))


def write_group(record: Record, subject: NamedNode, row: Row) -> None:
    """Write a group of sub-fields as one node with an IRI below the dataset's."""
    rows = rows_of(row.field)
    for position, group in enumerate(record.groups(row.field), start=1):
        suffix = "" if position == 1 else f"-{position}"
        node = record.part(row.field.replace("_", "-") + suffix, subject)
        record.add(subject, row.prefix_name, node)
        record.type(node, row.rdf_class)
        write_rows(record, node, rows, group)


def write_several(record: Record, subject: NamedNode, row: Row, text: object) -> None:
    """Write the mailboxes or telephone numbers of a field, which may hold more than one."""
    nodes = _SEVERAL[row.kind](text)
    if not nodes:
        record.leave_out(_path(row), text, f"not a value for {row.prefix_name} ({row.kind.value})")
    for node, written in nodes.items():
        record.add(subject, row.prefix_name, node)
        if written and node.value != f"tel:{written}":
            record.graph.add(node, statements.LABEL, Literal(terms.clean(written)))


def _language(value: object) -> NamedNode | None:
    found = codes.find("language", str(value))
    return found.mapping if found else None


def _statement(
    record: Record, subject: NamedNode, row: Row, item: object, position: int
) -> NamedNode | None:
    """Return a node that carries the text, for properties whose range is a statement."""
    label = terms.text(item, record.site.language)
    if label is None:
        return None
    node = record.part(f"{row.field.replace('_', '-')}-{position}", subject)
    record.graph.add(node, statements.LABEL, label)
    return node


def _standard(
    record: Record, subject: NamedNode, row: Row, item: object, position: int
) -> NamedNode | None:
    """Return the IRI of a standard, or a node with its name."""
    address = terms.web(item)
    if address:
        return address
    title = terms.text(item, record.site.language)
    if title is None:
        return None
    node = record.part(f"{row.field.replace('_', '-')}-{position}", subject)
    record.add(node, "dct:title", title)
    return node


def _path(row: Row) -> str:
    return row.field if row.of == "dataset" else f"{row.of}.{row.field}"


_PLAIN: dict[Kind, Callable[[object], Term | None]] = {
    Kind.PLAIN: terms.text,
    Kind.DATE: terms.date,
    Kind.SIZE: terms.size,
    Kind.LINK: terms.web,
    Kind.GEOMETRY: geometry,
    Kind.LANGUAGE: _language,
}

_SEVERAL: dict[Kind, Callable[[object], Mapping[NamedNode, str]]] = {
    # A mailbox is its own label.
    Kind.MAIL: lambda value: dict.fromkeys(terms.mails(value), ""),
    Kind.PHONE: terms.phones,
}

_NAMED: dict[Kind, Callable[[Record, NamedNode, Row, object, int], NamedNode | None]] = {
    Kind.STATEMENT: _statement,
    Kind.STANDARD: _standard,
}
