"""The process that examines one file, with limits of memory and processor time.

Usage: python -m ckanext.nd47.tables.check examine FILE < options as JSON > report as JSON
       python -m ckanext.nd47.tables.check load FILE TARGET < options as JSON > report and table

`load` also writes the first table for the DataStore. Each of both results is a line of JSON, the
report first: it is there even if the table could not be written.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import replace
from pathlib import Path

from ckanext.nd47.tables.check import limits, structure
from ckanext.nd47.tables.check.columns import storage
from ckanext.nd47.tables.check.copies import load
from ckanext.nd47.tables.check.copies.convert import to_wgs84
from ckanext.nd47.tables.check.copies.load import LoadedTable
from ckanext.nd47.tables.check.copies.repair import repair
from ckanext.nd47.tables.check.examine import Options, Quick, examine, quick
from ckanext.nd47.tables.check.report import FileError, Report, ReportDict
from ckanext.nd47.tables.check.sample import empty
from ckanext.nd47.tables.check.table import Layout


def main() -> None:
    """Examine a file, or write its repaired copy."""
    command, source, *more = sys.argv[1:]
    content = json.load(sys.stdin)
    extent = content.pop("extent", None)
    chosen = content.pop("chosen", {})
    options = Options(**content, extent=tuple(extent) if extent else None)
    # The interpreter and its libraries take some 70 MB before the file is opened.
    resource.setrlimit(resource.RLIMIT_DATA, (limits.MEMORY, limits.MEMORY))
    seconds = limits.PROCESSOR_SECONDS
    if command == "load":
        seconds = limits.LOAD_PROCESSOR_SECONDS
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
    layouts: list[Layout] = []
    report = _report(Path(source), options, layouts)
    json.dump(report, sys.stdout)
    sys.stdout.write("\n")
    sys.stdout.flush()
    if command == "load" and layouts:
        layout = layouts[0]
        if not report["whole"]:
            # The rest of the file may have other values.
            layout = replace(layout, storages=[storage.TEXT] * len(layout.storages))
        is_text = report["format"] in {"CSV", "TSV"}
        if report["whole"] or is_text:
            loaded = _load(Path(source), options, layout, Path(more[0]), chosen)
        else:
            loaded = {"code": "too-large", "limit": f"{limits.MOST_CELLS} cells"}
        json.dump(loaded, sys.stdout)


def _quick(source: Path, options: Options) -> Quick:
    try:
        return quick(source, options)
    except (FileError, MemoryError):
        report = Report(size=source.stat().st_size, whole=False)
        return Quick(report=report.as_dict(), sample=empty(), is_part=True)


def _load(
    source: Path, options: Options, layout: Layout, target: Path, chosen: dict[str, str]
) -> LoadedTable | dict[str, str | int]:
    """Write the table; return it, or why there is none, as a code and facts."""
    names = structure.column_names(layout.headings)
    try:
        types = [chosen.get(name, "") for name in names]
        return load.write(source, options, layout, target, types)
    except FileError as error:
        return {"code": error.code, **error.facts}
    except MemoryError:
        return {"code": "too-large", "limit": f"{limits.MEMORY // limits.MEGABYTE} MB"}


def _report(source: Path, options: Options, layouts: list[Layout]) -> ReportDict:
    try:
        return examine(source, options, layouts=layouts).as_dict()
    except MemoryError:
        report = Report(size=source.stat().st_size, whole=False)
        report.add("too-large", limit=f"{limits.MEMORY // limits.MEGABYTE} MB")
        return report.as_dict()


if __name__ == "__main__":
    main()
