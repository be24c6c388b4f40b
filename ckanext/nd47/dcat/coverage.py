"""Time, place and terms of use: dct:temporal, dct:spatial, dct:rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rdflib.namespace import RDFS

from ckanext.nd47.dcat import codes, terms
from ckanext.nd47.dcat.mapping import Kind, rows_of
from ckanext.nd47.dcat.record import Record, as_groups
from ckanext.nd47.dcat.rows import write_rows

if TYPE_CHECKING:
    from rdflib import URIRef


def write_periods(record: Record) -> None:
    """Write each period the data covers."""
    for position, period in enumerate(as_groups(record.data.get("temporal_coverage")), start=1):
        node = record.part(f"period-{position}")
        record.add(record.subject, "dct:temporal", node)
        record.type(node, "dct:PeriodOfTime")
        write_rows(record, node, rows_of("temporal_coverage"), period)


def write_places(record: Record) -> None:
    """Write each place: its `uri` is a code of an administrative unit, or an address.

    A place by code is one node for all datasets. Where a dataset gives a geometry of its own, the
    place is a node of that dataset that points to the unit: two datasets would otherwise give one
    unit two outlines, which DCAT-AP forbids.
    """
    rows = rows_of("spatial_coverage")
    for position, place in enumerate(as_groups(record.data.get("spatial_coverage")), start=1):
        code = str(place.get("uri") or "").strip()
        found = codes.find("province", code)
        node = found.iri if found else terms.web(code)
        if code and node is None:
            record.leave_out("spatial_coverage.uri", code, "not a known place, nor an address")
        if found and any(place.get(row.field) for row in rows if row.kind is Kind.GEOMETRY):
            node = None
        node = node or record.part(f"place-{position}")
        record.add(record.subject, "dct:spatial", node)
        record.type(node, "dct:Location")
        if found and node != found.iri:
            record.add(node, "skos:exactMatch", found.iri)
        named = {**place, "text": place.get("text") or (found.labels["vi"] if found else "")}
        write_rows(record, node, rows, named)


def write_rights(record: Record) -> URIRef | None:
    """Describe how to name the source and what rules the use; None when neither is stated.

    The label repeats the attribution because harvesters read rdfs:label of a rights statement,
    and few know ODRS.
    """
    attribution = terms.text(record.site.attribution(record.data), record.site.language)
    regulation = terms.web(record.data.get("usage_regulation"))
    if attribution is None and regulation is None:
        return None
    node = record.part("rights")
    record.type(node, "dct:RightsStatement")
    if attribution:
        record.add(node, "odrs:attributionText", attribution)
        record.graph.add((node, RDFS.label, attribution))
    if regulation:
        record.graph.add((node, RDFS.seeAlso, regulation))
    return node
