"""Resources: dcat:Distribution with addresses, format, checksum, licence; dcat:DataService."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from ckanext.dcat.utils import resource_uri

from ckanext.nd47.dcat.rdf import codes, statements, terms
from ckanext.nd47.dcat.rdf.licences import write_licence
from ckanext.nd47.dcat.rdf.mapping import Kind, rows_of
from ckanext.nd47.dcat.rdf.record import Record, as_list, empty
from ckanext.nd47.dcat.rdf.rows import write_rows
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
# CKAN stores a checksum without saying how it was made; the length tells.
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}

SERVICE_METHOD = "dich-vu-chia-se"
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
        licence: the dataset's licence, which holds where the resource states none.
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
    stated = write_licence(record, resource.get("license")) or licence
    for name, value in (("dct:license", stated), ("dct:rights", rights)):
        if value:
            record.add(node, name, value)
    write_service(record, node, resource)


def distribution_iri(record: Record, resource: Mapping[str, Any]) -> NamedNode | None:
    """Return the IRI of a resource; one harvested from elsewhere keeps its own."""
    if empty(resource.get("id")) and empty(resource.get("uri")):
        record.leave_out("resources", resource.get("name"), "a resource without id")
        return None
    whole = {**resource, "package_id": record.data["id"]}
    iri = resource_uri(whole)
    own = None
    if empty(resource.get("uri")):
        own = terms.web(iri)
    elif not empty(resource.get("id")):
        own = terms.web(resource_uri({**whole, "uri": ""}))
    return record.called(
        iri, own or record.part(f"resource-{resource.get('id')}"), "distribution.uri"
    )


def write_addresses(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write accessURL, and downloadURL where the address gives the file itself.

    That is so for uploads and for resources published as packages to download. A sharing service
    has an accessURL alone.
    """
    address = terms.web(resource.get("url"), terms.FILE_SCHEMES)
    if address is None and not empty(resource.get("url")):
        record.leave_out("distribution.url", resource["url"], "not an http, https or ftp address")
    elif address is not None and address.value != str(resource["url"]).strip():
        record.leave_out(
            "distribution.url", resource["url"], "characters that RDF cannot hold, escaped"
        )
    download = terms.web(resource.get("download_url"))
    packaged = resource.get("publication_method") == "goi-tai-ve"
    if download is None and (packaged or resource.get("url_type") == "upload"):
        download = address
    access = terms.web(resource.get("access_url")) or address or download
    if access:
        record.add(node, "dcat:accessURL", access)
    if download:
        record.add(node, "dcat:downloadURL", download)


def write_format(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the EU file type and the IANA media type.

    The media type carries its name as label: harvesters of ckanext-dcat then store `text/csv`
    and find the format `CSV`; without it they store both IRIs.
    """
    name = str(resource.get("format") or "").strip()
    media_type = str(resource.get("mimetype") or "").strip()
    found = codes.find_format(name, media_type)
    # Not every format has an entry in the EU table; the name arrives all the same.
    written = terms.text(found.name if found and name else name)
    if written:
        record.add(node, "nd47:formatName", written)
    if found and found.iri:
        record.add(node, "dct:format", found.iri)
        record.type(found.iri, "dct:MediaTypeOrExtent")
    elif name:
        record.leave_out("distribution.format", name, "not in the EU table of file types")
    plain = media_type.removeprefix(IANA).partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(plain):
        plain = found.media_type if found else ""
    if plain:
        iri = NamedNode(IANA + plain)
        record.add(node, "dcat:mediaType", iri)
        record.type(iri, "dct:MediaType")
        record.graph.add(iri, statements.LABEL, Literal(plain))


def write_checksum(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the checksum when its algorithm is known; DCAT-AP requires both."""
    field = "hash" if empty(resource.get(CHECKSUM)) else CHECKSUM
    given = resource.get(field)
    if empty(given):
        return
    match = _HEX.fullmatch(str(given).strip())
    digits = match[2].lower() if match else ""
    algorithm = _ALGORITHMS.get(len(digits))
    if algorithm is None:
        record.leave_out(f"distribution.{field}", given, "not a checksum of a known kind")
        return
    checksum = record.part("checksum", node)
    record.add(node, "spdx:checksum", checksum)
    record.type(checksum, "spdx:Checksum")
    record.add(checksum, "spdx:checksumValue", Literal(digits, datatype=_HEX_BINARY))
    kind = NamedNode(SPDX_ALGORITHM + algorithm)
    record.add(checksum, "spdx:algorithm", kind)
    record.type(kind, "spdx:ChecksumAlgorithm")


def write_availability(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write how long the file is to stay: as it states, else as the portal promises."""
    given = str(resource.get("availability") or "").strip()
    code = given.removeprefix(AVAILABILITY)
    if given and code not in AVAILABILITIES:
        record.leave_out("distribution.availability", given, "not in the EU table")
        code = ""
    code = code or record.site.availability
    if code:
        record.add(node, "dcatap:availability", NamedNode(AVAILABILITY + code))


def write_dictionary(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Write the data dictionary: a document when it is an address, else its text."""
    value = resource.get("data_dictionary")
    address = terms.web(value)
    if address:
        record.add(node, "foaf:page", address)
        record.type(address, "foaf:Document")
    content = address or terms.text(value, record.site.language)
    if content is not None:
        record.add(node, "nd47:dataDictionary", content)


def write_service(record: Record, node: NamedNode, resource: Mapping[str, Any]) -> None:
    """Describe the service behind a resource that is published through one.

    A service without an address is none: DCAT-AP requires the endpoint.

    Args:
        record: the dataset.
        node: the resource as distribution, already described.
        resource: the resource.
    """
    endpoint = terms.web(resource.get("url"))
    if resource.get("publication_method") != SERVICE_METHOD or endpoint is None:
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
    record.add(service, "dcat:endpointDescription", _endpoint_description(record, resource))
    standard = _standard(resource)
    if standard:
        record.add(service, "dct:conformsTo", standard)
        record.type(standard, "dct:Standard")
    record.copy(record.subject, service, *_OF_THE_DATASET)
    record.copy(node, service, "dct:license", "dct:rights")


def _endpoint_description(record: Record, resource: Mapping[str, Any]) -> NamedNode:
    """Return where the service is explained: its own document, the dataset's, or its page."""
    own = (resource.get("data_dictionary"), *as_list(record.data.get("documentation")))
    found = (terms.web(address) for address in own)
    return next((address for address in found if address), record.subject)


def _standard(resource: Mapping[str, Any]) -> NamedNode | None:
    """Return the specification of the form in which the service answers."""
    name, media_type = str(resource.get("format") or ""), str(resource.get("mimetype") or "")
    found = codes.find_format(name.strip(), media_type.strip())
    return terms.web(found.standard) if found else None
