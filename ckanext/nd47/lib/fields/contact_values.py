"""Parses mailboxes and telephone numbers, several in one field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import phonenumbers

MAILBOXES_LENGTH = 1_000
"""Maximum length of a field; some dozens of mailboxes."""

ADDRESS_LENGTH = 254
"""RFC 5321, section 4.5.3.1.3: a path holds 256 octets with its two brackets."""

ADDRESS = re.compile(
    # As in HTML forms and CKAN's email_validator.
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
ADDRESS_IN_TEXT = re.compile(rf"(?<![a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]){ADDRESS.pattern}")
"""The same within a text; the lookbehind keeps the search time linear."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PARTS = re.compile(r"[;,\n\r]")
_NAMED = re.compile(r"(?P<name>[^<>()]{0,200})<(?P<address>[^<>]{0,320})>")
_NOTED = re.compile(r"(?P<address>[^<>()]{0,320})\((?P<name>[^<>()]{0,200})\)")
_LABELLED = re.compile(r"(?P<name>[^:<>()@]{1,60}):\s+(?P<address>[^:<>()]*)")
_BETWEEN = re.compile(r"\s+(?:[-–]|và|hoặc)\s+|\s*/\s*|\s+")
"""Separators of addresses other than commas."""
_SCHEME = re.compile(r"\bmailto:\s*", re.IGNORECASE)
_LABELS = frozenset({"e-mail", "email", "mail", "thư điện tử", "hộp thư", "thư"})
"""Labels before an address that are not names."""


@dataclass(frozen=True)
class Mailbox:
    """A mailbox.

    Attributes:
        address: its address.
        name: display name, or empty.
    """

    address: str
    name: str = ""

    @property
    def written(self) -> str:
        """The mailbox in the form of mail programs."""
        return f"{self.name} <{self.address}>" if self.name else self.address


def find_mailboxes(text: str) -> list[Mailbox]:
    """Return the mailboxes in a text in order; empty if a part of it is not a mailbox."""
    try:
        return parse_mailboxes(text)
    except ValueError:
        return []


def parse_mailboxes(text: str) -> list[Mailbox]:
    """Return the mailboxes of a text.

    Raises:
        ValueError: a part of it is not a mailbox, or is ambiguous.
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
    """Return the stored form of a field of mailboxes.

    Raises:
        ValueError: a part of it is not a mailbox, or is ambiguous.
    """
    return "; ".join(mailbox.written for mailbox in parse_mailboxes(text))


def _parts_of_list(text: str) -> list[str]:
    """Split a list of mailboxes; a comma within a name is not a separator."""
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
    """Return an address without spaces beside its `@` and dots.

    Raises:
        ValueError: it is invalid; a space elsewhere may separate a name from the address.
    """
    # An address copied from a link may include the subject of the message.
    address = unquote(text.strip().partition("?")[0]) if "?" in text else text.strip()
    address = re.sub(r" ?([@.]) ?", r"\1", address).rstrip(".")
    if len(address) > ADDRESS_LENGTH or not ADDRESS.fullmatch(address):
        raise ValueError(text)
    return address


REGION = "VN"
TELEPHONES_LENGTH = 200
"""Maximum length of a field; some six numbers with notes."""

_RUN = re.compile(r"(?<![\w@.])[+(]{0,3}\d[\d \t\u00a0().–—/-]*", re.ASCII)
"""Digits with separators; a number does not start within a word such as `A05`."""
_EXTENSION = re.compile(
    r"\s*(?:[(,]\s*)?(?:số\s+)?(?:máy\s+lẻ|máy\s+nhánh|nhánh|lẻ|extension|ext|x)\s?[.:]?\s?(\d{1,6})\b\)?",
    re.IGNORECASE,
)
_NEXT_EXTENSION = re.compile(r"\s?(?:[,/]|và|hoặc)\s?(\d{1,6})\b(?![ .-]?\d)")
"""Another extension of the same number, as in `máy lẻ 101, 102`."""
_FAX = re.compile(r"\bfax\W{0,5}$", re.IGNORECASE)
_ATOM = re.compile(r"\+?\d+")
_LOCAL = re.compile(r"[\d .()/+-]+")
_SHORT = re.compile(r"1\d{2,3}|1[89]00\d{4,6}")
"""Service numbers without area code, such as 113, 1022 and 1900 1234."""

_NATIONAL = (9, 10)
"""Digits after the leading 0: nine for mobile telephones and 069, ten with an area code."""
_SUBSCRIBER = (7, 8)
"""Digits of a subscriber number after the area code."""
_MAX_DIGITS = 40
"""Maximum digits of two numbers; a longer run without a number is not searched further."""
_SHORTEST, _LONGEST = 3, 9
"""Digits of a local number without area code."""


@dataclass(frozen=True)
class Telephone:
    """A telephone number.

    Attributes:
        written: as written in the text.
        dialled: digits to dial, with a plus sign before a country code.
        extension: number of the extension, or empty.
    """

    written: str
    dialled: str
    extension: str = ""

    @property
    def uri(self) -> str:
        """The `tel:` URI (RFC 3966)."""
        return f"tel:{self.dialled}{f';ext={self.extension}' if self.extension else ''}"


def find_telephones(text: str) -> list[Telephone]:
    """Return the telephone numbers in a text in order, without fax numbers."""
    text = text.removeprefix("tel:")
    if len(text) > TELEPHONES_LENGTH:
        return []
    by_uri: dict[str, Telephone] = {}
    area, end = "", 0
    while run := _RUN.search(text, end):
        # Behind an extension: its digits may be those of a service number.
        end = run.end()
        if _FAX.search(text[max(0, run.start() - 10) : run.start()]):
            continue
        numbers = _numbers(run[0], area)
        if not numbers:
            continue
        area = _area(numbers[-1].dialled) or area
        if extension := _EXTENSION.match(text, end):
            last, end = numbers[-1], extension.end()
            start = text.rindex(last.written, run.start(), run.end())
            numbers[-1] = Telephone(text[start:end], last.dialled, extension[1])
            while more := _NEXT_EXTENSION.match(text, end):
                if len(more[1]) != len(extension[1]):
                    break
                end = more.end()
                numbers.append(Telephone(more[1], last.dialled, more[1]))
        by_uri.update({number.uri: number for number in numbers if number.uri not in by_uri})
    return list(by_uri.values()) or _local_number(text)


def clean_telephones(text: str) -> str:
    """Return the stored form of a field of numbers: as written, on one line.

    Raises:
        ValueError: it contains no telephone number.
    """
    lines = (" ".join(line.split()) for line in text.splitlines())
    written = "; ".join(filter(None, lines))
    if not find_telephones(written) or any(character in "<>{}@" for character in written):
        raise ValueError(text)
    return written


def _numbers(run: str, area: str) -> list[Telephone]:
    """Return the numbers in a run of digits with separators."""
    telephones: list[Telephone] = []
    start, digits = 0, ""
    atoms = list(_ATOM.finditer(run))
    for position, atom in enumerate(atoms):
        candidate = digits + atom[0]
        if len(candidate) > _MAX_DIGITS:
            break
        if (
            digits
            and _dialled(digits, area)
            and not _continues_number(candidate, atoms[position + 1 :])
        ):
            telephones.append(_telephone(run, start, atom.start(), digits, area))
            area = _area(telephones[-1].dialled) or area
            start, candidate = atom.start(), atom[0]
        digits = candidate
    if digits and _dialled(digits, area):
        telephones.append(_telephone(run, start, len(run), digits, area))
    return telephones


def _continues_number(digits: str, following: list[re.Match[str]]) -> bool:
    """Return whether digits are a number, alone or with the following ones."""
    if _dialled(digits, ""):
        return True
    for atom in following[:4]:
        digits += atom[0]
        if _dialled(digits, ""):
            return True
    return False


def _telephone(run: str, start: int, end: int, digits: str, area: str) -> Telephone:
    # A bracket or plus sign belongs to the digits after it.
    start -= len(run[:start]) - len(run[:start].rstrip("(+"))
    written = run[start:end].rstrip("(+ \t\u00a0-–—/.,;")
    return Telephone(written, _dialled(digits, area))


def _dialled(digits: str, area: str) -> str:
    """Return the digits to dial for a number, empty if it is invalid."""
    if _SHORT.fullmatch(digits):
        return digits
    if digits.startswith("0") and not digits.startswith("00"):
        return digits if len(digits) - 1 in _NATIONAL else ""
    if area and len(digits) in _SUBSCRIBER and digits[0] not in "+01":
        # One area code for several numbers: (024) 3823 1234 / 3823 1235.
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
    """Return the area code of a landline number, with its leading 0."""
    if not dialled.startswith("02"):
        return ""
    # The codes of Hà Nội (024) and Hồ Chí Minh City (028) have one digit fewer.
    return dialled[: 3 if dialled[:3] in {"024", "028"} else 4]


def _local_number(text: str) -> list[Telephone]:
    """Return the local number that a text without area code consists of."""
    written = text.strip()
    digits = re.sub(r"\D", "", written)
    if _LOCAL.fullmatch(written) and _SHORTEST <= len(digits) <= _LONGEST:
        return [Telephone(written, digits)]
    return []
