"""Organisations and contact points: dct:publisher, dct:creator, dct:rightsHolder, contactPoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rdflib import URIRef
from rdflib.namespace import FOAF, RDF

from ckanext.nd47.dcat import codes, terms
from ckanext.nd47.dcat.mapping import RELATIONS, rows_of
from ckanext.nd47.dcat.record import Record, as_groups, empty
from ckanext.nd47.dcat.rows import write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_publisher(record: Record) -> None:
    """Write the organisation that owns the dataset as its publisher.

    A dataset harvested from elsewhere keeps the publisher it came with.
    """
    if as_groups(record.data.get("publisher")):
        return
    owner = record.data.get("organization") or {}
    name = record.data.get("owner_org") or owner.get("id")
    if not name:
        return
    agent = write_organisation(record, str(name), owner)
    if agent:
        record.add(record.subject, "dct:publisher", agent)


def write_responsible_agency(record: Record) -> None:
    """Write the agency that answers for the data as creator and holder of the rights."""
    given = record.data.get("responsible_agency")
    agent = None if empty(given) else write_organisation(record, str(given), {})
    if agent is None and not empty(given):
        record.leave_out("responsible_agency", given, "no such organisation")
    name = record.site.responsible(record.data)
    if agent is None and name:
        agent = write_organisation(record, name, {})
        record.derive(record.subject, "responsible_agency")
    if agent is None:
        return
    for row in RELATIONS:
        if row.field == "responsible_agency":
            record.add(record.subject, row.prefix_name, agent)


def write_organisation(record: Record, name: str, known: Mapping[str, Any]) -> URIRef | None:
    """Describe an organisation, once for each graph, and return its IRI.

    Args:
        record: the dataset that refers to it.
        name: id or name of the organisation.
        known: what the dataset itself says of it, used when it cannot be looked up.
    """
    if known.get("id"):
        agent = terms.web(record.site.agent_iri(known["id"]))
        if _described(record, agent):
            return agent
    details = record.site.organisation(name) or known
    if not details.get("id"):
        return None
    agent = terms.web(record.site.agent_iri(details["id"]))
    if agent is None or _described(record, agent):
        return agent
    record.type(agent, "foaf:Agent")
    named = {**details, "title": details.get("title") or details.get("name")}
    write_rows(record, agent, rows_of("organization"), named)
    english = terms.text(details.get("title_en"), "en")
    if english:
        record.add(agent, "foaf:name", english)
    level = codes.find("agency-level", str(details.get("agency_level") or ""))
    if level and level.mapping:
        record.add(agent, "dct:type", level.mapping)
    return agent


def _described(record: Record, agent: URIRef | None) -> bool:
    return (agent, RDF.type, FOAF.Agent) in record.graph


def write_contacts(record: Record) -> None:
    """Write each contact as one node with an IRI; without one, the contact of the agency."""
    for node, contact in contact_nodes(record):
        write_contact(record, node, contact)
    if not record.groups("contact") and record.site.contacts(record.data):
        record.derive(record.subject, "contact")


def contact_nodes(record: Record) -> list[tuple[URIRef, Mapping[str, Any]]]:
    """Return the contacts with their IRIs; a focal point of the register has one for all."""
    given = as_groups(record.data.get("contact"))
    if given:
        named = [(f"contact-{position}", one) for position, one in enumerate(given, start=1)]
    else:
        named = [("contact", one) for one in record.site.contacts(record.data)[:1]]
    return [(_contact_iri(record, name, one), one) for name, one in named]


def _contact_iri(record: Record, name: str, contact: Mapping[str, Any]) -> URIRef:
    given = contact.get("uri")
    if given and record.site.is_registered(contact):
        return URIRef(str(given))
    return record.called(given, record.part(name), "contact.uri")


def write_contact(record: Record, node: URIRef, contact: Mapping[str, Any]) -> None:
    """Write one contact of the record's subject."""
    record.add(record.subject, "dcat:contactPoint", node)
    record.type(node, "vcard:Kind")
    write_rows(record, node, rows_of("contact"), contact)
