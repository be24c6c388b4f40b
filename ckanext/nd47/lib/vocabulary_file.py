"""One vocabulary file: what it holds, and how it is read and checked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NoReturn, get_args

import yaml

from ckanext.nd47.lib.data import read_yaml

Status = Literal["verified", "secondary", "inferred", "design", "unverified"]
"""How far a row is backed: read in the text, told by others, derived, our choice, not checked."""

STATUSES: tuple[str, ...] = get_args(Status)
DOUBTFUL = frozenset({"inferred", "unverified"})
CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
HEADER_KEYS = frozenset(
    {
        "id",
        "title",
        "about",
        "source",
        "status",
        "columns",
        "successor_in",
        "merge",
        "incomplete",
        "terms",
    }
)
TERM_KEYS = frozenset(
    {
        "code",
        "label",
        "mapping",
        "mapping_status",
        "also",
        "valid_from",
        "valid_to",
        "successor",
        "offered",
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
        also: codes and IRIs of other tables that mean the same and nothing else.
        valid_from: first day of force.
        valid_to: last day of force.
        successor: codes of the rows that took its place, `list/code` for a row of another list.
        offered: whether forms offer the row; a record that holds the code is valid either way.
        status: how far the row is backed.
        source: where the row comes from, where it differs from the list.
        columns: what else the list says of the row, by the names in `Vocabulary.columns`.
    """

    code: str
    label: Labels
    status: str
    mapping: str | None = None
    mapping_status: str | None = None
    also: tuple[str, ...] | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    successor: tuple[str, ...] = ()
    offered: bool = True
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
    def retired(self) -> bool:
        """Say whether other rows took its place: records keep the code, new ones do not get it."""
        return bool(self.successor) and not self.offered

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
        incomplete: whether rows of the list it stands for are missing.
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
    incomplete: bool = False

    @cached_property
    def by_code(self) -> Mapping[str, Term]:
        """Rows by code."""
        return MappingProxyType({term.code: term for term in self.terms})

    @cached_property
    def _by_name(self) -> Mapping[str, Term | None]:
        """Rows by name; None for a name that several rows share, which stands for none of them.

        A code, label or code of another table goes before an extension, that before a media type.
        """
        names: dict[str, Term | None] = {}
        for kind in _NAMES:
            found: dict[str, Term | None] = {}
            for term in self.terms:
                for name in {str(one).casefold() for one in kind(term) if one}:
                    found[name] = None if name in found else term
            names = found | names
        return MappingProxyType(names)

    @cached_property
    def _by_mapping(self) -> Mapping[str, Term | None]:
        mapped: dict[str, Term | None] = {}
        for term in self.terms:
            # What took the place of a retired row stands for the concept.
            if term.mapping and not term.retired:
                # Two codes for one concept: it stands for neither.
                key = _iri_key(term.mapping)
                mapped[key] = None if key in mapped else term
        # What a row names itself goes before what it is mapped to.
        mapped.update({_iri_key(one): term for term in self.terms for one in term.also or ()})
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

    def followers(self, term: Term) -> list[tuple[str, str]]:
        """Return list and code of each row that took the place of a row."""
        places = [code.rpartition("/") for code in term.successor]
        return [(place or self.successor_in or self.id, code) for place, _, code in places]

    def standing_for(self, iri: str) -> Term | None:
        """Return the row that an address stands for.

        It may be the address of a term on another portal that runs this software, for which all up
        to `/vocabulary/` may differ, or a concept that exactly one row is mapped to.
        """
        _, mark, path = iri.partition("/vocabulary/")
        own = self.term(path.rpartition("/")[2]) if mark else None
        return own or self._by_mapping.get(_iri_key(iri))

    def find(self, name: str) -> Term | None:
        """Return the row that a code, label, media type or file extension names, in any case."""
        return self._by_name.get(name.strip().lstrip(".").casefold())

    def named(self, name: str) -> list[Term]:
        """Return all rows that have a name, by whichever kind of name most rows have it."""
        wanted = name.strip().lstrip(".").casefold()
        for kind in _NAMES:
            rows = [one for one in self if wanted in {str(n).casefold() for n in kind(one) if n}]
            if rows:
                return rows
        return []


def _iri_key(iri: str) -> str:
    """Return an address as addresses are compared: with either scheme, without a last slash."""
    return re.sub(r"^https?://", "", iri.strip()).rstrip("/")


_NAMES: tuple[Callable[[Term], tuple[Any, ...]], ...] = (
    lambda term: (term.code, *term.label.values(), *(term.also or ())),
    lambda term: term["extensions"] if isinstance(term["extensions"], tuple) else (),
    lambda term: (term["media_type"],),
)
"""Names of a row, those that count most first."""


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
            incomplete=self.yes_or_no(content, "incomplete", otherwise=False),
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
            also=self.texts(row, "also") if "also" in row else None,
            valid_from=self.date(row, "valid_from"),
            valid_to=self.date(row, "valid_to"),
            successor=self.texts(row, "successor") if "successor" in row else (),
            offered=self.yes_or_no(row, "offered", otherwise=True),
            source=self.text(row, "source") if "source" in row else None,
            columns=MappingProxyType(values),
        )

    def successors(self, found: dict[str, Term], content: dict[str, Any]) -> None:
        # A merged file may point to rows of the list it changes.
        if content.get("successor_in") or content.get("merge"):
            return
        for one in found.values():
            # Rows of other lists are looked up where all lists are known.
            lost = [code for code in one.successor if "/" not in code and code not in found]
            if lost:
                self.row = one.code
                self.fail(f"{lost[0]!r} is not a code of this list", "successor")

    def text(self, row: dict[str, Any], column: str) -> str:
        value = row.get(column)
        if not isinstance(value, str) or not value.strip():
            self.fail("must be text", column)
        return value

    def texts(self, row: dict[str, Any], column: str) -> tuple[str, ...]:
        value = row.get(column)
        listed: list[Any] = value if isinstance(value, list) else [value]
        found = [one for one in listed if isinstance(one, str) and one.strip()]
        if not found or len(found) != len(listed):
            self.fail("must be text, or a list of texts", column)
        return tuple(found)

    def yes_or_no(self, row: dict[str, Any], column: str, *, otherwise: bool) -> bool:
        value = row.get(column, otherwise)
        if not isinstance(value, bool):
            self.fail(f"must be true or false, not {value!r}", column)
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
