"""Writes licences as dct:LicenseDocument, always with an IRI."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.record import Record, is_empty

if TYPE_CHECKING:
    from ckanext.nd47.dcat.rdf.record import Site

# ADMS licence types by licence id. A licence that is not listed here gets no type, rather than
# UnknownIPR.
LICENCE_TYPES = {
    "nd47-open-data": "Attribution",
    "vn-open-data-2023": "Attribution",
    "cc-by": "Attribution",
    "cc-by-sa": "ViralEffect-ShareAlike",
    "cc-nc": "NonCommercialUseOnly",
    "cc-zero": "PublicDomain",
    "gfdl": "ViralEffect-ShareAlike",
    "odc-by": "Attribution",
    "odc-odbl": "ViralEffect-ShareAlike",
    "odc-pddl": "PublicDomain",
    "other-at": "Attribution",
    "other-nc": "NonCommercialUseOnly",
    "other-pd": "PublicDomain",
    "uk-ogl": "Attribution",
}


# Titles of CKAN's licence register by ADMS licence type. ckanext-dcat finds the licence of a
# harvested dataset by its address, else by its `dct:title`. CKAN's register does not have the
# titles of licences of Vietnamese law, so datasets would be harvested without a licence.
STOCK_TITLES = {
    "Attribution": "Other (Attribution)",
    "PublicDomain": "Other (Public Domain)",
}

# Licence id of CKAN for datasets without a licence.
_NOT_SPECIFIED = "notspecified"


def write_licence(record: Record, value: object) -> NamedNode | None:
    """Write a licence and return its IRI, None if there is none.

    Args:
        record: the dataset.
        value: id in CKAN's licence register, or the address of a licence.
    """
    name = str(value or "").strip()
    if is_empty(name) or name == _NOT_SPECIFIED:
        return None
    details = record.site.licence(name)
    if details is None:
        address = terms.web_iri(name)
        if address is None:
            record.leave_out("license", name, "not a licence of the register, nor an address")
            return None
        record.type_link(address, "dct:LicenseDocument")
        return address
    name = details.get("id", name)
    node = licence_iri(record.site, name, details.get("url"))
    record.type(node, "dct:LicenseDocument")
    licence_type = LICENCE_TYPES.get(name, "")
    # Only one title, that of CKAN's register, because ckanext-dcat's harvester compares only the
    # title. The names of the licence are written as labels.
    stock_title = STOCK_TITLES.get(licence_type) if details.get("own") else None
    title = terms.text(stock_title or details.get("title"), "en")
    if title:
        record.add(node, "dct:title", title)
    for language, label in (("vi", details.get("title_vi")), ("en", details.get("title"))):
        literal = terms.text(label, language)
        if literal and label != (stock_title or details.get("title")):
            record.add(node, "skos:prefLabel", literal)
    if details.get("open") is not None:
        record.add(node, "nd47:isOpen", Literal(details["open"]))
    if licence_type:
        record.add(node, "dct:type", record.iri(f"licencetype:{licence_type}"))
    return node


def reference(site: Site, value: object) -> tuple[NamedNode, str] | None:
    """Return IRI and title of a licence as the export writes it; None where it writes none.

    Args:
        site: the portal.
        value: id in CKAN's licence register, or the address of a licence, which has no title.
    """
    name = str(value or "").strip()
    if is_empty(name) or name == _NOT_SPECIFIED:
        return None
    details = site.licence(name)
    if details is None:
        address = terms.web_iri(name)
        return (address, "") if address else None
    iri = licence_iri(site, details.get("id", name), details.get("url"))
    return iri, str(details.get("title_vi") or details.get("title") or "")


def licence_iri(site: Site, name: str, address: object) -> NamedNode:
    """Return the address of a licence as IRI, or an IRI of the portal if it has no address."""
    return terms.web_iri(address) or NamedNode(f"{site.base}/license/{quote(name)}")
