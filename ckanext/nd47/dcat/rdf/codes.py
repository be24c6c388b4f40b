"""Codes of the vocabularies as RDF: IRI, labels, and the EU concept that means the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from ckanext.nd47.lib import vocabulary
from ckanext.nd47.metadata import files

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Code:
    """One concept of a vocabulary.

    Attributes:
        code: as records store it.
        iri: the concept's own IRI.
        scheme: IRI of the vocabulary.
        labels: by language.
        mapping: EU or ADMS concept that means the same.
    """

    code: str
    iri: NamedNode
    scheme: NamedNode
    labels: Mapping[str, str]
    mapping: NamedNode | None


@dataclass(frozen=True)
class FileFormat:
    """A file format.

    Attributes:
        name: as CKAN spells it.
        iri: entry of the EU file-type table.
        media_type: IANA media type, empty when there is none.
        standard: address of its specification, empty when there is none.
    """

    name: str
    iri: NamedNode | None
    media_type: str
    standard: str = ""


def find(vocabulary_id: str, code: str) -> Code | None:
    """Return the concept of a code, None when the vocabulary or the code is not known."""
    try:
        return _find(vocabulary.get(vocabulary_id), code, vocabulary.iri(vocabulary_id))
    except vocabulary.UnknownVocabularyError:
        return None


@lru_cache(maxsize=4096)
def _find(terms: vocabulary.Vocabulary, code: str, scheme: str) -> Code | None:
    term = terms.term(code)
    if term is None:
        return None
    return Code(
        code=term.code,
        iri=NamedNode(f"{scheme}/{term.code}"),
        scheme=NamedNode(scheme),
        labels={language: term.label[language] for language in LANGUAGES},
        mapping=NamedNode(term.mapping) if term.mapping else None,
    )


def code_of(vocabulary_id: str, iri: str) -> str | None:
    """Return the code that an IRI stands for.

    The IRI may be one of another portal that runs this software: everything up to `/vocabulary/`
    may differ. An EU concept gives a code when exactly one is mapped to it.
    """
    try:
        terms = vocabulary.get(vocabulary_id)
    except vocabulary.UnknownVocabularyError:
        return None
    found = terms.standing_for(iri)
    return found.code if found else None


def find_format(name: str, media_type: str) -> FileFormat | None:
    """Return the format of a resource by its CKAN name, else by its media type."""
    term = files.recognise_format(name) or files.recognise_format(media_type)
    if term is None:
        return None
    iri = NamedNode(term.mapping) if term.mapping else None
    return FileFormat(term.code, iri, term["media_type"] or "", term["standard"] or "")
