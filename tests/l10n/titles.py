"""Random titles: Vietnamese words, numbers, signs, and accidental pastes."""

from __future__ import annotations

import itertools
import random
import unicodedata
from collections.abc import Iterator

STARTS = ("", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "kh", "l", "ngh", "nh", "ph", "qu", "th")
CORES = ("a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "oa", "uy", "iê", "ươ", "yê")
ENDS = ("", "", "c", "ch", "m", "n", "ng", "p", "t", "i", "u")
TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
SIGNS = (
    " ",
    " ",
    " ",
    " ",
    " - ",
    ", ",
    ": ",
    "/",
    "_",
    ".",
    " & ",
    " (",
    ") ",
    "–",
    "—",
    "\u00a0",
)
ODD = (
    "2024",
    "2018-2025",
    "50%",
    "m²",
    "№ 5",
    "“",
    "…",
    "ß",
    "ï",
    "Æ",
    "ø",
    "中",
    "😀",
    "\t",
    "\u200b",
)


def word(source: random.Random) -> str:
    """Return a word that could be Vietnamese, in any case."""
    core = source.choice(CORES)
    place = source.randrange(len(core)) + 1
    spelled = source.choice(STARTS) + core[:place] + source.choice(TONES) + core[place:]
    spelled = unicodedata.normalize("NFC", spelled + source.choice(ENDS))
    return source.choice((str.lower, str.lower, str.capitalize, str.upper))(spelled)


def title(source: random.Random) -> str:
    """Return a title, at times decomposed, at times too long."""
    parts = [
        source.choice(ODD) if source.random() < 0.1 else word(source)
        for _ in range(source.choice((1, 3, 5, 8, 25)))
    ]
    signs = (source.choice(SIGNS) for _ in parts)
    text = "".join(itertools.chain(*zip(parts, signs, strict=True)))
    return unicodedata.normalize(source.choice(("NFC", "NFC", "NFD")), text)


def titles(source: random.Random, count: int) -> Iterator[str]:
    """Yield random titles."""
    return (title(source) for _ in range(count))
