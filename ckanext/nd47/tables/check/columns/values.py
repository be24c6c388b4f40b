"""Recognises doubtful values of cells, and of whole columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.check.cells import DATES, WHOLE, date_of
from ckanext.nd47.tables.check.columns import codes

_HEADINGS: Mapping[str, re.Pattern[str]] = {
    "date": re.compile(r" (?:ngay|date|thoi gian|thoi diem) "),
    "telephone": re.compile(r" (?:dien thoai|sdt|so dt|di dong|phone|mobile|tel|fax) "),
    "tax": re.compile(r" (?:mst|ma so thue|ma so doanh nghiep|tax code|mst dkkd) "),
    "commune-code": re.compile(r" (?:ma xa|ma phuong|ma xa phuong|ma phuong xa) "),
    "province-code": re.compile(r" ma tinh "),
    "citizen-id": re.compile(r" (?:cccd|can cuoc cong dan|dinh danh ca nhan) "),
    "period": re.compile(r" (?:thang|quy|ky) "),
    "province": re.compile(r"^ (?:ten )?(?:tinh(?: thanh pho| tp)?|province) $"),
}

_TAX = re.compile(r"(\d{10})(?:-?\d{3})?")
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_CITIZEN_ID = re.compile(r"\d{12}")
"""Since 1 July 2025 the tax number of a person or household is the identity number."""

_LOST_ZERO: Mapping[str, re.Pattern[str]] = {
    "telephone": re.compile(r"[2-9]\d{8,9}"),
    "tax": re.compile(r"\d{9}"),
    "commune-code": re.compile(r"\d{1,4}"),
    "province-code": re.compile(r"\d"),
    "citizen-id": re.compile(r"\d{11}"),
}
_PERIOD = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2]|[1-4])")
"""A month or a quarter without signs, as 202407 and 20243."""

_FIRST_SERIAL, _LAST_SERIAL = 20_000, 60_000
"""Excel's numbers of the days 03/10/1954 and 08/04/2064."""

_LONGEST_PLACEHOLDER = 25
_SEPARATORS = re.compile(r"[;\n]")


@lru_cache(maxsize=4096)
def headed(words: str) -> frozenset[str]:
    """Return what a heading says about its column: names of the patterns above."""
    return frozenset(name for name, pattern in _HEADINGS.items() if pattern.search(words))


def look(shown: str, kind: str, announced: frozenset[str]) -> Iterator[str]:
    """Yield the codes of what is doubtful in a cell.

    Args:
        shown: the text of the cell.
        kind: its shape.
        announced: what the heading says.
    """
    if kind in DATES:
        if kind != "date" and not _is_day(shown):
            yield "impossible-dates"
        if ":" in shown:
            yield "with-time"
    elif kind == "text":
        if code := placeholder(shown):
            yield code
        elif (";" in shown or "\n" in shown) and _has_parts(shown):
            yield "several-values"
    if announced:
        yield from _as_announced(shown, kind, announced)


def _as_announced(shown: str, kind: str, announced: frozenset[str]) -> Iterator[str]:
    is_whole = kind in WHOLE
    if is_whole and "date" in announced and _FIRST_SERIAL <= _whole(shown) <= _LAST_SERIAL:
        yield "excel-serials"
    if is_whole and "period" in announced and _PERIOD.fullmatch(shown):
        yield "period"
    if is_whole and any(
        _LOST_ZERO[name].fullmatch(shown) for name in announced & _LOST_ZERO.keys()
    ):
        yield "lost-zeros"
    elif "tax" in announced and kind in {*WHOLE, "zero_led", "text"} and not is_tax_number(shown):
        yield "tax-numbers"
    if "province" in announced:
        name = codes.province_name(shown)
        if name in codes.former_provinces():
            yield "old-provinces"
        elif name not in codes.provinces() and not placeholder(shown):
            yield "unknown-provinces"


def is_tax_number(shown: str) -> bool:
    """Return whether a text is a tax number: ten digits with a check digit, and a branch."""
    match = _TAX.fullmatch(shown)
    if not match:
        return _CITIZEN_ID.fullmatch(shown) is not None
    digits = [int(digit) for digit in match[1]]
    total = sum(weight * digit for weight, digit in zip(_TAX_WEIGHTS, digits, strict=False))
    return (10 - total % 11) == digits[9]


def _whole(shown: str) -> int:
    return int(shown) if len(shown) < 10 else 0  # noqa: PLR2004 - no serial number is as long


def _is_day(shown: str) -> bool:
    try:
        return date_of(shown) is not None
    except ValueError:
        return False


def _has_parts(shown: str) -> bool:
    return sum(1 for part in _SEPARATORS.split(shown) if part.strip()) > 1


def placeholder(shown: str) -> str:
    """Return `no-value` for what means nothing anywhere, `perhaps-no-value` for what may be one."""
    if len(shown) > _LONGEST_PLACEHOLDER or shown[0].lower() not in codes.no_value_initials():
        return ""
    folded = text.fold(shown)
    if folded in codes.CERTAIN:
        return "no-value"
    return "perhaps-no-value" if folded.rstrip(".") in codes.no_values() else ""
