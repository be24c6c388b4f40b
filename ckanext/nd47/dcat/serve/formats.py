"""Chooses the format of a response: by the extension of the path, else by `Accept`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MIMEAccept

from ckanext.nd47.dcat.store.serialise import Column
from ckanext.nd47.lib.web.http import media_types


@dataclass(frozen=True)
class Format:
    """A format as clients name it.

    Attributes:
        extension: extension of the path.
        media_type: of the response.
        column: column of the store.
        stock: name of the format in ckanext-dcat, empty if it has none.
    """

    extension: str
    media_type: str
    column: Column
    stock: str = ""


FORMATS: Mapping[str, Format] = {
    form.extension: form
    for form in (
        Format("ttl", "text/turtle", "ttl", "ttl"),
        Format("xml", "application/rdf+xml", "xml", "xml"),
        Format("rdf", "application/rdf+xml", "xml", "rdf"),
        Format("jsonld", "application/ld+json", "jsonld", "jsonld"),
        Format("nt", "application/n-triples", "nt"),
        # Each Turtle document is a Notation3 document, a format that ckanext-dcat offers.
        Format("n3", "text/n3", "ttl", "n3"),
    )
}
_BY_TYPE: Mapping[str, Format] = {
    **{form.media_type: form for form in reversed(FORMATS.values())},
    "application/x-turtle": FORMATS["ttl"],
    "application/turtle": FORMATS["ttl"],
    "text/rdf+n3": FORMATS["n3"],
    "application/xml": FORMATS["xml"],
    "text/xml": FORMATS["xml"],
    "application/json": FORMATS["jsonld"],
    "text/plain": FORMATS["nt"],
}
_PREFERRED = ("text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples")
_HTML = ("text/html", "application/xhtml+xml")


def accepted(accept: MIMEAccept) -> Format | None:
    """Return the format that a client prefers; Turtle if it accepts anything.

    Returns:
        None if it accepts none of the formats.
    """
    if not accept:
        return FORMATS["ttl"]
    offered = [*_PREFERRED, *(name for name in _BY_TYPE if name not in _PREFERRED)]
    best = media_types(accept).best_match(offered)
    return _BY_TYPE[best] if best else None


def wanted_instead_of_html(accept: MIMEAccept) -> Format | None:
    """Return the format that a client prefers to HTML, None if it prefers HTML.

    Only RDF types count: browsers accept `application/xml`, scripts `*/*`.
    """
    accept = media_types(accept)
    offered = ("text/html", *_PREFERRED, "text/n3")
    best = accept.best_match(offered, default="text/html")
    if best in _HTML or accept.quality(best) <= accept.quality("text/html"):
        return None
    return _BY_TYPE[best]
