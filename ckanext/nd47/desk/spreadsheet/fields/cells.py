"""What a cell of the spreadsheet says, and how a value is written in one.

Reading never refuses: a text that is no value of its field stays as it is, and the validator of the
field says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ckan import model

from ckanext.nd47.desk.spreadsheet.fields.column import Column
from ckanext.nd47.lib.fields import spellings, splitting, values
from ckanext.nd47.lib.files.spreadsheets.sheet import day_of_serial
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import licence

Value = str | list[str]

WITH_LINES = frozenset({"choices", "lines", "tags", "text"})
"""Kinds of cells in which line breaks count."""

NOTHING = "–"
"""Line of a cell that stands for a group of subfields without a value here."""
NOTHINGS = frozenset({"-", "–", "—"})

PARTS = re.compile(r"[;\n]+")
TAGS = re.compile(r"[,;\n]+")


def normalised(column: Column | None, cell: str) -> str:
    """Return a cell without needless blanks; empty for `Không có` and similar texts."""
    has_lines = column is not None and (column.several or column.kind in WITH_LINES)
    cell = values.paragraphs(cell) if has_lines else " ".join(cell.split())
    if values.means_no_value(cell):
        return ""
    if column is not None and column.kind == "date":
        return day_of_serial(cell) or cell
    return cell


def read(column: Column, cell: str) -> Value:
    """Return the value of a cell, or its text where it is none."""
    return _READERS.get(column.kind, _line)(column, values.paragraphs(cell))


def show(column: Column, value: Any) -> str:
    """Return a stored value as a cell shows it, in the language of the request."""
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        separator = ", " if column.kind == "tags" else "\n"
        return separator.join(_shown(column, str(item)) for item in value)
    return _shown(column, str(value))


def show_lines(column: Column, several: list[Any]) -> str:
    """Return the values of a subfield in several groups, one on each line."""
    lines = [show(column, value) for value in several]
    return "\n".join(line or NOTHING for line in lines) if any(lines) else ""


def read_lines(column: Column, cell: str) -> list[Value]:
    """Return the values of a subfield in several groups; empty for an empty cell."""
    lines = [line.strip() for line in cell.split("\n")] if cell else []
    return [read(column, "" if line in NOTHINGS else line) for line in lines]


def _shown(column: Column, value: str) -> str:
    if column.kind == "date":
        return values.day_first(value)
    if column.kind == "licence":
        return licence.title(value) if value in model.Package.get_license_register() else value
    if column.vocabulary:
        return vocabulary.label(column.vocabulary, value, http.language())
    return column.code_labels().get(value, value) if column.choices else value


def _line(_column: Column, cell: str) -> Value:
    return values.one_line(cell)


def _text(_column: Column, cell: str) -> Value:
    return cell


def _date(_column: Column, cell: str) -> Value:
    try:
        return values.date(cell) if cell else ""
    except ValueError:
        return cell


def _choice(column: Column, cell: str) -> Value:
    return _code(column, cell) or cell


def _choices(column: Column, cell: str) -> Value:
    if _code(column, cell):
        return [_code(column, cell)]
    parts: list[str] = []
    for part in filter(None, map(str.strip, PARTS.split(cell))):
        # A comma separates values unless it is part of a label.
        parts += [part] if _code(column, part) else filter(None, map(str.strip, part.split(",")))
    return list(dict.fromkeys(_code(column, part) or part for part in parts))


def _code(column: Column, cell: str) -> str:
    if column.vocabulary:
        return spellings.code_of(column.vocabulary, cell)
    key = text.fold(cell)
    for code, labels in column.choices.items():
        if key in map(text.fold, (code, *labels.values())):
            return code
    return ""


def _lines(_column: Column, cell: str) -> Value:
    return splitting.items(cell)


def _tags(_column: Column, cell: str) -> Value:
    return sorted(set(filter(None, map(values.one_line, TAGS.split(cell)))))


def _licence(_column: Column, cell: str) -> Value:
    return (licence.recognise(cell) or cell) if cell else ""


def _place(_column: Column, cell: str) -> Value:
    return splitting.province(cell) or cell


_READERS: Mapping[str, Callable[[Column, str], Value]] = {
    "choice": _choice,
    "choices": _choices,
    "date": _date,
    "licence": _licence,
    "lines": _lines,
    "place": _place,
    "tags": _tags,
    "text": _text,
}
