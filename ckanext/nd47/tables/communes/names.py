"""Names and headings of units, for comparison."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from ckanext.nd47.lib.language import text

Kind = Literal["commune-code", "commune", "district-code", "district", "province-code"]

_HEADINGS: Mapping[Kind, re.Pattern[str]] = {
    "commune-code": re.compile(
        r" (?:ma|ma so) (?:xa|phuong|xa phuong|phuong xa|dvhc|don vi hanh chinh|dvhc xa|dvhc cap xa"
        r"|hanh chinh)(?: dac khu| thi tran)? |^ commune code $"
    ),
    "district-code": re.compile(r" (?:ma|ma so) (?:huyen|quan|quan huyen|qh) |^ district code $"),
    "province-code": re.compile(r" (?:ma|ma so) tinh |^ province code $"),
    "commune": re.compile(
        r"^ (?:ten )?(?:xa|phuong|xa phuong|phuong xa|commune|ward)"
        r"(?: dac khu| thi tran| tt){0,2} $"
    ),
    "district": re.compile(
        r"^ (?:ten )?(?:huyen|quan|quan huyen|huyen quan|district)"
        r"(?: thi xa| tx| thanh pho| tp){0,2} $"
    ),
}

_COMMUNE = re.compile(r"^(?:(?:xa|phuong|thi tran|dac khu|tt)(?= )|(?:p|x|tt)\.)(?! ?\d) ?")
_DISTRICT = re.compile(r"^(?:(?:huyen|quan|thi xa|thanh pho|tp|tx)(?= )|(?:h|q|tp|tx)\.)(?! ?\d) ?")
_SIGNS = re.compile(r"[\s'’‘`´-]+")


@lru_cache(maxsize=4096)
def headed(words: str) -> Kind | Literal[""]:
    """Return what a heading announces, empty for a column of something else.

    Args:
        words: the heading as `check.cells.heading_words` returns it.
    """
    for kind, pattern in _HEADINGS.items():
        if pattern.search(words):
            return kind
    return ""


def commune(shown: str) -> str:
    """Return the name of a commune for comparison: `Xã Kỳ Lâm` and `ky lam` are equal.

    A number alone, as in `Phường 1`, keeps the word before it.
    """
    return _COMMUNE.sub("", _folded(shown)).strip()


def is_town(shown: str) -> bool:
    """Return whether a name is that of a town, of which there are none any more."""
    return _folded(shown).startswith("thi tran ")


def district(shown: str) -> str:
    """Return the name of a district for comparison."""
    return _DISTRICT.sub("", _folded(shown)).strip()


def _folded(shown: str) -> str:
    return _SIGNS.sub(" ", text.fold(shown)).strip()
