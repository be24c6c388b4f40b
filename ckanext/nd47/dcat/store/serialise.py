"""The formats: what is stored of each dataset, and how a document is made from it.

N-Triples and Turtle are stored, since documents of both can be put together from parts: N-Triples
has no header at all, and Turtle declares its prefixes once, always the same ones. Parts written
under another base address must therefore be written again (see `store.fingerprint`). RDF/XML and
JSON-LD are written by pyoxigraph from the stored N-Triples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, Literal, cast

from pyoxigraph import RdfFormat, Triple, parse, serialize

from ckanext.nd47.dcat.rdf import statements, terms
from ckanext.nd47.dcat.rdf.site import NAMESPACE
from ckanext.nd47.lib import config

Column = Literal["nt", "ttl"]


def prefixes() -> dict[str, str]:
    """Return the prefixes that every document declares, in a fixed order."""
    found = {
        **terms.PREFIXES,
        "nd47": config.base_iri() + NAMESPACE,
        "rdf": statements.RDF,
        "xsd": statements.XSD,
        "hydra": statements.HYDRA,
    }
    return dict(sorted(found.items()))


def ntriples(triples: Iterable[Triple]) -> str:
    """Return statements as N-Triples."""
    return (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()


def turtle_part(triples: Iterable[Triple]) -> str:
    """Return statements as Turtle without the declarations of prefixes."""
    known = prefixes()
    written = serialize(triples, format=RdfFormat.TURTLE, prefixes=known) or b""
    return written.split(b"\n", len(known))[-1].decode()


def turtle_header() -> str:
    """Return the declarations of prefixes."""
    return "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes().items())


def column(form: RdfFormat) -> Column:
    """Return the stored format that documents of a format are made from."""
    return "ttl" if form == RdfFormat.TURTLE else "nt"


def document(form: RdfFormat, beginning: Sequence[Triple], stored: str) -> bytes:
    """Return a whole document.

    Args:
        form: its format.
        beginning: statements that are not stored.
        stored: the stored parts, in the format that `column` names.
    """
    if form == RdfFormat.N_TRIPLES:
        return (ntriples(beginning) + stored).encode()
    if form == RdfFormat.TURTLE:
        return (turtle_header() + turtle_part(beginning) + stored).encode()
    triples = chain(beginning, parsed(stored))
    return _whole_lines(form, serialize(triples, format=form, prefixes=_declared(form)) or b"")


def write(
    out: IO[bytes], form: RdfFormat, beginning: Sequence[Triple], parts: Iterator[str]
) -> None:
    """Write a document of any size: one part at a time is in memory.

    Args:
        out: takes the document.
        form: its format.
        beginning: statements that are not stored.
        parts: stored parts, in the format that `column` names.
    """
    if column(form) == "ttl" or form == RdfFormat.N_TRIPLES:
        out.write(document(form, beginning, ""))
        for part in parts:
            out.write(part.encode())
        return
    triples = chain(beginning, chain.from_iterable(map(parsed, parts)))
    lines = cast("IO[bytes]", _Lines(out, form))
    serialize(triples, lines, format=form, prefixes=_declared(form))


def parsed(stored: str) -> Iterator[Triple]:
    """Yield the statements of stored N-Triples."""
    return parse(stored, format=RdfFormat.N_TRIPLES)


def _declared(form: RdfFormat) -> dict[str, str] | None:
    return prefixes() if form == RdfFormat.RDF_XML else None


def _whole_lines(form: RdfFormat, written: bytes) -> bytes:
    # XML reads a bare carriage return as a line feed.
    return written.replace(b"\r", b"&#xD;") if form == RdfFormat.RDF_XML else written


class _Lines:
    """A file that writes carriage returns so that XML keeps them."""

    def __init__(self, out: IO[bytes], form: RdfFormat) -> None:
        self._out, self._form = out, form

    def write(self, content: bytes) -> int:
        self._out.write(_whole_lines(self._form, content))
        return len(content)

    def flush(self) -> None:
        self._out.flush()
