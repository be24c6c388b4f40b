"""Computes the index of data quality of a file from the result of its check."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from ckanext.nd47.lib.data import Labels
from ckanext.nd47.tables.check.cells import heading_words
from ckanext.nd47.tables.check.columns import values
from ckanext.nd47.tables.check.report import FINDINGS, FindingDict, PartDict
from ckanext.nd47.tables.communes import names
from ckanext.nd47.tables.findings.quality.method import Counted, Group, Whole, method


class Share(TypedDict):
    """A dimension: its value in percent, None if it is not measured."""

    code: str
    label: str
    value: float | None


class Faults(TypedDict):
    """A group of faults: how many cells are concerned, and which findings belong to it.

    `count` is None if the group is not measured; `why` says why.
    """

    code: str
    label: str
    count: int | None
    findings: list[str]
    why: str


class Required(TypedDict):
    """Codes that must all be right: `met` is None if there are none, or it is not measured."""

    code: str
    label: str
    met: bool | None
    why: str


class QualityIndex(TypedDict):
    """The index of a file; `value` is None and `level` empty for a file without a table."""

    title: str
    value: float | None
    level: str
    level_label: str
    dimensions: list[Share]
    groups: list[Faults]
    required: list[Required]
    status: str
    source: str


def of_check(
    understood: Mapping[str, Any], findings: Sequence[FindingDict], language: str
) -> QualityIndex:
    """Return the index of a file.

    Args:
        understood: what the check understood; see `check.report.ReportDict`.
        findings: what it found.
        language: of the labels.
    """
    quality_method = method()
    parts: Sequence[PartDict] = understood.get("parts") or ()
    total = sum(part["rows"] * len(part["columns"]) for part in parts)
    required = [_required(whole, parts, findings, language) for whole in quality_method.whole]
    counts = {
        group.code: _count(group, parts, findings, total)
        for group in quality_method.groups
        if total
    }
    dimensions = [
        Share(
            code=dimension.code,
            label=_in(dimension.label, language),
            value=_share(dimension.groups, counts, total),
        )
        for dimension in quality_method.dimensions
    ]
    measured = [share["value"] for share in dimensions if share["value"] is not None]
    value = _floor(sum(measured) / len(measured)) if measured else None
    level = _level(value, all(requirement["met"] is not False for requirement in required))
    return QualityIndex(
        title=_in(quality_method.title, language),
        value=value,
        level=level,
        level_label=next(
            (
                _in(candidate.label, language)
                for candidate in quality_method.levels
                if candidate.code == level
            ),
            "",
        ),
        dimensions=dimensions,
        groups=[_faults(group, counts, findings, language) for group in quality_method.groups],
        required=required,
        status=quality_method.status,
        source=_in(quality_method.source, language),
    )


def _count(
    group: Group, parts: Sequence[PartDict], findings: Sequence[FindingDict], total: int
) -> int | None:
    """Return the number of cells with a fault of a group, None if it is not measured."""
    if group.why:
        return None
    count = _blank(parts) if group.code == "missing" else 0
    for finding in findings:
        if finding["code"] in group.findings:
            count += _cells(finding, group.findings[finding["code"]], parts, total)
    return min(count, total)


def _cells(finding: FindingDict, counted: Counted, parts: Sequence[PartDict], total: int) -> int:
    """Return how many cells a finding is about; a fault of the whole file counts if it is grave."""
    if counted == "cells":
        return finding["count"]
    if counted == "rows":
        part = next(
            (candidate for candidate in parts if candidate["name"] == finding["part"]), None
        )
        return finding["count"] * (len(part["columns"]) if part else 1)
    _, level = FINDINGS[finding["code"]]
    return total if level == "error" else 0


def _blank(parts: Sequence[PartDict]) -> int:
    return sum(
        max(0, part["rows"] - column["filled"]) for part in parts for column in part["columns"]
    )


def _share(groups: Sequence[str], counts: Mapping[str, int | None], total: int) -> float | None:
    """Return the share of cells without a fault of the groups that are measured, in percent."""
    measured = [count for group in groups if (count := counts.get(group)) is not None]
    return _floor(100 * (1 - min(sum(measured), total) / total)) if measured else None


def _required(
    whole: Whole, parts: Sequence[PartDict], findings: Sequence[FindingDict], language: str
) -> Required:
    columns = {
        column["name"]
        for part in parts
        for column in part["columns"]
        if _announced(column["name"]) & whole.announced
    }
    failed = any(f["code"] in whole.findings and f["column"] in columns for f in findings)
    return Required(
        code=whole.code,
        label=_in(whole.label, language),
        met=not failed if columns else None,
        why=_in(whole.why, language) if whole.why else "",
    )


def _announced(heading: str) -> frozenset[str]:
    words = heading_words(heading)
    return values.headed(words) | {names.headed(words)}


def _faults(
    group: Group,
    counts: Mapping[str, int | None],
    findings: Sequence[FindingDict],
    language: str,
) -> Faults:
    own = dict.fromkeys(
        finding["code"] for finding in findings if finding["code"] in group.findings
    )
    return Faults(
        code=group.code,
        label=_in(group.label, language),
        count=counts.get(group.code),
        findings=list(own),
        why=_in(group.why, language) if group.why else "",
    )


def _level(value: float | None, is_complete: bool) -> str:
    """Return the level; a file with a wrong code that must be right is not of the best one."""
    if value is None:
        return ""
    levels = method().levels[0 if is_complete else 1 :]
    return next(level.code for level in levels if value >= level.least)


def _floor(value: float) -> float:
    """Return a percentage with one decimal that is never rounded up to a level."""
    return math.floor(value * 10 + 1e-9) / 10


def _in(label: Labels, language: str) -> str:
    return label.get(language) or label["en"]
