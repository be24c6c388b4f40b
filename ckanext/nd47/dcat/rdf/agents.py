"""Writes organisations and contacts: dct:publisher, creator, rightsHolder, dcat:contactPoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import NamedNode

from ckanext.nd47.dcat.rdf import codes, terms
from ckanext.nd47.dcat.rdf.mapping import RELATIONS, rows_of
from ckanext.nd47.dcat.rdf.record import Record, as_groups, is_empty
from ckanext.nd47.dcat.rdf.rows import write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

AGENCY = "agency"
CONTACT = "contact"
"""Kinds of nodes that the register describes."""

REFERENCE: Final = "reference"
"""Key of a contact with the reference of its `ContactPoint`."""


def write_publisher(record: Record) -> None:
    """Write the organisation of the dataset as its publisher.

    A harvested dataset keeps its original publisher.
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
    """Write the responsible agency as creator and rights holder."""
    agent = None
    stated = record.data.get("responsible_agency")
    if not is_empty(stated):
        agent = write_organisation(record, str(stated), {})
        if agent is None:
            record.leave_out("responsible_agency", stated, "no such organisation")
    agency_id = record.site.responsible(record.data)
    if agent is None and agency_id:
        agent = write_organisation(record, agency_id, {})
        record.mark_derived(record.subject, "responsible_agency")
    if agent is None:
        return
    for row in RELATIONS:
        if row.field == "responsible_agency":
            record.add(record.subject, row.prefix_name, agent)


def write_organisation(record: Record, name: str, default: Mapping[str, Any]) -> NamedNode | None:
    """Write an organisation, if it has not been written yet, and return its IRI.

    Args:
        record: the dataset that refers to it.
        name: id or name of the organisation.
        default: its fields, used if it is not in the register.
    """
    details = record.site.organisation(name) or default
    if not details.get("id"):
        return None
    agent = terms.web_iri(record.site.agent_iri(details["id"]))
    agent_record = record.describe(agent, AGENCY, details["id"]) if agent else None
    if agent is None or agent_record is None:
        return agent
    agent_record.type(agent, "foaf:Agent")
    with_name = {**details, "title": details.get("title") or details.get("name")}
    write_rows(agent_record, agent, rows_of("organization"), with_name)
    english_name = terms.text(details.get("title_en"), "en")
    if english_name:
        agent_record.add(agent, "foaf:name", english_name)
    level = codes.find("agency-level", str(details.get("agency_level") or ""))
    if level and level.mapping:
        agent_record.add(agent, "dct:type", level.mapping)
    return agent


def write_contacts(record: Record) -> None:
    """Write the contacts of the dataset, or the contact of the agency if it has none."""
    contacts = contact_nodes(record)
    for node, contact in contacts:
        record.add(record.subject, "dcat:contactPoint", node)
        reference = contact.get(REFERENCE)
        contact_record = record.describe(node, CONTACT, reference) if reference else record
        if contact_record is not None:
            write_contact(contact_record, node, contact)
    if contacts and not record.groups("contact"):
        record.mark_derived(record.subject, "contact")


def contact_nodes(record: Record) -> list[tuple[NamedNode, Mapping[str, Any]]]:
    """Return the contacts with their IRIs; a focal point has the same IRI in all datasets."""
    contacts: list[Mapping[str, Any]] = []
    for contact in as_groups(record.data.get("contact")):
        registered = record.site.registered_contact(contact)
        if registered is None:
            contacts.append(contact)
        elif registered:
            contacts.append(registered)
    if contacts:
        return [
            (_contact_iri(record, f"contact-{position}", contact), contact)
            for position, contact in enumerate(contacts, start=1)
        ]
    return [
        (_contact_iri(record, "contact", contact), contact)
        for contact in record.site.contacts(record.data)[:1]
    ]


def _contact_iri(record: Record, name: str, contact: Mapping[str, Any]) -> NamedNode:
    if contact.get(REFERENCE):
        return NamedNode(str(contact["uri"]))
    return record.part_iri(contact.get("uri"), record.part(name), "contact.uri")


def write_contact(record: Record, node: NamedNode, contact: Mapping[str, Any]) -> None:
    """Write a contact."""
    record.type(node, "vcard:Kind")
    write_rows(record, node, rows_of("contact"), contact)
