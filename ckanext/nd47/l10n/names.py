"""Names in addresses and of files, made from Vietnamese titles.

Free of CKAN. CKAN makes every name in two steps: letters become ASCII, then what may not stand in
an address goes. The first step is what it gets wrong (it drops each letter that bears a tone), so
that one is ours; the second is repeated here as CKAN has it. `assets/slug.js` of this room does
the same in the browser, and a test compares the three.
"""

from __future__ import annotations

import re
import unicodedata

from ckanext.nd47.lib.text import WITHOUT_MARK

LONGEST_NAME = 95
"""CKAN allows 100 characters; five are left for what tells two equal names apart."""

SHORTEST_NAME = 2

_SEPARATORS = re.compile(r"[ .:/]")
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9-_]")
_YEARS_AT_END = re.compile(r".*?[_-]((?:\d{2,4}[-/])?\d{2,4})$")
_BLANKS = re.compile(r"[\t\n\v\f\r]")


def to_ascii(text: str) -> str:
    """Return a text in ASCII, case kept: letters without marks, what has no like left out.

    Blanks and dashes of any kind become plain ones.
    """
    apart = unicodedata.normalize("NFKD", _BLANKS.sub(" ", text).translate(WITHOUT_MARK))
    return apart if apart.isascii() else "".join(map(_plain, apart))


def _plain(character: str) -> str:
    if character.isascii():
        return character
    category = unicodedata.category(character)
    return {"Zs": " ", "Pd": "-"}.get(category, "")


def slug(title: str) -> str:
    """Return a title as a name in addresses: `Thủy lợi năm 2024` gives `thuy-loi-nam-2024`.

    A long one keeps the year, or the years, at its end. A title without any letter or digit gives
    an empty text.
    """
    name = _NOT_ALLOWED.sub("", _SEPARATORS.sub("-", to_ascii(title))).lower()
    name = re.sub("-+", "-", name).strip("-")
    if len(name) > LONGEST_NAME:
        years = _YEARS_AT_END.match(name)
        end = f"-{years[1]}" if years else ""
        name = name[: LONGEST_NAME - len(end)] + end
    return name.ljust(SHORTEST_NAME, "_") if name else ""
