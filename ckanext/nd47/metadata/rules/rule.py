"""What a rule is: what it looks at, whom it binds, how binding it is and where the law says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Literal

Texts = Mapping[str, str]
"""One text by language; `vi` and `en` are always there."""

Scope = Literal["open", "any"]
"""Which datasets a rule is about: those that claim to be open data, or every one."""

SOURCE_LANGUAGE = "vi"
VERIFIED = "verified"


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


def in_language(texts: Texts, lang: str) -> str:
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
        until: last day of force, None while it is in force.
    """

    instrument: str
    article: str
    paragraph: str
    point: str
    status: str
    until: dt.date | None = None


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
    title: Texts
    message: Texts
    remedy: Texts
    severity: Severity
    points: int
    clauses: tuple[Clause, ...]

    @property
    def level(self) -> Level:
        """What becomes of a record that does not meet the rule, unless the portal decides."""
        return LEVEL_OF[self.severity]


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
    text: Texts
    who: Texts
    source: str
    status: str
    rules: tuple[str, ...]
    unchecked: Texts | None


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
    instruments: Mapping[str, Texts]
    phrases: Mapping[str, Texts]
    binds: Mapping[str, Texts]

    def reference(self, clause: Clause, lang: str) -> str:
        """Return a place in the law in words: điểm e khoản 1 Điều 17 Nghị định 47/2020/NĐ-CP."""
        return self._reference([clause], lang)

    def basis(self, rule: Rule, lang: str) -> str:
        """Return every place in the law that a rule rests on, in words."""
        if not rule.clauses:
            return in_language(self.phrases["no_clause"], lang)
        alike = groupby(rule.clauses, lambda one: (one.instrument, one.status, one.until))
        return "; ".join(self._reference(list(clauses), lang) for _, clauses in alike)

    def _reference(self, clauses: list[Clause], lang: str) -> str:
        """Return places in one instrument, all as well backed and as long in force."""
        first = clauses[0]
        words = in_language(self.instruments[first.instrument], lang)
        if first.article:
            place = ", ".join(self._place(clause, lang) for clause in clauses)
            words = self._phrase("reference", lang, place=place, instrument=words)
        if first.status != VERIFIED:
            words = self._phrase("not_verified", lang, reference=words)
        if first.until:
            ended = first.until + dt.timedelta(days=1)
            day = f"{ended.day}/{ended.month}/{ended.year}"
            words = self._phrase("ended", lang, reference=words, day=day)
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
