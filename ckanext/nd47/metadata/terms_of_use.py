"""Terms of use that a law sets, as dated data (`schemas/terms/*.yaml`), and their RDF.

A portal replaces a text, or adds a licence of its own, by a file of the same form in its own folder
(`ckanext.nd47.terms_folder`), for instance once somebody has compared the text with the gazette.
Files are read again when they change, by each process.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF

from ckanext.nd47.lib import config, vocabulary
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.vocabulary import STATUSES

log = logging.getLogger(__name__)

Text = Mapping[str, str]
"""A text by language, at least `vi` and `en`."""

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


class TermsError(ValueError):
    """A file of terms that cannot be used; the message names the file and the place in it."""


@dataclass(frozen=True)
class Clause:
    """One clause.

    Attributes:
        id: id within the terms, such as `k4`; the end of the address of the clause.
        clause: where it stands in the article.
        heading: what it means for a user, in our words.
        text: its words; those in Vietnamese are the law's.
    """

    id: str
    clause: Text
    heading: Text
    text: Text


@dataclass(frozen=True)
class Terms:
    """The terms of one licence.

    Attributes:
        id: id of the licence.
        title: its title.
        status: how far the text is backed, as in the vocabularies.
        source: where the text was taken from.
        clauses: in the order of the article.
        open: whether data under these terms are open data.
        instrument: code in the vocabulary `instrument`, empty where no law sets the terms.
        basis: the provision in words.
        valid_from: first day of force.
        valid_to: last day of force.
        ended_by: provision that ended them.
        successor: id of the licence with the terms that followed.
        compared_with_gazette: day on which a person compared the text with the gazette.
        takes_addition: whether what the portal adds (an option) is shown with them.
        permits: terms of the Creative Commons rights vocabulary that the clauses amount to.
        requires: likewise.
        notes: what users should know besides.
    """

    id: str
    title: Text
    status: str
    source: str
    clauses: tuple[Clause, ...]
    open: bool = True
    instrument: str = ""
    basis: Text | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    ended_by: Text | None = None
    successor: str = ""
    compared_with_gazette: dt.date | None = None
    takes_addition: bool = False
    permits: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()

    def ended(self, day: dt.date) -> bool:
        """Say whether the terms are no longer in force on a day."""
        return self.valid_to is not None and day > self.valid_to


def ids() -> list[str]:
    """Return the ids of the licences whose terms are known, of the package and of the portal."""
    folders = [data_path("schemas", "terms"), config.terms_folder()]
    return sorted({path.stem for folder in folders if folder for path in folder.glob("*.yaml")})


def find(license_id: str) -> Terms | None:
    """Return the terms of a licence, None where only its title is known."""
    if not ID.fullmatch(license_id):
        return None
    folder = config.terms_folder()
    if folder:
        try:
            own = _cached(folder / f"{license_id}.yaml")
        except TermsError:
            # A slip in a file of the portal must not take its pages down.
            log.exception("Terms of the portal are not used")
        else:
            if own:
                return own
    return _cached(data_path("schemas", "terms", f"{license_id}.yaml"))


def address(license_id: str) -> str:
    """Return the address of a licence on this portal, which is also its IRI."""
    return f"{config.base_iri()}/license/{license_id}"


def in_language(text: Text, lang: str) -> str:
    """Return a text in a language, in Vietnamese where it has none."""
    return text.get(lang.partition("_")[0], text["vi"])


def addition(terms: Terms, lang: str) -> list[str]:
    """Return the paragraphs that the portal adds to the terms, in a language or else the other."""
    if not terms.takes_addition:
        return []
    vietnamese, english = config.terms_addition_vi(), config.terms_addition_en()
    chosen = (english or vietnamese) if lang.startswith("en") else (vietnamese or english)
    paragraphs = re.split(r"(?:\r?\n){2,}", chosen.strip())
    return [paragraph.strip() for paragraph in paragraphs if paragraph.strip()]


def _cached(path: Path) -> Terms | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return _read_version(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _read_version(path: Path, mtime_ns: int, size: int) -> Terms:
    # Time and size are in the key so that a changed file is read again.
    return read(path)


def read(path: Path) -> Terms:
    """Read and check one file of terms.

    Raises:
        TermsError: the file cannot be read or does not hold terms.
    """
    try:
        content = read_yaml(path)
        return _terms(content, path.stem)
    except (OSError, yaml.YAMLError, ValueError) as error:
        msg = f"{path}: {' '.join(str(error).split())}"
        raise TermsError(msg) from error


def _terms(content: Any, stem: str) -> Terms:
    fields = _mapping(content, "the file", NEEDED, OPTIONAL)
    if fields["id"] != stem:
        msg = f"id must be {stem!r}, the name of the file"
        raise ValueError(msg)
    if fields["status"] not in STATUSES:
        msg = f"status must be one of {', '.join(STATUSES)}"
        raise ValueError(msg)
    texts = {
        name: _text_by_language(fields[name], name)
        for name in ("basis", "ended_by")
        if name in fields
    }
    days = {
        name: _day(fields[name], name)
        for name in ("valid_from", "valid_to", "compared_with_gazette")
        if name in fields
    }
    plain = {
        name: fields[name]
        for name in ("open", "instrument", "successor", "takes_addition")
        if name in fields
    }
    return Terms(
        id=fields["id"],
        title=_text_by_language(fields["title"], "title"),
        status=fields["status"],
        source=str(fields["source"]),
        clauses=tuple(_clause(clause) for clause in _list(fields["clauses"], "clauses")),
        permits=tuple(_list(fields.get("permits", []), "permits")),
        requires=tuple(_list(fields.get("requires", []), "requires")),
        notes=tuple(
            _text_by_language(note, "notes") for note in _list(fields.get("notes", []), "notes")
        ),
        **texts,
        **days,
        **plain,
    )


def _clause(content: Any) -> Clause:
    fields = _mapping(content, "a clause", frozenset({"id", "clause", "heading", "text"}))
    texts = {name: _text_by_language(fields[name], name) for name in ("clause", "heading", "text")}
    return Clause(id=str(fields["id"]), **texts)


def _mapping(
    content: Any, place: str, needed: frozenset[str], optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    if not isinstance(content, dict):
        msg = f"{place} must be a mapping"
        raise ValueError(msg)  # noqa: TRY004 - one kind of error for all faults of a file
    missing, unknown = needed - set(content), set(content) - needed - optional
    if missing or unknown:
        wrong = [f"{name} is missing" for name in sorted(missing)]
        wrong += [f"{name} is not known" for name in sorted(map(str, unknown))]
        msg = f"{place}: {', '.join(wrong)}"
        raise ValueError(msg)
    return content


def _list(content: Any, place: str) -> list[Any]:
    if not isinstance(content, list):
        msg = f"{place} must be a list"
        raise ValueError(msg)  # noqa: TRY004 - as above
    return content


def _text_by_language(content: Any, place: str) -> Text:
    whole = isinstance(content, dict) and {"vi", "en"} <= set(content)
    if not whole or not all(isinstance(text, str) and text.strip() for text in content.values()):
        msg = f"{place} must give a text for vi and for en"
        raise ValueError(msg)
    return MappingProxyType(dict(content))


def _day(content: Any, place: str) -> dt.date | None:
    if content is None or isinstance(content, dt.date):
        return content
    try:
        return dt.date.fromisoformat(content)
    except (TypeError, ValueError) as error:
        msg = f"{place} must be a date like 2025-07-01"
        raise ValueError(msg) from error


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
        page: address of the page that people read.
        extension: key of `RDF_FORMATS`.
    """
    return graph(terms, page).serialize(format=RDF_FORMATS[extension][0])


def graph(terms: Terms, page: str) -> Graph:
    """Return terms as a graph: the licence document and what it allows and asks for."""
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
    """Return the text of all clauses, and what the portal adds, in one language."""
    clauses = [f"{clause.clause[lang]}. {clause.text[lang]}" for clause in terms.clauses]
    return "\n".join([*clauses, *addition(terms, lang)])


def _add_text(triples: Graph, node: URIRef, predicate: URIRef, text: Text) -> None:
    for lang, words in text.items():
        triples.add((node, predicate, Literal(words, lang=lang)))


def _validity(terms: Terms) -> str:
    parts = [f"start={terms.valid_from}"]
    if terms.valid_to:
        parts.append(f"end={terms.valid_to}")
    return "; ".join([*parts, "scheme=W3C-DTF"])
