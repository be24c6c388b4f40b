"""Applies the rules to datasets and reports the findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib.data import Labels
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import edition, file_facts, records
from ckanext.nd47.rules.checks import CHECKS
from ckanext.nd47.rules.model import RESOURCES, Clause, Edition, Level, Rule, in_language
from ckanext.nd47.rules.subject import NOT_APPLICABLE, Subject, Verdict

SHOWN_LEVELS = (Level.ERROR, Level.WARNING, Level.ADVICE)


ClauseDict = TypedDict(
    "ClauseDict",
    {
        "instrument": str,
        "article": str,
        "paragraph": str,
        "point": str,
        "status": str,
        "from": str | None,
        "until": str | None,
        "reference": str,
    },
)
"""A clause for the API; days as ISO dates."""


class FindingDict(TypedDict):
    """A finding for the API; message and remedy are empty unless the rule is not met."""

    rule: str
    level: str
    met: bool | None
    field: str
    fields: list[str]
    title: str
    message: str
    remedy: str
    basis: str
    clauses: list[ClauseDict]
    points: int


class DatasetFindings(TypedDict):
    """The findings of a dataset for the API; `unmet` counts the rules not met by level."""

    id: Any
    name: Any
    title: Any
    state: Any
    private: Any
    edition: str | None
    publishable: bool
    unmet: dict[str, int]
    points: int
    points_possible: int
    results: list[FindingDict]


class FindingsPage(TypedDict):
    """The findings of a page of datasets for the API; `next` continues with the next page."""

    results: list[DatasetFindings]
    next: str | None


class RuleDict(TypedDict):
    """A rule for the API."""

    rule: str
    level: str
    severity: str
    title: str
    remedy: str
    applies: str
    binds: str
    basis: str
    clauses: list[ClauseDict]
    fields: list[str]
    points: int


class RuleList(TypedDict):
    """The rules that the portal applies, for the API."""

    edition: str
    rules: list[RuleDict]


@dataclass(frozen=True)
class Finding:
    """Result of one rule for one dataset.

    Attributes:
        rule: the rule.
        level: its level on the portal.
        verdict: whether the dataset meets it.
        edition: the legal edition.
        today: the day on which it was applied.
    """

    rule: Rule
    level: Level
    verdict: Verdict
    edition: Edition
    today: dt.date

    @property
    def met(self) -> bool | None:
        """Whether the dataset meets the rule; None if it does not apply."""
        return self.verdict.met

    @property
    def refuses(self) -> bool:
        """Whether it prevents the publication of the dataset."""
        return self.met is False and self.level is Level.ERROR

    @property
    def field(self) -> str:
        """The field to correct: `group.subfield` for a subfield, `resources` for a resource."""
        return self.verdict.field or next(iter(self.rule.fields), RESOURCES)

    def message(self, lang: str) -> str:
        """Return what is wrong."""
        return self._filled_in(self.rule.message, lang)

    def basis(self, lang: str) -> str:
        """Return the legal basis."""
        return self.edition.basis(self.rule, lang, self.today)

    def because(self, lang: str) -> str:
        """Return the legal basis as a sentence."""
        return in_language(self.edition.phrases["basis"], lang).format(basis=self.basis(lang))

    def advice(self, lang: str) -> str:
        """Return the message, the remedy and the legal basis."""
        remedy = in_language(self.rule.remedy, lang)
        return f"{self.message(lang)} {remedy} {self.because(lang)}"

    def _filled_in(self, texts: Labels, lang: str) -> str:
        # Only the verdict of a rule that is not met has values for the placeholders.
        text = in_language(texts, lang)
        return text.format(**self.verdict.facts) if self.met is False else text

    def as_dict(self, lang: str) -> FindingDict:
        """Return the finding for the API."""
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


def examine(
    dataset: dataset_reader.Dataset, today: dt.date | None = None, *, every: bool = False
) -> list[Finding]:
    """Apply the rules of the portal to a dataset.

    Args:
        dataset: a dataset as `package_show` returns it.
        today: the current day; default: today in Vietnam.
        every: apply the rules that are off too.
    """
    with vocabulary.preloaded():
        rules = edition.for_record(dataset, today, every=every)
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
) -> DatasetFindings:
    """Return the findings of a dataset for the API.

    Args:
        dataset: the dataset.
        findings: its findings, from `examine`.
        lang: language of the texts.
        only_unmet: leave out the rules that are met or do not apply.
    """
    applicable = [finding for finding in findings if finding.met is not None]
    unmet = [finding for finding in applicable if not finding.met]
    return {
        "id": dataset.get("id"),
        "name": dataset.get("name"),
        "title": dataset.get("title"),
        "state": dataset.get("state"),
        "private": dataset.get("private"),
        "edition": findings[0].edition.id if findings else None,
        "publishable": not any(finding.refuses for finding in findings),
        "unmet": {
            level.value: sum(finding.level is level for finding in unmet) for level in SHOWN_LEVELS
        },
        "points": sum(finding.rule.points for finding in applicable if finding.met),
        "points_possible": sum(finding.rule.points for finding in applicable),
        "results": [finding.as_dict(lang) for finding in (unmet if only_unmet else findings)],
    }


def _clause(clause: Clause, legal_edition: Edition, lang: str, today: dt.date) -> ClauseDict:
    return {
        "instrument": clause.instrument,
        "article": clause.article,
        "paragraph": clause.paragraph,
        "point": clause.point,
        "status": clause.status,
        "from": clause.start.isoformat() if clause.start else None,
        "until": clause.until.isoformat() if clause.until else None,
        "reference": legal_edition.reference(clause, lang, today),
    }


def rules_as_dict(rules: edition.RuleSet, lang: str) -> RuleList:
    """Return the rules that the portal applies, for the API."""
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


def examine_page(
    after: str, limit: int, owner_org: str | None = None
) -> list[tuple[dict[str, Any], list[Finding]]]:
    """Apply the rules to a page of datasets.

    Args:
        after: id of the last dataset of the previous page, empty for the first page.
        limit: size of the page.
        owner_org: id of an organisation, for its datasets only.
    """
    with directory.preloaded(), vocabulary.preloaded():
        datasets = records.page_after(after, limit, owner_org)
        dataset_reader.prime(datasets)
        with file_facts.preloaded(datasets):
            return [(dataset, examine(dataset)) for dataset in datasets]
