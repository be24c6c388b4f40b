"""The process that examines one file, with limits of memory and processor time.

Usage: python -m ckanext.nd47.tables.check examine FILE < options as JSON > report as JSON
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.convert import to_wgs84
from ckanext.nd47.tables.check.examine import Options, Quick, examine, quick
from ckanext.nd47.tables.check.repair import repair
from ckanext.nd47.tables.check.report import FileError, Report, ReportDict
from ckanext.nd47.tables.check.sample import empty


def main() -> None:
    """Examine a file, or write its repaired copy."""
    command, source, *more = sys.argv[1:]
    content = json.load(sys.stdin)
    extent = content.pop("extent", None)
    options = Options(**content, extent=tuple(extent) if extent else None)
    # The interpreter and its libraries take some 70 MB before the file is opened.
    resource.setrlimit(resource.RLIMIT_DATA, (limits.MEMORY, limits.MEMORY))
    seconds = limits.PROCESSOR_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if command == "repair":
        repair(Path(source), options, Path(more[0]))
        return
    if command == "convert":
        to_wgs84(Path(source), options, Path(more[0]))
        return
    if command == "quick":
        json.dump(_quick(Path(source), options), sys.stdout)
        return
    json.dump(_report(Path(source), options), sys.stdout)


def _quick(source: Path, options: Options) -> Quick:
    try:
        return quick(source, options)
    except (FileError, MemoryError):
        report = Report(size=source.stat().st_size, whole=False)
        return Quick(report=report.as_dict(), sample=empty(), is_part=True)


def _report(source: Path, options: Options) -> ReportDict:
    try:
        return examine(source, options).as_dict()
    except MemoryError:
        report = Report(size=source.stat().st_size, whole=False)
        report.add("too-large", limit=f"{limits.MEMORY // limits.MEGABYTE} MB")
        return report.as_dict()


if __name__ == "__main__":
    main()
