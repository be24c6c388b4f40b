"""Splits texts with several values: a contact, a decision, a period, a place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import contact_values, values
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary

_LABEL = re.compile(
    r"(?i)(?<!\w)(?:số\s+điện\s+thoại|điện\s+thoại|đt|sđt|sdt|tel|phone|mobile|hotline|di\s+động|email"
    r"|e-mail|mail|thư\s+điện\s+tử|hộp\s+thư|liên\s+hệ|người\s+liên\s+hệ|đầu\s+mối|họ\s+(?:và\s+)?tên)"
    r"(?!\w)\s*[:.]?"
)
"""Label before a part of a contact."""
_PARTED = re.compile(r"(?<!\s)\s+[-–—|/]+\s+|[;,\n\r|]+|(?<!\s)\s+[-–—]+(?=\w)")
_EDGES = " \t\r\n-–—|/;,:.()[]<>\"'"
_POSITION = re.compile(
    r"(?i)(?:phó\s+|quyền\s+)?(?:trưởng|giám\s+đốc|chánh|chủ\s+tịch|chuyên\s+viên|cán\s+bộ|nhân\s+viên"
    r"|viên\s+chức|công\s+chức|kế\s+toán|thư\s+ký|phó)\b.*"
)
_NUMBER = re.compile(r"(?<!\d)\d+[A-Za-z]?\s?/(?:\d{4}/)?[A-ZĐ][A-ZĐa-z]*(?:-[A-ZĐa-z0-9]+)*")
"""Number of an instrument, such as 2053/QĐ-UBND or 12/2024/QĐ-UBND."""
_DAY = re.compile(
    r"(?i)\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}|\d{4}-\d{2}-\d{2}"
    r"|(?:ngày\s+)?\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}"
)
_ISSUER = re.compile(r"(?i)\bcủa\s+(.+)")
_KIND_OF_PLACE = re.compile(r"^(?:tinh|thanh pho|tp|tp\.)\s+")
_ON_PLACE = re.compile(r"^(?:toan )?(?:tren dia ban |dia ban )?(?:toan )?")
_ITEMS = re.compile(r"[;|\n\r]+")
LONGEST = 2_000
"""Maximum length of a text that is split; longer texts are descriptions."""


def items(written: str) -> list[str]:
    """Return the items of a text: of a JSON list, or separated by semicolons or lines."""
    if written.lstrip().startswith("["):
        try:
            content = json.loads(written)
        except ValueError:
            content = None
        if isinstance(content, list):
            return [str(item).strip() for item in content if str(item).strip()]
    return [item.strip() for item in _ITEMS.split(written) if item.strip()]


def contact(written: str) -> dict[str, str]:
    """Return name, position, mailbox and number of `Nguyễn Văn A - 0912 345 678`."""
    if len(written) > LONGEST:
        return {}
    rest = written
    mailboxes = list(dict.fromkeys(contact_values.ADDRESS_IN_TEXT.findall(written)))
    for mailbox in mailboxes:
        rest = rest.replace(mailbox, "; ")
    numbers = [telephone.written for telephone in contact_values.find_telephones(rest)]
    for number in numbers:
        rest = rest.replace(number, "; ")
    # Labels may remain after their values are removed.
    rest = _LABEL.sub("; ", rest)
    pieces = [piece for piece in (part.strip(_EDGES) for part in _PARTED.split(rest)) if piece]
    positions = [piece for piece in pieces if _POSITION.fullmatch(piece)]
    names = [piece for piece in pieces if piece not in positions]
    if not names and positions and (mailboxes or numbers):
        names, positions = positions[:1], positions[1:]
    fields = {
        "name": ", ".join(names),
        "position": ", ".join(positions),
        "email": "; ".join(mailboxes),
        "telephone": "; ".join(numbers),
    }
    return {name: value for name, value in fields.items() if value}


def decision(written: str) -> dict[str, str]:
    """Return number, day and issuer of `Quyết định 2053/QĐ-UBND ngày 07/7/2026 của UBND tỉnh`.

    Empty without a number, and where a day is written that there is not.
    """
    written = written[:LONGEST]
    number = _NUMBER.search(written)
    if number is None:
        return {}
    fields = {"decision_number": number[0].replace(" ", "")}
    if day := _first_day(written[number.end() :]) or _first_day(written):
        fields["decision_date"] = day
    elif _DAY.search(written):
        return {}
    if issuer := _ISSUER.search(written):
        fields["issuer"] = _DAY.sub("", issuer[1]).strip(_EDGES)
    return fields


def _first_day(written: str) -> str:
    for day in _DAY.findall(written[:LONGEST]):
        try:
            return values.date(day.replace(" ", "") if day[:1].isdigit() and "/" in day else day)
        except ValueError:  # noqa: PERF203 - the next one may be a day
            continue
    return ""


def period(written: str) -> dict[str, str]:
    """Return first and last day of `2020-2024`, `quý I/2024` or `01/01/2020 đến 31/12/2022`."""
    days = [day for match in _DAY.findall(written[:LONGEST]) if (day := _first_day(match))]
    if len(days) == 2 and days[0] <= days[1]:  # noqa: PLR2004 - first and last
        return {"start": days[0], "end": days[1]}
    if len(written) > LONGEST:
        return {}
    bare = re.sub(r"(?i)^(?:năm|giai đoạn|thời kỳ|từ năm|từ)\s+(?=\d{4})", "", written.strip())
    bare = re.sub(r"(?i)(\d{4})\s*(?:đến|tới|[-–—])\s*(?:năm\s+)?(\d{4})", r"\1-\2", bare)
    for candidate in (written.strip(), bare):
        try:
            span = dates.period_days(candidate)
        except ValueError:
            continue
        return {"start": span[0].isoformat(), "end": span[1].isoformat()}
    return {}


def place(written: str) -> dict[str, str]:
    """Return the province that a text names, and the text."""
    name = values.one_line(written)
    code = province(name)
    return {"uri": code, "text": name} if code else {"text": name}


def province(written: str) -> str:
    """Return the code of a province by its name, empty if the text has none."""
    name = text.fold(written)
    name = _ON_PLACE.sub("", name)
    return _provinces(vocabulary.get("province")).get(_KIND_OF_PLACE.sub("", name), "")


@lru_cache(maxsize=4)
def _provinces(terms: vocabulary.Vocabulary) -> Mapping[str, str]:
    return {_KIND_OF_PLACE.sub("", text.fold(term.label["vi"])): term.code for term in terms}


SPLITTERS: Mapping[str, Callable[[str], dict[str, str]]] = {
    "contact": contact,
    "catalogue_entry": decision,
    "temporal_coverage": period,
    "spatial_coverage": place,
}
"""By the group that a text is for."""


def is_structure(written: str) -> bool:
    """Return whether a text is a stored group of subfields."""
    try:
        content = json.loads(written)
    except (ValueError, RecursionError):
        return False
    groups = content if isinstance(content, list) else [content]
    return bool(groups) and all(isinstance(group, dict) for group in groups)
