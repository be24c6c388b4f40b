"""Mailboxes and telephone numbers as people write them, several in one field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import phonenumbers

MAILBOXES_LENGTH = 1_000
"""Of a field; some dozens of mailboxes."""

ADDRESS_LENGTH = 254
"""RFC 5321, section 4.5.3.1.3: a path holds 256 octets with its two brackets."""

ADDRESS = re.compile(
    # As HTML forms and CKAN's email_validator have it.
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
ADDRESS_IN_TEXT = re.compile(rf"(?<![a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]){ADDRESS.pattern}")
"""The same within a text; the look behind keeps a search linear in the length of the text."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PARTS = re.compile(r"[;,\n\r]")
_NAMED = re.compile(r"(?P<name>[^<>()]{0,200})<(?P<address>[^<>]{0,320})>")
_NOTED = re.compile(r"(?P<address>[^<>()]{0,320})\((?P<name>[^<>()]{0,200})\)")
_LABELLED = re.compile(r"(?P<name>[^:<>()@]{1,60}):\s+(?P<address>[^:<>()]*)")
_BETWEEN = re.compile(r"\s+(?:[-–]|và|hoặc)\s+|\s*/\s*|\s+")
"""What parts addresses that stand beside each other without a comma."""
_SCHEME = re.compile(r"\bmailto:\s*", re.IGNORECASE)
_LABELS = frozenset({"e-mail", "email", "mail", "thư điện tử", "hộp thư", "thư"})
"""What stands before an address and names nobody."""


@dataclass(frozen=True)
class Mailbox:
    """A mailbox.

    Attributes:
        address: its address.
        name: of whoever reads it, empty where none is written.
    """

    address: str
    name: str = ""

    @property
    def written(self) -> str:
        """The mailbox as mail programs write it."""
        return f"{self.name} <{self.address}>" if self.name else self.address


def find_mailboxes(text: str) -> list[Mailbox]:
    """Return the mailboxes in a text, in its order; none where a part of it is no mailbox."""
    try:
        return parse_mailboxes(text)
    except ValueError:
        return []


def parse_mailboxes(text: str) -> list[Mailbox]:
    """Return the mailboxes that a text consists of.

    Raises:
        ValueError: a part of it is no mailbox, or may be read in two ways.
    """
    if len(text) > MAILBOXES_LENGTH:
        raise ValueError(text)
    mailboxes: dict[str, Mailbox] = {}
    for part in _parts_of_list(_INVISIBLE.sub("", text)):
        for mailbox in _mailboxes(part):
            mailboxes.setdefault(mailbox.address.lower(), mailbox)
    if not mailboxes:
        raise ValueError(text)
    return list(mailboxes.values())


def clean_mailboxes(text: str) -> str:
    """Return a field of mailboxes as it is stored.

    Raises:
        ValueError: a part of it is no mailbox, or may be read in two ways.
    """
    return "; ".join(mailbox.written for mailbox in parse_mailboxes(text))


def _parts_of_list(text: str) -> list[str]:
    """Return the parts of a list of mailboxes; a comma within a name parts nothing."""
    parts: list[str] = []
    pending = ""
    for part in filter(str.strip, _PARTS.split(text)):
        if "@" not in part and ":" not in part:
            pending += f"{part.strip()}, "
        else:
            parts.append(pending + part.strip())
            pending = ""
    return [*parts, pending] if pending else parts


def _mailboxes(part: str) -> list[Mailbox]:
    part = " ".join(_SCHEME.sub("", part).split())
    for form in (_NAMED, _NOTED, _LABELLED):
        if match := form.fullmatch(part):
            name = " ".join(match["name"].replace('"', " ").split())
            return [Mailbox(_address(match["address"]), "" if _is_label(name) else name)]
    if part.count("@") == 1:
        return [Mailbox(_address(part))]
    return [Mailbox(_address(word)) for word in _BETWEEN.split(part)]


def _is_label(name: str) -> bool:
    return name.casefold().rstrip(":") in _LABELS


def _address(text: str) -> str:
    """Return an address without the blanks that stand beside its `@` and dots.

    Raises:
        ValueError: it is none. A blank within a word may part a name from the address.
    """
    # An address copied from a link brings the subject of the letter with it.
    address = unquote(text.strip().partition("?")[0]) if "?" in text else text.strip()
    address = re.sub(r" ?([@.]) ?", r"\1", address).rstrip(".")
    if len(address) > ADDRESS_LENGTH or not ADDRESS.fullmatch(address):
        raise ValueError(text)
    return address


REGION = "VN"
TELEPHONES_LENGTH = 200
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


def find_telephones(text: str) -> list[Telephone]:
    """Return the numbers in a text, in its order; fax numbers are left out."""
    text = text.removeprefix("tel:")
    if len(text) > TELEPHONES_LENGTH:
        return []
    by_uri: dict[str, Telephone] = {}
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
        by_uri.update({number.uri: number for number in numbers if number.uri not in by_uri})
    return list(by_uri.values()) or _near(text)


def clean_telephones(text: str) -> str:
    """Return a field of numbers as it is stored: as written, on one line.

    Raises:
        ValueError: there is no telephone number in it.
    """
    lines = (" ".join(line.split()) for line in text.splitlines())
    written = "; ".join(filter(None, lines))
    if not find_telephones(written) or any(character in "<>{}@" for character in written):
        raise ValueError(text)
    return written


def _numbers(run: str, area: str) -> list[Telephone]:
    """Return the numbers of a run of digits; blanks, dots and dashes part digits or numbers."""
    telephones: list[Telephone] = []
    start, digits = 0, ""
    atoms = list(_ATOM.finditer(run))
    for position, atom in enumerate(atoms):
        candidate = digits + atom[0]
        if len(candidate) > _MOST:
            break
        if digits and _dialled(digits, area) and not _goes_on(candidate, atoms[position + 1 :]):
            telephones.append(_telephone(run, start, atom.start(), digits, area))
            area = _area(telephones[-1].dialled) or area
            start, candidate = atom.start(), atom[0]
        digits = candidate
    if digits and _dialled(digits, area):
        telephones.append(_telephone(run, start, len(run), digits, area))
    return telephones


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
    prefixed = re.sub(r"^(?:00|(?=84\d{9,10}$))", "+", digits)
    return _international(prefixed) if prefixed.startswith("+") else ""


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
