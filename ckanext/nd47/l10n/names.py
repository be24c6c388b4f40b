"""Names of datasets, organisations and files, made from Vietnamese titles.

CKAN makes names in two steps: it converts letters to ASCII, then removes characters that are not
allowed. CKAN's first step drops all letters with a tone mark and is replaced by `to_ascii`. `slug`
does both steps; its second step is the same as CKAN's. `assets/slug.js` does the same in the
browser, and a test compares the three. Does not import CKAN.
"""

from __future__ import annotations

import re
import unicodedata

from ckanext.nd47.lib.language.text import WITHOUT_MARK

MAX_LENGTH = 95
"""CKAN allows 100 characters; five are left for a number that makes the name unique."""

MIN_LENGTH = 2

_SEPARATORS = re.compile(r"[ .:/]")
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9-_]")
_YEARS_AT_END = re.compile(r".*?[_-]((?:\d{2,4}[-/])?\d{2,4})$")
_BLANKS = re.compile(r"[\t\n\v\f\r]")


def to_ascii(text: str) -> str:
    """Return a text in ASCII: letters without diacritics, other characters removed.

    All kinds of blanks and dashes become ` ` and `-`.
    """
    decomposed = unicodedata.normalize("NFKD", _BLANKS.sub(" ", text).translate(WITHOUT_MARK))
    return decomposed if decomposed.isascii() else "".join(map(_ascii_character, decomposed))


def _ascii_character(character: str) -> str:
    if character.isascii():
        return character
    category = unicodedata.category(character)
    return {"Zs": " ", "Pd": "-"}.get(category, "")


def slug(title: str) -> str:
    """Return a name for a title: `thuy-loi-nam-2024` for `Thủy lợi năm 2024`.

    A long name keeps the year or years at its end. The name is empty for a title without letters
    and digits.
    """
    name = _NOT_ALLOWED.sub("", _SEPARATORS.sub("-", to_ascii(title))).lower()
    name = re.sub("-+", "-", name).strip("-")
    if len(name) > MAX_LENGTH:
        years = _YEARS_AT_END.match(name)
        end = f"-{years[1]}" if years else ""
        name = name[: MAX_LENGTH - len(end)] + end
    return name.ljust(MIN_LENGTH, "_") if name else ""
