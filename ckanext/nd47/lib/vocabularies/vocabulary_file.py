"""Vocabulary files: their content, reading and validation."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from ckanext.nd47.lib.data import Entry, Labels, read_entry

Status = Literal["verified", "secondary", "inferred", "design", "unverified"]
"""How far a row is verified: read in the source, from a secondary source, inferred, a design
choice, or not checked."""

STATUSES: tuple[str, ...] = get_args(Status)
DOUBTFUL = frozenset({"inferred", "unverified"})
CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
HEADER_KEYS = frozenset({"about", "columns", "successor_in", "merge", "incomplete"})
TERM_KEYS = frozenset(
    {
        "mapping",
        "mapping_status",
        "also",
        "valid_from",
        "valid_to",
        "successor",
        "offered",
        "source",
    }
)
"""Keys that may be left out, of the file and of a row."""

NO_LABELS: Labels = MappingProxyType({})


@dataclass(frozen=True)
class Term:
    """One row of a vocabulary.

    Attributes:
        code: the stored value.
        label: text by language, at least `vi` and `en`.
        mapping: IRI of the same concept in an EU or other public table.
        mapping_status: how far the mapping is verified, if it differs from the row.
        also: codes and IRIs of other tables with exactly the same meaning.
        valid_from: first day in force.
        valid_to: last day in force.
        successor: codes of the rows that replace it, `list/code` for a row of another list.
        offered: whether forms offer the row; a record with the code is valid in any case.
        status: how far the row is verified.
        source: source of the row, if it differs from the list.
        columns: further values, by the names in `Vocabulary.columns`.
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
        """Return whether the row is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    @property
    def retired(self) -> bool:
        """Whether other rows replace it: records keep the code, but forms no longer offer it."""
        return bool(self.successor) and not self.offered

    @property
    def doubtful(self) -> bool:
        """Whether the row is not verified enough to refuse a record because of it."""
        return self.status in DOUBTFUL

    def __getitem__(self, column: str) -> Any:
        """Return a further column, None if it is empty."""
        return self.columns.get(column)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """A code list; compared by identity, so that it can be a cache key.

    Attributes:
        id: name of the list and of its file.
        title: name by language.
        about: note on how to read the list, by language.
        source: source of the list.
        status: how far the list as a whole is verified.
        columns: names of further columns, with their titles by language.
        terms: the rows, in the order of the file.
        path: its file.
        successor_in: id of the list that `Term.successor` refers to; empty for the same list.
        merge: whether the file only changes rows of the package's list with the same id.
        incomplete: whether the list lacks rows of the official list.
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
        """Rows by name; None for a name that several rows share.

        Codes and labels take precedence over extensions, and those over media types.
        """
        names: dict[str, Term | None] = {}
        for kind in _NAMES:
            by_name: dict[str, Term | None] = {}
            for term in self.terms:
                for name in {str(value).casefold() for value in kind(term) if value}:
                    by_name[name] = None if name in by_name else term
            names = by_name | names
        return MappingProxyType(names)

    @cached_property
    def _by_mapping(self) -> Mapping[str, Term | None]:
        mapped: dict[str, Term | None] = {}
        for term in self.terms:
            # The successor of a retired row represents the concept.
            if term.mapping and not term.retired:
                # Two codes for the same concept: ambiguous.
                key = _iri_key(term.mapping)
                mapped[key] = None if key in mapped else term
        # Values in `also` take precedence over mappings.
        mapped.update(
            {_iri_key(other_iri): term for term in self.terms for other_iri in term.also or ()}
        )
        return MappingProxyType(mapped)

    def __iter__(self) -> Iterator[Term]:
        """Iterate over the rows."""
        return iter(self.terms)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.terms)

    def __contains__(self, code: object) -> bool:
        """Return whether a code is in the list."""
        return code in self.by_code

    def term(self, code: str) -> Term | None:
        """Return the row of a code."""
        return self.by_code.get(code)

    def followers(self, term: Term) -> list[tuple[str, str]]:
        """Return list and code of each row that replaces a row."""
        places = [code.rpartition("/") for code in term.successor]
        return [(place or self.successor_in or self.id, code) for place, _, code in places]

    def find_by_iri(self, iri: str) -> Term | None:
        """Return the row that an IRI refers to.

        It may be the IRI of a term on another portal with this software, which differs before
        `/vocabulary/`, or a concept that exactly one row is mapped to.
        """
        _, mark, path = iri.partition("/vocabulary/")
        by_code = self.term(path.rpartition("/")[2]) if mark else None
        return by_code or self._by_mapping.get(_iri_key(iri))

    def find(self, name: str) -> Term | None:
        """Return the row with a code, label, media type or file extension, ignoring case."""
        return self._by_name.get(name.strip().lstrip(".").casefold())

    def named(self, name: str) -> list[Term]:
        """Return all rows with a name, by the first kind of name that matches."""
        key = name.strip().lstrip(".").casefold()
        for kind in _NAMES:
            rows = [term for term in self if key in {str(n).casefold() for n in kind(term) if n}]
            if rows:
                return rows
        return []


def _iri_key(iri: str) -> str:
    """Return an IRI in the form for comparison: without scheme and trailing slash."""
    return re.sub(r"^https?://", "", iri.strip()).rstrip("/")


_NAMES: tuple[Callable[[Term], tuple[Any, ...]], ...] = (
    lambda term: (term.code, *term.label.values(), *(term.also or ())),
    lambda term: term["extensions"] if isinstance(term["extensions"], tuple) else (),
    lambda term: (term["media_type"],),
)
"""Kinds of names of a row, in order of precedence."""


def read(path: Path) -> Vocabulary:
    """Read and check one vocabulary file.

    Raises:
        DataFileError: the file cannot be read or is not a vocabulary.
    """
    header = read_entry(path)
    header.check_keys({"id", "title", "source", "status", "terms"}, HEADER_KEYS)
    vocabulary_id = header.check_id()
    columns = header.optional("columns", header.labels_by_name, MappingProxyType({}))
    terms = tuple(_term(row, frozenset(columns)) for row in header.rows("terms", "code"))
    successor_in, merge = header.values.get("successor_in", ""), header.values.get("merge") is True
    if not successor_in and not merge:
        _check_successors(header, terms)
    return Vocabulary(
        id=vocabulary_id,
        title=header.labels("title"),
        about=header.optional("about", header.labels, NO_LABELS),
        source=header.text("source"),
        status=header.choice("status", STATUSES),
        columns=columns,
        terms=terms,
        path=path,
        successor_in=successor_in,
        merge=merge,
        incomplete=header.optional("incomplete", header.flag, default=False),
    )


def _term(row: Entry, columns: frozenset[str]) -> Term:
    row.check_keys(
        {"code", "label", "status"}, TERM_KEYS | columns, hint="; declare it under columns"
    )
    code = row.values["code"]
    if not isinstance(code, str) or not CODE.fullmatch(code):
        row.fail(
            f"code must be text of ASCII letters, digits, dots and dashes (in quotes), not {code!r}"
        )
    return Term(
        code=code,
        label=row.labels("label"),
        status=row.choice("status", STATUSES),
        mapping=_iri(row, "mapping"),
        mapping_status=row.optional(
            "mapping_status", lambda key: row.choice(key, STATUSES), default=None
        ),
        also=_texts(row, "also") if "also" in row.values else None,
        valid_from=row.date("valid_from"),
        valid_to=row.date("valid_to"),
        successor=_texts(row, "successor") if "successor" in row.values else (),
        offered=row.optional("offered", row.flag, default=True),
        source=row.optional("source", row.text, default=None),
        columns=MappingProxyType(
            {
                name: tuple(value) if isinstance(value, list) else value
                for name in columns
                if (value := row.values.get(name)) is not None
            }
        ),
    )


def _check_successors(header: Entry, terms: tuple[Term, ...]) -> None:
    """Refuse a successor that is not a code of the list.

    Successors in other lists are checked by `vocabulary check`.
    """
    codes = {term.code for term in terms}
    for term in terms:
        missing = [code for code in term.successor if "/" not in code and code not in codes]
        if missing:
            header.fail(f"successor of {term.code}: {missing[0]!r} is not a code of this list")


def _texts(row: Entry, key: str) -> tuple[str, ...]:
    """Return a text or a list of texts as tuple, not empty."""
    if not isinstance(row.values[key], list):
        return (row.text(key),)
    return row.texts(key) or row.fail(f"{key} must be text, or a list of texts")


def _iri(row: Entry, key: str) -> str | None:
    value = row.values.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", value):
        row.fail(f"{key} must be an address with http or https, not {value!r}")
    return value
