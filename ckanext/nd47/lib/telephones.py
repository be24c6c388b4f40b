"""Telephone numbers as people write them in Vietnam, and how a telephone dials them.

A field may hold several numbers, extensions and words beside them, as printed directories do:
`(0236) 3822999 máy lẻ 12; 0905.123.456`. What is stored is what was written; `find` reads it.
The numbers themselves are judged by the library phonenumbers, by their length: the register of
area codes changes, and a number is not refused because a list is older or newer than it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

REGION = "VN"
LENGTH = 200
"""Of a field; some six numbers with their notes."""

_RUN = re.compile(r"(?<![\w@.])[+(]{0,3}\d[\d \t\u00a0().–—/-]*", re.ASCII)
"""Digits with what may stand between them; `A05` is no beginning of a number."""
_EXTENSION = re.compile(
    r"\s*(?:[(,]\s*)?(?:số\s+)?(?:máy\s+lẻ|máy\s+nhánh|nhánh|lẻ|extension|ext|x)\s?[.:]?\s?(\d{1,6})\b\)?",
    re.IGNORECASE,
)
_FAX = re.compile(r"\bfax\W{0,5}$", re.IGNORECASE)
_ATOM = re.compile(r"\+?\d+")
_LOCAL = re.compile(r"[\d .()/+-]+")
_SHORT = re.compile(r"1\d{2,3}|1[89]00\d{4,6}")
"""Numbers of services, such as 113, 1022 and 1900 1234, which have no area code."""

_NATIONAL = (9, 10)
"""Digits after the first 0: nine of mobile telephones and of 069, ten with an area code."""
_SUBSCRIBER = (7, 8)
"""Digits of a subscriber in a province or big city, after the area code."""
_MOST = 40
"""Digits of two long numbers; a run of more that holds no number is not read on."""
_SHORTEST, _LONGEST = 3, 9
"""Digits of a number without area code, which only those can call who are near."""


@dataclass(frozen=True)
class Telephone:
    """A telephone number.

    Attributes:
        written: as it stands in the text.
        dialled: digits that are dialled, with a plus sign where the country is named.
        extension: number of the extension, empty for none.
    """

    written: str
    dialled: str
    extension: str = ""

    @property
    def uri(self) -> str:
        """Address that a telephone calls (RFC 3966)."""
        return f"tel:{self.dialled}{f';ext={self.extension}' if self.extension else ''}"


def find(text: str) -> list[Telephone]:
    """Return the numbers in a text, in its order; fax numbers are left out."""
    text = text.removeprefix("tel:")
    if len(text) > LENGTH:
        return []
    found: dict[str, Telephone] = {}
    area = ""
    for run in _RUN.finditer(text):
        if _FAX.search(text[max(0, run.start() - 10) : run.start()]):
            continue
        numbers = _numbers(run[0], area)
        if not numbers:
            continue
        area = _area(numbers[-1].dialled) or area
        if extension := _EXTENSION.match(text, run.end()):
            last = numbers[-1]
            start = text.rindex(last.written, run.start(), run.end())
            written = text[start : extension.end()]
            numbers[-1] = Telephone(written, last.dialled, extension[1])
        found.update({one.uri: one for one in numbers if one.uri not in found})
    return list(found.values()) or _near(text)


def clean(text: str) -> str:
    """Return a field of numbers as it is stored: as written, on one line.

    Raises:
        ValueError: there is no telephone number in it.
    """
    lines = (" ".join(line.split()) for line in text.splitlines())
    written = "; ".join(filter(None, lines))
    if not find(written) or any(character in "<>{}@" for character in written):
        raise ValueError(text)
    return written


def _numbers(run: str, area: str) -> list[Telephone]:
    """Return the numbers of a run of digits; blanks, dots and dashes part digits or numbers."""
    found: list[Telephone] = []
    start, digits = 0, ""
    atoms = list(_ATOM.finditer(run))
    for position, atom in enumerate(atoms):
        whole = digits + atom[0]
        if len(whole) > _MOST:
            break
        if digits and _dialled(digits, area) and not _goes_on(whole, atoms[position + 1 :]):
            found.append(_telephone(run, start, atom.start(), digits, area))
            area = _area(found[-1].dialled) or area
            start, whole = atom.start(), atom[0]
        digits = whole
    if digits and _dialled(digits, area):
        found.append(_telephone(run, start, len(run), digits, area))
    return found


def _goes_on(digits: str, following: list[re.Match[str]]) -> bool:
    """Say whether digits are, or with those that follow become, one number."""
    if _dialled(digits, ""):
        return True
    for atom in following[:4]:
        digits += atom[0]
        if _dialled(digits, ""):
            return True
    return False


def _telephone(run: str, start: int, end: int, digits: str, area: str) -> Telephone:
    # A bracket or plus sign belongs to the digits behind it.
    start -= len(run[:start]) - len(run[:start].rstrip("(+"))
    written = run[start:end].rstrip("(+ \t\u00a0-–—/.,;")
    return Telephone(written, _dialled(digits, area))


def _dialled(digits: str, area: str) -> str:
    """Return what is dialled for the digits of a number, empty where they are none."""
    if _SHORT.fullmatch(digits):
        return digits
    if digits.startswith("0") and not digits.startswith("00"):
        return digits if len(digits) - 1 in _NATIONAL else ""
    if area and len(digits) in _SUBSCRIBER and digits[0] not in "+01":
        # Written once for both: (024) 3823 1234 / 3823 1235.
        return area + digits
    named = re.sub(r"^(?:00|(?=84\d{9,10}$))", "+", digits)
    return _international(named) if named.startswith("+") else ""


def _international(digits: str) -> str:
    try:
        number = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _area(dialled: str) -> str:
    """Return the area code of a number of the fixed network, with its 0."""
    if not dialled.startswith("02"):
        return ""
    # 024 and 028 are those of Hà Nội and Hồ Chí Minh City, with one digit fewer.
    return dialled[: 3 if dialled[:3] in {"024", "028"} else 4]


def _near(text: str) -> list[Telephone]:
    """Return the one number that a text without area code stands for."""
    written = text.strip()
    digits = re.sub(r"\D", "", written)
    if _LOCAL.fullmatch(written) and _SHORTEST <= len(digits) <= _LONGEST:
        return [Telephone(written, digits)]
    return []
