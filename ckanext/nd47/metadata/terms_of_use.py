"""Statutory terms of use as dated data (`schemas/terms/*.yaml`), and their RDF.

A portal replaces a text, or adds its own licence, with a file of the same form in its own folder
(`ckanext.nd47.terms_folder`), for instance after comparing the text with the official gazette.
Each process reads files again when they change.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import (
    DataFileError,
    Entry,
    Labels,
    cached_until_changed,
    data_path,
    read_entry,
)
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.vocabularies.vocabulary import STATUSES

log = logging.getLogger(__name__)

ID = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
NEEDED = frozenset({"id", "title", "status", "source", "clauses"})
OPTIONAL = frozenset(
    {
        "basis",
        "compared_with_gazette",
        "ended_by",
        "instrument",
        "notes",
        "open",
        "permits",
        "requires",
        "successor",
        "takes_addition",
        "valid_from",
        "valid_to",
    }
)


@dataclass(frozen=True)
class Clause:
    """A clause.

    Attributes:
        id: id within the terms, such as `k4`; the fragment of its address.
        clause: its place in the article.
        heading: its meaning for users.
        text: its text; the Vietnamese one is that of the law.
    """

    id: str
    clause: Labels
    heading: Labels
    text: Labels


@dataclass(frozen=True)
class Terms:
    """The terms of one licence.

    Attributes:
        id: id of the licence.
        title: its title.
        status: how far the text has been verified, as in the vocabularies.
        source: source of the text.
        clauses: in the order of the article.
        open: whether data under these terms are open data.
        instrument: code in the vocabulary `instrument`, empty if the terms are not statutory.
        basis: the provision in words.
        valid_from: first day in force.
        valid_to: last day in force.
        ended_by: provision that ended them.
        successor: id of the licence that replaced it.
        compared_with_gazette: day on which a person compared the text with the gazette.
        takes_addition: whether the portal's additional text (an option) is shown with them.
        permits: permissions in the Creative Commons rights vocabulary.
        requires: requirements in the same vocabulary.
        notes: further notes for users.
    """

    id: str
    title: Labels
    status: str
    source: str
    clauses: tuple[Clause, ...]
    open: bool = True
    instrument: str = ""
    basis: Labels | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    ended_by: Labels | None = None
    successor: str = ""
    compared_with_gazette: dt.date | None = None
    takes_addition: bool = False
    permits: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    notes: tuple[Labels, ...] = ()

    def ended(self, day: dt.date) -> bool:
        """Return whether the terms are no longer in force on a day."""
        return self.valid_to is not None and day > self.valid_to


def ids() -> list[str]:
    """Return the ids of the licences with terms, of the package and of the portal."""
    folders = [data_path("schemas", "terms"), config.terms_folder()]
    return sorted({path.stem for folder in folders if folder for path in folder.glob("*.yaml")})


_PRELOADED: ContextVar[dict[str, Terms | None] | None] = ContextVar("nd47_terms", default=None)


@contextmanager
def preloaded() -> Iterator[None]:
    """Check the files of a licence only once, for code that needs its terms for many datasets."""
    token = _PRELOADED.set({})
    try:
        yield
    finally:
        _PRELOADED.reset(token)


def find(license_id: str) -> Terms | None:
    """Return the terms of a licence, None if there are none."""
    known = _PRELOADED.get()
    if known is None:
        return _in_force(license_id)
    if license_id not in known:
        known[license_id] = _in_force(license_id)
    return known[license_id]


def _in_force(license_id: str) -> Terms | None:
    if not ID.fullmatch(license_id):
        return None
    folder = config.terms_folder()
    if folder:
        try:
            portal_terms = _stored(folder / f"{license_id}.yaml")
        except DataFileError:
            # A mistake in a file of the portal must not break its pages.
            log.exception("Terms of the portal are not used")
        else:
            if portal_terms:
                return portal_terms
    return _stored(_standard_path(license_id))


@lru_cache(maxsize=256)
def _standard_path(license_id: str) -> Path:
    return data_path("schemas", "terms", f"{license_id}.yaml")


def address(license_id: str) -> str:
    """Return the address of a licence on this portal, which is also its IRI."""
    return f"{config.base_iri()}/license/{license_id}"


def in_language(text: Labels, lang: str) -> str:
    """Return a text in a language, or in Vietnamese if there is none in that language."""
    return text.get(lang.partition("_")[0], text["vi"])


def addition(terms: Terms, lang: str) -> list[str]:
    """Return the paragraphs that the portal adds to the terms, in the other language if needed."""
    if not terms.takes_addition:
        return []
    vietnamese, english = config.terms_addition_vi(), config.terms_addition_en()
    chosen = (english or vietnamese) if lang.startswith("en") else (vietnamese or english)
    paragraphs = re.split(r"(?:\r?\n){2,}", chosen.strip())
    return [paragraph.strip() for paragraph in paragraphs if paragraph.strip()]


def read(path: Path) -> Terms:
    """Read and check one file of terms.

    Raises:
        DataFileError: the file cannot be read or does not contain terms.
    """
    entry = read_entry(path)
    entry.check_keys(NEEDED, OPTIONAL)
    return Terms(
        id=entry.check_id(),
        title=entry.labels("title"),
        status=entry.choice("status", STATUSES),
        source=entry.text("source"),
        clauses=tuple(map(_clause, entry.rows("clauses", "id", may_be_empty=True))),
        open=entry.optional("open", entry.flag, default=True),
        instrument=entry.optional("instrument", entry.text, ""),
        basis=entry.optional("basis", entry.labels, default=None),
        valid_from=entry.date("valid_from"),
        valid_to=entry.date("valid_to"),
        ended_by=entry.optional("ended_by", entry.labels, default=None),
        successor=entry.optional("successor", entry.text, ""),
        compared_with_gazette=entry.date("compared_with_gazette"),
        takes_addition=entry.optional("takes_addition", entry.flag, default=False),
        permits=entry.optional("permits", entry.texts, ()),
        requires=entry.optional("requires", entry.texts, ()),
        notes=entry.optional("notes", entry.labels_list, ()),
    )


def _clause(row: Entry) -> Clause:
    row.check_keys({"id", "clause", "heading", "text"})
    return Clause(row.text("id"), row.labels("clause"), row.labels("heading"), row.labels("text"))


_read = cached_until_changed(read)


def _stored(path: Path) -> Terms | None:
    try:
        return _read(path)
    except OSError:
        return None


CC = Namespace("http://creativecommons.org/ns#")

RDF_FORMATS = {
    "ttl": ("turtle", "text/turtle"),
    "jsonld": ("json-ld", "application/ld+json"),
    "rdf": ("xml", "application/rdf+xml"),
}
"""rdflib's name of a format and its media type, by extension."""


def serialise(terms: Terms, page: str, extension: str) -> str:
    """Write terms in one of the formats.

    Args:
        terms: the terms.
        page: address of the HTML page.
        extension: key of `RDF_FORMATS`.
    """
    return graph(terms, page).serialize(format=RDF_FORMATS[extension][0])


def graph(terms: Terms, page: str) -> Graph:
    """Return terms as a graph: the licence document with its permissions and requirements."""
    triples = Graph()
    triples.bind("cc", CC)
    node = URIRef(address(terms.id))
    triples.add((node, RDF.type, DCTERMS.LicenseDocument))
    triples.add((node, RDF.type, CC.License))
    triples.add((node, DCTERMS.identifier, Literal(terms.id)))
    triples.add((node, FOAF.page, URIRef(page)))
    _add_text(triples, node, DCTERMS.title, terms.title)
    for lang in ("vi", "en"):
        triples.add((node, DCTERMS.description, Literal(full_text(terms, lang), lang=lang)))
    if terms.instrument:
        source = URIRef(vocabulary.iri("instrument", terms.instrument))
        triples.add((node, DCTERMS.source, source))
    if terms.valid_from:
        triples.add((node, DCTERMS.valid, Literal(_validity(terms), datatype=DCTERMS.Period)))
    if terms.successor:
        follower = URIRef(address(terms.successor))
        triples.add((node, DCTERMS.isReplacedBy, follower))
    for name in terms.permits:
        triples.add((node, CC.permits, CC[name]))
    for name in terms.requires:
        triples.add((node, CC.requires, CC[name]))
    return triples


def full_text(terms: Terms, lang: str) -> str:
    """Return the text of all clauses, with the portal's additional text, in one language."""
    clauses = [f"{clause.clause[lang]}. {clause.text[lang]}" for clause in terms.clauses]
    return "\n".join([*clauses, *addition(terms, lang)])


def _add_text(triples: Graph, node: URIRef, predicate: URIRef, text: Labels) -> None:
    for lang, words in text.items():
        triples.add((node, predicate, Literal(words, lang=lang)))


def _validity(terms: Terms) -> str:
    parts = [f"start={terms.valid_from}"]
    if terms.valid_to:
        parts.append(f"end={terms.valid_to}")
    return "; ".join([*parts, "scheme=W3C-DTF"])
