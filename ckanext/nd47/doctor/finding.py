"""Findings with their texts: what is wrong, why it matters, and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, TypedDict

from ckanext.nd47.doctor.check import Result
from ckanext.nd47.lib.data import data_path, read_yaml

LANGUAGES = ("vi", "en")
CREDENTIALS = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)")
"""User and password in an address, which are never shown."""

FILLED_IN = re.compile(r"<([a-z ]+)>")
"""What the administrator fills in, in a line to paste."""

LONGEST = 2000
"""Maximum length of a value in a report."""


class Severity(str, Enum):
    """Severity of a finding."""

    ERROR = "error"
    """Something does not work or is open to everybody: it must be corrected."""

    WARNING = "warning"
    """Something works badly, or will fail one day."""

    ADVICE = "advice"
    """Something could be better."""


class Words(TypedDict):
    """Texts of a finding in `schemas/doctor.yaml`."""

    severity: str
    sure: bool
    what: dict[str, str]
    why: dict[str, str]
    remedy: str


class FindingDict(TypedDict):
    """A finding as JSON."""

    id: str
    severity: str
    sure: bool
    what: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Finding:
    """A finding with its texts.

    Attributes:
        id: key of the finding.
        facts: values for the placeholders of the texts.
        words: the texts.
    """

    id: str
    facts: Mapping[str, str]
    words: Words

    @property
    def severity(self) -> Severity:
        """Its severity."""
        return Severity(self.words["severity"])

    @property
    def sure(self) -> bool:
        """Whether it is certain; otherwise it is suspected."""
        return self.words["sure"]

    @property
    def remedy(self) -> str:
        """The line to paste into the configuration file or a terminal, in English."""
        return self.remedy_in("en")

    def remedy_in(self, lang: str) -> str:
        """Return the line to paste, with the words for what is filled in."""
        return with_words(self.words["remedy"], lang).strip().format(**self.facts)

    def what(self, lang: str) -> str:
        """Return what is wrong."""
        return self.words["what"][lang].format(**self.facts)

    def why(self, lang: str) -> str:
        """Return why it matters."""
        return self.words["why"][lang].format(**self.facts)

    def as_dict(self, lang: str) -> FindingDict:
        """Return the finding as JSON."""
        return {
            "id": self.id,
            "severity": self.severity.value,
            "sure": self.sure,
            "what": self.what(lang),
            "why": self.why(lang),
            "remedy": self.remedy_in(lang),
        }


def worded(result: Result) -> Finding:
    """Return the finding for a result of a check."""
    facts = {name: shown(value) for name, value in result.facts.items()}
    return Finding(result.id, facts, catalogue()[result.id])


def shown(value: Any) -> str:
    """Return a fact for a report: on one line, shortened, without passwords."""
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple, set)) else str(value)
    text = CREDENTIALS.sub("***", " ".join(text.split()))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@cache
def _document() -> dict[str, Any]:
    return read_yaml(data_path("schemas", "doctor.yaml"))


def catalogue() -> Mapping[str, Words]:
    """Return the texts of all findings by id."""
    return _document()["findings"]


def filled_in() -> Mapping[str, Mapping[str, str]]:
    """Return the words for what the administrator fills in, by language."""
    return _document()["filled_in"]


def with_words(remedy: str, lang: str) -> str:
    """Return a remedy with the words for what is filled in."""
    words = filled_in()
    return FILLED_IN.sub(lambda place: f"<{words[place[1]][lang]}>", remedy)


def interface(lang: str) -> dict[str, str]:
    """Return the texts of the command and the page in a language."""
    return {key: text[lang] for key, text in _document()["interface"].items()}


def language(requested: str) -> str:
    """Return the language of the report for a locale: Vietnamese or, for any other, English."""
    return "vi" if requested.lower().startswith("vi") else "en"
