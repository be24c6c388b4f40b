"""What makes a translation unusable or inconsistent, message by message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from dev.i18n.glossary import Term, violations

NAMES_FILE = "names.txt"

NAMED = re.compile(r"%\(\w+\)[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]|\{[^{}]*\}")
POSITIONAL = re.compile(r"%[-+#0]*\d*(?:\.\d+)?[sdifr]")

TEXT_ATTRIBUTES = frozenset({"title", "alt", "aria-label", "placeholder"})
"""Attributes that are read by people and therefore translated."""

# Tone marks are on the first vowel of an open syllable (xóa, hủy), as in most official texts;
# "qu" is a consonant, so quý and quỹ are right.
NEW_TONE_PLACEMENT = re.compile(r"\b\w*(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])\b", re.IGNORECASE)

# The same word written with i and with y would make two words for a reader who searches.
I_FOR_Y = re.compile(
    r"\b(?:quản lí|xử lí|đăng kí|kĩ thuật|lí do|lí lịch|tỉ lệ|địa lí)\b", re.IGNORECASE
)


def read_names(folder: Path) -> frozenset[str]:
    """Return the messages that may equal the English."""
    lines = (folder / NAMES_FILE).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def problems(catalogue: Catalog, names: Collection[str], terms: Sequence[Term]) -> Iterator[str]:
    """Yield every problem of a catalogue, with its message.

    Args:
        catalogue: the translated catalogue.
        names: messages that may stay in English.
        terms: the glossary, longest terms first.
    """
    for message in catalogue:
        if not message.id:
            continue
        source, texts = _source(message), _translations(message)
        if message.fuzzy or not texts or not all(text.strip() for text in texts):
            yield f"{source!r}: not translated"
            continue
        if len(texts) != catalogue.num_plurals and not isinstance(message.id, str):
            yield f"{source!r}: {len(texts)} plural forms instead of {catalogue.num_plurals}"
        for text in texts:
            problem_list = [*form_problems(source, text), *spelling_problems(text)]
            if text == source and source not in names:
                problem_list.append("same as the English")
            problem_list += violations(terms, source, text)
            yield from (f"{source!r} -> {text!r}: {problem}" for problem in problem_list)


def form_problems(source: str, text: str) -> Iterator[str]:
    """Yield what would break a page or lose a value: placeholders, markup, outer blanks."""
    if sorted(NAMED.findall(source)) != sorted(NAMED.findall(text)):
        yield "other placeholders"
    # Positional placeholders are filled by order, so the order must stay.
    if POSITIONAL.findall(NAMED.sub("", source)) != POSITIONAL.findall(NAMED.sub("", text)):
        yield "other positional placeholders, or another order"
    if markup(source) != markup(text):
        yield "other tags or attributes"
    if _outer_blanks(source) != _outer_blanks(text):
        yield "other blanks at the start or the end"


def spelling_problems(text: str) -> Iterator[str]:
    """Yield departures from the one spelling that the catalogues use."""
    if unicodedata.normalize("NFC", text) != text:
        yield "not in NFC"
    if match := NEW_TONE_PLACEMENT.search(text):
        yield f"tone mark on the second vowel in “{match.group()}”"
    if match := I_FOR_Y.search(text):
        yield f"i for y in “{match.group()}”"
    if "  " in text.replace("\n   ", "\n"):
        yield "two blanks"


def disagreements(catalogues: Sequence[Catalog]) -> Iterator[str]:
    """Yield messages that two catalogues translate differently.

    CKAN merges all catalogues, so the last one would decide for all.
    """
    first: dict[object, str] = {}
    for catalogue in catalogues:
        for message in catalogue:
            texts = _translations(message)
            if not message.id or not texts:
                continue
            key = (_key(message), message.context)
            first_text = first.setdefault(key, texts[0])
            if first_text != texts[0]:
                yield f"{key[0]!r}: {first_text!r} and {texts[0]!r}"


def markup(text: str) -> list[str]:
    """Return the tags of a text with their attributes, sorted; texts in attributes are left out."""
    parser = _Tags()
    parser.feed(text)
    parser.close()
    return sorted(parser.tags)


class _Tags(HTMLParser):
    """Collect the tags of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an opening tag."""
        attributes = [
            (name, None if name in TEXT_ATTRIBUTES else value) for name, value in sorted(attrs)
        ]
        self.tags.append(f"<{tag} {attributes}>")

    def handle_endtag(self, tag: str) -> None:
        """Note a closing tag."""
        self.tags.append(f"</{tag}>")


def _source(message: Message) -> str:
    """Return the English; the plural where there are two, as Vietnamese has one form for both."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def _key(message: Message) -> str:
    """Return what gettext looks a message up by."""
    return message.id if isinstance(message.id, str) else message.id[0]


def _translations(message: Message) -> list[str]:
    """Return the translated forms of a message."""
    if not message.string:
        return []
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _outer_blanks(text: str) -> tuple[str, str]:
    """Return the blanks before and after a text."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
