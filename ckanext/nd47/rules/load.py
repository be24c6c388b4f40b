"""Reads the rules from `schemas/rules`."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import get_args

from ckanext.nd47.lib.data import Entry, data_path, read_entry
from ckanext.nd47.lib.vocabularies.vocabulary_file import CODE, STATUSES
from ckanext.nd47.rules.model import VERIFIED, Clause, Duty, Edition, Rule, Scope, Severity

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


def editions() -> list[str]:
    """Return the codes of the legal editions that have rules, sorted."""
    return sorted(path.stem for path in data_path("schemas", "rules", "editions").glob("*.yaml"))


@lru_cache(maxsize=16)
def edition(code: str) -> Edition:
    """Return the rules of a legal edition; they change only with the package.

    Raises:
        KeyError: there are no rules for this edition.
        DataFileError: a file of the package is broken.
    """
    folder = data_path("schemas", "rules")
    edition_file = folder / "editions" / f"{code}.yaml"
    if not CODE.fullmatch(code) or not edition_file.is_file():
        raise KeyError(code)
    return read_edition(folder / "rules.yaml", edition_file)


@lru_cache(maxsize=1)
def rule_ids() -> frozenset[str]:
    """Return the ids of the rules of all editions."""
    return frozenset(rule.id for code in editions() for rule in edition(code).rules)


def duties() -> tuple[Duty, ...]:
    """Return the legal duties, each with the rules that check it."""
    return read_duties(data_path("schemas", "rules", "obligations.yaml"))


def read_edition(rules_file: Path, edition_file: Path) -> Edition:
    """Read the rules of one legal edition.

    Args:
        rules_file: file with the texts of all rules.
        edition_file: file with severity, points and clauses by this edition.

    Raises:
        DataFileError: a file cannot be read or holds something else.
    """
    texts, law = read_entry(rules_file), read_entry(edition_file)
    law.check_id("edition")
    texts_by_id = {row.values.get("id"): row for row in texts.rows("rules", "id")}
    instruments = law.labels_by_name("instruments")
    rules = []
    for row in law.rows("rules", "rule"):
        text = texts_by_id.get(row.values.get("rule")) or row.fail(
            f"no such rule in {rules_file.name}"
        )
        rules.append(_rule(text, row, frozenset(instruments)))
    phrases = texts.labels_by_name("phrases")
    if missing := PHRASES - phrases.keys():
        texts.fail(f"phrases: {', '.join(sorted(missing))} missing")
    return Edition(
        id=edition_file.stem,
        rules=tuple(rules),
        instruments=instruments,
        phrases=phrases,
        binds=texts.labels_by_name("binds"),
    )


def read_duties(path: Path) -> tuple[Duty, ...]:
    """Read the duties.

    Raises:
        DataFileError: the file cannot be read, or a duty has neither rules, nor a place where it
            is shown, nor a reason.
    """
    return tuple(map(_duty, read_entry(path).rows("obligations", "id")))


def _duty(row: Entry) -> Duty:
    rules = row.optional("rules", row.texts, ())
    if (bool(rules) or "shown" in row.values) == ("unchecked" in row.values):
        row.fail("give either rules or what shows it, or a reason under unchecked")
    return Duty(
        id=row.text("id"),
        text=row.labels("text"),
        who=row.labels("who"),
        source=row.text("source"),
        status=row.choice("status", STATUSES),
        rules=rules,
        shown=row.optional("shown", row.labels, default=None),
        unchecked=row.optional("unchecked", row.labels, default=None),
        until=row.date("until"),
    )


def _rule(text: Entry, law: Entry, instruments: frozenset[str]) -> Rule:
    """Return a rule.

    Args:
        text: its entry in the file with the texts of all rules.
        law: its entry in the file of the edition.
        instruments: codes that a clause may use.
    """
    severity = Severity(law.choice("severity", [member.value for member in Severity]))
    clauses = tuple(
        _clause(clause, instruments) for clause in law.rows("clauses", may_be_empty=True)
    )
    if severity is Severity.MUST and not any(c.status == VERIFIED for c in clauses):
        law.fail("severity must: this requires a verified clause")
    points = law.values.get("points")
    if not isinstance(points, int) or isinstance(points, bool) or points < 1:
        law.fail("points must be a whole number above 0")
    return Rule(
        id=text.text("id"),
        check=text.text("check"),
        applies=text.choice("applies", SCOPES),
        binds=text.text("binds"),
        fields=text.texts("fields"),
        resource_fields=text.optional("resource_fields", text.texts, ()),
        title=text.labels("title"),
        message=text.labels("message"),
        remedy=text.labels("remedy"),
        severity=severity,
        points=points,
        clauses=clauses,
    )


def _clause(row: Entry, instruments: frozenset[str]) -> Clause:
    place_code = row.values.get("at")
    place = PLACE.fullmatch(place_code) if isinstance(place_code, str) else None
    if "at" in row.values and place is None:
        row.fail(f"at must be article, paragraph and point, like 17.1.e, not {place_code!r}")
    parts = place.groupdict(default="") if place else {}
    start, until = row.date("from"), row.date("until")
    if start and until and until < start:
        row.fail(f"until must not be before from, {start}")
    return Clause(
        instrument=row.choice("instrument", sorted(instruments)),
        article=parts.get("article", ""),
        paragraph=parts.get("paragraph", ""),
        point=parts.get("point", ""),
        status=row.choice("status", STATUSES),
        start=start,
        until=until,
    )
