"""Periods that the names of files and the lines above tables state."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.language import text as spelling

_YEAR = r"(?:19|20)\d\d"
_IN_TEXT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:quy|q|quarter) ?(?:iv|i{{1,3}}|[1-4])[ ./,-]*(?:nam )?{_YEAR}",
        rf"(?:6|9) thang (?:dau|cuoi) nam {_YEAR}",
        rf"nam hoc {_YEAR} ?- ?{_YEAR}",
        rf"(?:thang|t) ?(?:0?[1-9]|1[0-2])[ ./,-]+(?:nam )?{_YEAR}",
        r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-]" + _YEAR + r"(?!\d)",
        rf"(?<!\d){_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)",
        rf"(?<!\d)(?:0[1-9]|1[0-2])[./-]{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}-(?:0[1-9]|1[0-2])(?!\d)",
        rf"(?<!\d){_YEAR}(?:0[1-9]|1[0-2])(?!\d)",
        rf"(?<!\d){_YEAR}(?!\d)",
    )
)
"""What a period looks like in folded text, the most precise first."""

LONGEST_LINE = 300
MOST_LINES = 50


def in_file(name: str, lines: Iterable[str]) -> str:
    """Return the period that the name of a file or the lines above its table state, or empty."""
    stem = re.sub(r"[_\s]+", " ", PurePosixPath(name).stem)
    of_name = [stem, stem.replace("-", " ")]
    return _in_texts(of_name) or _in_texts(list(lines)[:MOST_LINES])


def _in_texts(texts: list[str]) -> str:
    written = [spelling.fold(text[:LONGEST_LINE]) for text in texts]
    matches = (match[0] for look in _IN_TEXT for text in written for match in look.finditer(text))
    return next((dates.period(found) for found in matches if _is_period(found)), "")


def _is_period(written: str) -> bool:
    try:
        dates.period_days(written)
    except ValueError:
        return False
    return True
