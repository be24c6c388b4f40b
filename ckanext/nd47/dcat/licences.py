"""Licences: always an IRI, with its own type, never a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from rdflib import URIRef

from ckanext.nd47.dcat import terms
from ckanext.nd47.dcat.mapping import LICENCE_TYPES
from ckanext.nd47.dcat.record import Record, empty

if TYPE_CHECKING:
    from ckanext.nd47.dcat.record import Site

# CKAN's way of saying that nobody chose a licence.
_NONE = "notspecified"


def write_licence(record: Record, value: object) -> URIRef | None:
    """Describe a licence and return its IRI, None when none is stated.

    Args:
        record: the dataset it belongs to.
        value: id in CKAN's licence register, or the address of a licence.
    """
    name = str(value or "").strip()
    if empty(name) or name == _NONE:
        return None
    known = record.site.licence(name)
    if known is None:
        address = terms.web(name)
        if address is None:
            record.leave_out("license", name, "not a licence of the register, nor an address")
            return None
        record.type(address, "dct:LicenseDocument")
        return address
    node = licence_iri(record.site, name, known.get("url"))
    record.type(node, "dct:LicenseDocument")
    # The title stays as the register spells it: a harvester finds a licence without an address of
    # its own by this text alone.
    title = terms.text(known.get("title"), "en")
    if title:
        record.add(node, "dct:title", title)
    label = terms.text(known.get("title_vi"), "vi")
    if label and known["title_vi"] != known["title"]:
        record.add(node, "skos:prefLabel", label)
    if name in LICENCE_TYPES:
        record.add(node, "dct:type", record.iri(f"licencetype:{LICENCE_TYPES[name]}"))
    return node


def licence_iri(site: Site, name: str, address: object) -> URIRef:
    """Return the address of a licence as IRI, or one of the portal's when it has no address."""
    return terms.web(address) or URIRef(f"{site.base}/license/{quote(name)}")
