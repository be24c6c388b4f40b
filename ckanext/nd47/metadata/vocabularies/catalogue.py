"""The code lists in use, their origin, and what the portal changed in them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import DataFileError
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.vocabularies.vocabulary import Term, UnknownVocabularyError, Vocabulary

Origin = Literal["package", "replaced", "merged", "added"]
"""From the package; replaced by the portal; merged from both; added by the portal."""


@dataclass(frozen=True)
class Difference:
    """A row that differs between the list in use and that of the package.

    Attributes:
        code: code of the row.
        change: what the portal did.
        columns: for a changed row, the names of the columns that differ.
    """

    code: str
    change: Literal["added", "removed", "changed"]
    columns: tuple[str, ...] = ()


def origin(vocabulary_id: str) -> Origin:
    """Return the origin of a list."""
    try:
        changed = vocabulary.own(vocabulary_id)
    except DataFileError:
        changed = None
    if changed is None:
        return "package"
    if vocabulary.standard(vocabulary_id) is None:
        return "added"
    return "merged" if changed.merge else "replaced"


def differences(vocabulary_id: str) -> list[Difference]:
    """Return the rows that differ between a list and that of the package."""
    base = vocabulary.standard(vocabulary_id)
    before = base.by_code if base else {}
    after = vocabulary.get(vocabulary_id).by_code
    changes = [
        *(Difference(code, "removed") for code in before if code not in after),
        *(Difference(code, "added") for code in after if code not in before),
    ]
    for code in before:
        if code in after and before[code] != after[code]:
            changed = _changed_columns(before[code], after[code])
            changes.append(Difference(code, "changed", changed))
    return changes


def problems() -> list[str]:
    """Return error messages about the code lists and the options that refer to them.

    Each message is one line that names the file, row and column, or the option.
    """
    messages = [problem for path in vocabulary.files() for problem in _unreadable(path)]
    folder = config.vocabulary_folder()
    if folder and not folder.is_dir():
        messages.append(f"{config.VOCABULARY_FOLDER}: {folder} is not a folder")
    messages += [*_lost_successors(), *_bad_options()]
    return messages


class VocabularyDict(TypedDict):
    """A list for JSON; titles and descriptions by language, `terms` as of `term_as_dict`."""

    id: str
    iri: str
    title: dict[str, str]
    about: dict[str, str]
    source: str
    status: str
    origin: Origin
    columns: dict[str, dict[str, str]]
    terms: list[dict[str, Any]]


def as_dict(terms: Vocabulary) -> VocabularyDict:
    """Return a list for JSON, with the IRI of each row."""
    return {
        "id": terms.id,
        "iri": vocabulary.iri(terms.id),
        "title": dict(terms.title),
        "about": dict(terms.about),
        "source": terms.source,
        "status": terms.status,
        "origin": origin(terms.id),
        "columns": {name: dict(title) for name, title in terms.columns.items()},
        "terms": [term_as_dict(terms, term) for term in terms],
    }


def term_as_dict(terms: Vocabulary, term: Term) -> dict[str, Any]:
    """Return a row for JSON, without empty values."""
    values: dict[str, Any] = {"code": term.code, "iri": vocabulary.iri(terms.id, term.code)}
    for name, value in _values(term).items():
        if value not in (None, {}, ()) and (name, value) != ("offered", True):
            values[name] = _plain(value)
    return values


def _unreadable(path: Path) -> Iterator[str]:
    try:
        vocabulary.read(path)
    except DataFileError as error:
        yield str(error)


def _values(term: Term) -> dict[str, Any]:
    return {field.name: getattr(term, field.name) for field in dataclasses.fields(term)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _changed_columns(before: Term, after: Term) -> tuple[str, ...]:
    columns = {*before.columns, *after.columns}
    extra = sorted(name for name in columns if before[name] != after[name])
    old, new = _values(before), _values(after)
    plain = [name for name in old if name != "columns" and old[name] != new[name]]
    return (*plain, *extra)


def _lost_successors() -> Iterator[str]:
    for vocabulary_id in vocabulary.ids():
        try:
            terms = vocabulary.get(vocabulary_id)
            vocabulary.get(terms.successor_in or vocabulary_id)
        except UnknownVocabularyError as error:
            yield f"{vocabulary_id}: there is no list {error}"
            continue
        for term in terms:
            for list_id, code in terms.followers(term):
                if list_id not in vocabulary.ids() or code not in vocabulary.get(list_id):
                    yield (
                        f"{terms.path}, row {term.code}, column successor: "
                        f"{code!r} is not a code of {list_id}"
                    )


def _bad_options() -> Iterator[str]:
    if config.field_scheme() not in vocabulary.ids():
        yield f"{config.FIELD_SCHEME}: there is no list {config.field_scheme()!r}"
    edition = vocabulary.term("legal-edition", config.legal_edition())
    if edition is None:
        yield f"{config.LEGAL_EDITION}: {config.legal_edition()!r} is not in legal-edition"
    for code in (edition["instruments"] or ()) if edition else ():
        if code not in vocabulary.get("instrument"):
            yield f"legal-edition, row {config.legal_edition()}: no instrument {code!r}"
    if config.default_language() not in vocabulary.get("language"):
        yield f"{config.DEFAULT_LANGUAGE}: {config.default_language()!r} is not in language"
