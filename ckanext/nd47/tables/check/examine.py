"""Examines a file of any kind."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict
from zipfile import ZipFile, ZipInfo

from ckanext.nd47.tables.check import limits, personal_data
from ckanext.nd47.tables.check.cells import Table, shape
from ckanext.nd47.tables.check.geography import Extent, Geometries, widened
from ckanext.nd47.tables.check.readers import (
    archives,
    documents,
    kinds,
    maps,
    records,
    texts,
    workbooks,
)
from ckanext.nd47.tables.check.report import FileError, Finding, Report, ReportDict
from ckanext.nd47.tables.check.sample import Sample, beginning, of_tables
from ckanext.nd47.tables.check.sample import empty as no_sample
from ckanext.nd47.tables.check.table import Examination, Layout

_IN_ZIP = frozenset(
    {"CSV", "TSV", "XLSX", "ODS", "XLS", "JSON", "GeoJSON", "KML", "SHP", "PDF", "DOCX"}
)
LOADED = frozenset({"CSV", "TSV", "XLSX", "XLS", "ODS"})
"""Files whose first table is loaded into the DataStore."""
_SHEETS = frozenset({"XLSX", "XLS", "ODS"})


@dataclass(frozen=True)
class Options:
    """What is known besides the file.

    Attributes:
        name: name of the file.
        format: format that its resource states, which may differ.
        extent: extent of the province, west, south, east and north; None without one.
    """

    name: str
    format: str = ""
    extent: Extent | None = None


def examine(
    path: Path,
    options: Options,
    seconds: float = limits.READ_SECONDS,
    layouts: list[Layout] | None = None,
) -> Report:
    """Return what a file holds, and what is doubtful in it.

    Args:
        path: the file.
        options: what is known besides.
        seconds: processor time after which the rest of a table is not read.
        layouts: gets the layout of each table of a text or a workbook.
    """
    report = Report(size=path.stat().st_size)
    deadline = time.process_time() + seconds
    _examine(path, options, report, deadline, inside=False, layouts=layouts)
    if not report.whole:
        rows = sum(part["rows"] for part in report.parts)
        report.add("partly-checked", count=rows)
    return report


class Quick(TypedDict):
    """What can be told while a person waits: of the beginning of a text, of a smaller file whole.

    `is_part` says whether something was left out.
    """

    report: ReportDict
    sample: Sample
    is_part: bool


def quick(path: Path, options: Options) -> Quick:
    """Return what can be told about a file at once."""
    kind = kinds.of_content(path, kinds.named(options.name) or kinds.named(options.format))
    with tempfile.TemporaryDirectory() as folder:
        part, is_part = path, False
        if kind in {"CSV", "TSV"}:
            part = Path(folder) / "part"
            is_part = beginning(path, part, limits.QUICK_BYTES)
        elif path.stat().st_size > limits.QUICK_WHOLE:
            return Quick(
                report=Report(size=path.stat().st_size, whole=False).as_dict(),
                sample=no_sample(),
                is_part=True,
            )
        report = examine(part, options, limits.QUICK_SECONDS)
        if is_part:
            report.findings = [
                finding for finding in report.findings if finding.code not in _OF_THE_END
            ]
        report.size = path.stat().st_size
        return Quick(report=report.as_dict(), sample=_sample(part, kind), is_part=is_part)


_OF_THE_END = frozenset({"total-row", "notes-below", "partly-checked"})
"""What only the end of a table shows."""


def _sample(path: Path, kind: str) -> Sample:
    if kind not in {"CSV", "TSV", "JSON", *_SHEETS}:
        return no_sample()
    try:
        return of_tables(_tables(path, kind, Report()))
    except FileError:
        return no_sample()


def _examine(  # noqa: PLR0913 - what one examination shares
    path: Path,
    options: Options,
    report: Report,
    deadline: float,
    *,
    inside: bool,
    layouts: list[Layout] | None = None,
) -> None:
    """Examine a file; `inside` says that it was in a ZIP."""
    name = kinds.named(options.name) or kinds.named(options.format)
    try:
        content = kinds.of_content(path, name)
        report.format = report.format or content
        if name and content and not kinds.matches(content, name):
            report.add("not-as-named", named=name, content=content)
            if content in {"HTML", "XML"}:
                return
        if content == "ZIP" and not inside:
            _examine_zip(path, options, report, deadline)
        elif content in {"PDF", "DOCX"}:
            _examine_document(path, content, report, deadline)
        elif content in {"GeoJSON", "KML", "SHP"}:
            _examine_map(path, content, options, report, deadline)
        else:
            _examine_tables(path, content, options, report, deadline, layouts)
    except FileError as error:
        report.add(error.code, **error.facts)


def _examine_tables(  # noqa: PLR0913, PLR0917 - what one examination shares
    path: Path,
    content: str,
    options: Options,
    report: Report,
    deadline: float,
    layouts: list[Layout] | None,
) -> None:
    extent = widened(options.extent)
    count = 0
    for table in tables(path, content, report):
        count += 1
        examination = Examination(table, report, extent, deadline)
        examination.run()
        if layouts is not None and content in LOADED:
            layouts.append(examination.layout())
    if not count and content in {*_SHEETS, "CSV", "TSV"}:
        raise FileError("empty")
    if content in _SHEETS and count > 1:
        report.add("several-sheets", count=count)


def tables(path: Path, content: str, report: Report) -> Iterator[Table]:
    """Yield the tables of a file that have a cell.

    Args:
        path: the file.
        content: what it is, as `kinds.of_content` says.
        report: gets the encoding and the findings of the reader.

    Raises:
        FileError: the file cannot be read.
    """
    return (table for table in _tables(path, content, report) if not _is_blank(table))


def _tables(path: Path, content: str, report: Report) -> Iterator[Table]:
    if content in kinds.TEXTS:
        if content != "TXT":
            yield texts.table(path, report)
        else:
            report.encoding = texts.recognise(path, report)
    elif content == "XLSX":
        yield from workbooks.xlsx(path, report)
    elif content in _SHEETS:
        yield from workbooks.calamine(path, report, content)
    elif content == "JSON":
        if table := records.table(path):
            yield table
    else:
        raise FileError("unknown-format")


def _is_blank(table: Table) -> bool:
    """Return whether a sheet has no cell; its first row is put back otherwise."""
    passed = []
    for number, cells in table.rows:
        passed.append((number, cells))
        if any(shape(cell) != "blank" for cell in cells):
            rest = table.rows
            table.rows = _joined(passed, rest)
            return False
    return True


def _joined(first: list, rest: Iterator) -> Iterator:
    yield from first
    yield from rest


def _examine_map(
    path: Path, content: str, options: Options, report: Report, deadline: float
) -> None:
    geometries = Geometries(widened(options.extent))
    if content == "GeoJSON":
        table = records.features(path, geometries, report)
    elif content == "KML":
        table = maps.kml(path, geometries, report)
    else:
        table = maps.shp(path, geometries, report)
    Examination(table, report, None, deadline).run()
    # A file of geometries without attributes is no empty table.
    if geometries.count:
        report.findings = [finding for finding in report.findings if finding.code != "empty"]
    report.features = (report.features or 0) + geometries.count
    stated = {finding.code for finding in report.findings}
    for code, count in geometries.tallies.items():
        if code == "not-wgs84" and code in stated:
            continue
        report.add(code, count=count, row=geometries.firsts[code])


def _examine_document(path: Path, content: str, report: Report, deadline: float) -> None:
    """Search the text of a document for identity numbers and personal mailboxes."""
    lines = documents.pdf(path, report) if content == "PDF" else documents.docx(path, report)
    counts: Counter[str] = Counter()
    for number, line in enumerate(lines):
        shown = line.strip()
        counts.update(personal_data.look(shown, shape(shown), frozenset()))
        if number > documents.MOST_LINES or time.process_time() > deadline:
            report.whole = False
            break
    for code in ("citizen-id", "telephone", "mailbox"):
        if counts[code]:
            report.findings.append(Finding(code, count=counts[code]))


def _examine_zip(path: Path, options: Options, report: Report, deadline: float) -> None:
    with (
        archives.opened(path) as archive,
        tempfile.TemporaryDirectory(prefix="nd47-check-") as folder,
    ):
        files = [part for part in archive.infolist() if not part.is_dir()]
        if any(archives.is_unsafe(part.filename) for part in files):
            raise FileError("unsafe-path")
        if not files:
            raise FileError("empty")
        wanted = [part for part in files if kinds.named(part.filename) in _IN_ZIP]
        for number, part in enumerate(wanted[: limits.MOST_FILES]):
            inner = _examine_part(archive, part, Path(folder) / str(number), options, deadline)
            _merge(report, inner, part.filename[:200])
        report.whole = report.whole and len(wanted) <= limits.MOST_FILES


def _examine_part(
    archive: ZipFile, part: ZipInfo, folder: Path, options: Options, deadline: float
) -> Report:
    """Unpack a file of a ZIP, with the other parts of a Shapefile, and examine it."""
    folder.mkdir()
    beside = [part]
    if kinds.named(part.filename) == "SHP":
        stem = part.filename.rpartition(".")[0]
        beside = [
            member for member in archive.infolist() if member.filename.rpartition(".")[0] == stem
        ]
    for member in beside:
        archives.unpack(archive, member, folder / _plain_name(member))
    name = _plain_name(part)
    inner = Report()
    _examine(folder / name, Options(name, extent=options.extent), inner, deadline, inside=True)
    return inner


def _plain_name(part: ZipInfo) -> str:
    return f"file.{part.filename.rpartition('.')[2].lower()}"


def _merge(report: Report, inner: Report, name: str) -> None:
    """Add the report of a file of a ZIP to that of the ZIP."""
    for table in inner.parts:
        report.parts.append({**table, "name": f"{name} {table['name']}".strip()})
    report.findings += [replace(f, part=f"{name} {f.part}".strip()) for f in inner.findings]
    if inner.features is not None:
        report.features = (report.features or 0) + inner.features
    report.whole = report.whole and inner.whole
