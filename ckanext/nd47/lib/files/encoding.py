"""Recognises the encoding of a Vietnamese text, also encodings before Unicode.

Independent of CKAN. Three 8-bit encodings are still in use in offices: Windows-1258, TCVN3 (the ABC
keyboard and the .Vn fonts) and VNI. Files do not declare them, so a text is decoded with each, and
the result with the most Vietnamese syllables is used.

Texts for the fonts of TCVN3 and VNI also occur in Unicode: a spreadsheet contains `Së Y tÕ`, which
is shown as `Sở Y tế` only in .VnTime. `restore` converts those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.language import text

UTF_8 = "UTF-8"
UTF_16 = "UTF-16"
WINDOWS = "Windows-1258"

SAMPLE = 200_000
"""Number of characters used to recognise an encoding."""

UNREADABLE = "\ufffd"
"""Replaces bytes that are no letter in the encoding of the file."""

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_AMONG = re.compile(rb"((?:\xe1[\xba\xbb][\x80-\xbf])+)")
"""Vietnamese letters in UTF-8; these byte sequences do not occur in older encodings."""

_CP1252 = "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(256))
_IN_WINDOWS_1252 = frozenset(_CP1252)
_TOKEN = re.compile(r"[^\s\x00-@\[-`{-\x7f“”‘’–—…•\xa0]+")
_SEGMENT = re.compile(r'[^,;\t\r\n"]+')
_LATIN_1 = re.compile(r"[\xa1-\xff]")

_RHYME = (
    r"(?:uyê|uya|uyu|uây|oai|oay|oao|oeo|iêu|yêu|uôi|ươi|ươu"
    r"|ia|ua|ưa|uơ|ai|ay|ây|ao|au|âu|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu"
    r"|iê|yê|uô|ươ|oa|oă|oe|oo|uâ|uê|uy|[aăâeêioôơuưy])"
)
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|kr|ph|pl|qu|th|tr|br|gl|[bcdđghklmnpqrstvx])?"
    rf"{_RHYME}(?:ch|nh|ng|[cmnptk])?"
)
_TONES = str.maketrans(dict.fromkeys(text.TONES, ""))


@dataclass(frozen=True)
class Decoded:
    """A text and its encoding.

    Attributes:
        text: the text in Unicode.
        encoding: name of the encoding.
    """

    text: str
    encoding: str


@dataclass(frozen=True)
class Fonts:
    """An encoding defined by fonts.

    Attributes:
        label: its name.
        letters: Unicode letters by their characters in the encoding.
        pattern: matches the characters of a letter, and characters without a letter.
        has_capitals: whether it has capitals with tone marks.
    """

    label: str
    letters: dict[str, str]
    pattern: re.Pattern[str]
    has_capitals: bool

    def read(self, written: str) -> str:
        """Return a text in Unicode, with `UNREADABLE` for characters without a letter."""
        read = self.pattern.sub(lambda match: self.letters.get(match[0], UNREADABLE), written)
        return read if self.has_capitals else _SEGMENT.sub(_with_capitals, read)


def decode(data: bytes) -> Decoded:
    """Return the text of a file in any of the encodings.

    Raises:
        UnicodeDecodeError: it is in none of them.
    """
    if data.startswith(_BYTE_ORDER_MARKS):
        return Decoded(data.decode("utf-16", "replace"), UTF_16)
    try:
        return Decoded(data.decode("utf-8-sig"), UTF_8)
    except UnicodeDecodeError:
        pass
    letters = _pieces(data, _latin)
    best = max((Decoded(font.read(letters), font.label) for font in old_fonts()), key=_quality)
    try:
        windows = Decoded(_pieces(data, lambda part: part.decode("cp1258")), WINDOWS)
    except UnicodeDecodeError:
        if _quality(best) > 0:
            return best
        raise
    return best if _quality(best) > max(_quality(windows), 0) else windows


def decode_as(data: bytes, encoding: str) -> str:
    """Return the text of a part of a file whose encoding `decode` has recognised.

    The part must not begin or end within a letter: it should be whole lines.
    """
    font = next((font for font in old_fonts() if font.label == encoding), None)
    if font:
        return font.read(_pieces(data, _latin))
    return _pieces(data, lambda part: part.decode("cp1258", "replace"))


def is_mixed(data: bytes) -> bool:
    """Return whether a text that is not UTF-8 has Vietnamese letters in UTF-8 all the same."""
    return _UTF_8_AMONG.search(data) is not None


def restore(cells: Sequence[str]) -> tuple[list[str], str]:
    """Convert texts typed for the fonts of an older encoding to Unicode.

    Args:
        cells: texts of one table.

    Returns:
        The texts, and the name of the encoding; unchanged and empty if they are Unicode.
    """
    old = [place for place, cell in enumerate(cells) if _may_be_old(cell)]
    sample = "\n".join(cells[place] for place in old)[:SAMPLE]
    best = max(old_fonts(), key=lambda font: quality(font.read(sample)))
    if not old or quality(best.read(sample)) <= max(quality(sample), 0):
        return list(cells), ""
    restored = list(cells)
    for place in old:
        read = best.read(cells[place])
        # A table may contain both; correct names are not changed.
        if quality(read) >= quality(cells[place]):
            restored[place] = read
    return restored, best.label


def quality(written: str) -> int:
    """Return the number of non-ASCII words that are Vietnamese syllables, minus the others.

    Single characters do not count: they may be signs such as ©.
    """
    words = _TOKEN.findall(text.nfc(written[:SAMPLE]))
    tokens = [token for token in words if len(token) > 1 and not token.isascii()]
    good = sum(map(is_syllable, tokens))
    return 2 * good - len(tokens)


def is_syllable(word: str) -> bool:
    """Return whether a word has the form of a Vietnamese syllable, without mixed case."""
    if not (word.islower() or word.isupper() or (word[:1].isupper() and word[1:].islower())):
        return False
    apart = unicodedata.normalize("NFD", word.lower())
    toneless = unicodedata.normalize("NFC", apart.translate(_TONES))
    tones = sum(character in text.TONES for character in apart)
    return tones <= 1 and _SYLLABLE.fullmatch(toneless) is not None


def _quality(reading: Decoded) -> int:
    return quality(reading.text)


def _may_be_old(cell: str) -> bool:
    """Return whether a text has non-ASCII letters, and only characters of these fonts."""
    return _LATIN_1.search(cell) is not None and _IN_WINDOWS_1252.issuperset(cell)


def _latin(part: bytes) -> str:
    return "".join(_CP1252[byte] for byte in part)


def _pieces(data: bytes, read: Callable[[bytes], str]) -> str:
    """Decode a file with some letters in UTF-8, such as two files that were joined."""
    pieces = _UTF_8_AMONG.split(data)
    return "".join(
        piece.decode("utf-8") if place % 2 else read(piece) for place, piece in enumerate(pieces)
    )


def _with_capitals(segment: re.Match[str]) -> str:
    """Restore capitals that the encoding lacks: `GIáO DụC` becomes `GIÁO DỤC`."""
    plain = [character for character in segment[0] if character.isascii() and character.isalpha()]
    if len(plain) > 1 and all(character.isupper() for character in plain):
        return segment[0].upper()
    return segment[0]


@cache
def old_fonts() -> tuple[Fonts, ...]:
    """Return the encodings of `schemas/encodings.yaml`."""
    content = read_yaml(data_path("schemas", "encodings.yaml"))
    return tuple(_table(**entry) for entry in content.values())


def _table(label: str, letters: dict[str, str], capitals: bool) -> Fonts:  # noqa: FBT001
    if capitals:
        letters = {
            **letters,
            **{written.upper(): letter.upper() for written, letter in letters.items()},
        }
    longest_first = sorted(letters, key=len, reverse=True)
    # Latin-1 letters without a meaning are matched too, in VNI except signs such as °.
    unassigned = "[\xc0-\xff]" if capitals else "[\xa1-\xff]"
    pattern = re.compile("|".join([*map(re.escape, longest_first), unassigned]))
    return Fonts(label, letters, pattern, capitals)
