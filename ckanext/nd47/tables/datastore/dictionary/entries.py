"""Reads and writes the lines of a data dictionary.

A line is `column: label (unit) [type] – notes`; everything after the colon may be left out. Columns
may also stand in one line, separated by semicolons. What is no such line, such as the address of a
document, is kept as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ckanext.nd47.lib.language import text

Kind = Literal["text", "number", "date", "timestamp"]
"""What a column holds; `timestamp` is a date with a time."""

KINDS: tuple[Kind, ...] = get_args(Kind)

WRITTEN: Mapping[Kind, str] = {
    "text": "văn bản",
    "number": "số",
    "date": "ngày",
    "timestamp": "ngày giờ",
}
"""How a type is written in a line. The dictionary is a text in Vietnamese on all pages."""

_KINDS: Mapping[str, Kind] = {
    **{text.fold(word): kind for kind, word in WRITTEN.items()},
    **{kind: kind for kind in KINDS},
    "chu": "text",
    "so nguyen": "number",
}
_MOST_COLONS = 6
_NOTES = re.compile(r" [–—] ")
_TYPE = re.compile(r"\[([^\[\]]{1,20})\]$")
_LONGEST_UNIT = 40
_NO_UNIT = re.compile(r"^(?:nam|thang|quy|ngay|tinh|theo|gom|vd|vi du)\b.*\d$|(?:19|20)\d\d")


@dataclass(frozen=True)
class Entry:
    """What a dictionary says about a column; empty where it says nothing.

    Attributes:
        label: its name for people, with the unit in brackets at the end.
        kind: the type that somebody has chosen for it.
        notes: what else there is to know.
    """

    label: str = ""
    kind: Kind | Literal[""] = ""
    notes: str = ""


@dataclass(frozen=True)
class Dictionary:
    """A data dictionary.

    Attributes:
        entries: by the name of the column.
        rest: lines that are about no column.
    """

    entries: Mapping[str, Entry]
    rest: str


def parse(written: str, columns: Iterable[str]) -> Dictionary:
    """Read a data dictionary.

    Args:
        written: the field `data_dictionary` of a resource.
        columns: names of the columns of its table. A line may also name a column by its label, as
            where the headings of a workbook are the labels of a CSV file.
    """
    known = {text.fold(name): name for name in columns}
    entries: dict[str, Entry] = {}
    rest = []
    for line in written.splitlines():
        for segment in _segments(line, known):
            named_entry = _read(segment, known)
            if named_entry and named_entry[0] not in entries:
                entries[named_entry[0]] = named_entry[1]
            elif segment.strip() and not named_entry:
                rest.append(segment.strip())
    return Dictionary(entries, "\n".join(rest))


def write(dictionary: Dictionary, columns: Sequence[str]) -> str:
    """Return a data dictionary as it is stored: what is about no column, then the columns."""
    lines = [dictionary.rest] if dictionary.rest else []
    for name in columns:
        entry = dictionary.entries.get(name, Entry())
        if entry == Entry():
            continue
        line = f"{name}: {_line(entry.label)}"
        if entry.kind:
            line = f"{line.rstrip()} [{WRITTEN[entry.kind]}]"
        if entry.notes:
            line = f"{line.rstrip()} – {_line(entry.notes)}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def is_about(line: str, column: str) -> bool:
    """Return whether a line is about a column that the table may lack."""
    return _read(line, {text.fold(column): column}) is not None


def unit(label: str) -> str:
    """Return the unit that stands in brackets at the end of a label, empty without one."""
    name, _, rest = label.strip().rpartition("(")
    bracketed = rest.removesuffix(")").strip()
    is_unit = rest.endswith(")") and name.strip() and 0 < len(bracketed) <= _LONGEST_UNIT
    if not is_unit or ")" in bracketed or _NO_UNIT.search(text.fold(bracketed)):
        return ""
    return bracketed


def _segments(line: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the parts of a line: divided at semicolons before the name of a column."""
    current = ""
    for part in line.split(";"):
        if current and _read(part, known):
            yield current
            current = part
        else:
            current = f"{current};{part}" if current else part
    yield current


def _read(segment: str, known: Mapping[str, str]) -> tuple[str, Entry] | None:
    """Return the column of a line and its entry; None for a line about no column."""
    place = -1
    for _ in range(_MOST_COLONS):
        place = segment.find(":", place + 1)
        if place < 0:
            return None
        column = known.get(text.fold(segment[:place]))
        entry = _entry(segment[place + 1 :])
        column = column or known.get(text.fold(entry.label))
        if column:
            return column, entry
    return None


def _entry(written: str) -> Entry:
    label, *notes = _NOTES.split(" ".join(written.split()), maxsplit=1)
    match = _TYPE.search(label)
    kind: Kind | Literal[""] = _KINDS.get(text.fold(match[1]), "") if match else ""
    if match and kind:
        label = label[: match.start()]
    return Entry(label.strip(), kind, notes[0].strip() if notes else "")


def _line(written: str) -> str:
    """Return a text that reads back as the same part of a line."""
    return _NOTES.sub(" - ", " ".join(written.split()))
