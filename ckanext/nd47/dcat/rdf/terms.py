"""Makes valid RDF terms of stored values, or None if that is not possible.

CKAN stores control characters, addresses with spaces and dates of any form, which RDF does not
allow. Every serialiser can write the terms that these functions return, and every parser can read
them. A single invalid value thus cannot make a page of a hundred datasets unreadable.

Sources: RFC 3987 section 2.2 (IRI), XML 1.0 section 2.2 (Char), XML Schema 1.1 part 2 section 3.3.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from dateutil.parser import isoparse
from geomet import InvalidGeoJSONException, wkt
from pyoxigraph import Literal, NamedNode

from ckanext.dcat.profiles.base import namespaces as dcat_namespaces

from ckanext.nd47.dcat.rdf.statements import XSD
from ckanext.nd47.lib.fields import contact_values
from ckanext.nd47.lib.fields.geometry import Extent, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


PREFIXES: Mapping[str, str] = {
    **{prefix: str(namespace) for prefix, namespace in dcat_namespaces.items()},
    "eli": "http://data.europa.eu/eli/ontology#",
    "licencetype": "http://purl.org/adms/licencetype/",
    "publishertype": "http://purl.org/adms/publishertype/",
    "odrs": "http://schema.theodi.org/odrs#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "void": "http://rdfs.org/ns/void#",
}

# Characters that XML 1.0 does not allow, including surrogates.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Letters outside ASCII are allowed in an IRI (ucschar), so Vietnamese addresses stay readable.
_NOT_IN_IRI = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$&'()*+,;=%\u00a0-\U0010ffff]")
# Zero-width characters are allowed in an IRI but invisible, so two addresses that look equal would
# differ. RFC 3987 section 4.1 forbids the direction marks.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[^\s\x00-\x20\x7f<>\"{}|\\^`%\[\]@:]+|\[[0-9A-Fa-f:.]+\]")
_MAIL = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_YEAR_PATTERN = re.compile(r"[0-9]{4}")
_MONTH_PATTERN = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DATE_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*")

_YEAR_TYPE = NamedNode(f"{XSD}gYear")
_MONTH_TYPE = NamedNode(f"{XSD}gYearMonth")
_DATE_TYPE = NamedNode(f"{XSD}date")
_DATETIME_TYPE = NamedNode(f"{XSD}dateTime")
_SIZE_TYPE = NamedNode(f"{XSD}nonNegativeInteger")

_WKT = NamedNode(PREFIXES["gsp"] + "wktLiteral")
# Decimal places of degrees: about 0.1 m.
_DECIMALS = 6
_GEOMETRY_ERRORS = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    StopIteration,
    InvalidGeoJSONException,
)

WEB_SCHEMES = ("http", "https")
FILE_SCHEMES = (*WEB_SCHEMES, "ftp", "ftps")
"""Schemes of the addresses of files; all other addresses are web addresses."""


@cache
def expand(name: str, namespace: str) -> NamedNode:
    """Return the IRI of a prefixed name such as `dct:title`.

    Args:
        name: prefix and local name. `nd47:` is the namespace of this project.
        namespace: IRI of this namespace, ending in `#` or `/`.

    Raises:
        KeyError: unknown prefix.
    """
    prefix, _, local = name.partition(":")
    return NamedNode((namespace if prefix == "nd47" else PREFIXES[prefix]) + local)


def iri(value: str) -> NamedNode | None:
    """Return an IRI, None if it is not valid."""
    try:
        return NamedNode(value)
    except ValueError:
        return None


def clean(value: str) -> str:
    """Return the text without the characters that XML 1.0 does not allow."""
    return _NOT_XML.sub("", value)


def text(value: object, language: str = "") -> Literal | None:
    """Return a literal, None if the value is not a text or blank."""
    if value is None or isinstance(value, (dict, list)):
        return None
    content = clean(str(value))
    if not content.strip():
        return None
    tag = language.replace("_", "-")
    return Literal(content, language=tag) if _LANGUAGE.fullmatch(tag) else Literal(content)


def web_iri(value: object, schemes: tuple[str, ...] = WEB_SCHEMES) -> NamedNode | None:
    """Return the IRI of a web address, percent-encoded if needed.

    Returns:
        None for relative addresses, other schemes, addresses without a valid host, and addresses
        with a user name or password, which must not be published.
    """
    if not isinstance(value, str):
        return None
    address = _INVISIBLE.sub("", clean(value)).strip()
    try:
        parts = urlsplit(address)
        host = parts.netloc if parts.port is None else parts.netloc.rpartition(":")[0]
    except ValueError:
        return None
    if parts.scheme not in schemes or not _HOST.fullmatch(host):
        return None
    rest = address[address.index(parts.netloc) + len(parts.netloc) :]
    return iri(f"{parts.scheme}://{parts.netloc}{_encode_path(rest)}")


def _encode_path(rest: str) -> str:
    """Percent-encode path, query and fragment, except Vietnamese letters."""
    path, mark, fragment = _STRAY_PERCENT.sub("%25", rest).partition("#")
    return _quote(path) + mark + _quote(fragment.replace("#", "%23"))


def _quote(part: str) -> str:
    return _NOT_IN_IRI.sub(lambda match: quote(match[0]), part)


def mail_iri(value: object) -> NamedNode | None:
    """Return the `mailto:` IRI of an e-mail address, with or without `mailto:`."""
    address = str(value or "").strip().removeprefix("mailto:")
    return NamedNode(f"mailto:{address}") if _MAIL.fullmatch(address) else None


def mail_iris(value: object) -> list[NamedNode]:
    """Return the `mailto:` IRIs of a text that may contain several mailboxes with names."""
    content = value if isinstance(value, str) else ""
    single = mail_iri(content)
    if single:
        return [single]
    mailboxes = contact_values.find_mailboxes(content)
    return [node for mailbox in mailboxes if (node := mail_iri(mailbox.address))]


def phone_iris(value: object) -> dict[NamedNode, str]:
    """Return the `tel:` IRIs of a text that may contain several numbers, with their spelling."""
    content = str(value if value is not None else "").strip()
    numbers = contact_values.find_telephones(content)
    if len(numbers) == 1:
        return {NamedNode(numbers[0].uri): content.removeprefix("tel:")}
    return {NamedNode(number.uri): number.written for number in numbers}


def date(value: object) -> Literal | None:
    """Return a year, month, date or date and time as typed literal.

    CKAN stores times in UTC without an offset, so a time without an offset gets `+00:00`.
    """
    if isinstance(value, dt.datetime):
        value = value.isoformat()
    content = str(value or "").strip()
    if _YEAR_PATTERN.fullmatch(content):
        return Literal(content, datatype=_YEAR_TYPE)
    if _MONTH_PATTERN.fullmatch(content):
        return Literal(content, datatype=_MONTH_TYPE)
    try:
        parsed = isoparse(content)
    except ValueError:
        return None
    if _DATE_PATTERN.fullmatch(content):
        return Literal(content, datatype=_DATE_TYPE)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=dt.timezone.utc)
    return Literal(parsed.isoformat(), datatype=_DATETIME_TYPE)


def size(value: object) -> Literal | None:
    """Return a number of bytes as xsd:nonNegativeInteger (DCAT-AP 3.0.1, dcat:byteSize)."""
    content = str(value if value is not None else "").strip()
    if not content.isascii() or not content.isdigit():
        return None
    return Literal(str(int(content)), datatype=_SIZE_TYPE)


def geometry(value: object) -> Literal | None:
    """Return GeoJSON or WKT as WKT, None if it is not a geometry in WGS 84."""
    try:
        shape = _parse_geometry(value)
        check(shape)
        content = wkt.dumps(shape, decimals=_DECIMALS)
    except _GEOMETRY_ERRORS:
        return None
    # Python's JSON parser accepts NaN and Infinity as coordinates.
    if re.search(r"nan|inf", content, re.IGNORECASE):
        return None
    return Literal(content, datatype=_WKT)


def extent_of(value: object) -> Extent | None:
    """Return the extent of GeoJSON or WKT, None if it is not a geometry."""
    if geometry(value) is None:
        return None
    points = list(_coordinates(_parse_geometry(value)))
    if not points:
        return None
    longitudes, latitudes = zip(*points, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def bbox(extent: Extent) -> Literal | None:
    """Return an extent as WKT polygon."""
    west, south, east, north = extent
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return geometry({"type": "Polygon", "coordinates": [ring]})


def centroid(extent: Extent) -> Literal | None:
    """Return the centre of an extent as WKT point."""
    west, south, east, north = extent
    return geometry({"type": "Point", "coordinates": [(west + east) / 2, (south + north) / 2]})


def _parse_geometry(value: object) -> Any:
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return wkt.loads(value)
    return value if isinstance(value, dict) else json.loads(str(value))


def _coordinates(shape: dict[str, Any]) -> Iterator[tuple[float, float]]:
    for part in shape.get("geometries", ()):
        yield from _coordinates(part)
    yield from _flatten_coordinates(shape.get("coordinates", ()))


def _flatten_coordinates(coordinates: Any) -> Iterator[tuple[float, float]]:
    if coordinates and not isinstance(coordinates[0], (list, tuple)):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for part in coordinates:
        yield from _flatten_coordinates(part)
