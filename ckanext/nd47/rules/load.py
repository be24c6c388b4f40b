"""Reads the rules from `schemas/rules`, and says what is wrong with a file that cannot be used."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, get_args

import yaml

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.vocabulary_file import CODE, STATUSES
from ckanext.nd47.rules.model import VERIFIED, Clause, Duty, Edition, Rule, Scope, Severity, Texts

PLACE = re.compile(r"(?P<article>\d+)(?:\.(?P<paragraph>\d+)(?:\.(?P<point>[a-zđ]))?)?")
SCOPES = get_args(Scope)
PHRASES = frozenset(
    {
        "article",
        "paragraph",
        "point",
        "reference",
        "begins",
        "ends",
        "ended",
        "not_verified",
        "basis",
        "no_clause",
    }
)


class RuleFileError(ValueError):
    """A file of rules that cannot be used; the message names file, entry and key."""

    def __init__(self, path: Path, entry: str, problem: str) -> None:
        super().__init__(f"{path}{', ' + entry if entry else ''}: {problem}")


def editions() -> list[str]:
    """Return the codes of the legal editions that have rules, sorted."""
    return sorted(path.stem for path in data_path("schemas", "rules", "editions").glob("*.yaml"))


@lru_cache(maxsize=16)
def edition(code: str) -> Edition:
    """Return the rules by a legal edition; they change only with the package.

    Raises:
        KeyError: there are no rules for this edition.
        RuleFileError: a file of the package is broken.
    """
    folder = data_path("schemas", "rules")
    own = folder / "editions" / f"{code}.yaml"
    if not CODE.fullmatch(code) or not own.is_file():
        raise KeyError(code)
    return read_edition(folder / "rules.yaml", own)


@lru_cache(maxsize=1)
def rule_ids() -> frozenset[str]:
    """Return the ids of the rules of all editions."""
    return frozenset(rule.id for code in editions() for rule in edition(code).rules)


def duties() -> tuple[Duty, ...]:
    """Return the duties that the law lays down, each with the rules that check it."""
    return read_duties(data_path("schemas", "rules", "obligations.yaml"))


def read_edition(common: Path, own: Path) -> Edition:
    """Read the rules of one legal edition.

    Args:
        common: file with the texts of all rules.
        own: file with severity, points and clauses by this edition.

    Raises:
        RuleFileError: a file cannot be read or holds something else.
    """
    texts, law = _Reader(common), _Reader(own)
    known = {entry.get("id"): entry for entry in texts.entries("rules")}
    instruments = law.named_texts("instruments")
    rules = []
    for entry in law.entries("rules"):
        law.entry = str(entry.get("rule"))
        if entry.get("rule") not in known:
            law.fail(f"there is no such rule in {common.name}")
        rules.append(_rule(texts, known[entry["rule"]], law, entry, frozenset(instruments)))
    law.entry = ""
    _once(law, [rule.id for rule in rules])
    if law.content.get("edition") != own.stem:
        law.fail(f"edition must be {own.stem}, the name of the file")
    phrases = texts.named_texts("phrases")
    if missing := PHRASES - phrases.keys():
        texts.fail(f"phrases: {', '.join(sorted(missing))} missing")
    return Edition(
        id=own.stem,
        rules=tuple(rules),
        instruments=instruments,
        phrases=phrases,
        binds=texts.named_texts("binds"),
    )


def words(path: Path) -> Mapping[str, Texts]:
    """Read a file of texts by name.

    Raises:
        RuleFileError: the file cannot be read or holds something else.
    """
    reader = _Reader(path)
    return MappingProxyType({name: reader.texts(reader.content, name) for name in reader.content})


def read_duties(path: Path) -> tuple[Duty, ...]:
    """Read the duties.

    Raises:
        RuleFileError: the file cannot be read, or a duty has neither rules nor a reason.
    """
    reader = _Reader(path)
    found = []
    for entry in reader.entries("obligations"):
        reader.entry = str(entry.get("id"))
        rules = reader.words(entry, "rules") if "rules" in entry else ()
        if bool(rules) == ("unchecked" in entry):
            reader.fail("give either rules, or a reason under unchecked")
        found.append(
            Duty(
                id=reader.word(entry, "id"),
                text=reader.texts(entry, "text"),
                who=reader.texts(entry, "who"),
                source=reader.word(entry, "source"),
                status=reader.choice(entry, "status", STATUSES),
                rules=rules,
                unchecked=reader.texts(entry, "unchecked") if "unchecked" in entry else None,
            )
        )
    reader.entry = ""
    _once(reader, [duty.id for duty in found])
    return tuple(found)


def _rule(
    texts: _Reader,
    words: dict[str, Any],
    law: _Reader,
    entry: dict[str, Any],
    instruments: frozenset[str],
) -> Rule:
    texts.entry = str(words["id"])
    severity = Severity(law.choice(entry, "severity", tuple(one.value for one in Severity)))
    clauses = tuple(_clause(law, clause, instruments) for clause in law.items(entry, "clauses"))
    if severity is Severity.MUST and not any(c.status == VERIFIED for c in clauses):
        law.fail("only a provision whose wording was read can refuse a record: severity must")
    points = entry.get("points")
    if not isinstance(points, int) or isinstance(points, bool) or points < 1:
        law.fail("points must be a whole number above 0")
    return Rule(
        id=texts.word(words, "id"),
        check=texts.word(words, "check"),
        applies=texts.choice(words, "applies", SCOPES),
        binds=texts.word(words, "binds"),
        fields=texts.words(words, "fields"),
        resource_fields=texts.words(words, "resource_fields") if "resource_fields" in words else (),
        title=texts.texts(words, "title"),
        message=texts.texts(words, "message"),
        remedy=texts.texts(words, "remedy"),
        severity=severity,
        points=points,
        clauses=clauses,
    )


def _clause(law: _Reader, entry: Any, instruments: frozenset[str]) -> Clause:
    if not isinstance(entry, dict):
        law.fail("a clause must be a mapping")
    place = PLACE.fullmatch(entry["at"]) if isinstance(entry.get("at"), str) else None
    if "at" in entry and place is None:
        law.fail(f"at must be article, paragraph and point, like 17.1.e, not {entry['at']!r}")
    parts = place.groupdict(default="") if place else {}
    start, until = law.date(entry, "from"), law.date(entry, "until")
    if start and until and until < start:
        law.fail(f"until must not be before from, {start}")
    return Clause(
        instrument=law.choice(entry, "instrument", tuple(sorted(instruments))),
        article=parts.get("article", ""),
        paragraph=parts.get("paragraph", ""),
        point=parts.get("point", ""),
        status=law.choice(entry, "status", STATUSES),
        start=start,
        until=until,
    )


def _once(reader: _Reader, ids: list[str]) -> None:
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        reader.fail(f"{', '.join(twice)} stands twice")


class _Reader:
    """Takes values out of one file, and names the entry that a fault is in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entry = ""
        try:
            content = read_yaml(path)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise RuleFileError(path, "", " ".join(str(error).split())) from error
        if not isinstance(content, dict):
            self.fail("is not a mapping")
        self.content: dict[str, Any] = content

    def fail(self, problem: str) -> NoReturn:
        raise RuleFileError(self.path, self.entry, problem)

    def entries(self, key: str) -> list[dict[str, Any]]:
        found = self.items(self.content, key)
        if not found or not all(isinstance(entry, dict) for entry in found):
            self.fail(f"{key} must be a list of mappings")
        return found

    def items(self, entry: Mapping[str, Any], key: str) -> list[Any]:
        value = entry.get(key)
        if not isinstance(value, list):
            self.fail(f"{key} must be a list")
        return value

    def word(self, entry: Mapping[str, Any], key: str) -> str:
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fail(f"{key} must be text")
        return value

    def words(self, entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = self.items(entry, key)
        if not all(isinstance(item, str) and item for item in value):
            self.fail(f"{key} must be a list of texts")
        return tuple(value)

    def date(self, entry: Mapping[str, Any], key: str) -> dt.date | None:
        value = entry.get(key)
        if value is not None and not isinstance(value, dt.date):
            self.fail(f"{key} must be a date, not {value!r}")
        return value

    def choice(self, entry: Mapping[str, Any], key: str, among: tuple[str, ...]) -> Any:
        value = entry.get(key)
        if value not in among:
            self.fail(f"{key} must be one of {', '.join(among)}, not {value!r}")
        return value

    def texts(self, entry: Mapping[str, Any], key: str) -> Texts:
        value = entry.get(key)
        if not isinstance(value, dict) or not {"vi", "en"} <= set(value):
            self.fail(f"{key} must give a text for vi and for en")
        for lang, text in value.items():
            if not isinstance(text, str) or not text.strip():
                self.fail(f"{key} has no text for {lang}")
        return MappingProxyType(dict(value))

    def named_texts(self, key: str) -> Mapping[str, Texts]:
        value = self.content.get(key)
        if not isinstance(value, dict):
            self.fail(f"{key} must map names to texts")
        return MappingProxyType({name: self.texts(value, name) for name in value})
