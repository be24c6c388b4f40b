"""Applies the rules to a record and says what they found, in the words of a language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import vocabulary
from ckanext.nd47.lib.data import Labels
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import edition, records
from ckanext.nd47.rules.checks import CHECKS
from ckanext.nd47.rules.model import RESOURCES, Clause, Edition, Level, Rule, in_language
from ckanext.nd47.rules.subject import NOT_APPLICABLE, Subject, Verdict

SHOWN_LEVELS = (Level.ERROR, Level.WARNING, Level.ADVICE)
"""Datasets that are read from the database at once."""


@dataclass(frozen=True)
class Finding:
    """What one rule found in one record.

    Attributes:
        rule: the rule.
        level: what becomes of a record that does not meet it.
        verdict: whether this record meets it.
        edition: the legal edition that the rule is of.
        today: the day by which provisions have begun or ended.
    """

    rule: Rule
    level: Level
    verdict: Verdict
    edition: Edition
    today: dt.date

    @property
    def met(self) -> bool | None:
        """Whether the record meets the rule; None where the rule says nothing about it."""
        return self.verdict.met

    @property
    def refuses(self) -> bool:
        """Whether the record may not be published because of it."""
        return self.met is False and self.level is Level.ERROR

    @property
    def field(self) -> str:
        """The field to be mended: `group.subfield` for a subfield, `resources` for a resource."""
        return self.verdict.field or next(iter(self.rule.fields), RESOURCES)

    def message(self, lang: str) -> str:
        """Return what is wrong."""
        return self._filled(self.rule.message, lang)

    def basis(self, lang: str) -> str:
        """Return where the law says so."""
        return self.edition.basis(self.rule, lang, self.today)

    def because(self, lang: str) -> str:
        """Return where the law says so, as a sentence."""
        return in_language(self.edition.phrases["basis"], lang).format(basis=self.basis(lang))

    def advice(self, lang: str) -> str:
        """Return what is wrong, what to do about it, and where the law says so."""
        remedy = in_language(self.rule.remedy, lang)
        return f"{self.message(lang)} {remedy} {self.because(lang)}"

    def _filled(self, texts: Labels, lang: str) -> str:
        # Only a rule that is not met has what the places of its message stand for.
        text = in_language(texts, lang)
        return text.format(**self.verdict.facts) if self.met is False else text

    def as_dict(self, lang: str) -> dict[str, Any]:
        """Return the finding as programs read it."""
        unmet = self.met is False
        return {
            "rule": self.rule.id,
            "level": self.level.value,
            "met": self.met,
            "field": self.field,
            "fields": [*self.rule.fields, *(f"{RESOURCES}.{f}" for f in self.rule.resource_fields)],
            "title": in_language(self.rule.title, lang),
            "message": self.message(lang) if unmet else "",
            "remedy": in_language(self.rule.remedy, lang) if unmet else "",
            "basis": self.basis(lang),
            "clauses": [
                _clause(clause, self.edition, lang, self.today) for clause in self.rule.clauses
            ],
            "points": self.rule.points,
        }


def examine(dataset: dataset_reader.Dataset, today: dt.date | None = None) -> list[Finding]:
    """Hold a record against the rules that the portal applies.

    Args:
        dataset: a dataset as `package_show` gives it.
        today: the day to reckon from; default: the day in Vietnam.
    """
    with vocabulary.preloaded():
        rules = edition.for_record(dataset, today)
        subject = Subject(dataset, rules.edition.id, rules.today)
        return [
            Finding(rule, level, _verdict(rule, subject), rules.edition, rules.today)
            for rule, level in rules.rules
        ]


def _verdict(rule: Rule, subject: Subject) -> Verdict:
    if rule.applies == "open" and not subject.claims_openness:
        return NOT_APPLICABLE
    return CHECKS[rule.check](subject)


def as_dict(
    dataset: Mapping[str, Any], findings: list[Finding], lang: str, *, only_unmet: bool = False
) -> dict[str, Any]:
    """Return what the rules found in a record as programs read it.

    Args:
        dataset: the record.
        findings: what `examine` gave for it.
        lang: language of the words.
        only_unmet: leave out the rules that are met or say nothing about the record.
    """
    asked = [one for one in findings if one.met is not None]
    unmet = [one for one in asked if not one.met]
    return {
        **{key: dataset.get(key) for key in ("id", "name", "title", "state", "private")},
        "edition": findings[0].edition.id if findings else None,
        "publishable": not any(one.refuses for one in findings),
        "unmet": {level.value: sum(one.level is level for one in unmet) for level in SHOWN_LEVELS},
        "points": sum(one.rule.points for one in asked if one.met),
        "points_possible": sum(one.rule.points for one in asked),
        "results": [one.as_dict(lang) for one in (unmet if only_unmet else findings)],
    }


def _clause(clause: Clause, of: Edition, lang: str, today: dt.date) -> dict[str, Any]:
    return {
        "instrument": clause.instrument,
        "article": clause.article,
        "paragraph": clause.paragraph,
        "point": clause.point,
        "status": clause.status,
        "from": clause.start.isoformat() if clause.start else None,
        "until": clause.until.isoformat() if clause.until else None,
        "reference": of.reference(clause, lang, today),
    }


def rules_as_dict(rules: edition.RuleSet, lang: str) -> dict[str, Any]:
    """Return the rules that the portal applies as programs read them."""
    return {
        "edition": rules.edition.id,
        "rules": [
            {
                "rule": rule.id,
                "level": level.value,
                "severity": rule.severity.value,
                "title": in_language(rule.title, lang),
                "remedy": in_language(rule.remedy, lang),
                "applies": rule.applies,
                "binds": in_language(rules.edition.binds[rule.binds], lang),
                "basis": rules.edition.basis(rule, lang, rules.today),
                "clauses": [
                    _clause(clause, rules.edition, lang, rules.today) for clause in rule.clauses
                ],
                "fields": [*rule.fields, *(f"{RESOURCES}.{f}" for f in rule.resource_fields)],
                "points": rule.points,
            }
            for rule, level in rules.rules
        ],
    }


def examine_some(
    after: str, limit: int, owner_org: str | None = None
) -> list[tuple[dict[str, Any], list[Finding]]]:
    """Hold the next datasets against the rules.

    Args:
        after: id of the last dataset of the call before, empty for the first.
        limit: how many datasets at most.
        owner_org: id of an organisation, to leave out the datasets of the others.
    """
    with directory.preloaded(), vocabulary.preloaded():
        found = records.page_after(after, limit, owner_org)
        dataset_reader.prime(found)
        return [(dataset, examine(dataset)) for dataset in found]
