"""From a dataset to RDF: the order in which the concepts of DCAT are written.

`write` knows nothing of CKAN's actions or of ckanext-dcat's profiles: what it needs of the portal
comes in a `Site`, so the same functions serve a page of the catalogue, one dataset, a dump and
tests.
"""

from __future__ import annotations

from pyoxigraph import Literal

from ckanext.nd47.dcat import codes, rdf
from ckanext.nd47.dcat.agents import write_contacts, write_publisher, write_responsible_agency
from ckanext.nd47.dcat.coverage import write_periods, write_places, write_rights
from ckanext.nd47.dcat.distributions import write_distribution
from ckanext.nd47.dcat.licences import write_licence
from ckanext.nd47.dcat.mapping import DATASET, MARKS, ROWS
from ckanext.nd47.dcat.record import Record, as_list, empty
from ckanext.nd47.dcat.rows import write_rows
from ckanext.nd47.lib.vocabulary import FIELD


def write(record: Record) -> None:
    """Add everything the mapping table says of one dataset to the record's graph."""
    record.type(record.subject, "dcat:Dataset")
    write_rows(record, record.subject, DATASET, record.data)
    write_keywords(record)
    write_publisher(record)
    write_responsible_agency(record)
    write_contacts(record)
    write_periods(record)
    write_places(record)
    licence = write_licence(record, record.data.get("license_id"))
    rights = write_rights(record)
    for name, node in (("dct:license", licence), ("dct:rights", rights)):
        if node:
            record.add(record.subject, name, node)
    for resource in record.groups("resources"):
        write_distribution(record, resource, licence, rights)
    write_labels(record)
    if record.site.target:
        for graph in (record.graph, *(one.graph for one in record.registered.values())):
            record.site.target.apply(graph, record.site.namespace)


def write_keywords(record: Record) -> None:
    """Let the fields (lĩnh vực) of a dataset without keywords stand in for them."""
    if not empty(record.data.get("tags")):
        return
    for code in as_list(record.data.get("theme")):
        found = codes.find(FIELD, str(code))
        if found:
            label = Literal(found.labels[record.site.language], language=record.site.language)
            record.add(record.subject, "dcat:keyword", label)
            record.derive(record.subject, "tags")


def write_labels(record: Record) -> None:
    """Name the project's own properties that the dataset uses, for readers who do not know them."""
    for row in (*ROWS, *MARKS):
        node = record.iri(row.prefix_name) if row.prefix_name in record.own else None
        if node is None or record.graph.has_type(node, rdf.PROPERTY):
            continue
        record.graph.add(node, rdf.TYPE, rdf.PROPERTY)
        for language, label in (("vi", row.label_vi), ("en", row.label_en)):
            if label:
                record.graph.add(node, rdf.LABEL, Literal(label, language=language))
