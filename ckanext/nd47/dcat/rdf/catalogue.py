"""Writes dcat:Catalog with the properties that DCAT-AP 3.0.1 requires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pyoxigraph import NamedNode

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.dcat.rdf import codes, terms
from ckanext.nd47.dcat.rdf.dataset import write_labels, write_territory
from ckanext.nd47.dcat.rdf.licences import write_licence
from ckanext.nd47.dcat.rdf.record import Record
from ckanext.nd47.dcat.rdf.site import current_site
from ckanext.nd47.dcat.rdf.statements import Graph
from ckanext.nd47.lib import config
from ckanext.nd47.metadata import licence

if TYPE_CHECKING:
    from collections.abc import Mapping

_THEMES = NamedNode("http://publications.europa.eu/resource/authority/data-theme")


def catalogue(subject: NamedNode, fields: Mapping[str, Any], modified: str | None) -> Graph:
    """Return the description of the catalogue.

    Args:
        subject: IRI of the catalogue.
        fields: title, description, homepage and language that replace the portal's settings.
        modified: time of the last change of any dataset, UTC.
    """
    record = Record(Graph(), subject, fields, current_site())
    record.type(subject, "dcat:Catalog")
    title = fields.get("title") or tk.config["ckan.site_title"]
    language = record.site.language
    for name, value in (
        ("dct:title", terms.text(title, language)),
        # DCAT-AP requires a description.
        ("dct:description", terms.text(_description(fields) or title, language)),
        ("dct:issued", terms.date(first_date())),
        ("dct:modified", terms.date(modified)),
        ("dct:license", write_licence(record, config.dcat_licence() or licence.default_id())),
        ("dct:spatial", write_territory(record)),
        ("dcat:themeTaxonomy", _THEMES),
    ):
        if value is not None:
            record.add(subject, name, value)
    write_publisher(record, str(title))
    write_labels(record)
    write_homepage(record)
    language_entry = codes.find("language", str(fields.get("language") or language))
    if language_entry and language_entry.mapping:
        record.add(subject, "dct:language", language_entry.mapping)
    return record.graph


def first_date() -> str:
    """Return the date of the first dataset of the portal, empty if it has none."""
    created = model.Session.scalar(sa.select(sa.func.min(model.Package.metadata_created)))
    return created.date().isoformat() if created else ""


def write_publisher(record: Record, title: str) -> None:
    """Write the portal as publisher of the catalogue."""
    agent = record.part("publisher")
    record.add(record.subject, "dct:publisher", agent)
    record.type(agent, "foaf:Agent")
    # These portals are run by provinces.
    record.add(agent, "dct:type", record.iri("publishertype:RegionalAuthority"))
    name = terms.text(title, record.site.language)
    if name:
        record.add(agent, "foaf:name", name)


def write_homepage(record: Record) -> None:
    """Write the portal's address as homepage."""
    address = terms.web_iri(record.data.get("homepage") or tk.config["ckan.site_url"])
    if address:
        record.add(record.subject, "foaf:homepage", address)
        record.type(address, "foaf:Document")


def _description(fields: Mapping[str, Any]) -> str:
    return fields.get("description") or tk.config["ckan.site_description"] or ""
