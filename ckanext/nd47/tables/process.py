"""Runs the examination of a file in a process of its own, and fetches linked files in another."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from ckanext.nd47.lib import config, geometry
from ckanext.nd47.lib.public_network import places
from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.examine import Quick
from ckanext.nd47.tables.check.report import FileError, Report, ReportDict
from ckanext.nd47.tables.check.sample import Sample

log = logging.getLogger(__name__)

_CHECK = "ckanext.nd47.tables.check"
_FETCH = "ckanext.nd47.tables.check.fetch"
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
    if done.returncode == -signal.SIGXCPU:
        return _stopped(path, f"{limits.PROCESSOR_SECONDS} s")
    if done.returncode in _NO_MEMORY:
        return _stopped(path, f"{limits.MEMORY // limits.MEGABYTE} MB")
    if done.returncode:
        raise ProcessError(_last_word(done.stderr))
    return json.loads(done.stdout)


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
