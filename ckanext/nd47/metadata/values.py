"""Forms of single values: dates, periods, codes, addresses.

Each function takes what a person, a spreadsheet or a program wrote and returns the form that is
stored, or raises ValueError. The words of an error are the validators' business.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

VIETNAM = dt.timezone(dt.timedelta(hours=7))
"""One time zone, no summer time."""

AGENCY_CODE = re.compile(r"[A-Y][0-9]{2}(\.[0-9A-Z]+)*")
OTHER_BODY_CODE = re.compile(r"Z(?:0[1-9]|[1-9][0-9])[0-9A-Z.]{1,32}")
AGENCY_CODE_LENGTH = 35
IDENTIFIER = re.compile(r"(?P<agency>[0-9A-Z.]+)-(?P<serial>[0-9]{6,})")
ADMIN_CODE = re.compile(r"[0-9]{2}|[0-9]{5}")
PHONE = re.compile(r"\+?[0-9][0-9 .()/-]{1,38}(?:\s*(?:ext|máy lẻ|nhánh)\.?\s*[0-9]{1,6})?", re.I)

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[/.-](\d{4})")
_PERIOD = re.compile(r"(\d{4})(?:([1-4])|(0[1-9]|1[0-2]))?")
_QUARTER = re.compile(
    r"(?:q|quý|quarter)\s*(?:\.\s*)?([1-4])\s*(?:[/.-]\s*)?(?:năm\s*)?(\d{4})", re.I
)
_YEAR_QUARTER = re.compile(r"(\d{4})\s*(?:[/.-]\s*)?q\s*([1-4])", re.I)
_YEAR_MONTH = re.compile(r"(\d{4})[/.-](\d{1,2})")
_MONTH_YEAR = re.compile(r"(?:tháng\s*)?(\d{1,2})\s*[/.-]\s*(\d{4})", re.I)

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters other than tab and line ends, halves of surrogate pairs, and the two
non-characters that XML 1.0 forbids."""

GEOMETRIES = frozenset(
    {
        "Feature",
        "FeatureCollection",
        "GeometryCollection",
        "LineString",
        "MultiLineString",
        "MultiPoint",
        "MultiPolygon",
        "Point",
        "Polygon",
    }
)

TERM_BYTES = 32_766
"""Length of the longest text that Solr takes into a field which it does not split into words."""

EMAIL_LENGTH = 254
"""RFC 5321, section 4.5.3.1.3: a path holds 256 octets with its two brackets."""

ADDRESS_LENGTH = 4_000
"""Of a web address; browsers and servers take no more than some thousands."""

LARGEST_SIZE = 2**63 - 1
"""What the column of CKAN holds."""


def clean_text(text: str) -> str:
    """Return a text in NFC, so that one word has one spelling.

    Raises:
        ValueError: it holds a control character or half a surrogate pair, which PostgreSQL, XML
            or Turtle cannot hold.
    """
    if found := FORBIDDEN.search(text):
        msg = f"U+{ord(found[0]):04X}"
        raise ValueError(msg)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Return a text on one line, without blanks at its ends."""
    return " ".join(text.split())


def paragraphs(text: str) -> str:
    """Return a text with one kind of line end, without blanks at its ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def date(text: str) -> str:
    """Return a date as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

    Takes ISO 8601 and the Vietnamese order day, month, year (`05/04/2025` is 5 April). A date with
    a time loses the time.

    Raises:
        ValueError: it is no date, such as 31/02/2024.
    """
    text = text.strip()
    if found := _DATE.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    elif found := _MONTH_FIRST.fullmatch(text):
        (month, year), day = found.groups(), None
    else:
        return dt.datetime.fromisoformat(text.replace("Z", "+00:00")).date().isoformat()
    checked = dt.date(int(year), int(month or 1), int(day or 1))
    return checked.isoformat()[: 10 if day else 7 if month else 4]


def day_first(day: str) -> str:
    """Return an ISO date in the Vietnamese order: 31/12/2024, 12/2024 or 2024."""
    return "/".join(reversed(day.split("-")))


def period(text: str) -> str:
    """Return a reporting period as `YYYY`, `YYYYQ` or `YYYYMM`.

    These are the forms of the provincial field dictionaries (Thanh Hóa, Decision 2176/QĐ-UBND,
    20/7/2026). `Quý 1/2024`, `2024-Q1` and `01/2024` are understood.

    Raises:
        ValueError: it is none of them.
    """
    text = text.strip()
    if _PERIOD.fullmatch(text):
        return text
    if found := _QUARTER.fullmatch(text):
        return found[2] + found[1]
    if found := _YEAR_QUARTER.fullmatch(text):
        return found[1] + found[2]
    if found := _YEAR_MONTH.fullmatch(text):
        year, month = found.groups()
    elif found := _MONTH_YEAR.fullmatch(text):
        month, year = found.groups()
    else:
        raise ValueError(text)
    return dt.date(int(year), int(month), 1).strftime("%Y%m")


def period_days(text: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a reporting period.

    Raises:
        ValueError: it is none of the forms that `period` understands.
    """
    written = period(text)
    year, part = int(written[:4]), written[4:]
    months = {0: 12, 1: 3, 2: 1}[len(part)]
    first = dt.date(year, (int(part or 1) - 1) * (3 if len(part) == 1 else 1) + 1, 1)
    following = first.month + months
    after = dt.date(year + (following - 1) // 12, (following - 1) % 12 + 1, 1)
    return first, after - dt.timedelta(days=1)


def agency_code(text: str) -> str:
    """Return an electronic agency code in capitals.

    Form: Decision 20/2020/QĐ-TTg, Articles 4 (level 1 `[A-Y]dd`, groups parted by dots) and 6
    (other bodies, `Z01`-`Z99` followed by up to 32 characters); at most 35 characters.

    Raises:
        ValueError: it has another form.
    """
    code = text.strip().upper()
    known = AGENCY_CODE.fullmatch(code) or OTHER_BODY_CODE.fullmatch(code)
    if not known or len(code) > AGENCY_CODE_LENGTH:
        raise ValueError(text)
    return code


def phone(text: str) -> str:
    """Return a telephone number as it was written, blanks made single.

    Raises:
        ValueError: it is no telephone number. Short ones such as 1022 are.
    """
    number = one_line(text)
    if not PHONE.fullmatch(number):
        raise ValueError(text)
    return number


def web_address(text: str) -> str:
    """Return a web address.

    Raises:
        ValueError: it is not a whole address with http or https, or holds blanks.
    """
    address = text.strip()
    parts = urlsplit(address)
    if (
        len(address) > ADDRESS_LENGTH
        or parts.scheme.lower() not in {"http", "https"}
        or not parts.hostname
        or any(character.isspace() or character in '<>"{}|\\^`' for character in address)
    ):
        raise ValueError(text)
    return address


def place(text: str) -> str:
    """Return the administrative code of a province (2 digits) or commune (5), or an address.

    Raises:
        ValueError: it is neither.
    """
    code = text.strip()
    return code if ADMIN_CODE.fullmatch(code) else web_address(code)


def size(text: str) -> int:
    """Return a number of bytes.

    Raises:
        ValueError: it is no whole number, or larger than any file.
    """
    number = int(text) if text.strip().isdecimal() else float(text)
    if not 0 <= number <= LARGEST_SIZE or number != int(number):
        raise ValueError(text)
    return int(number)


def geojson(value: Any) -> str:
    """Return a geometry in GeoJSON (RFC 7946) as text.

    Args:
        value: the text, or the structure that it stands for.

    Raises:
        ValueError: it is no geometry, or too long for the search index.
    """
    text = value.strip() if isinstance(value, str) else json.dumps(value)
    try:
        parsed = json.loads(text)
    except RecursionError as error:
        raise ValueError(text) from error
    known = isinstance(parsed, dict) and parsed.get("type") in GEOMETRIES
    if not known or len(text.encode()) > TERM_BYTES:
        raise ValueError(text)
    return text
