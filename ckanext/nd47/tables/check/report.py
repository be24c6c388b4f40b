"""The result of an examination, as it is stored: codes and facts, no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypedDict

Kind = Literal["personal-data", "encoding", "structure", "values", "geography", "columns", "link"]
Level = Literal["error", "warning", "advice"]
Facts = dict[str, "str | int"]

MOST_FINDINGS = 200
"""Findings of a file; a table of a thousand columns may have more."""

LONGEST_EXAMPLE = 60
"""Characters of an example."""

FINDINGS: Mapping[str, tuple[Kind, Level]] = {
    "citizen-id": ("personal-data", "error"),
    "identity-card": ("personal-data", "error"),
    "telephone": ("personal-data", "warning"),
    "mailbox": ("personal-data", "warning"),
    "birth-date": ("personal-data", "error"),
    "bank-account": ("personal-data", "error"),
    "plate": ("personal-data", "warning"),
    "insurance-number": ("personal-data", "error"),
    "person-name": ("personal-data", "warning"),
    "utf-16": ("encoding", "advice"),
    "old-encoding": ("encoding", "warning"),
    "mixed-encodings": ("encoding", "warning"),
    "old-font": ("encoding", "warning"),
    "viqr": ("encoding", "warning"),
    "decomposed": ("encoding", "advice"),
    "read-wrongly": ("encoding", "warning"),
    "lost-letters": ("encoding", "warning"),
    "not-as-named": ("structure", "error"),
    "empty": ("structure", "error"),
    "broken": ("structure", "error"),
    "locked": ("structure", "error"),
    "too-large": ("structure", "warning"),
    "partly-checked": ("structure", "advice"),
    "unknown-format": ("structure", "advice"),
    "program": ("structure", "error"),
    "external-links": ("structure", "warning"),
    "unsafe-path": ("structure", "error"),
    "title-rows": ("structure", "warning"),
    "two-row-heading": ("structure", "warning"),
    "notes-below": ("structure", "warning"),
    "numbering-row": ("structure", "advice"),
    "merged-cells": ("structure", "warning"),
    "no-heading": ("structure", "warning"),
    "empty-heading": ("structure", "warning"),
    "same-heading": ("structure", "warning"),
    "long-heading": ("structure", "warning"),
    "too-many-columns": ("structure", "warning"),
    "not-loaded": ("structure", "error"),
    "total-row": ("structure", "warning"),
    "several-tables": ("structure", "warning"),
    "several-sheets": ("structure", "advice"),
    "several-values": ("structure", "advice"),
    "ragged-rows": ("structure", "warning"),
    "formula-errors": ("structure", "warning"),
    "no-text": ("structure", "warning"),
    "decimal-comma": ("values", "warning"),
    "thousands-dots": ("values", "warning"),
    "thousands-commas": ("values", "warning"),
    "day-first-dates": ("values", "advice"),
    "mixed-dates": ("values", "warning"),
    "impossible-dates": ("values", "warning"),
    "excel-serials": ("values", "warning"),
    "lost-zeros": ("values", "warning"),
    "mixed-types": ("values", "warning"),
    "placeholders": ("values", "advice"),
    "duplicate-rows": ("values", "warning"),
    "tax-numbers": ("values", "warning"),
    "kept-as-text": ("values", "warning"),
    "old-provinces": ("values", "advice"),
    "unknown-provinces": ("values", "warning"),
    "former-communes": ("values", "advice"),
    "unknown-communes": ("values", "warning"),
    "former-districts": ("values", "advice"),
    "unknown-districts": ("values", "warning"),
    "not-wgs84": ("geography", "warning"),
    "swapped": ("geography", "warning"),
    "outside": ("geography", "warning"),
    "broken-geometry": ("geography", "warning"),
    "no-projection": ("geography", "warning"),
    "stated-columns": ("columns", "warning"),
    "expected-columns": ("columns", "warning"),
    "missing-columns": ("columns", "warning"),
    "new-columns": ("columns", "advice"),
    "changed-types": ("columns", "warning"),
    "unreachable": ("link", "error"),
    "not-public": ("link", "error"),
    "refused": ("link", "error"),
}
"""Everything that can be found, with its kind and level."""


@dataclass(frozen=True)
class Finding:
    """Something doubtful.

    Attributes:
        code: one of `FINDINGS`.
        column: heading of the column, or empty.
        row: number of the first row, from 1 as a spreadsheet shows it; 0 where there is none.
        count: how often it occurs.
        facts: what the message says besides; never a value of a person.
        part: the sheet, or the file within a ZIP.
    """

    code: str
    column: str = ""
    row: int = 0
    count: int = 1
    facts: Facts = field(default_factory=dict)
    part: str = ""


class ColumnDict(TypedDict):
    """A column: its heading, its type and the number of its filled cells.

    `type` is what most cells are; `stored` is the type that every cell fits: `text`, `numeric`,
    `date` or `timestamp`.
    """

    name: str
    type: str
    stored: str
    filled: int


class PartDict(TypedDict):
    """A table: a sheet, a file within a ZIP, or the whole file (`name` is empty)."""

    name: str
    rows: int
    columns: list[ColumnDict]


@dataclass
class Report:
    """What was understood of a file, and what is doubtful.

    Attributes:
        format: what the file is by its content, such as `CSV`.
        encoding: of a text; empty for other files.
        delimiter: of a CSV file.
        size: bytes.
        parts: its tables.
        features: number of geometries, None for other files.
        whole: whether it was read to its end.
        findings: what is doubtful.
    """

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    size: int = 0
    parts: list[PartDict] = field(default_factory=list)
    features: int | None = None
    whole: bool = True
    findings: list[Finding] = field(default_factory=list)

    def add(self, code: str, **more: int | str) -> None:
        """Add a finding about the file; `count` and `row` are its own, the rest are facts."""
        row, count = int(more.pop("row", 0)), int(more.pop("count", 1))
        self.findings.append(Finding(code, row=row, count=count, facts=more))

    def as_dict(self) -> ReportDict:
        """Return it as JSON."""
        content = asdict(self)
        content["findings"] = content["findings"][:MOST_FINDINGS]
        return ReportDict(**content)


class FindingDict(TypedDict):
    """See `Finding`."""

    code: str
    column: str
    row: int
    count: int
    facts: Facts
    part: str


class ReportDict(TypedDict):
    """See `Report`."""

    format: str
    encoding: str
    delimiter: str
    size: int
    parts: list[PartDict]
    features: int | None
    whole: bool
    findings: list[FindingDict]


class FileError(Exception):
    """A file that cannot be read further.

    Attributes:
        code: one of `FINDINGS`.
        facts: what the message says.
    """

    def __init__(self, code: str, **facts: int | str) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts
