"""Mailboxes as people write them: several in one field, with names, `mailto:` or stray blanks.

What is stored is one text, `Văn thư <vanthu@a.vn>; b@a.vn`; `find` reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

LENGTH = 1_000
"""Of a field; some dozens of mailboxes."""

ADDRESS_LENGTH = 254
"""RFC 5321, section 4.5.3.1.3: a path holds 256 octets with its two brackets."""

ADDRESS = re.compile(
    # As HTML forms and CKAN's email_validator have it.
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
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


def find(text: str) -> list[Mailbox]:
    """Return the mailboxes in a text, in its order; none where a part of it is no mailbox."""
    try:
        return parse(text)
    except ValueError:
        return []


def parse(text: str) -> list[Mailbox]:
    """Return the mailboxes that a text consists of.

    Raises:
        ValueError: a part of it is no mailbox, or may be read in two ways.
    """
    if len(text) > LENGTH:
        raise ValueError(text)
    found: dict[str, Mailbox] = {}
    for part in _parts(_INVISIBLE.sub("", text)):
        for one in _mailboxes(part):
            found.setdefault(one.address.lower(), one)
    if not found:
        raise ValueError(text)
    return list(found.values())


def clean(text: str) -> str:
    """Return a field of mailboxes as it is stored.

    Raises:
        ValueError: a part of it is no mailbox, or may be read in two ways.
    """
    return "; ".join(one.written for one in parse(text))


def _parts(text: str) -> list[str]:
    """Return the parts of a list of mailboxes; a comma within a name parts nothing."""
    parts: list[str] = []
    waiting = ""
    for part in filter(str.strip, _PARTS.split(text)):
        if "@" not in part and ":" not in part:
            waiting += f"{part.strip()}, "
        else:
            parts.append(waiting + part.strip())
            waiting = ""
    return [*parts, waiting] if waiting else parts


def _mailboxes(part: str) -> list[Mailbox]:
    part = " ".join(_SCHEME.sub("", part).split())
    for form in (_NAMED, _NOTED, _LABELLED):
        if found := form.fullmatch(part):
            name = " ".join(found["name"].replace('"', " ").split())
            return [Mailbox(_address(found["address"]), "" if _is_label(name) else name)]
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
