"""Stored forms of single values: dates, periods, codes, addresses.

Each function converts input of users, spreadsheets or programs to the stored form, or raises
ValueError. The validators have the messages. `hide` gives the form in which a history stores them.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import contact_values
from ckanext.nd47.lib.language import text as spelling

VIETNAM = dt.timezone(dt.timedelta(hours=7))
"""One time zone, no summer time."""

AGENCY_CODE = re.compile(r"[A-Y][0-9]{2}(\.[0-9A-Z]+)*")
OTHER_BODY_CODE = re.compile(r"Z(?:0[1-9]|[1-9][0-9])[0-9A-Z.]{1,32}")
AGENCY_CODE_LENGTH = 35
IDENTIFIER = re.compile(r"(?P<agency>[0-9A-Z.]+)-(?P<serial>[0-9]{6,})")
ADMIN_CODE = re.compile(r"[0-9]{2}|[0-9]{5}")

HIDDEN = "•••"
"""Replaces what a history must not tell, such as the values of a person."""

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_TIME = r"(?:[ ,]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
_DAY_FIRST = re.compile(rf"(?:ngay )?(\d{{1,2}}) ?[/.-] ?(\d{{1,2}}) ?[/.-] ?(\d{{4}}){_TIME}")
_DAY_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}),? (?:nam )?(\d{4})")
_MONTH_FIRST = re.compile(r"(?:thang )?(\d{1,2})(?: ?[/.-] ?|,? nam )(\d{4})")
_YEAR_IN_WORDS = re.compile(r"nam (\d{4})")
_DATE_LENGTH = 40

_NEXT_ADDRESS = re.compile(r"[\s,;](?:https?://|www\.)", re.IGNORECASE)
_LOCAL_PATH = re.compile(r"file:|[a-z]:[\\/]|\\\\", re.IGNORECASE)

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters other than tab and line ends, halves of surrogate pairs, and the two
non-characters that XML 1.0 forbids."""

TERM_BYTES = 32_766
"""Maximum length of a text in an untokenised field of Solr, in bytes."""

ADDRESS_LENGTH = 4_000
"""Maximum length of a web address; browsers and servers accept some thousands of characters."""

LARGEST_SIZE = 2**63 - 1
"""Maximum of CKAN's column."""


def clean_text(text: str) -> str:
    """Return a text in NFC, so that one word has one spelling.

    Raises:
        ValueError: it contains a control character or half a surrogate pair, which PostgreSQL,
            XML or Turtle do not allow.
    """
    if match := FORBIDDEN.search(text):
        msg = f"U+{ord(match[0]):04X}"
        raise ValueError(msg)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Return a text on one line, without surrounding whitespace."""
    return " ".join(text.split())


def paragraphs(text: str) -> str:
    """Return a text with uniform line endings, without surrounding whitespace."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def date(text: str) -> str:
    """Return a date as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

    Accepts ISO 8601 and the Vietnamese order day, month, year (`05/04/2025` is 5 April), in figures
    or in words (`ngày 5 tháng 4 năm 2025`). A time is dropped; a timestamp with an offset is
    converted to the day in Viet Nam.

    Raises:
        ValueError: it is not a date, such as 31/02/2024.
    """
    text = text.strip()
    if len(text) > _DATE_LENGTH:
        raise ValueError(text)
    return _date(text)


@lru_cache(maxsize=4096)
def _date(text: str) -> str:
    written = spelling.fold(text)
    day = month = None
    if match := _DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := _DAY_FIRST.fullmatch(written) or _DAY_IN_WORDS.fullmatch(written):
        day, month, year = match.groups()
    elif match := _MONTH_FIRST.fullmatch(written):
        month, year = match.groups()
    elif match := _YEAR_IN_WORDS.fullmatch(written):
        year = match[1]
    else:
        return day_of(dt.datetime.fromisoformat(text.replace("Z", "+00:00")))
    checked = dt.date(int(year), int(month or 1), int(day or 1))
    return checked.isoformat()[: 10 if day else 7 if month else 4]


def timestamp(text: str) -> dt.datetime:
    """Return a timestamp of CKAN, which is in UTC where it names no time zone.

    Raises:
        ValueError: it is not a timestamp in ISO 8601.
    """
    moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)


def day_of(moment: dt.datetime) -> str:
    """Return the day of a timestamp, in Viet Nam if it has an offset.

    Raises:
        ValueError: the day in Viet Nam is after the year 9999.
    """
    try:
        local = moment if moment.tzinfo is None else moment.astimezone(VIETNAM)
    except OverflowError as error:
        raise ValueError(moment) from error
    return local.date().isoformat()


def day_first(day: str) -> str:
    """Return an ISO date in the Vietnamese order: 31/12/2024, 12/2024 or 2024."""
    return "/".join(reversed(day.split("-")))


def agency_code(text: str) -> str:
    """Return an electronic agency code in capitals.

    Form: Decision 20/2020/QĐ-TTg, Articles 4 (level 1 `[A-Y]dd`, groups separated by dots) and 6
    (other bodies, `Z01`-`Z99` followed by up to 32 characters); at most 35 characters.

    Raises:
        ValueError: it is not an agency code.
    """
    code = text.strip().upper()
    match = AGENCY_CODE.fullmatch(code) or OTHER_BODY_CODE.fullmatch(code)
    if not match or len(code) > AGENCY_CODE_LENGTH:
        raise ValueError(text)
    return code


def phone(text: str) -> str:
    """Return telephone numbers as written, on one line; empty for "Không có".

    Raises:
        ValueError: the text contains no telephone number; short numbers such as 1022 are valid.
    """
    return "" if means_no_value(text) else contact_values.clean_telephones(text)


def email(text: str) -> str:
    """Return mailboxes as `a@x.vn; Name <b@x.vn>`; empty for "Không công bố" and similar texts.

    Raises:
        ValueError: a part of the text is not a mailbox, or is ambiguous.
    """
    return "" if means_no_value(text) else contact_values.clean_mailboxes(text)


def means_no_value(text: str) -> bool:
    """Return whether a text says that there is no value, as in printed directories."""
    return bool(text.strip()) and _folded(text) in _no_value()


@cache
def _no_value() -> frozenset[str]:
    return frozenset(map(_folded, read_yaml(data_path("schemas", "no-value.yaml"))))


def _folded(text: str) -> str:
    return spelling.fold(text).rstrip(". ")


def web_address(text: str) -> str:
    """Return a web address; spaces become `%20`, as in browsers.

    Vietnamese letters are not encoded: the export does that where needed.

    Raises:
        ValueError: it is not a single complete http or https address.
    """
    address = text.strip()
    parts = urlsplit(address)
    if (
        len(address) > ADDRESS_LENGTH
        or parts.scheme.lower() not in {"http", "https"}
        or not parts.hostname
        or any(character.isspace() for character in parts.netloc)
        or any(character in '<>"{}|\\^`\t\n\r' for character in address)
        or has_several_addresses(address)
    ):
        raise ValueError(text)
    return "".join("%20" if character.isspace() else character for character in address)


def has_several_addresses(text: str) -> bool:
    """Return whether a text contains a second address after a separator."""
    return _NEXT_ADDRESS.search(text.strip()) is not None


def is_file_transfer(text: str) -> bool:
    """Return whether a text is an FTP address."""
    return text.strip().lower().startswith(("ftp://", "ftps://", "sftp://"))


def is_local(text: str) -> bool:
    """Return whether a text is a local path or a Windows network path."""
    return _LOCAL_PATH.match(text.strip()) is not None


def place(text: str) -> str:
    """Return the administrative code of a province (2 digits) or commune (5), or a web address.

    Raises:
        ValueError: it is neither.
    """
    code = text.strip()
    return code if ADMIN_CODE.fullmatch(code) else web_address(code)


def size(text: str) -> int:
    """Return a number of bytes.

    Raises:
        ValueError: it is not a whole number, or too large.
    """
    number = int(text) if text.strip().isdecimal() else float(text)
    if not 0 <= number <= LARGEST_SIZE or number != int(number):
        raise ValueError(text)
    return int(number)


def hide(data: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return values by name as a history stores them: `HIDDEN` for those that must not be there.

    Args:
        data: the values.
        names: the names whose values are hidden; an empty one stays, since it tells nothing.
    """
    return {name: HIDDEN if value and name in names else value for name, value in data.items()}
