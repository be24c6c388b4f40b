"""From a dataset to RDF: the order in which the concepts of DCAT are written, time and place.

`write` knows nothing of CKAN's actions or of ckanext-dcat's profiles: what it needs of the portal
comes in a `Site`, so the same functions serve a page of the catalogue, one dataset, a dump and
tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import codes, statements, terms
from ckanext.nd47.dcat.rdf.agents import write_contacts, write_publisher, write_responsible_agency
from ckanext.nd47.dcat.rdf.distributions import write_distribution
from ckanext.nd47.dcat.rdf.licences import write_licence
from ckanext.nd47.dcat.rdf.mapping import DATASET, MARKS, ROWS, Kind, rows_of
from ckanext.nd47.dcat.rdf.record import Record, as_groups, as_list, empty
from ckanext.nd47.dcat.rdf.rows import write_rows
from ckanext.nd47.lib import dates, values
from ckanext.nd47.lib.vocabulary import FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ckanext.nd47.dcat.rdf.record import Site


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
        if node is None or record.graph.has_type(node, statements.PROPERTY):
            continue
        record.graph.add(node, statements.TYPE, statements.PROPERTY)
        for language, label in (("vi", row.label_vi), ("en", row.label_en)):
            if label:
                record.graph.add(node, statements.LABEL, Literal(label, language=language))


def write_periods(record: Record) -> None:
    """Write each period the data covers; where none is stated, that of the files together."""
    given = record.groups("temporal_coverage")
    for position, period in enumerate(given, start=1):
        _write_period(record, record.part(f"period-{position}"), period)
    if not given and (period := _period_of_files(record)):
        _write_period(record, record.part("period"), period)
        record.derive(record.subject, "temporal_coverage")


def _write_period(record: Record, node: NamedNode, period: Mapping[str, Any]) -> None:
    record.add(record.subject, "dct:temporal", node)
    record.type(node, "dct:PeriodOfTime")
    days = {name: _bound(period.get(name), name) for name in ("start", "end")}
    write_rows(record, node, rows_of("temporal_coverage"), {**period, **days})


def _bound(value: object, end: str) -> object:
    """Return the first or last day of a year or month, which readers take for its first day."""
    try:
        span = dates.period_days(values.date(str(value)))
    except ValueError:
        return value
    return (span.first if end == "start" else span.last).isoformat()


def _period_of_files(record: Record) -> dict[str, str]:
    """Return the first and last day that the files are about, nothing when a file says none."""
    stated = [one.get("period") for one in as_groups(record.data.get("resources"))]
    try:
        spans = [dates.period_days(str(period or "")) for period in stated]
    except ValueError:
        return {}
    if not spans:
        return {}
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    return {"start": first.isoformat(), "end": last.isoformat()}


def write_places(record: Record) -> None:
    """Write each place; a dataset that names none is about the area that the portal serves."""
    given = record.groups("spatial_coverage")
    for position, place in enumerate(given, start=1):
        _write_place(record, position, place)
    if not given and (node := write_territory(record)):
        record.add(record.subject, "dct:spatial", node)
        record.derive(record.subject, "spatial_coverage")


def _write_place(record: Record, position: int, place: Mapping[str, Any]) -> None:
    """Write one place: its `uri` is a code of an administrative unit, or an address.

    A place by code is one node for all datasets. Where a dataset gives a geometry of its own, the
    place is a node of that dataset that points to the unit: two datasets would otherwise give one
    unit two outlines, which DCAT-AP forbids.
    """
    rows = rows_of("spatial_coverage")
    code = str(place.get("uri") or "").strip()
    found = codes.find("province", code)
    own = record.part(f"place-{position}")
    unit = found.iri if found else terms.web(code)
    if code and unit is None:
        record.leave_out("spatial_coverage.uri", code, "not a known place, nor an address")
    node = unit if found else record.called(code, own, "spatial_coverage.uri")
    if any(row.kind is Kind.GEOMETRY and not empty(place.get(row.field)) for row in rows):
        node = own
    territory = record.site.territory
    if found and node and territory and territory.unit == node:
        _write_boxes(record, node, territory.extent)
    node = node or own
    record.add(record.subject, "dct:spatial", node)
    record.type(node, "dct:Location")
    if unit and node != unit and unit.value not in record.of_others:
        record.add(node, "skos:exactMatch", unit)
    named = {**place, "text": place.get("text") or (found.labels["vi"] if found else "")}
    write_rows(record, node, rows, named)
    _write_boxes(record, node, _extent_of(place))


def write_territory(record: Record) -> NamedNode | None:
    """Describe the area that the portal serves and return its node, None when it is not known."""
    territory = record.site.territory
    if territory is None:
        return None
    node = territory_iri(record.site)
    record.type(node, "dct:Location")
    name = terms.text(territory.name, record.site.language)
    if name:
        record.add(node, "skos:prefLabel", name)
    if territory.unit:
        record.add(node, "skos:exactMatch", territory.unit)
    _write_boxes(record, node, territory.extent)
    return node


def territory_iri(site: Site) -> NamedNode:
    """Return the IRI of the area that a portal serves."""
    return NamedNode(f"{site.base}#territory")


def _extent_of(place: Mapping[str, Any]) -> terms.Extent | None:
    found = (terms.extent_of(place.get(name)) for name in ("bbox", "geom", "centroid"))
    return next((one for one in found if one), None)


def _write_boxes(record: Record, node: NamedNode, around: terms.Extent | None) -> None:
    """Add box and middle of a place where they follow from its other geometry."""
    if around is None:
        return
    for field, name, make in (
        ("bbox", "dcat:bbox", terms.box),
        ("centroid", "dcat:centroid", terms.middle),
    ):
        shape = make(around)
        if shape is not None and not record.graph.objects(node, record.iri(name)):
            record.add(node, name, shape)
            record.derive(node, field)


def write_rights(record: Record) -> NamedNode | None:
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
        record.graph.add(node, statements.LABEL, attribution)
    if regulation:
        record.graph.add(node, statements.SEE_ALSO, regulation)
    return node
