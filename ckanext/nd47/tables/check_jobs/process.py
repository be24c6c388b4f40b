"""Runs the examination of a file in a process of its own, and fetches linked files in another."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ckanext.nd47.lib import config
from ckanext.nd47.lib.fields import geometry
from ckanext.nd47.lib.web.public_network import places
from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.copies.load import LoadedTable
from ckanext.nd47.tables.check.examine import Quick
from ckanext.nd47.tables.check.report import Facts, FileError, Report, ReportDict
from ckanext.nd47.tables.check.sample import Sample
from ckanext.nd47.tables.resource_views.map.convert import limits as map_limits

log = logging.getLogger(__name__)

_CHECK = "ckanext.nd47.tables.check"
_FETCH = "ckanext.nd47.tables.check.fetch"
_CONVERT = "ckanext.nd47.tables.resource_views.map.convert"
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")
"""Variables that the process gets: none of CKAN's, which have passwords."""
_NO_MEMORY = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV}


class ProcessError(Exception):
    """The process ended in an unexpected way."""


def examine(path: Path, name: str, format_: str) -> ReportDict:
    """Return the report of a file.

    Args:
        path: the file.
        name: its name, as its address says it.
        format_: the format that its resource states.

    Raises:
        ProcessError: the process ended in an unexpected way.
    """
    options = {"name": name, "format": format_, "extent": _extent()}
    try:
        done = _run([_CHECK, "examine", str(path)], options, limits.PROCESS_SECONDS)
    except subprocess.TimeoutExpired:
        return _stopped(path, f"{limits.PROCESS_SECONDS} s")
    if done.returncode:
        return _ended(done, path, f"{limits.PROCESSOR_SECONDS} s")
    return json.loads(done.stdout)


@dataclass(frozen=True)
class Loading:
    """An examination that also wrote the table of the file.

    Attributes:
        report: what was found.
        table: the table that was written, None without one.
        code: why there is none, one of `report.FINDINGS`; empty if the file has none.
        facts: what the message says.
    """

    report: ReportDict
    table: LoadedTable | None = None
    code: str = ""
    facts: Facts = field(default_factory=dict)


def load(path: Path, name: str, format_: str, target: Path, chosen: Mapping[str, str]) -> Loading:
    """Return the report of a file, and write its first table for the DataStore.

    Args:
        path: the file.
        name: its name, as its address says it.
        format_: the format that its resource states.
        target: gets the table; see `check.load.write`.
        chosen: types that somebody has chosen, by the name of the column.

    Raises:
        ProcessError: the process ended in an unexpected way.
    """
    options = {"name": name, "format": format_, "extent": _extent(), "chosen": dict(chosen)}
    try:
        done = _run([_CHECK, "load", str(path), str(target)], options, limits.LOAD_SECONDS)
    except subprocess.TimeoutExpired:
        return Loading(_stopped(path, f"{limits.LOAD_SECONDS} s"))
    written = done.stdout.splitlines()
    if not done.returncode:
        report = json.loads(written[0])
        loaded: Any = json.loads(written[1]) if written[1:] else {}
        if "columns" in loaded:
            return Loading(report, loaded)
        return Loading(report, code=loaded.pop("code", ""), facts=loaded)
    if not written:
        return Loading(_ended(done, path, f"{limits.LOAD_PROCESSOR_SECONDS} s"))
    limit = _limit(done, f"{limits.LOAD_PROCESSOR_SECONDS} s")
    return Loading(json.loads(written[0]), code="too-large", facts={"limit": limit})


def quick(path: Path, name: str) -> Quick:
    """Return what can be told about a file at once; nothing if the process does not end well."""
    options = {"name": name, "format": "", "extent": _extent()}
    try:
        done = _run([_CHECK, "quick", str(path)], options, limits.PROCESS_SECONDS)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        return Quick(
            report=Report(size=path.stat().st_size, whole=False).as_dict(),
            sample=Sample(lines=[], columns=[]),
            is_part=True,
        )
    return json.loads(done.stdout)


def repair(path: Path, name: str, format_: str, target: Path) -> None:
    """Write the repaired copy of a file.

    Raises:
        ProcessError: there is none.
    """
    _write("repair", path, name, format_, target)


def convert(path: Path, name: str, format_: str, target: Path) -> None:
    """Write a map as GeoJSON in WGS 84.

    Raises:
        ProcessError: it is no map, or does not state its system of coordinates.
    """
    _write("convert", path, name, format_, target)


def _write(command: str, path: Path, name: str, format_: str, target: Path) -> None:
    options = {"name": name, "format": format_}
    try:
        done = _run([_CHECK, command, str(path), str(target)], options, limits.PROCESS_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ProcessError("timeout") from error
    if done.returncode:
        raise ProcessError(_last_word(done.stderr))


def to_geojson(path: Path, name: str) -> bytes:
    """Return the places of a file as GeoJSON.

    Args:
        path: the file.
        name: its name, or its format.

    Raises:
        FileError: it is broken, too large, or holds no places.
        ProcessError: the process ended in an unexpected way.
    """
    try:
        done = _run([_CONVERT, str(path)], {"name": name}, map_limits.PROCESS_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise FileError("too-large", limit=f"{map_limits.PROCESS_SECONDS} s") from error
    if done.returncode == -signal.SIGXCPU:
        raise FileError("too-large", limit=f"{map_limits.PROCESSOR_SECONDS} s")
    if done.returncode in _NO_MEMORY:
        raise FileError("too-large", limit=f"{limits.MEMORY // limits.MEGABYTE} MB")
    if done.returncode:
        raise ProcessError(_last_word(done.stderr))
    if done.stdout.startswith('{"code":'):
        answer = json.loads(done.stdout)
        raise FileError(answer["code"], **answer["facts"])
    return done.stdout.encode()


def fetch(url: str, target: Path) -> None:
    """Fetch a linked file from the public network.

    Raises:
        FileError: it could not be fetched; with the code `unreachable`, `not-public`, `refused` or
            `too-large`.
        ProcessError: the process ended in an unexpected way.
    """
    allowed = sorted(places(config.site_base()))
    try:
        done = _run([_FETCH, str(target)], {"url": url, "allowed": allowed}, limits.FETCH_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise FileError("unreachable") from error
    if done.returncode:
        raise ProcessError(_last_word(done.stderr))
    if done.stdout:
        answer = json.loads(done.stdout)
        raise FileError(answer.pop("code"), **answer)


def _extent() -> geometry.Extent | None:
    """Return the extent of the province, None if none is set."""
    try:
        return geometry.read_extent(config.dcat_extent())
    except ValueError:
        return None


def _run(arguments: list[str], content: Any, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - this package, with files by their path
        [sys.executable, "-m", *arguments],
        input=json.dumps(content),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
        cwd="/",
        env=environment(),
    )


def _ended(done: subprocess.CompletedProcess[str], path: Path, seconds: str) -> ReportDict:
    """Return the report of a process that the kernel ended.

    Raises:
        ProcessError: it ended in another way.
    """
    return _stopped(path, _limit(done, seconds))


def _limit(done: subprocess.CompletedProcess[str], seconds: str) -> str:
    """Return the limit at which the kernel ended a process.

    Raises:
        ProcessError: it ended in another way.
    """
    if done.returncode == -signal.SIGXCPU:
        return seconds
    if done.returncode in _NO_MEMORY:
        return f"{limits.MEMORY // limits.MEGABYTE} MB"
    raise ProcessError(_last_word(done.stderr))


def environment() -> dict[str, str]:
    """Return the variables of a process that reads what others wrote."""
    passed = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**passed, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}


def _stopped(path: Path, limit: str) -> ReportDict:
    report = Report(size=path.stat().st_size, whole=False)
    report.add("too-large", limit=limit)
    return report.as_dict()


def _last_word(errors: str) -> str:
    """Return the type of an error: its text may have values of the file."""
    lines = errors.strip().splitlines()
    return lines[-1].partition(":")[0][:100] if lines else ""
