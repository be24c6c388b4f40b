"""Recognises personal data (Law 91/2025/QH15, Decree 356/2025/NĐ-CP) by headings and content.

Nothing here keeps a value: findings have a column, a row and a count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.check.cells import DATES

NAME = "person-name"

_PROVINCES = frozenset(
    f"{code:03}"
    for code in (
        *(1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35),
        *(36, 37, 38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70),
        *(72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96),
    )
)
"""First digits of an identity number: the province of the birth (Circular 59/2021/TT-BCA)."""

_SURNAMES = frozenset(
    [
        "nguyen",
        "tran",
        "le",
        "pham",
        "hoang",
        "huynh",
        "phan",
        "vu",
        "vo",
        "dang",
        "bui",
        "do",
        "ho",
        "ngo",
        "duong",
        "ly",
        "ha",
        "dinh",
        "trinh",
        "doan",
        "dao",
        "mai",
        "luong",
        "truong",
        "cao",
        "luu",
        "to",
        "ta",
        "thai",
        "chu",
        "quach",
        "lam",
        "quan",
        "phung",
        "tang",
        "cu",
        "la",
        "kim",
        "tong",
        "lo",
        "vi",
        "sung",
        "vang",
        "giang",
        "thao",
        "ma",
        "be",
        "nong",
        "trieu",
        "hua",
        "au",
        "nghiem",
        "khuc",
        "dam",
        "than",
        "mac",
        "bach",
    ]
)
_MOST_NAME_WORDS = 6
_PUBLIC_DOMAINS = re.compile(
    r"@(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|icloud|proton|protonmail|zoho)"
    r"\.[a-z.]{2,8}\b",
    re.IGNORECASE,
)

_HEADINGS: Mapping[str, re.Pattern[str]] = {
    "citizen-id": re.compile(
        r" (?:cccd|can cuoc|dinh danh ca nhan|so dinh danh|cmnd|cmtnd|cmt|chung minh|so giay to"
        r"|giay to tuy than|ho chieu|citizen id|id number) "
    ),
    "telephone": re.compile(r" (?:dien thoai|dt|sdt|so dt|di dong|phone|mobile|tel) "),
    "birth-date": re.compile(
        r" (?:ngay sinh|nam sinh|ngay thang nam sinh|sinh ngay|sinh nam|ngay thang sinh"
        r"|date of birth|birth date|birthday|dob) "
    ),
    "bank-account": re.compile(r" (?:so tai khoan|so tk|stk|tai khoan ngan hang|bank account) "),
    "plate": re.compile(r" (?:bien so|bien kiem soat|bks|so xe|license plate) "),
    "insurance-number": re.compile(r" (?:bhxh|bhyt|bao hiem xa hoi|bao hiem y te|ma the|so the) "),
    NAME: re.compile(
        r" (?:ho ten|ho va ten|ten chu ho|chu ho|chu so huu|nguoi dai dien|nguoi nhan|nguoi nop"
        r"|nguoi huong|ten hoc sinh|ten benh nhan|ten chu|full name|fullname) "
    ),
}

_NUMBER_IN_TEXT = re.compile(r"(?<![\d.,/-])(?:\+?84|0)\d(?:[ .-]?\d){7,10}(?![\d/-])")
_MOBILE = re.compile(r"(?:\+?84|0)(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)\d{7}")
_LOST_ZERO_MOBILE = re.compile(r"(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)\d{7}")
_PLATE = re.compile(r"\d{2}[A-Z][A-Z0-9]?[ -]?\d{3}\.?\d{2}|\d{2}[A-Z][A-Z0-9]?[ -]\d{4}")
_INSURANCE_CARD = re.compile(r"[A-Z]{2}[1-5]\d{12}")
_SEPARATORS = re.compile(r"[ .-]")
_YEAR = re.compile(r"(?:19|20)\d{2}")

_CITIZEN_ID = 12
_IDENTITY_CARD = 9
_SHORTEST_ACCOUNT, _LONGEST_ACCOUNT = 8, 19
_INSURANCE = (10, 13, 15)
_CENTURIES = "0123"
"""Fourth digit of an identity number: sex and century of the birth, 1900 to 2099."""


@lru_cache(maxsize=4096)
def headed(words: str) -> frozenset[str]:
    """Return the kinds of personal data that a heading announces.

    Args:
        words: the heading as `heading_words` returns it.
    """
    return frozenset(code for code, pattern in _HEADINGS.items() if pattern.search(words))


def look(shown: str, kind: str, announced: frozenset[str]) -> Iterator[str]:
    """Yield the kinds of personal data in a cell.

    Args:
        shown: the text of the cell.
        kind: its shape.
        announced: what the heading of its column announces.
    """
    if announced:
        yield from _as_announced(shown, kind, announced)
    if kind == "zero_led":
        if is_citizen_id(shown) and "citizen-id" not in announced:
            yield "citizen-id"
        elif _MOBILE.fullmatch(shown) and "telephone" not in announced:
            yield "telephone"
    elif kind == "text":
        yield from _in_text(shown, announced)


def is_citizen_id(digits: str) -> bool:
    """Return whether twelve digits have the structure of an identity number."""
    return (
        len(digits) == _CITIZEN_ID
        and digits.isdecimal()
        and digits[:3] in _PROVINCES
        and digits[3] in _CENTURIES
    )


def _in_text(shown: str, announced: frozenset[str]) -> Iterator[str]:
    if "@" in shown and _PUBLIC_DOMAINS.search(shown):
        yield "mailbox"
    if len(shown) <= _LONGEST_ACCOUNT:
        if _PLATE.fullmatch(shown) and "plate" not in announced:
            yield "plate"
        elif _INSURANCE_CARD.fullmatch(shown) and "insurance-number" not in announced:
            yield "insurance-number"
    for match in _NUMBER_IN_TEXT.finditer(shown):
        digits = _SEPARATORS.sub("", match[0])
        if is_citizen_id(digits) and "citizen-id" not in announced:
            yield "citizen-id"
        elif _MOBILE.fullmatch(digits) and "telephone" not in announced:
            yield "telephone"


def _as_announced(shown: str, kind: str, announced: frozenset[str]) -> Iterator[str]:
    digits = _SEPARATORS.sub("", shown)
    length = len(digits) if digits.isdecimal() else 0
    if "citizen-id" in announced:
        if is_citizen_id(digits) or (length == _CITIZEN_ID - 1 and is_citizen_id("0" + digits)):
            yield "citizen-id"
        elif length == _IDENTITY_CARD:
            yield "identity-card"
    if "telephone" in announced and any(map(_is_mobile, re.split(r"[;,/]", shown))):
        yield "telephone"
    if "birth-date" in announced and (kind in DATES or _YEAR.fullmatch(shown)):
        yield "birth-date"
    if "bank-account" in announced and _SHORTEST_ACCOUNT <= length <= _LONGEST_ACCOUNT:
        yield "bank-account"
    if "plate" in announced and _PLATE.fullmatch(shown):
        yield "plate"
    if "insurance-number" in announced and (
        length in _INSURANCE[:2] or _INSURANCE_CARD.fullmatch(digits)
    ):
        yield "insurance-number"
    if NAME in announced and kind == "text" and is_name(shown):
        yield NAME


def _is_mobile(shown: str) -> bool:
    digits = _SEPARATORS.sub("", shown.strip())
    return bool(_MOBILE.fullmatch(digits) or _LOST_ZERO_MOBILE.fullmatch(digits))


def is_name(shown: str) -> bool:
    """Return whether a text has the form of the name of a person."""
    words = shown.split()
    return (
        2 <= len(words) <= _MOST_NAME_WORDS  # noqa: PLR2004 - surname and name
        and all(word[0].isupper() for word in words)
        and _folded(words[0]) in _SURNAMES
    )


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    return text.fold(word)
