"""One vocabulary file: what it holds, and how it is read and checked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NoReturn, get_args

import yaml

from ckanext.nd47.data import read_yaml

Status = Literal["verified", "secondary", "inferred", "design", "unverified"]
"""How far a row is backed: read in the text, told by others, derived, our choice, not checked."""

STATUSES: tuple[str, ...] = get_args(Status)
DOUBTFUL = frozenset({"inferred", "unverified"})
CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
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


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """One code list; two are the same only if they are one object, so that a cache can hold them.

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
            aliases = term["extensions"]
            aliases = aliases if isinstance(aliases, tuple) else ()
            for name in (term.code, term["media_type"], *term.label.values(), *aliases):
                if name:
                    names.setdefault(str(name).casefold(), term)
        return MappingProxyType(names)

    @cached_property
    def _by_mapping(self) -> Mapping[str, Term | None]:
        mapped: dict[str, Term | None] = {}
        for term in self.terms:
            if term.mapping:
                # Two codes for one concept: it stands for neither.
                mapped[term.mapping] = None if term.mapping in mapped else term
        return MappingProxyType(mapped)

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

    def standing_for(self, iri: str) -> Term | None:
        """Return the row that an address stands for.

        It may be the address of a term on another portal that runs this software, for which all up
        to `/vocabulary/` may differ, or a concept that exactly one row is mapped to.
        """
        _, mark, path = iri.partition("/vocabulary/")
        own = self.term(path.rpartition("/")[2]) if mark else None
        return own or self._by_mapping.get(iri)

    def find(self, name: str) -> Term | None:
        """Return the row that a code, label, media type or file extension names, in any case."""
        return self._by_name.get(name.strip().lstrip(".").casefold())


def read(path: Path) -> Vocabulary:
    """Read and check one vocabulary file.

    Raises:
        VocabularyError: the file cannot be read or is not a vocabulary.
    """
    try:
        content = read_yaml(path)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        # A date that is none, or a nesting without end, is no YAMLError.
        raise VocabularyError(path, " ".join(str(error).split())) from error
    return _Reader(path).vocabulary(content)


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
