"""The order of Vietnamese words: letters, then tones, then case; numbers by their value.

Free of CKAN. A key is an ASCII text, so that whatever compares bytes gives the order: Python,
PostgreSQL (`COLLATE "C"`) and Solr's plain texts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ckanext.nd47.lib.text import TONES

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"

LONGEST = 2_000
"""Characters of a text that count; more would only burden an index."""

LEVEL_END = " "
BLANK = "!"
PUNCTUATION = '"'
OTHER = "~"
"""Weights below digits (`0` and up), letters (`A` and up), and weight of letters of other scripts.

The end of a level comes before all others, so that a word comes before what begins with it.
"""

_LETTERS = {letter: chr(ord("A") + place) for place, letter in enumerate(ALPHABET)}
_TONES = {mark: str(place) for place, mark in enumerate(TONES, start=1)}
_NO_TONE = "0"
_WORDS = re.compile(r"\s+|\S+")
_PARTS = re.compile(r"\d+|\D")
_MOST_DIGITS = 15


def sort_key(text: str) -> str:
    """Return a text that sorts, byte by byte, as `text` stands in a Vietnamese list.

    Letters of the whole text decide first (a ă â b c d đ e ê …), then the tones (ngang, huyền,
    hỏi, ngã, sắc, nặng), then the case, small letters before capitals.
    """
    words = map(_word, _WORDS.findall(_composed(text.strip()[:LONGEST])))
    letters, tones, cases = map("".join, zip(*words, strict=True)) if text.strip() else ("", "", "")
    return LEVEL_END.join((letters, tones.rstrip(_NO_TONE), cases.rstrip("0")))


@lru_cache(maxsize=1 << 14)
def _word(word: str) -> tuple[str, str, str]:
    """Return the weights of a word, or of the blanks between two: letters, tones, cases."""
    weights = [
        (_number(part), _NO_TONE, "0") if part[0].isdecimal() else _weights(part)
        for part in _PARTS.findall(word)
    ]
    letters, tones, cases = map("".join, zip(*weights, strict=True))
    return letters, tones, cases


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _number(digits: str) -> str:
    """Return a number so that more digits come later."""
    value = str(int(digits[-_MOST_DIGITS * 2 :]))
    return chr(ord("0") + min(len(value), _MOST_DIGITS)) + value


@lru_cache(maxsize=4096)
def _weights(character: str) -> tuple[str, str, str]:
    """Return the weights of one character: letter, tone, case."""
    if character.isspace():
        return BLANK, _NO_TONE, "0"
    small = character.lower()
    case = "0" if small == character else "1"
    marks = unicodedata.normalize("NFD", small)
    tone = next((_TONES[mark] for mark in marks if mark in _TONES), _NO_TONE)
    bare = _composed("".join(mark for mark in marks if mark not in _TONES))
    if bare in _LETTERS:
        return _LETTERS[bare], tone, case
    if marks[0] in _LETTERS:
        return _LETTERS[marks[0]], "9", case
    if small.isalpha():
        # Twelve hexadecimal digits would be waste: no script lies beyond the sixth.
        return f"{OTHER}{ord(small[0]):06x}", _NO_TONE, case
    if not character.isprintable() or unicodedata.combining(character):
        return "", "", ""
    return f"{PUNCTUATION}{ord(character):06x}", _NO_TONE, "0"
