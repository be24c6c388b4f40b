"""Rules: the fields they read, whom they bind, their severity and their legal basis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Literal

from ckanext.nd47.lib.data import Labels

Scope = Literal["open", "any"]
"""Which datasets a rule applies to: those that claim to be open data, or all."""

SOURCE_LANGUAGE = "vi"
VERIFIED = "verified"
RESOURCES = "resources"
"""The field of a rule that reads only resources."""


class Severity(Enum):
    """How binding a rule is in a legal edition."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Level(Enum):
    """What happens to a dataset that does not meet a rule.

    An error prevents publication; warnings and advice are shown; a rule that is off is not applied.
    """

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"
    OFF = "off"


LEVEL_OF: Mapping[Severity, Level] = {
    Severity.MUST: Level.ERROR,
    Severity.SHOULD: Level.WARNING,
    Severity.MAY: Level.ADVICE,
}


def in_language(texts: Labels, lang: str) -> str:
    """Return a text in a language, or in Vietnamese if there is none in that language."""
    return texts.get(lang.partition("_")[0], texts[SOURCE_LANGUAGE])


@dataclass(frozen=True)
class Clause:
    """A provision of the law.

    Attributes:
        instrument: code in the vocabulary `instrument`.
        article: number of the article (điều); empty if the instrument has none.
        paragraph: number of the paragraph (khoản), or empty.
        point: letter of the point (điểm), or empty.
        status: how far the wording has been verified; one of the statuses of the vocabularies.
        start: first day in force, None if it is that of the instrument.
        until: last day in force, None if no end is known.
    """

    instrument: str
    article: str
    paragraph: str
    point: str
    status: str
    start: dt.date | None = None
    until: dt.date | None = None

    def has_begun(self, day: dt.date) -> bool:
        """Return whether it is or was in force on a day."""
        return self.start is None or self.start <= day

    def has_ended(self, day: dt.date) -> bool:
        """Return whether it is no longer in force on a day."""
        return self.until is not None and self.until < day


@dataclass(frozen=True)
class Rule:
    """A rule in one legal edition.

    Attributes:
        id: name of the rule, the same in every edition.
        check: name of the function in `checks`.
        applies: which datasets it applies to.
        binds: key of the text that says whom it binds.
        fields: fields of the dataset that it reads, `group.subfield` for a subfield; the form
            shows the message at the first.
        resource_fields: fields of resources that it reads.
        title: short name of the duty.
        message: what is wrong; may have placeholders for the facts of the verdict.
        remedy: how to correct it.
        severity: how binding it is in the edition.
        points: what it adds to the score of a dataset that meets it.
        clauses: the legal basis; empty for advice without a verified provision.
    """

    id: str
    check: str
    applies: Scope
    binds: str
    fields: tuple[str, ...]
    resource_fields: tuple[str, ...]
    title: Labels
    message: Labels
    remedy: Labels
    severity: Severity
    points: int
    clauses: tuple[Clause, ...]

    @property
    def level(self) -> Level:
        """The level of the rule, unless the portal sets another."""
        return LEVEL_OF[self.severity]

    def level_on(self, day: dt.date) -> Level:
        """Return the level on a day.

        A provision that begins later does not apply yet, and one that has ended refuses nothing.
        """
        begun = [clause for clause in self.clauses if clause.has_begun(day)]
        if self.clauses and not begun:
            return Level.OFF
        if begun and all(clause.has_ended(day) for clause in begun):
            return Level.ADVICE
        return self.level


@dataclass(frozen=True)
class Duty:
    """A duty that the law lays down, and the rules that check it.

    Attributes:
        id: number of the duty.
        text: the duty.
        who: whom it binds.
        source: instruments and articles.
        status: how far the wording has been verified.
        rules: ids of the rules that check it.
        shown: where the portal shows how far it is met, if it concerns more than one record.
        unchecked: why nothing checks or shows it, if nothing does.
        until: last day in force, None if no end is known.
    """

    id: str
    text: Labels
    who: Labels
    source: str
    status: str
    rules: tuple[str, ...]
    shown: Labels | None = None
    unchecked: Labels | None = None
    until: dt.date | None = None


@dataclass(frozen=True, eq=False)
class Edition:
    """The rules of one legal edition; compared by identity, so that it can be a cache key.

    Attributes:
        id: code in the vocabulary `legal-edition`.
        rules: the rules, in the order of the file.
        instruments: name of each instrument that the clauses refer to.
        phrases: phrases that references are composed of.
        binds: texts that say whom a rule binds.
    """

    id: str
    rules: tuple[Rule, ...]
    instruments: Mapping[str, Labels]
    phrases: Mapping[str, Labels]
    binds: Mapping[str, Labels]

    def reference(self, clause: Clause, lang: str, today: dt.date | None = None) -> str:
        """Return the reference to a provision: điểm e khoản 1 Điều 17 Nghị định 47/2020/NĐ-CP.

        Args:
            clause: the provision.
            lang: language of the text.
            today: current day, to leave out a start that has passed; default: name both days.
        """
        return self._reference([clause], lang, today)

    def basis(self, rule: Rule, lang: str, today: dt.date | None = None) -> str:
        """Return the references to all provisions that a rule is based on."""
        if not rule.clauses:
            return in_language(self.phrases["no_clause"], lang)
        alike = groupby(
            rule.clauses,
            lambda clause: (clause.instrument, clause.status, clause.start, clause.until),
        )
        return "; ".join(self._reference(list(clauses), lang, today) for _, clauses in alike)

    def _reference(self, clauses: list[Clause], lang: str, today: dt.date | None) -> str:
        """Return the reference to clauses of one instrument with the same status and dates."""
        first = clauses[0]
        words = in_language(self.instruments[first.instrument], lang)
        if first.article:
            place = ", ".join(self._place(clause, lang) for clause in clauses)
            words = self._phrase("reference", lang, place=place, instrument=words)
        if first.status != VERIFIED:
            words = self._phrase("not_verified", lang, reference=words)
        if first.start and (today is None or not first.has_begun(today)):
            words = self._phrase("begins", lang, reference=words, day=_day(first.start))
        if first.until:
            past = today is None or first.has_ended(today)
            after = first.until + dt.timedelta(days=1)
            phrase = "ended" if past else "ends"
            words = self._phrase(phrase, lang, reference=words, day=_day(after))
        return words

    def _place(self, clause: Clause, lang: str) -> str:
        kind = "point" if clause.point else "paragraph" if clause.paragraph else "article"
        return self._phrase(
            kind,
            lang,
            article=clause.article,
            paragraph=clause.paragraph,
            point=clause.point,
        )

    def _phrase(self, name: str, lang: str, **places: str) -> str:
        return in_language(self.phrases[name], lang).format(**places)


def _day(day: dt.date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
