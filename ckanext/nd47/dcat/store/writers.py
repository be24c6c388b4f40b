"""The formats: how a part is written once, and how parts become a document.

Every format lets a document be put together from parts without looking into them: N-Triples has
no header at all; Turtle and RDF/XML declare their prefixes once, always the same ones; JSON-LD is
an array. Turtle and RDF/XML parts use the prefixes of the header, so parts written under another
base address must be written anew (see `fingerprint`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from xml.sax.saxutils import quoteattr

from pyoxigraph import RdfFormat, Triple, serialize

from ckanext.nd47 import config
from ckanext.nd47.dcat import terms
from ckanext.nd47.dcat.site import NAMESPACE

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


class Writer(Protocol):
    """One format."""

    @property
    def column(self) -> str:
        """Column of the store that holds the parts."""
        ...

    @property
    def separator(self) -> bytes:
        """What stands between two parts."""
        ...

    def part(self, triples: Sequence[Triple]) -> bytes:
        """Write triples without what a document has around them."""
        ...

    def header(self) -> bytes:
        """Return what comes before the parts."""
        ...

    def footer(self) -> bytes:
        """Return what comes after the parts."""
        ...


def prefixes() -> dict[str, str]:
    """Return the prefixes that every document declares, in a fixed order."""
    found = {
        **terms.PREFIXES,
        "nd47": config.base_iri() + NAMESPACE,
        "rdf": _RDF,
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "hydra": "http://www.w3.org/ns/hydra/core#",
    }
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class NTriples:
    """N-Triples: one statement on a line."""

    column: str = "nt"
    separator: bytes = b""

    def part(self, triples: Sequence[Triple]) -> bytes:
        """Write one line for each triple."""
        return serialize(triples, format=RdfFormat.N_TRIPLES) or b""

    def header(self) -> bytes:
        """Return nothing: a document is its lines."""
        return b""

    def footer(self) -> bytes:
        """Return nothing."""
        return b""


@dataclass(frozen=True)
class Turtle:
    """Turtle with prefixed names."""

    column: str = "ttl"
    separator: bytes = b""

    def part(self, triples: Sequence[Triple]) -> bytes:
        """Write the statements grouped by subject."""
        known = prefixes()
        written = serialize(triples, format=RdfFormat.TURTLE, prefixes=known) or b""
        return written.split(b"\n", len(known))[-1]

    def header(self) -> bytes:
        """Declare the prefixes."""
        lines = (f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes().items())
        return "".join(lines).encode()

    def footer(self) -> bytes:
        """Return nothing."""
        return b""


@dataclass(frozen=True)
class RdfXml:
    """RDF/XML."""

    column: str = "xml"
    separator: bytes = b"\n"

    def part(self, triples: Sequence[Triple]) -> bytes:
        """Write one element for each subject."""
        written = serialize(triples, format=RdfFormat.RDF_XML, prefixes=prefixes()) or b""
        start = written.index(b">", written.index(b"<rdf:RDF")) + 1
        inner = written[start : written.rindex(b"</rdf:RDF>")].strip(b"\n")
        # XML reads a bare carriage return as a line feed.
        return inner.replace(b"\r", b"&#xD;")

    def header(self) -> bytes:
        """Open the root element."""
        names = "".join(f" xmlns:{name}={quoteattr(iri)}" for name, iri in prefixes().items())
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'.encode()

    def footer(self) -> bytes:
        """Close the root element."""
        return b"\n</rdf:RDF>\n"


@dataclass(frozen=True)
class JsonLd:
    """JSON-LD in its expanded form, which needs no context."""

    column: str = "jsonld"
    separator: bytes = b",\n"

    def part(self, triples: Sequence[Triple]) -> bytes:
        """Write one object for each subject."""
        written = serialize(triples, format=RdfFormat.JSON_LD) or b"[]"
        return written.strip()[1:-1]

    def header(self) -> bytes:
        """Open the array."""
        return b"[\n"

    def footer(self) -> bytes:
        """Close the array."""
        return b"\n]\n"


NT = NTriples()
TTL = Turtle()
XML = RdfXml()
JSONLD = JsonLd()
WRITERS: Sequence[Writer] = (NT, TTL, XML, JSONLD)


def bodies(triples: Sequence[Triple]) -> Mapping[str, bytes]:
    """Return the triples in each format, by column."""
    return {writer.column: writer.part(triples) for writer in WRITERS}


def document(writer: Writer, parts: Iterable[bytes | memoryview]) -> bytes:
    """Put parts together; empty ones are left out."""
    pieces: list[bytes | memoryview] = []
    for part in parts:
        if part:
            pieces += (writer.separator, part) if pieces else (part,)
    # Joined once: a page may have some megabytes.
    return b"".join((writer.header(), *pieces, writer.footer()))
