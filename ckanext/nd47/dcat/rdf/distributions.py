"""Writes resources as dcat:Distribution, and those published as a service as dcat:DataService."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from ckanext.dcat.utils import resource_uri

from ckanext.nd47.dcat.rdf import codes, statements, terms
from ckanext.nd47.dcat.rdf.licences import write_licence
from ckanext.nd47.dcat.rdf.mapping import Kind, rows_of
from ckanext.nd47.dcat.rdf.record import Record, as_list, is_empty
from ckanext.nd47.dcat.rdf.rows import write_rows
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.metadata.files import CHECKSUM

if TYPE_CHECKING:
    from collections.abc import Mapping

IANA = "https://www.iana.org/assignments/media-types/"
AVAILABILITY = "http://publications.europa.eu/resource/authority/planned-availability/"
AVAILABILITIES = frozenset({"AVAILABLE", "EXPERIMENTAL", "STABLE", "TEMPORARY"})
"""The codes of that EU table, version 20220715."""
SPDX_ALGORITHM = "https://spdx.org/rdf/terms/#checksumAlgorithm_"
_HEX_BINARY = NamedNode(f"{statements.XSD}hexBinary")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+_-]*")
_HEX = re.compile(r"(?:([a-z0-9-]+):)?([0-9A-Fa-f]+)")
# CKAN stores a checksum without its algorithm; the length tells it.
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}

SERVICE_METHOD = "dich-vu-chia-se"
"""Publication method of a resource that is a service (Decree 47/2020, Article 21(1))."""

# Properties of the dataset that are repeated on its services.
_COPIED_FROM_DATASET = (
    "dcat:contactPoint",
    "dct:publisher",
    "dcat:theme",
    "dcat:keyword",
    "dct:accessRights",
    "dcatap:applicableLegislation",
)


def write_distribution(
    record: Record,
    resource: Mapping[str, Any],
    licence: NamedNode | None,
    rights: NamedNode | None,
) -> None:
    """Write one resource.

    Args:
        record: the dataset.
        resource: the resource.
        licence: the dataset's licence, used if the resource has none.
        rights: the dataset's rights statement.
    """
    node = distribution_iri(record, resource)
    if node is None:
        return
    record.add(record.subject, "dcat:distribution", node)
    record.type(node, "dcat:Distribution")
    write_rows(record, node, rows_of("distribution"), resource)
    write_addresses(record, node, resource)
    write_format(record, node, resource)
    write_checksum(record, node, resource)
    write_dictionary(record, node, resource)
    write_availability(record, node, resource)
    write_period(record, node, resource)
    own_licence = write_licence(record, resource.get("license")) or licence
    for name, value in (("dct:license", own_licence), ("dct:rights", rights)):
        if value:
            record.add(node, name, value)
    write_service(record, node, resource)


def distribution_iri(record: Record, resource: Mapping[str, Any]) -> NamedNode | None:
    """Return the IRI of a resource; a harvested resource keeps its original IRI."""
    if is_empty(resource.get("id")) and is_empty(resource.get("uri")):
        record.leave_out("resources", resource.get("name"), "a resource without id")
        return None
    with_dataset = {**resource, "package_id": record.data["id"]}
    iri = resource_uri(with_dataset)
    own_iri = None
    if is_empty(resource.get("uri")):
        own_iri = terms.web_iri(iri)
    elif not is_empty(resource.get("id")):
        own_iri = terms.web_iri(resource_uri({**with_dataset, "uri": ""}))
    return record.part_iri(
        iri, own_iri or record.part(f"resource-{resource.get('id')}"), "distribution.uri"
    )


def write_addresses(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write accessURL, and downloadURL if the address is that of the file itself.

    This is the case for uploads and for resources with the publication method `goi-tai-ve`.
    """
    address = terms.web_iri(resource.get("url"), terms.FILE_SCHEMES)
    if address is None and not is_empty(resource.get("url")):
        record.leave_out("distribution.url", resource["url"], "not an http, https or ftp address")
    elif address is not None and address.value != str(resource["url"]).strip():
        record.leave_out(
            "distribution.url", resource["url"], "characters that RDF cannot hold, escaped"
        )
    download_url = terms.web_iri(resource.get("download_url"))
    is_package = resource.get("publication_method") == "goi-tai-ve"
    if download_url is None and (is_package or resource.get("url_type") == "upload"):
        download_url = address
    access_url = terms.web_iri(resource.get("access_url")) or address or download_url
    if access_url:
        record.add(node, "dcat:accessURL", access_url)
    if download_url:
        record.add(node, "dcat:downloadURL", download_url)


def write_format(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the EU file type and the IANA media type.

    The media type has its name as label, so that ckanext-dcat's harvester stores `text/csv` and
    finds the format `CSV`; without the label it stores both IRIs.
    """
    name = str(resource.get("format") or "").strip()
    media_type = str(resource.get("mimetype") or "").strip()
    file_format = codes.find_format(name, media_type)
    # Not every format is in the EU table, so its name is always written too.
    label = terms.text(file_format.name if file_format and name else name)
    if label:
        record.add(node, "nd47:formatName", label)
    if file_format and file_format.iri:
        record.add(node, "dct:format", file_format.iri)
        record.type(file_format.iri, "dct:MediaTypeOrExtent")
    elif name:
        record.leave_out("distribution.format", name, "not in the EU table of file types")
    bare_type = media_type.removeprefix(IANA).partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(bare_type):
        bare_type = file_format.media_type if file_format else ""
    if bare_type:
        iri = NamedNode(IANA + bare_type)
        record.add(node, "dcat:mediaType", iri)
        record.type(iri, "dct:MediaType")
        record.graph.add(iri, statements.LABEL, Literal(bare_type))


def write_checksum(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the checksum if its algorithm is known; DCAT-AP requires both."""
    field = "hash" if is_empty(resource.get(CHECKSUM)) else CHECKSUM
    stored = resource.get(field)
    if is_empty(stored):
        return
    parts = _HEX.fullmatch(str(stored).strip())
    digits = parts[2].lower() if parts else ""
    algorithm = _ALGORITHMS.get(len(digits))
    if algorithm is None:
        record.leave_out(f"distribution.{field}", stored, "not a checksum of a known kind")
        return
    checksum = record.part("checksum", node)
    record.add(node, "spdx:checksum", checksum)
    record.type(checksum, "spdx:Checksum")
    record.add(checksum, "spdx:checksumValue", Literal(digits, datatype=_HEX_BINARY))
    algorithm_iri = NamedNode(SPDX_ALGORITHM + algorithm)
    record.add(checksum, "spdx:algorithm", algorithm_iri)
    record.type(algorithm_iri, "spdx:ChecksumAlgorithm")


def write_availability(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the planned availability of the file, or that of the portal if it has none."""
    stored = str(resource.get("availability") or "").strip()
    code = stored.removeprefix(AVAILABILITY)
    if stored and code not in AVAILABILITIES:
        record.leave_out("distribution.availability", stored, "not in the EU table")
        code = ""
    code = code or record.site.availability
    if code:
        record.add(node, "dcatap:availability", NamedNode(AVAILABILITY + code))


def write_period(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the first and last day of the period that a file is about, if it has one."""
    try:
        days = dates.period_days(str(resource.get("period") or ""))
    except ValueError:
        return
    period = record.part("period", node)
    record.add(node, "dct:temporal", period)
    record.type(period, "dct:PeriodOfTime")
    bounds = {"start": days.first.isoformat(), "end": days.last.isoformat()}
    write_rows(record, period, rows_of("temporal_coverage"), bounds)


def write_dictionary(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the data dictionary as a document if it is a web address, else as text."""
    value = resource.get("data_dictionary")
    address = terms.web_iri(value)
    if address:
        record.add(node, "foaf:page", address)
        record.type(address, "foaf:Document")
    content = address or terms.text(value, record.site.language)
    if content is not None:
        record.add(node, "nd47:dataDictionary", content)


def write_service(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the service of a resource with the publication method `dich-vu-chia-se`.

    A service without an address is left out: DCAT-AP requires the endpoint.

    Args:
        record: the dataset.
        node: the distribution, already written.
        resource: the resource.
    """
    endpoint = terms.web_iri(resource.get("url"))
    if resource.get("publication_method") != SERVICE_METHOD or endpoint is None:
        return
    service = record.part("service", node)
    record.add(node, "dcat:accessService", service)
    record.add(record.site.catalogue, "dcat:service", service)
    record.type(service, "dcat:DataService")
    with_name = {**resource, "name": resource.get("name") or record.data.get("title")}
    text_rows = [row for row in rows_of("service") if row.kind is Kind.TEXT]
    write_rows(record, service, text_rows, with_name)
    record.add(service, "dcat:endpointURL", endpoint)
    record.add(service, "dcat:servesDataset", record.subject)
    record.add(service, "dcat:endpointDescription", _endpoint_description(record, resource))
    standard = _format_standard(resource)
    if standard:
        record.add(service, "dct:conformsTo", standard)
        record.type(standard, "dct:Standard")
    record.copy(record.subject, service, *_COPIED_FROM_DATASET)
    record.copy(node, service, "dct:license", "dct:rights")


def _endpoint_description(record: Record, resource: Mapping[str, Any]) -> NamedNode:
    """Return the documentation of the service, else that of the dataset, else the dataset."""
    documents = (resource.get("data_dictionary"), *as_list(record.data.get("documentation")))
    addresses = (terms.web_iri(address) for address in documents)
    return next((address for address in addresses if address), record.subject)


def _format_standard(resource: Mapping[str, Any]) -> NamedNode | None:
    """Return the specification of the format in which the service answers."""
    name, media_type = str(resource.get("format") or ""), str(resource.get("mimetype") or "")
    file_format = codes.find_format(name.strip(), media_type.strip())
    return terms.web_iri(file_format.standard) if file_format else None
