"""Codes of the vocabularies as RDF concepts, and file formats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import files

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Code:
    """A concept of a vocabulary.

    Attributes:
        code: as datasets store it.
        iri: IRI of the concept.
        scheme: IRI of the vocabulary.
        labels: by language.
        mapping: equivalent EU or ADMS concept.
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
        name: name in CKAN.
        iri: concept of the EU file type table.
        media_type: IANA media type, or empty.
        standard: address of its specification, or empty.
    """

    name: str
    iri: NamedNode | None
    media_type: str
    standard: str = ""


def find(vocabulary_id: str, code: str) -> Code | None:
    """Return the concept of a code, None if there is no such vocabulary or code."""
    try:
        return _find(vocabulary.get(vocabulary_id), code, vocabulary.iri(vocabulary_id))
    except vocabulary.UnknownVocabularyError:
        return None


@lru_cache(maxsize=4096)
def _find(code_list: vocabulary.Vocabulary, code: str, scheme: str) -> Code | None:
    term = code_list.term(code)
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
    """Return the code of the concept with this IRI.

    The IRI may belong to another portal with this software: the part before `/vocabulary/` is not
    compared. It may also be an EU concept that exactly one code is mapped to.
    """
    try:
        code_list = vocabulary.get(vocabulary_id)
    except vocabulary.UnknownVocabularyError:
        return None
    term = code_list.find_by_iri(iri)
    return term.code if term else None


def find_format(name: str, media_type: str) -> FileFormat | None:
    """Return a file format by its name in CKAN, else by its media type."""
    term = files.recognise_format(name) or files.recognise_format(media_type)
    if term is None:
        return None
    iri = NamedNode(term.mapping) if term.mapping else None
    return FileFormat(term.code, iri, term["media_type"] or "", term["standard"] or "")
