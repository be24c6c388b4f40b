"""One vocabulary file: what it holds, and how it is read and checked."""

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
"""How far a row is backed: read in the text, told by others, derived, our choice, not checked."""

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
            # What took the place of a retired row stands for the concept.
            if term.mapping and not term.retired:
                # Two codes for one concept: it stands for neither.
                key = _iri_key(term.mapping)
                mapped[key] = None if key in mapped else term
        # What a row names itself goes before what it is mapped to.
        mapped.update(
            {_iri_key(other_iri): term for term in self.terms for other_iri in term.also or ()}
        )
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
        by_code = self.term(path.rpartition("/")[2]) if mark else None
        return by_code or self._by_mapping.get(_iri_key(iri))

    def find(self, name: str) -> Term | None:
        """Return the row that a code, label, media type or file extension names, in any case."""
        return self._by_name.get(name.strip().lstrip(".").casefold())

    def named(self, name: str) -> list[Term]:
        """Return all rows that have a name, by whichever kind of name most rows have it."""
        key = name.strip().lstrip(".").casefold()
        for kind in _NAMES:
            rows = [term for term in self if key in {str(n).casefold() for n in kind(term) if n}]
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
    """Refuse a successor that is no code of the list.

    Rows of other lists are looked up where all lists are known.
    """
    codes = {term.code for term in terms}
    for term in terms:
        missing = [code for code in term.successor if "/" not in code and code not in codes]
        if missing:
            header.fail(f"successor of {term.code}: {missing[0]!r} is not a code of this list")


def _texts(row: Entry, key: str) -> tuple[str, ...]:
    """Return one text or several, at least one."""
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
