"""Licences: always an IRI, with its own type, never a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.record import Record, empty

if TYPE_CHECKING:
    from ckanext.nd47.dcat.rdf.record import Site

# ADMS licence types by licence of CKAN's register. A licence that is not here gets none: an
# unknown type is left unsaid instead of being called UnknownIPR.
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


# Titles of CKAN's register by ADMS licence type. ckanext-dcat finds the licence of a harvested
# dataset by address, else by the one `dct:title` of the licence: under its own title a licence of
# Vietnamese law is unknown to a stock portal, and the dataset arrives without any.
STOCK_TITLES = {
    "Attribution": "Other (Attribution)",
    "PublicDomain": "Other (Public Domain)",
}

# CKAN's way of saying that nobody chose a licence.
_NONE = "notspecified"


def write_licence(record: Record, value: object) -> NamedNode | None:
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
        record.type_link(address, "dct:LicenseDocument")
        return address
    name = known.get("id", name)
    node = licence_iri(record.site, name, known.get("url"))
    record.type(node, "dct:LicenseDocument")
    kind = LICENCE_TYPES.get(name, "")
    # One title, in words of CKAN's register: a harvester finds a licence that its portal has no
    # address of by this text alone. The names that people know stand beside it.
    stock = STOCK_TITLES.get(kind) if known.get("own") else None
    title = terms.text(stock or known.get("title"), "en")
    if title:
        record.add(node, "dct:title", title)
    for language, label in (("vi", known.get("title_vi")), ("en", known.get("title"))):
        written = terms.text(label, language)
        if written and label != (stock or known.get("title")):
            record.add(node, "skos:prefLabel", written)
    if known.get("open") is not None:
        record.add(node, "nd47:isOpen", Literal(known["open"]))
    if kind:
        record.add(node, "dct:type", record.iri(f"licencetype:{kind}"))
    return node


def licence_iri(site: Site, name: str, address: object) -> NamedNode:
    """Return the address of a licence as IRI, or one of the portal's when it has no address."""
    return terms.web(address) or NamedNode(f"{site.base}/license/{quote(name)}")
