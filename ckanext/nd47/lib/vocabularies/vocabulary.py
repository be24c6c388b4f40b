"""Vocabularies (code lists): lookup in the files of `schemas/vocabularies`.

A portal may replace, extend or add a list with a file in its own folder
(`ckanext.nd47.vocabulary_folder`). Each process reads files again when they change, without a
restart.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import DataFileError, cached_until_changed, data_path
from ckanext.nd47.lib.vocabularies.vocabulary_file import (
    CODE,
    STATUSES,
    Status,
    Term,
    Vocabulary,
    read,
)

__all__ = [
    "FIELD",
    "STATUSES",
    "Status",
    "Term",
    "UnknownVocabularyError",
    "Vocabulary",
    "choices",
    "files",
    "get",
    "ids",
    "iri",
    "label",
    "own",
    "preloaded",
    "read",
    "recognise",
    "standard",
    "term",
]

log = logging.getLogger(__name__)

FIELD = "field"
"""Alias of the configured vocabulary of fields (lĩnh vực)."""


_PRELOADED: ContextVar[dict[str, Vocabulary] | None] = ContextVar("nd47_vocabularies", default=None)


class UnknownVocabularyError(KeyError):
    """There is no vocabulary of this id."""


def get(vocabulary_id: str) -> Vocabulary:
    """Return a vocabulary of the portal.

    Args:
        vocabulary_id: id of the list; `field` is the configured vocabulary of fields.

    Raises:
        UnknownVocabularyError: there is no such list.
        DataFileError: the list of the package is invalid.
    """
    cache = _PRELOADED.get()
    if cache is None:
        return _in_force(vocabulary_id)
    if vocabulary_id not in cache:
        cache[vocabulary_id] = _in_force(vocabulary_id)
    return cache[vocabulary_id]


@contextmanager
def preloaded() -> Iterator[None]:
    """Check the file of each list only once, for code that uses the same lists repeatedly.

    Later changes of the files are not seen inside. Nested blocks share their lists.
    """
    if _PRELOADED.get() is not None:
        yield
        return
    token = _PRELOADED.set({})
    try:
        yield
    finally:
        _PRELOADED.reset(token)


def _in_force(vocabulary_id: str) -> Vocabulary:
    if vocabulary_id == FIELD:
        try:
            return _named(config.field_scheme())
        except UnknownVocabularyError:
            # A mistake in the configuration file must not break the pages; it is logged.
            return _named(config.declared_default(config.FIELD_SCHEME))
    return _named(vocabulary_id)


def _named(vocabulary_id: str) -> Vocabulary:
    if not CODE.fullmatch(vocabulary_id):
        raise UnknownVocabularyError(vocabulary_id)
    base = standard(vocabulary_id)
    try:
        changed = own(vocabulary_id)
    except DataFileError:
        # A mistake in a file of the portal must not break its pages; `vocabulary check` reports it.
        log.exception("A vocabulary of the portal is not used")
        changed = None
    vocabulary = _merged(base, changed) if changed and base else changed or base
    if vocabulary is None:
        raise UnknownVocabularyError(vocabulary_id)
    return vocabulary


def ids() -> list[str]:
    """Return the ids of all vocabularies, of the package and of the portal, sorted.

    Invalid files are left out; `vocabulary check` reports them.
    """
    return sorted(filter(_is_usable, {path.stem for path in files()}))


def _is_usable(vocabulary_id: str) -> bool:
    try:
        _named(vocabulary_id)
    except (UnknownVocabularyError, DataFileError):
        return False
    return True


def term(vocabulary_id: str, code: str) -> Term | None:
    """Return a row by code, None if there is no such code."""
    return get(vocabulary_id).term(code)


def recognise(vocabulary_id: str, value: str) -> str:
    """Return the code that a value refers to, otherwise the value itself.

    Datasets of other schemas have IRIs of EU tables or labels instead of codes.
    """
    try:
        terms = get(vocabulary_id)
    except UnknownVocabularyError:
        return value
    if value in terms:
        return value
    match = terms.find_by_iri(value) or terms.find(value)
    return match.code if match else value


def label(vocabulary_id: str, code: str, lang: str) -> str:
    """Return the label of a code; the code itself if it is unknown."""
    row = term(vocabulary_id, code)
    return row.text(lang) if row else code


def choices(vocabulary_id: str) -> list[dict[str, Any]]:
    """Return a vocabulary as choices of ckanext-scheming: a list of value and label."""
    return [{"value": row.code, "label": dict(row.label)} for row in get(vocabulary_id)]


def iri(vocabulary_id: str, code: str | None = None) -> str:
    """Return the IRI of a vocabulary, or of one of its terms."""
    if vocabulary_id == FIELD:
        vocabulary_id = config.field_scheme()
    scheme = f"{config.base_iri()}/vocabulary/{vocabulary_id}"
    return f"{scheme}/{code}" if code else scheme


def standard(vocabulary_id: str) -> Vocabulary | None:
    """Return a list of the package, None if it has none with this id."""
    return _stored(_standard_path(vocabulary_id))


@lru_cache(maxsize=256)
def _standard_path(vocabulary_id: str) -> Path:
    # Cached: finding the folder takes longer than checking whether the file has changed.
    return data_path("schemas", "vocabularies", f"{vocabulary_id}.yaml")


def own(vocabulary_id: str) -> Vocabulary | None:
    """Return the portal's own list, None if it has none with this id.

    Raises:
        DataFileError: the file is invalid.
    """
    folder = config.vocabulary_folder()
    return _stored(folder / f"{vocabulary_id}.yaml") if folder else None


def standard_files() -> list[Path]:
    """Return the files of the package, by name."""
    return sorted(data_path("schemas", "vocabularies").glob("*.yaml"))


def own_files() -> list[Path]:
    """Return the files of the portal, by name."""
    folder = config.vocabulary_folder()
    return sorted(folder.glob("*.yaml")) if folder else []


def files() -> list[Path]:
    """Return the files of the package and of the portal, in this order."""
    return [*standard_files(), *own_files()]


_read = cached_until_changed(read)


def _stored(path: Path) -> Vocabulary | None:
    try:
        return _read(path)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _merged(base: Vocabulary, changed: Vocabulary) -> Vocabulary:
    if not changed.merge:
        return changed
    rows = dict(base.by_code) | dict(changed.by_code)
    columns = dict(base.columns) | dict(changed.columns)
    return replace(
        changed,
        terms=tuple(rows.values()),
        columns=MappingProxyType(columns),
        successor_in=changed.successor_in or base.successor_in,
        incomplete=changed.incomplete and base.incomplete,
    )
