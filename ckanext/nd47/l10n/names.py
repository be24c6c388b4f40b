"""Names in addresses and of files, made from Vietnamese titles.

Free of CKAN. `assets/slug.js` of this room does the same in the browser; a test compares the two.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ckanext.nd47.l10n.text import without_marks

LONGEST_NAME = 95
"""CKAN allows 100 characters; five are left for what tells two equal names apart."""

SHORTEST_NAME = 2

LONGEST_FILE = 100
LONGEST_SUFFIX = 21
"""Characters of a file name and of its suffix, as in CKAN."""

_NOT_IN_NAME = re.compile(r"[^a-z0-9_]+")
_NOT_IN_FILE = re.compile(r"[^a-z0-9_.]+")
_AROUND_DOTS = re.compile(r"-*\.[-.]*")
_YEAR_AT_END = re.compile(r"-((?:\d{2,4}-)?\d{2,4})$")


def slug(title: str, longest: int = LONGEST_NAME) -> str:
    """Return a title as a name in addresses: `Thủy lợi năm 2024` gives `thuy-loi-nam-2024`.

    A long one is cut between two words and keeps the year, or the years, at its end. A title
    without any letter or digit gives an empty text.
    """
    name = _NOT_IN_NAME.sub("-", without_marks(title)).strip("-")
    if len(name) > longest:
        year = _YEAR_AT_END.search(name)
        end = year[0] if year else ""
        name = _cut(name, longest - len(end)) + end
    return name.ljust(SHORTEST_NAME, "_") if name else ""


def file_name(original: str) -> str:
    """Return a name to store a file under: `Đất đai & Nhà ở.xlsx` gives `dat-dai-nha-o.xlsx`.

    Folders in front are dropped. A name without any letter or digit gives an empty text.
    """
    path = PurePosixPath(original.replace("\\", "/").strip())
    suffix = _NOT_IN_FILE.sub("", without_marks(path.suffix))[:LONGEST_SUFFIX]
    stem = _NOT_IN_FILE.sub("-", without_marks(path.stem))
    stem = _AROUND_DOTS.sub(".", stem).strip("-.")
    return _cut(stem, LONGEST_FILE - len(suffix)) + suffix if stem else ""


def _cut(name: str, longest: int) -> str:
    """Cut a name, between two words where one ends in its second half."""
    if len(name) <= longest:
        return name
    cut = name[: longest + 1].rpartition("-")[0]
    return (cut if len(cut) > longest // 2 else name[:longest]).strip("-")
