"""Organisations and contact points: dct:publisher, dct:creator, dct:rightsHolder, contactPoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from ckanext.nd47.dcat.rdf import codes, terms
from ckanext.nd47.dcat.rdf.mapping import RELATIONS, rows_of
from ckanext.nd47.dcat.rdf.record import Record, as_groups, empty
from ckanext.nd47.dcat.rdf.rows import write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

AGENCY = "agency"
CONTACT = "contact"
"""Kinds of what the register describes."""

REFERENCE = "reference"
"""Key of a contact of the register that tells which one it is, see `contact_points`."""


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


def write_organisation(record: Record, name: str, known: Mapping[str, Any]) -> NamedNode | None:
    """Describe an organisation, once for each graph, and return its IRI.

    Args:
        record: the dataset that refers to it.
        name: id or name of the organisation.
        known: what the dataset itself says of it, used when it cannot be looked up.
    """
    details = record.site.organisation(name) or known
    if not details.get("id"):
        return None
    agent = terms.web(record.site.agent_iri(details["id"]))
    described = record.describe(agent, AGENCY, details["id"]) if agent else None
    if agent is None or described is None:
        return agent
    described.type(agent, "foaf:Agent")
    named = {**details, "title": details.get("title") or details.get("name")}
    write_rows(described, agent, rows_of("organization"), named)
    english = terms.text(details.get("title_en"), "en")
    if english:
        described.add(agent, "foaf:name", english)
    level = codes.find("agency-level", str(details.get("agency_level") or ""))
    if level and level.mapping:
        described.add(agent, "dct:type", level.mapping)
    return agent


def write_contacts(record: Record) -> None:
    """Write each contact as one node with an IRI; without one, the contact of the agency."""
    nodes = contact_nodes(record)
    for node, contact in nodes:
        record.add(record.subject, "dcat:contactPoint", node)
        reference = contact.get(REFERENCE)
        described = record.describe(node, CONTACT, reference) if reference else record
        if described is not None:
            write_contact(described, node, contact)
    if nodes and not record.groups("contact"):
        record.derive(record.subject, "contact")


def contact_nodes(record: Record) -> list[tuple[NamedNode, Mapping[str, Any]]]:
    """Return the contacts with their IRIs; one of the register has the same for all datasets."""
    entries = as_groups(record.data.get("contact"))
    referred = [(one, record.site.referred(one)) for one in entries]
    given = [one if found is None else found for one, found in referred if found != {}]
    if given:
        named = [(f"contact-{position}", one) for position, one in enumerate(given, start=1)]
    else:
        named = [("contact", one) for one in record.site.contacts(record.data)[:1]]
    return [(_contact_iri(record, name, one), one) for name, one in named]


def _contact_iri(record: Record, name: str, contact: Mapping[str, Any]) -> NamedNode:
    if contact.get(REFERENCE):
        return NamedNode(str(contact["uri"]))
    return record.called(contact.get("uri"), record.part(name), "contact.uri")


def write_contact(record: Record, node: NamedNode, contact: Mapping[str, Any]) -> None:
    """Describe one contact."""
    record.type(node, "vcard:Kind")
    write_rows(record, node, rows_of("contact"), contact)
