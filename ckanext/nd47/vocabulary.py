"""Code lists: one typed lookup over the files in `schemas/vocabularies`.

A portal may replace, extend or add a list by a file in its own folder
(`ckanext.nd47.vocabulary_folder`). Files are read again when they change, by every process on its
own, so nothing has to be restarted.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NoReturn, get_args

import yaml

from ckanext.nd47 import config
from ckanext.nd47.data import data_path

log = logging.getLogger(__name__)

Status = Literal["verified", "secondary", "inferred", "design", "unverified"]
"""How far a row is backed: read in the text, told by others, derived, our choice, not checked."""

STATUSES: tuple[str, ...] = get_args(Status)
DOUBTFUL = frozenset({"inferred", "unverified"})
CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
FIELD = "field"
"""Stands for the field scheme that the portal has chosen."""

HEADER_KEYS = frozenset(
    {"id", "title", "about", "source", "status", "columns", "successor_in", "merge", "terms"}
)
TERM_KEYS = frozenset(
    {
        "code",
        "label",
        "mapping",
        "mapping_status",
        "valid_from",
        "valid_to",
        "successor",
        "status",
        "source",
    }
)
Labels = Mapping[str, str]


class VocabularyError(ValueError):
    """A vocabulary file that cannot be used; the message names file, row and column."""

    def __init__(self, path: Path, problem: str, row: str = "", column: str = "") -> None:
        place = [
            str(path),
            *([f"row {row}"] if row else []),
            *([f"column {column}"] if column else []),
        ]
        super().__init__(f"{', '.join(place)}: {problem}")


class UnknownVocabularyError(KeyError):
    """There is no vocabulary of this id."""


@dataclass(frozen=True)
class Term:
    """One row of a vocabulary.

    Attributes:
        code: what a record stores.
        label: text by language, at least `vi` and `en`.
        mapping: IRI of the same concept in an EU or other public table.
        mapping_status: how far the mapping is backed, where it differs from the row.
        valid_from: first day of force.
        valid_to: last day of force.
        successor: code of the row that took its place.
        status: how far the row is backed.
        source: where the row comes from, where it differs from the list.
        columns: what else the list says of the row, by the names in `Vocabulary.columns`.
    """

    code: str
    label: Labels
    status: str
    mapping: str | None = None
    mapping_status: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    successor: str | None = None
    source: str | None = None
    columns: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, lang: str) -> str:
        """Return the label in a language, in Vietnamese if it has none in that language."""
        return self.label.get(lang.partition("_")[0], self.label["vi"])

    def in_force(self, day: dt.date) -> bool:
        """Say whether the row is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    @property
    def doubtful(self) -> bool:
        """Say whether the row is too weakly backed to refuse a record by it."""
        return self.status in DOUBTFUL

    def __getitem__(self, column: str) -> Any:
        """Return an extra column, None where the row leaves it empty."""
        return self.columns.get(column)


@dataclass(frozen=True)
class Vocabulary:
    """One code list.

    Attributes:
        id: name of the list and of its file.
        title: name by language.
        about: note on how to read the list, by language.
        source: where the list comes from.
        status: how far the list as a whole is backed.
        columns: names of the extra columns, with their titles by language.
        terms: the rows, in the order of the file.
        path: file that it was read from.
        successor_in: id of the list that `Term.successor` points to; its own when empty.
        merge: whether the file only changes rows of the list of the same id in the package.
    """

    id: str
    title: Labels
    source: str
    status: str
    terms: tuple[Term, ...]
    path: Path
    about: Labels = field(default_factory=lambda: MappingProxyType({}))
    columns: Mapping[str, Labels] = field(default_factory=lambda: MappingProxyType({}))
    successor_in: str = ""
    merge: bool = False

    @cached_property
    def by_code(self) -> Mapping[str, Term]:
        """Rows by code."""
        return MappingProxyType({term.code: term for term in self.terms})

    @cached_property
    def _by_name(self) -> Mapping[str, Term]:
        names: dict[str, Term] = {}
        for term in self.terms:
            aliases = term["extensions"] or ()
            for name in (term.code, term["media_type"], *term.label.values(), *aliases):
                if name:
                    names.setdefault(str(name).casefold(), term)
        return MappingProxyType(names)

    def __iter__(self) -> Iterator[Term]:
        """Go through the rows."""
        return iter(self.terms)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.terms)

    def __contains__(self, code: object) -> bool:
        """Say whether a code is in the list."""
        return code in self.by_code

    def term(self, code: str) -> Term | None:
        """Return the row of a code."""
        return self.by_code.get(code)

    def find(self, name: str) -> Term | None:
        """Return the row that a code, label, media type or file extension names, in any case."""
        return self._by_name.get(name.strip().lstrip(".").casefold())


def get(vocabulary_id: str) -> Vocabulary:
    """Return a vocabulary as it is in force on the portal.

    Args:
        vocabulary_id: id of the list; `field` stands for the chosen field scheme.

    Raises:
        UnknownVocabularyError: there is no such list.
        VocabularyError: the list of the package is broken.
    """
    if vocabulary_id == FIELD:
        vocabulary_id = config.field_scheme()
    standard = _stored(data_path("schemas", "vocabularies", f"{vocabulary_id}.yaml"))
    folder = config.vocabulary_folder()
    own = folder / f"{vocabulary_id}.yaml" if folder else None
    try:
        changed = _stored(own) if own else None
    except VocabularyError:
        # A slip in a file of the portal must not take its pages down; `vocabulary check` shows it.
        log.exception("A vocabulary of the portal is not used")
        changed = None
    vocabulary = _merged(standard, changed) if changed and standard else changed or standard
    if vocabulary is None:
        raise UnknownVocabularyError(vocabulary_id)
    return vocabulary


def ids() -> list[str]:
    """Return the ids of all vocabularies, of the package and of the portal, sorted."""
    folders = [data_path("schemas", "vocabularies"), config.vocabulary_folder()]
    return sorted({path.stem for folder in folders if folder for path in folder.glob("*.yaml")})


def term(vocabulary_id: str, code: str) -> Term | None:
    """Return a row by code, or None where the list has no such code."""
    return get(vocabulary_id).term(code)


def label(vocabulary_id: str, code: str, lang: str) -> str:
    """Return the label of a code; the code itself where the list does not have it."""
    found = term(vocabulary_id, code)
    return found.text(lang) if found else code


def choices(vocabulary_id: str) -> list[dict[str, Any]]:
    """Return a vocabulary as ckanext-scheming wants choices: a list of value and label."""
    return [{"value": row.code, "label": dict(row.label)} for row in get(vocabulary_id)]


def iri(vocabulary_id: str, code: str | None = None) -> str:
    """Return the stable address of a vocabulary, or of one of its terms."""
    if vocabulary_id == FIELD:
        vocabulary_id = config.field_scheme()
    scheme = f"{config.base_iri()}/vocabulary/{vocabulary_id}"
    return f"{scheme}/{code}" if code else scheme


def read(path: Path) -> Vocabulary:
    """Read and check one vocabulary file.

    Raises:
        VocabularyError: the file cannot be read or is not a vocabulary.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise VocabularyError(path, " ".join(str(error).split())) from error
    return _Reader(path).vocabulary(content)


def _stored(path: Path) -> Vocabulary | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return _read_version(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _read_version(path: Path, mtime_ns: int, size: int) -> Vocabulary:
    # Time and size are in the key so that a changed file is read again.
    return read(path)


@lru_cache(maxsize=256)
def _merged(standard: Vocabulary, own: Vocabulary) -> Vocabulary:
    if not own.merge:
        return own
    rows = dict(standard.by_code) | dict(own.by_code)
    columns = dict(standard.columns) | dict(own.columns)
    return replace(own, terms=tuple(rows.values()), columns=MappingProxyType(columns))


class _Reader:
    """Turns the content of one file into a Vocabulary, or says what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.row = ""

    def fail(self, problem: str, column: str = "") -> NoReturn:
        raise VocabularyError(self.path, problem, self.row, column)

    def vocabulary(self, content: Any) -> Vocabulary:
        if not isinstance(content, dict):
            self.fail("is not a mapping with id, title, source, status and terms")
        unknown = sorted(set(map(str, content)) - HEADER_KEYS)
        if unknown:
            self.fail("is not known in a header", unknown[0])
        if content.get("id") != self.path.stem:
            self.fail(f"must be {self.path.stem!r}, the name of the file", "id")
        columns = content.get("columns") or {}
        if not isinstance(columns, dict):
            self.fail("must map the name of each extra column to its titles", "columns")
        return Vocabulary(
            id=content["id"],
            title=self.labels(content, "title"),
            about=self.labels(content, "about") if "about" in content else MappingProxyType({}),
            source=self.text(content, "source"),
            status=self.status(content, "status"),
            columns=MappingProxyType({name: self.labels(columns, name) for name in columns}),
            terms=self.terms(content, frozenset(columns)),
            path=self.path,
            successor_in=content.get("successor_in", ""),
            merge=content.get("merge", False) is True,
        )

    def terms(self, content: dict[str, Any], columns: frozenset[str]) -> tuple[Term, ...]:
        rows = content.get("terms")
        if not isinstance(rows, list) or not rows:
            self.fail("must be a list of rows", "terms")
        found: dict[str, Term] = {}
        for number, row in enumerate(rows, start=1):
            self.row = str(number)
            one = self.term(row, columns)
            if one.code in found:
                self.fail(f"{one.code!r} stands twice", "code")
            found[one.code] = one
        self.successors(found, content)
        return tuple(found.values())

    def term(self, row: Any, columns: frozenset[str]) -> Term:
        if not isinstance(row, dict):
            self.fail("is not a mapping of columns")
        code = row.get("code")
        if not isinstance(code, str) or not CODE.fullmatch(code):
            self.fail(
                f"must be text of ASCII letters, digits, dots and dashes (in quotes), not {code!r}",
                "code",
            )
        self.row = f"{self.row} ({code})"
        unknown = sorted(set(map(str, row)) - TERM_KEYS - columns)
        if unknown:
            self.fail("is not declared under columns", unknown[0])
        values = {name: self.frozen(row[name]) for name in columns if row.get(name) is not None}
        return Term(
            code=code,
            label=self.labels(row, "label"),
            status=self.status(row, "status"),
            mapping=self.iri(row, "mapping"),
            mapping_status=self.status(row, "mapping_status") if "mapping_status" in row else None,
            valid_from=self.date(row, "valid_from"),
            valid_to=self.date(row, "valid_to"),
            successor=self.text(row, "successor") if "successor" in row else None,
            source=self.text(row, "source") if "source" in row else None,
            columns=MappingProxyType(values),
        )

    def successors(self, found: dict[str, Term], content: dict[str, Any]) -> None:
        # A merged file may point to rows of the list it changes.
        if content.get("successor_in") or content.get("merge"):
            return
        for one in found.values():
            if one.successor is not None and one.successor not in found:
                self.row = one.code
                self.fail(f"{one.successor!r} is not a code of this list", "successor")

    def text(self, row: dict[str, Any], column: str) -> str:
        value = row.get(column)
        if not isinstance(value, str) or not value.strip():
            self.fail("must be text", column)
        return value

    def labels(self, row: dict[str, Any], column: str) -> Labels:
        value = row.get(column)
        if not isinstance(value, dict) or not {"vi", "en"} <= set(value):
            self.fail("must give a text for vi and for en", column)
        for lang, text in value.items():
            if not isinstance(text, str) or not text.strip():
                self.fail(f"has no text for {lang}", column)
        return MappingProxyType(dict(value))

    def status(self, row: dict[str, Any], column: str) -> str:
        value = row.get(column)
        if value not in STATUSES:
            self.fail(f"must be one of {', '.join(STATUSES)}, not {value!r}", column)
        return value

    def iri(self, row: dict[str, Any], column: str) -> str | None:
        value = row.get(column)
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", value):
            self.fail(f"must be an address with http or https, not {value!r}", column)
        return value

    def date(self, row: dict[str, Any], column: str) -> dt.date | None:
        value = row.get(column)
        if isinstance(value, dt.date) or value is None:
            return value
        try:
            return dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fail(f"must be a date like 2025-07-01, not {value!r}", column)

    def frozen(self, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value
