"""The glossary (`i18n/glossary.csv`): the Vietnamese words for English terms.

Its columns are for people (English, Vietnamese, source, note) and are read by the checks too:
several renderings are separated by semicolons, and a note may name words that must not be used
("không dùng: gói dữ liệu; tập dữ liệu").
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FILE = "glossary.csv"
COLUMNS = ["English", "Vietnamese", "source", "note"]
FORBIDDEN = "không dùng:"

# Not prose: code ("the <code>head</code> tag"), markup, placeholders, addresses, quotations.
# Names with an underscore need no rule, because an underscore counts as part of a word.
NOT_PROSE = re.compile(
    r"<code>.*?</code>(?: tag)?|<[^>]*>|%\(\w+\)\w|\{[^{}]*\}|https?://\S+|\w+@\w+\.\w+"
    r"|\w+\.\w+\.\w+|\"[^\"]*\""
)


@dataclass(frozen=True)
class Term:
    """One line of the glossary, in lower case.

    Attributes:
        english: the term.
        renderings: Vietnamese words, one of which a translation must contain.
        forbidden: Vietnamese words that must not.
    """

    english: str
    renderings: tuple[str, ...]
    forbidden: tuple[str, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Find the term in English text, in the plural too."""
        stem = re.escape(self.english)
        if self.english.endswith("y"):
            stem = f"(?:{stem}|{stem[:-1]}ies)"
        return re.compile(rf"(?<![\w-]){stem}(?:s|es)?(?![\w-])", re.IGNORECASE)


def read_glossary(path: Path) -> list[Term]:
    """Read the glossary, longest terms first, so that "API token" is seen before "token".

    Raises:
        ValueError: a line has no rendering, or the columns are others.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != COLUMNS:
            msg = f"{path} has the columns {reader.fieldnames}, not {COLUMNS}"
            raise ValueError(msg)
        terms = [_term(row) for row in reader]
    return sorted(terms, key=lambda term: (-len(term.english), term.english))


def violations(terms: Sequence[Term], source: str, translation: str) -> list[str]:
    """Return how the translation of a message differs from the glossary.

    Args:
        terms: the glossary, longest first.
        source: the English message.
        translation: its Vietnamese.
    """
    rest = NOT_PROSE.sub(" ", source)
    text = NOT_PROSE.sub(" ", translation).lower()
    messages = []
    for term in terms:
        rest, hits = term.pattern.subn(" ", rest)
        if not hits:
            continue
        if not any(rendering in text for rendering in term.renderings):
            messages.append(f"“{term.english}” is “{' / '.join(term.renderings)}”")
        messages += [
            f"“{word}” is not used for “{term.english}”" for word in term.forbidden if word in text
        ]
    return messages


def _term(row: dict[str, str]) -> Term:
    """Build a term from a line of the file."""
    english, renderings = row["English"].strip().lower(), _words(row["Vietnamese"])
    if not english or not renderings:
        msg = f"The glossary has a line without a term or a rendering: {row}"
        raise ValueError(msg)
    _, mark, words = row["note"].partition(FORBIDDEN)
    return Term(english, renderings, _words(words) if mark else ())


def _words(text: str) -> tuple[str, ...]:
    """Split a cell at semicolons."""
    return tuple(word.strip().lower() for word in text.split(";") if word.strip())
