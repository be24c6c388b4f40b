"""Sharing services: dcat:DataService beside the distribution that is reached through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ckanext.nd47.dcat import codes, terms
from ckanext.nd47.dcat.mapping import Kind, rows_of
from ckanext.nd47.dcat.record import Record, as_list
from ckanext.nd47.dcat.rows import write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import NamedNode

METHOD = "dich-vu-chia-se"
"""Publication method of a resource that is a service (Decree 47/2020, Article 21(1))."""

# What a service shares with the dataset that it serves.
_OF_THE_DATASET = (
    "dcat:contactPoint",
    "dct:publisher",
    "dcat:theme",
    "dcat:keyword",
    "dct:accessRights",
    "dcatap:applicableLegislation",
)


def write_service(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Describe the service behind a resource that is published through one.

    A service without an address is none: DCAT-AP requires the endpoint.

    Args:
        record: the dataset.
        node: the resource as distribution, already described.
        resource: the resource.
    """
    endpoint = terms.web(resource.get("url"))
    if resource.get("publication_method") != METHOD or endpoint is None:
        return
    service = record.part("service", node)
    record.add(node, "dcat:accessService", service)
    record.add(record.site.catalogue, "dcat:service", service)
    record.type(service, "dcat:DataService")
    named = {**resource, "name": resource.get("name") or record.data.get("title")}
    plain = [row for row in rows_of("service") if row.kind is Kind.TEXT]
    write_rows(record, service, plain, named)
    record.add(service, "dcat:endpointURL", endpoint)
    record.add(service, "dcat:servesDataset", record.subject)
    record.add(service, "dcat:endpointDescription", _description(record, resource))
    standard = _standard(resource)
    if standard:
        record.add(service, "dct:conformsTo", standard)
        record.type(standard, "dct:Standard")
    record.copy(record.subject, service, *_OF_THE_DATASET)
    record.copy(node, service, "dct:license", "dct:rights")


def _description(record: Record, resource: Mapping[str, Any]) -> NamedNode:
    """Return where the service is explained: its own document, the dataset's, or its page."""
    own = (resource.get("data_dictionary"), *as_list(record.data.get("documentation")))
    found = (terms.web(address) for address in own)
    return next((address for address in found if address), record.subject)


def _standard(resource: Mapping[str, Any]) -> NamedNode | None:
    """Return the specification of the form in which the service answers."""
    name, media_type = str(resource.get("format") or ""), str(resource.get("mimetype") or "")
    found = codes.find_format(name.strip(), media_type.strip())
    return terms.web(found.standard) if found else None
