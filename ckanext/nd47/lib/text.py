"""Folding of Vietnamese text: what two spellings of one word have in common.

Free of CKAN, so that migrations, scripts and tests can use it. Three forms of a word, from the
coarsest to the finest:

- *folded*: no diacritics, lower case (`fold`);
- *common*: folded, and i for y where both are written (`common`): kỹ, kĩ, KY and ki are one;
- *spelling*: letters and tone kept, in ASCII, the tone at the end (`spelling`): hòa and hoà are
  one, hoa and hóa are two.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WITHOUT_MARK = str.maketrans(
    {
        "đ": "d",
        "Đ": "d",
        "ð": "d",
        "Ð": "d",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "þ": "th",
        "Þ": "th",
        "ı": "i",
    }
)
"""Letters that Unicode does not take apart into a letter and a mark."""

WORD = re.compile(r"[^\W_]+")

NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that no text has; neither the search index nor the database takes them all."""

MOST_TYPED = 200
MOST_WORDS = 10

TONES = {"\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0301": "s", "\u0323": "j"}
"""Tone marks in the order of the alphabet (huyền, hỏi, ngã, sắc, nặng), as Telex types them."""

_LETTER_MARKS = {"\u0302": "z", "\u0306": "w", "\u031b": "w"}
"""Circumflex, breve and horn; no Vietnamese syllable has z or w of its own."""

SPELLING_END = "qz"
"""Ends every spelling: no word ends so, and no stemmer for English takes it off."""

_Y_FOR_I = re.compile(r"^(qu|[^aeiouy\W\d]*)y$")
"""Syllables that are written with y or with i: the vowel stands alone behind consonants."""


def nfc(text: str) -> str:
    """Return a text in composed Unicode (NFC)."""
    return unicodedata.normalize("NFC", text)


def search_words(typed: str) -> str:
    """Return what is looked for of what was typed: ten words of its first 200 characters.

    Each word costs a condition in the database, and nobody types more into a box.
    """
    plain = NO_TEXT.sub(" ", typed[:MOST_TYPED])
    return " ".join(plain.split()[:MOST_WORDS])


def fold(text: str) -> str:
    """Return a text without diacritics, in lower case, with single blanks.

    `Sở Giáo dục và Đào tạo`, `SO GIAO DUC VA DAO TAO` and the same in decomposed Unicode all give
    `so giao duc va dao tao`.
    """
    return " ".join(without_marks(text).split())


def without_marks(text: str) -> str:
    """Return a text without diacritics, in lower case, its blanks untouched."""
    apart = unicodedata.normalize("NFKD", text.translate(WITHOUT_MARK))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """Return the words of a text in composed Unicode, without punctuation."""
    return WORD.findall(nfc(text))


@lru_cache(maxsize=1 << 16)
def common(word: str) -> str:
    """Return what all spellings of one word have in common: `Kỹ`, `kĩ` and `KY` give `ki`."""
    return _Y_FOR_I.sub(r"\1i", without_marks(word))


@lru_cache(maxsize=1 << 16)
def spelling(word: str) -> str:
    """Return the spelling of one word in ASCII letters, empty for one that has no letter.

    Case, decomposed Unicode, the place of the tone mark and i or y make no difference: `Thủy` and
    `thuỷ` give `thuyrqz`. Diacritics do: `thúy` gives `thuysqz`.
    """
    letters, tone = _apart(word.casefold())
    bare = _Y_FOR_I.sub(r"\1i", letters)
    return f"{bare}{tone}{SPELLING_END}" if bare.isascii() and bare.isalpha() else ""


def one_spelling(text: str) -> str:
    """Return a text by which two ways of typing it can be compared; case counts.

    Decomposed Unicode and the place of the tone mark make no difference, everything else does.
    """
    return WORD.sub(lambda found: "".join(_apart(found[0])), nfc(text))


_MARKS = "".join(TONES)
_MOVABLE = re.compile(
    rf"^(?P<start>.*(?<![qQ]))(?P<first>[oOuU])(?P<old>[{_MARKS}]?)(?P<last>[aAeEyY])(?P<new>[{_MARKS}]?)$",
    re.DOTALL,
)
"""Open syllables in oa, oe and uy: the tone mark stands on the first vowel or on the last."""


def tone_places(word: str) -> list[str]:
    """Return the ways to write a word, as it is first: `hòa` gives `hòa` and `hoà`."""
    word = nfc(word)
    found = _MOVABLE.match(unicodedata.normalize("NFD", word))
    if found is None or f"{found['first']}{found['last']}".lower() not in ("oa", "oe", "uy"):
        return [word]
    tone = found["old"] or found["new"]
    start, first, last = found["start"], found["first"], found["last"]
    return list(
        dict.fromkeys([word, nfc(start + first + tone + last), nfc(start + first + last + tone)])
    )


def has_marks(text: str) -> bool:
    """Tell whether a text bears a Vietnamese diacritic."""
    return "đ" in text.casefold() or any(
        mark in TONES or mark in _LETTER_MARKS for mark in unicodedata.normalize("NFD", text)
    )


def _apart(word: str) -> tuple[str, str]:
    """Return the letters of a word in ASCII, where they have an ASCII form, and its tone."""
    letters: list[str] = []
    tone = ""
    for character in unicodedata.normalize("NFD", word.replace("đ", "dz").replace("Đ", "Dz")):
        if character in TONES:
            tone += TONES[character]
        elif not unicodedata.combining(character):
            letters.append(character)
        elif character in _LETTER_MARKS:
            letters.append(_LETTER_MARKS[character])
    return "".join(letters), tone
