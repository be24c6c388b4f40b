"""What a rule is: what it looks at, whom it binds, how binding it is and where the law says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Literal

from ckanext.nd47.lib.data import Labels

Scope = Literal["open", "any"]
"""Which datasets a rule is about: those that claim to be open data, or every one."""

SOURCE_LANGUAGE = "vi"
VERIFIED = "verified"
RESOURCES = "resources"
"""Stands for the field of a rule that reads only resources."""


class Severity(Enum):
    """How binding a legal edition makes a rule."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Level(Enum):
    """What becomes of a record that does not meet a rule.

    An error refuses publication; warning and advice are shown, and differ in weight; a rule that is
    off is not applied.
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
    """Return a text in a language, in Vietnamese where it has none in that language."""
    return texts.get(lang.partition("_")[0], texts[SOURCE_LANGUAGE])


@dataclass(frozen=True)
class Clause:
    """A place in the law.

    Attributes:
        instrument: code in the vocabulary `instrument`.
        article: number of the article (điều); empty where the instrument has none.
        paragraph: number of the paragraph (khoản), or empty.
        point: letter of the point (điểm), or empty.
        status: how far it is backed, in the words of the vocabularies.
        start: first day of force, None where it is that of the instrument.
        until: last day of force, None where no end is known.
    """

    instrument: str
    article: str
    paragraph: str
    point: str
    status: str
    start: dt.date | None = None
    until: dt.date | None = None

    def has_begun(self, day: dt.date) -> bool:
        """Say whether it is or was in force on a day."""
        return self.start is None or self.start <= day

    def has_ended(self, day: dt.date) -> bool:
        """Say whether it is no longer in force on a day."""
        return self.until is not None and self.until < day


@dataclass(frozen=True)
class Rule:
    """A rule as one legal edition has it.

    Attributes:
        id: name of the rule, the same in every edition.
        check: name of the function in `checks`.
        applies: which datasets it is about.
        binds: key of the words for whom it binds.
        fields: fields of the dataset that it reads, `group.subfield` for a subfield; the first is
            where a form shows the message.
        resource_fields: fields of resources that it reads.
        title: the duty in a few words.
        message: what is wrong with a record; may have places for what the check found.
        remedy: what to do about it.
        severity: how binding the edition makes it.
        points: what meeting it adds to a score.
        clauses: where the law says so; none for advice without a provision that was read.
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
        """What becomes of a record that does not meet the rule, unless the portal decides."""
        return LEVEL_OF[self.severity]

    def level_on(self, day: dt.date) -> Level:
        """Return the level on a day.

        Nobody is held to a provision that begins later, nor refused by one that has ended.
        """
        begun = [one for one in self.clauses if one.has_begun(day)]
        if self.clauses and not begun:
            return Level.OFF
        if begun and all(one.has_ended(day) for one in begun):
            return Level.ADVICE
        return self.level


@dataclass(frozen=True)
class Duty:
    """A duty that the law lays down, and the rules that check it.

    Attributes:
        id: number of the duty.
        text: what the law says.
        who: whom it binds.
        source: instruments and articles.
        status: how far it is backed.
        rules: ids of the rules that check it on a record.
        unchecked: why no rule can, where there is none.
    """

    id: str
    text: Labels
    who: Labels
    source: str
    status: str
    rules: tuple[str, ...]
    unchecked: Labels | None


@dataclass(frozen=True, eq=False)
class Edition:
    """The rules by one legal edition; compared by identity, so that a cache can hold it.

    Attributes:
        id: code in the vocabulary `legal-edition`.
        rules: the rules, in the order of the file.
        instruments: name of each instrument that the clauses point to.
        phrases: words that references are put together from.
        binds: words for whom a rule binds.
    """

    id: str
    rules: tuple[Rule, ...]
    instruments: Mapping[str, Labels]
    phrases: Mapping[str, Labels]
    binds: Mapping[str, Labels]

    def reference(self, clause: Clause, lang: str, today: dt.date | None = None) -> str:
        """Return a place in the law in words: điểm e khoản 1 Điều 17 Nghị định 47/2020/NĐ-CP.

        Args:
            clause: the place.
            lang: language of the words.
            today: day by which the place has begun or ended; without it, both days are told.
        """
        return self._reference([clause], lang, today)

    def basis(self, rule: Rule, lang: str, today: dt.date | None = None) -> str:
        """Return every place in the law that a rule rests on, in words."""
        if not rule.clauses:
            return in_language(self.phrases["no_clause"], lang)
        alike = groupby(
            rule.clauses, lambda one: (one.instrument, one.status, one.start, one.until)
        )
        return "; ".join(self._reference(list(clauses), lang, today) for _, clauses in alike)

    def _reference(self, clauses: list[Clause], lang: str, today: dt.date | None) -> str:
        """Return places in one instrument, all as well backed and as long in force."""
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
