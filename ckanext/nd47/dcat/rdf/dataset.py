"""Writes a dataset as RDF: dcat:Dataset with its keywords, periods, places and rights.

`write` does not call CKAN's actions or ckanext-dcat's profiles. Everything it needs to know about
the portal is in the `Site`, so tests can use it without a running CKAN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import codes, statements, terms
from ckanext.nd47.dcat.rdf.agents import write_contacts, write_publisher, write_responsible_agency
from ckanext.nd47.dcat.rdf.distributions import write_distribution
from ckanext.nd47.dcat.rdf.licences import write_licence
from ckanext.nd47.dcat.rdf.mapping import DATASET, MARKS, ROWS, Kind, rows_of
from ckanext.nd47.dcat.rdf.record import Record, as_groups, as_list, is_empty
from ckanext.nd47.dcat.rdf.rows import write_rows
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.vocabularies.vocabulary import FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ckanext.nd47.dcat.rdf.record import Site


def write(record: Record) -> None:
    """Write all properties of a dataset that the mapping table defines to the record's graph."""
    record.type(record.subject, "dcat:Dataset")
    write_rows(record, record.subject, (*DATASET, *MARKS), record.data)
    write_keywords(record)
    write_publisher(record)
    write_responsible_agency(record)
    write_contacts(record)
    write_periods(record)
    write_places(record)
    write_decisions(record)
    licence = write_licence(record, record.data.get("license_id"))
    rights = write_rights(record)
    for name, node in (("dct:license", licence), ("dct:rights", rights)):
        if node:
            record.add(record.subject, name, node)
    for resource in record.groups("resources"):
        write_distribution(record, resource, licence, rights)
    write_labels(record)
    if record.site.target:
        for graph in record.graphs():
            record.site.target.apply(graph, record.site.namespace)


def write_keywords(record: Record) -> None:
    """Write the themes (lĩnh vực) as keywords if the dataset has no keywords."""
    if not is_empty(record.data.get("tags")):
        return
    for code in as_list(record.data.get("theme")):
        theme = codes.find(FIELD, str(code))
        if theme:
            label = Literal(theme.labels[record.site.language], language=record.site.language)
            record.add(record.subject, "dcat:keyword", label)
            record.mark_derived(record.subject, "tags")


def write_labels(record: Record) -> None:
    """Write labels for the properties of the project's own namespace that the dataset uses."""
    for row in (*ROWS, *MARKS):
        node = record.iri(row.prefix_name) if row.prefix_name in record.own_properties else None
        if node is None or record.graph.has_type(node, statements.PROPERTY):
            continue
        record.graph.add(node, statements.TYPE, statements.PROPERTY)
        for language, label in (("vi", row.label_vi), ("en", row.label_en)):
            if label:
                record.graph.add(node, statements.LABEL, Literal(label, language=language))


def write_periods(record: Record) -> None:
    """Write the periods of the dataset, or the period of all its files if it has none."""
    periods = record.groups("temporal_coverage")
    for position, period in enumerate(periods, start=1):
        _write_period(record, record.part(f"period-{position}"), period)
    if not periods and (period := _period_of_files(record)):
        _write_period(record, record.part("period"), period)
        record.mark_derived(record.subject, "temporal_coverage")


def _write_period(record: Record, node: NamedNode, period: Mapping[str, Any]) -> None:
    record.add(record.subject, "dct:temporal", node)
    record.type(node, "dct:PeriodOfTime")
    days = {name: _bound(period.get(name), name) for name in ("start", "end")}
    write_rows(record, node, rows_of("temporal_coverage"), {**period, **days})


def _bound(value: object, bound: str) -> object:
    """Return the first or last day of a year or month; readers assume the first day of both."""
    try:
        days = dates.period_days(values.date(str(value)))
    except ValueError:
        return value
    return (days.first if bound == "start" else days.last).isoformat()


def _period_of_files(record: Record) -> dict[str, str]:
    """Return the first and last day of the files' periods, empty if a file has no period."""
    resources = as_groups(record.data.get("resources"))
    try:
        spans = [dates.period_days(str(resource.get("period") or "")) for resource in resources]
    except ValueError:
        return {}
    if not spans:
        return {}
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    return {"start": first.isoformat(), "end": last.isoformat()}


def write_decisions(record: Record) -> None:
    """Write the decisions that list the dataset in a catalogue as its legal basis."""
    for decision in record.site.decisions(record.data):
        node = NamedNode(decision.iri)
        record.add(record.subject, "dcatap:applicableLegislation", node)
        record.type(node, "eli:LegalResource")
        title = terms.text(decision.title, record.site.language)
        if title is not None:
            record.add(node, "dct:title", title)
        if decision.number:
            record.add(node, "dct:identifier", Literal(terms.clean(decision.number)))
        day = terms.date(decision.date)
        if day is not None:
            record.add(node, "dct:issued", day)


def write_places(record: Record) -> None:
    """Write the places of the dataset, or the area of the portal if it has none."""
    places = record.groups("spatial_coverage")
    for position, place in enumerate(places, start=1):
        _write_place(record, position, place)
    if not places and (node := write_territory(record)):
        record.add(record.subject, "dct:spatial", node)
        record.mark_derived(record.subject, "spatial_coverage")


def _write_place(record: Record, position: int, place: Mapping[str, Any]) -> None:
    """Write a place, whose `uri` is the code of an administrative unit or a web address.

    A place with a code is the same node in all datasets. If the dataset has a geometry for it, the
    place is a node of that dataset with a link to the unit: two datasets could otherwise write two
    geometries for one unit, which DCAT-AP does not allow.
    """
    rows = rows_of("spatial_coverage")
    code = str(place.get("uri") or "").strip()
    code_entry = codes.find("province", code)
    own_node = record.part(f"place-{position}")
    unit_iri = code_entry.iri if code_entry else terms.web_iri(code)
    if code and unit_iri is None:
        record.leave_out("spatial_coverage.uri", code, "not a known place, nor an address")
    node = unit_iri if code_entry else record.part_iri(code, own_node, "spatial_coverage.uri")
    if any(row.kind is Kind.GEOMETRY and not is_empty(place.get(row.field)) for row in rows):
        node = own_node
    territory = record.site.territory
    if code_entry and node and territory and territory.unit == node:
        _write_box_and_centroid(record, node, territory.extent)
    node = node or own_node
    record.add(record.subject, "dct:spatial", node)
    record.type(node, "dct:Location")
    if unit_iri and node != unit_iri and unit_iri.value not in record.foreign_iris:
        record.add(node, "skos:exactMatch", unit_iri)
    with_name = {
        **place,
        "text": place.get("text") or (code_entry.labels["vi"] if code_entry else ""),
    }
    write_rows(record, node, rows, with_name)
    _write_box_and_centroid(record, node, _extent_of(place))


def write_territory(record: Record) -> NamedNode | None:
    """Write the area of the portal and return its node, None if it is not configured."""
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
    _write_box_and_centroid(record, node, territory.extent)
    return node


def territory_iri(site: Site) -> NamedNode:
    """Return the IRI of the area of the portal."""
    return NamedNode(f"{site.base}#territory")


def _extent_of(place: Mapping[str, Any]) -> terms.Extent | None:
    extents = (terms.extent_of(place.get(name)) for name in ("bbox", "geom", "centroid"))
    return next((extent for extent in extents if extent), None)


def _write_box_and_centroid(record: Record, node: NamedNode, extent: terms.Extent | None) -> None:
    """Write bounding box and centroid of a place that has only another geometry."""
    if extent is None:
        return
    for field, property_name, literal_of in (
        ("bbox", "dcat:bbox", terms.bbox),
        ("centroid", "dcat:centroid", terms.centroid),
    ):
        geometry = literal_of(extent)
        if geometry is not None and not record.graph.objects(node, record.iri(property_name)):
            record.add(node, property_name, geometry)
            record.mark_derived(node, field)


def write_rights(record: Record) -> NamedNode | None:
    """Write attribution and regulation of use as a rights statement, None if there is neither.

    The attribution is also written as rdfs:label, because few harvesters read ODRS.
    """
    attribution = terms.text(record.site.attribution(record.data), record.site.language)
    regulation = terms.web_iri(record.data.get("usage_regulation"))
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
