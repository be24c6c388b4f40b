"""RDF terms that are always legal, geometries among them.

What a portal accepts is wider than what RDF allows: CKAN stores control characters, addresses with
spaces and dates of any form. A term that leaves this module can be written by every serialiser and
read by every parser, or it is None and the caller leaves the statement out. One bad value then
never makes a page of a hundred datasets unreadable.

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
from ckanext.nd47.lib import contact_values
from ckanext.nd47.lib.geometry import Extent, check

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

# Everything XML 1.0 has no way to write, surrogates included.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Letters outside ASCII are legal in an IRI (ucschar), so Vietnamese addresses stay readable.
_NOT_IN_ADDRESS = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$&'()*+,;=%\u00a0-\U0010ffff]")
# Writing-direction and zero-width marks are legal in an IRI and invisible: two addresses that look
# equal would differ, and RFC 3987 section 4.1 forbids the direction marks.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[^\s\x00-\x20\x7f<>\"{}|\\^`%\[\]@:]+|\[[0-9A-Fa-f:.]+\]")
_MAIL = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_YEAR = re.compile(r"[0-9]{4}")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*")

_YEAR_TYPE = NamedNode(f"{XSD}gYear")
_MONTH_TYPE = NamedNode(f"{XSD}gYearMonth")
_DAY_TYPE = NamedNode(f"{XSD}date")
_MOMENT_TYPE = NamedNode(f"{XSD}dateTime")
_SIZE_TYPE = NamedNode(f"{XSD}nonNegativeInteger")

_WKT = NamedNode(PREFIXES["gsp"] + "wktLiteral")
# A tenth of a metre: finer than any register of places, and stable when written again.
_DECIMALS = 6
_NOT_A_SHAPE = (
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
"""Schemes of addresses of files; everything else has an address on the web."""


@cache
def expand(name: str, own: str) -> NamedNode:
    """Return the IRI of a prefixed name such as `dct:title`.

    Args:
        name: prefix and local name. `nd47:` is the project's own namespace.
        own: IRI of the own namespace, ending in `#` or `/`.

    Raises:
        KeyError: the prefix is not known.
    """
    prefix, _, local = name.partition(":")
    return NamedNode((own if prefix == "nd47" else PREFIXES[prefix]) + local)


def iri(value: str) -> NamedNode | None:
    """Return an IRI, None where a strict reader would not take it for one."""
    try:
        return NamedNode(value)
    except ValueError:
        return None


def clean(value: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("", value)


def text(value: object, language: str = "") -> Literal | None:
    """Return a literal, or None when nothing readable is left of the value."""
    if value is None or isinstance(value, (dict, list)):
        return None
    content = clean(str(value))
    if not content.strip():
        return None
    tag = language.replace("_", "-")
    return Literal(content, language=tag) if _LANGUAGE.fullmatch(tag) else Literal(content)


def web(value: object, schemes: tuple[str, ...] = WEB_SCHEMES) -> NamedNode | None:
    """Return the IRI of a web address, percent-encoded where it must be.

    Relative addresses, `javascript:` and addresses without a plain host give None: guessing what
    they meant would point a harvester at something else. So do addresses with a user name or
    password, which must not reach a public catalogue.
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
    return iri(f"{parts.scheme}://{parts.netloc}{_encode(rest)}")


def _encode(rest: str) -> str:
    """Percent-encode what may not stand in path, query or fragment; keep Vietnamese letters."""
    path, mark, fragment = _STRAY_PERCENT.sub("%25", rest).partition("#")
    return _quote(path) + mark + _quote(fragment.replace("#", "%23"))


def _quote(part: str) -> str:
    return _NOT_IN_ADDRESS.sub(lambda found: quote(found[0]), part)


def mail(value: object) -> NamedNode | None:
    """Return the `mailto:` IRI of an address, which may already start with `mailto:`."""
    address = str(value or "").strip().removeprefix("mailto:")
    return NamedNode(f"mailto:{address}") if _MAIL.fullmatch(address) else None


def mails(value: object) -> list[NamedNode]:
    """Return the `mailto:` IRIs of a field, which may hold several mailboxes with names."""
    given = value if isinstance(value, str) else ""
    single = mail(given)
    if single:
        return [single]
    return [node for one in contact_values.find_mailboxes(given) if (node := mail(one.address))]


def phones(value: object) -> dict[NamedNode, str]:
    """Return the `tel:` IRIs of a field, which may hold several numbers, with each as written."""
    given = str(value if value is not None else "").strip()
    found = contact_values.find_telephones(given)
    if len(found) == 1:
        return {NamedNode(found[0].uri): given.removeprefix("tel:")}
    return {NamedNode(one.uri): one.written for one in found}


def date(value: object) -> Literal | None:
    """Return a year, month, day or moment as the typed literal DCAT-AP accepts.

    CKAN stores moments in UTC without saying so; a harvester seven hours away would misread them,
    so a moment without an offset gets `+00:00`.
    """
    if isinstance(value, dt.datetime):
        value = value.isoformat()
    content = str(value or "").strip()
    if _YEAR.fullmatch(content):
        return Literal(content, datatype=_YEAR_TYPE)
    if _MONTH.fullmatch(content):
        return Literal(content, datatype=_MONTH_TYPE)
    try:
        moment = isoparse(content)
    except ValueError:
        return None
    if _DAY.fullmatch(content):
        return Literal(content, datatype=_DAY_TYPE)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.timezone.utc)
    return Literal(moment.isoformat(), datatype=_MOMENT_TYPE)


def size(value: object) -> Literal | None:
    """Return a number of bytes as xsd:nonNegativeInteger (DCAT-AP 3.0.1, dcat:byteSize)."""
    content = str(value if value is not None else "").strip()
    if not content.isascii() or not content.isdigit():
        return None
    return Literal(str(int(content)), datatype=_SIZE_TYPE)


def geometry(value: object) -> Literal | None:
    """Return GeoJSON or WKT as WKT, the form GeoDCAT-AP expects.

    None when it is no geometry, or not one of WGS 84: what was stored before it was looked at.
    """
    try:
        shape = _shape(value)
        check(shape)
        written = wkt.dumps(shape, decimals=_DECIMALS)
    except _NOT_A_SHAPE:
        return None
    # A coordinate that is no number, or one that JSON writes as Infinity
    if re.search(r"nan|inf", written, re.IGNORECASE):
        return None
    return Literal(written, datatype=_WKT)


def extent_of(value: object) -> Extent | None:
    """Return the box around GeoJSON or WKT, None when it is no geometry."""
    if geometry(value) is None:
        return None
    points = list(_points(_shape(value)))
    if not points:
        return None
    wide, high = zip(*points, strict=True)
    return min(wide), min(high), max(wide), max(high)


def box(extent: Extent) -> Literal | None:
    """Return the extent as WKT polygon."""
    west, south, east, north = extent
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return geometry({"type": "Polygon", "coordinates": [ring]})


def middle(extent: Extent) -> Literal | None:
    """Return the middle of the extent as WKT point."""
    west, south, east, north = extent
    return geometry({"type": "Point", "coordinates": [(west + east) / 2, (south + north) / 2]})


def _shape(value: object) -> Any:
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return wkt.loads(value)
    return value if isinstance(value, dict) else json.loads(str(value))


def _points(shape: dict[str, Any]) -> Iterator[tuple[float, float]]:
    for part in shape.get("geometries", ()):
        yield from _points(part)
    yield from _pairs(shape.get("coordinates", ()))


def _pairs(coordinates: Any) -> Iterator[tuple[float, float]]:
    if coordinates and not isinstance(coordinates[0], (list, tuple)):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for part in coordinates:
        yield from _pairs(part)
