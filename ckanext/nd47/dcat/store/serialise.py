"""Serialises the parts that are stored for each dataset, and joins them to a document.

Each format is stored, since documents can be joined from parts in all of them: N-Triples has no
header, Turtle and RDF/XML declare the same prefixes once, and JSON-LD is a list. Converting a page
of a hundred datasets from another format would take longer than everything else. Parts that were
written under another base address need other prefixes and must be written again (see
`store.fingerprint`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Literal

from pyoxigraph import RdfFormat, Triple, serialize

from ckanext.nd47.dcat.rdf import statements, terms
from ckanext.nd47.dcat.rdf.site import NAMESPACE
from ckanext.nd47.lib import config

Column = Literal["nt", "ttl", "xml", "jsonld"]
FORMATS: Mapping[Column, RdfFormat] = {
    "nt": RdfFormat.N_TRIPLES,
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "xml": RdfFormat.RDF_XML,
}
_XML_END = b"</rdf:RDF>"


@lru_cache(maxsize=8)
def _prefixes(base_iri: str) -> dict[str, str]:
    """Return the prefixes that every document declares, in a fixed order."""
    prefixes = {
        **terms.PREFIXES,
        "nd47": base_iri + NAMESPACE,
        "rdf": statements.RDF,
        "xsd": statements.XSD,
        "hydra": statements.HYDRA,
    }
    return dict(sorted(prefixes.items()))


def part(column: Column, triples: Iterable[Triple]) -> bytes:
    """Return statements as a part of a document in a format."""
    declared = column in ("ttl", "xml")
    prefixes = _prefixes(config.base_iri()) if declared else {}
    written = serialize(triples, format=FORMATS[column], prefixes=prefixes or None) or b""
    if column == "ttl":
        return written.split(b"\n", len(prefixes))[-1]
    if column == "xml":
        # XML reads a bare carriage return as a line feed.
        return written.split(b"\n", 2)[-1].removesuffix(_XML_END).replace(b"\r", b"&#xD;")
    return written[1:-1] if column == "jsonld" else written


def document(
    column: Column, beginning: Sequence[Triple], stored: Iterable[bytes]
) -> Iterator[bytes]:
    """Yield a document of any size in pieces.

    Args:
        column: its format.
        beginning: statements that are not stored.
        stored: the stored parts in this format.
    """
    head, separator, end = _frame(column, config.base_iri())
    yield head
    following = b""
    for body in filter(None, chain([part(column, beginning)], stored)):
        yield following
        yield body
        following = separator
    yield end


@lru_cache(maxsize=8)
def _frame(column: Column, base_iri: str) -> tuple[bytes, bytes, bytes]:
    """Return header, separator and footer of a document."""
    if column == "ttl":
        lines = (f"@prefix {name}: <{iri}> .\n" for name, iri in _prefixes(base_iri).items())
        return "".join(lines).encode(), b"", b""
    if column == "xml":
        empty = serialize([], format=RdfFormat.RDF_XML, prefixes=_prefixes(base_iri)) or b""
        return empty.removesuffix(_XML_END), b"", _XML_END
    return (b"[", b",", b"]") if column == "jsonld" else (b"", b"", b"")
