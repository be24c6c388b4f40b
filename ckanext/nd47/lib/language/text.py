"""Folding of Vietnamese text for comparison, search and sorting.

Independent of CKAN, so that migrations, scripts and tests can use it. Three forms of a word, from
the coarsest to the finest:

- *folded*: no diacritics, lower case (`fold`);
- *common*: folded, and i for y where both are written (`common`): kỹ, kĩ, KY and ki are one;
- *spelling*: letters and tone kept, in ASCII, the tone at the end (`spelling`): hòa and hoà are
  one, hoa and hóa are two.
"""

from __future__ import annotations

import itertools
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
"""Letters that Unicode does not decompose into a letter and a mark."""

WORD = re.compile(r"[^\W_]+")

NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that do not occur in texts; the search index or the database refuses them."""

MOST_TYPED = 200
MOST_WORDS = 10

TONES = {"\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0301": "s", "\u0323": "j"}
"""Tone marks in the order of the alphabet (huyền, hỏi, ngã, sắc, nặng), as Telex types them."""

_LETTER_MARKS = {"\u0302": "z", "\u0306": "w", "\u031b": "w"}
"""Circumflex, breve and horn; no Vietnamese syllable has z or w of its own."""

SPELLING_END = "qz"
"""Suffix of all spellings: no word ends with it, and no English stemmer removes it."""

_Y_FOR_I = re.compile(r"^(qu|[^aeiouy\W\d]*)y$")
"""Syllables that are written with y or with i: a single vowel after consonants."""


QUERY_WORD = re.compile(r"[^\W_](?:[\w./+@-]*[\w+])?")
"""A word of a folded query, with the signs that numbers of documents and addresses have inside."""


def nfc(text: str) -> str:
    """Return a text in composed Unicode (NFC)."""
    return unicodedata.normalize("NFC", text)


def search_words(typed: str) -> str:
    """Return the search words of a query: at most ten words of its first 200 characters.

    Each word is a condition in the database, and nobody types more into a search box.
    """
    plain = NO_TEXT.sub(" ", typed[:MOST_TYPED])
    return " ".join(plain.split()[:MOST_WORDS])


def query_words(typed: str) -> list[str]:
    """Return the folded words of a query without the punctuation around them.

    `47/2020/NĐ-CP` is one word; a query of nothing but punctuation is a word as it stands.
    """
    plain = fold(search_words(typed))
    return QUERY_WORD.findall(plain) or plain.split()


def fold(text: str) -> str:
    """Return a text without diacritics, in lower case, with single spaces.

    `Sở Giáo dục và Đào tạo`, `SO GIAO DUC VA DAO TAO` and the same in decomposed Unicode all give
    `so giao duc va dao tao`.
    """
    return " ".join(without_marks(text).split())


def without_marks(text: str) -> str:
    """Return a text without diacritics, in lower case, with unchanged whitespace."""
    decomposed = unicodedata.normalize("NFKD", text.translate(WITHOUT_MARK))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """Return the words of a text in composed Unicode, without punctuation."""
    return WORD.findall(nfc(text))


@lru_cache(maxsize=1 << 16)
def common(word: str) -> str:
    """Return the common form of all spellings of a word: `Kỹ`, `kĩ` and `KY` give `ki`."""
    return _Y_FOR_I.sub(r"\1i", without_marks(word))


@lru_cache(maxsize=1 << 16)
def spelling(word: str) -> str:
    """Return the spelling of a word in ASCII letters, empty for a word without letters.

    Case, decomposed Unicode, the place of the tone mark and i or y make no difference: `Thủy` and
    `thuỷ` give `thuyrqz`. Diacritics do: `thúy` gives `thuysqz`.
    """
    letters, tone = _letters_and_tone(word.casefold())
    syllable = _Y_FOR_I.sub(r"\1i", letters)
    return f"{syllable}{tone}{SPELLING_END}" if syllable.isascii() and syllable.isalpha() else ""


def one_spelling(text: str) -> str:
    """Return a form of a text for comparison; case counts.

    Decomposed Unicode and the place of the tone mark make no difference, everything else does.
    """
    return WORD.sub(lambda match: "".join(_letters_and_tone(match[0])), nfc(text))


_MARKS = "".join(TONES)
_MOVABLE = re.compile(
    rf"^(?P<start>.*(?<![qQ]))(?P<first>[oOuU])(?P<old>[{_MARKS}]?)(?P<last>[aAeEyY])(?P<new>[{_MARKS}]?)$",
    re.DOTALL,
)
"""Open syllables in oa, oe and uy: the tone mark is on the first vowel or on the last."""


def tone_places(word: str) -> list[str]:
    """Return a word and its other placement of the tone mark: `hòa` gives `hòa` and `hoà`."""
    word = nfc(word)
    match = _MOVABLE.match(unicodedata.normalize("NFD", word))
    if match is None or f"{match['first']}{match['last']}".lower() not in ("oa", "oe", "uy"):
        return [word]
    tone = match["old"] or match["new"]
    start, first, last = match["start"], match["first"], match["last"]
    return list(
        dict.fromkeys([word, nfc(start + first + tone + last), nfc(start + first + last + tone)])
    )


def has_marks(text: str) -> bool:
    """Return whether a text has a Vietnamese diacritic."""
    return "đ" in text.casefold() or any(
        mark in TONES or mark in _LETTER_MARKS for mark in unicodedata.normalize("NFD", text)
    )


def _letters_and_tone(word: str) -> tuple[str, str]:
    """Return the letters of a word, in ASCII if possible, and its tone."""
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


_PLAIN_LETTERS = "aeiouydcnAEIOUYDCN"
_COMPOSED_MARKS = ("", "\u0302", "\u0306", "\u031b", "\u0308", "\u030a", "\u0327")
_COMPOSED_TONES = ("", *TONES)


def _composed_letters() -> dict[str, str]:
    """Return all composed letters with the letters that they fold to."""
    folded = {"đ": "d", "Đ": "d"}
    for plain, mark, tone in itertools.product(_PLAIN_LETTERS, _COMPOSED_MARKS, _COMPOSED_TONES):
        letter = unicodedata.normalize("NFC", plain + mark + tone)
        if len(letter) == 1:
            folded[letter] = plain.lower()
    return folded


FOLDED_FROM, FOLDED_TO = (
    "".join(letters) for letters in zip(*_composed_letters().items(), strict=True)
)
"""Arguments of PostgreSQL's `translate`: composed letters and their plain letters."""


ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"

LONGEST_SORTED = 2_000
"""Maximum length of a sort key's text."""

LEVEL_END = " "
BLANK = "!"
PUNCTUATION = '"'
OTHER = "~"
"""Weights below digits (`0` and up) and letters (`A` and up), and of letters of other scripts.

The end of a level is the lowest, so that a word comes before longer words that start with it.
"""

_LETTER_WEIGHTS = {letter: chr(ord("A") + place) for place, letter in enumerate(ALPHABET)}
_TONE_WEIGHTS = {mark: str(place) for place, mark in enumerate(TONES, start=1)}
_NO_TONE = "0"
_WORDS_AND_BLANKS = re.compile(r"\s+|\S+")
_NUMBERS_AND_LETTERS = re.compile(r"\d+|\D")
_MOST_DIGITS = 15


def sort_key(text: str) -> str:
    """Return a key that sorts, byte by byte, in Vietnamese alphabetical order.

    The letters of the whole text decide first (a ă â b c d đ e ê …), then the tones (ngang, huyền,
    hỏi, ngã, sắc, nặng), then the case, lower case first.
    """
    words = map(_word, _WORDS_AND_BLANKS.findall(_composed(text.strip()[:LONGEST_SORTED])))
    letters, tones, cases = map("".join, zip(*words, strict=True)) if text.strip() else ("", "", "")
    return LEVEL_END.join((letters, tones.rstrip(_NO_TONE), cases.rstrip("0")))


@lru_cache(maxsize=1 << 14)
def _word(word: str) -> tuple[str, str, str]:
    """Return the weights of a word or of whitespace: letters, tones, cases."""
    weights = [
        (_number(part), _NO_TONE, "0") if part[0].isdecimal() else _weights(part)
        for part in _NUMBERS_AND_LETTERS.findall(word)
    ]
    letters, tones, cases = map("".join, zip(*weights, strict=True))
    return letters, tones, cases


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _number(digits: str) -> str:
    """Return the weight of a number, which increases with its digits."""
    value = str(int(digits[-_MOST_DIGITS * 2 :]))
    return chr(ord("0") + min(len(value), _MOST_DIGITS)) + value


@lru_cache(maxsize=4096)
def _weights(character: str) -> tuple[str, str, str]:
    """Return the weights of a character: letter, tone, case."""
    if character.isspace():
        return BLANK, _NO_TONE, "0"
    small = character.lower()
    case = "0" if small == character else "1"
    marks = unicodedata.normalize("NFD", small)
    tone = next((_TONE_WEIGHTS[mark] for mark in marks if mark in _TONE_WEIGHTS), _NO_TONE)
    letter = _composed("".join(mark for mark in marks if mark not in _TONE_WEIGHTS))
    if letter in _LETTER_WEIGHTS:
        return _LETTER_WEIGHTS[letter], tone, case
    if marks[0] in _LETTER_WEIGHTS:
        return _LETTER_WEIGHTS[marks[0]], "9", case
    if small.isalpha():
        # Six hexadecimal digits are enough for all scripts.
        return f"{OTHER}{ord(small[0]):06x}", _NO_TONE, case
    if not character.isprintable() or unicodedata.combining(character):
        return "", "", ""
    return f"{PUNCTUATION}{ord(character):06x}", _NO_TONE, "0"
