"""The lines that tests execute are counted in both processes, and too few of them are a failure."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dev import coverage

pytestmark = pytest.mark.slow

CODE = """
def first():
    return 1

def second():
    return 2

def never():
    return 3
"""
EXECUTED = 5  # of six lines: three definitions and two results
# Those of CKAN would want a configuration, and loading all takes seconds.
PLUGINS = ("-p", "xdist", "-p", "slipcover.pytest_plugin", "-p", "no:cacheprovider")
TEST = "from package import code\n\ndef test_{name}():\n    assert code.{name}() == {number}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with two modules of tests, each of which executes another function."""
    for name in list(os.environ):
        if name.startswith(("PYTEST_", "SLIPCOVER_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "code.py").write_text(CODE)
    for number, name in enumerate(("first", "second"), start=1):
        (tmp_path / f"test_{name}.py").write_text(TEST.format(name=name, number=number))
    return tmp_path


def count(folder: Path, least: float, *arguments: str) -> int:
    in_two = ("-n", "2", "--dist", "loadscope", *PLUGINS)
    file = folder / "count.json"
    return coverage.count(least, (*in_two, *arguments), folder=folder, source="package", file=file)


def test_the_lines_of_both_processes_are_printed(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert count(folder, 80) == 0
    (line,) = [line for line in capfd.readouterr().out.splitlines() if "package/code.py" in line]
    assert line.split() == ["package/code.py", "6", "1", "83", "9"]


def test_too_few_lines_are_a_failure_and_are_printed_too(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert count(folder, 90) == 2
    assert "package/code.py" in capfd.readouterr().out
    (counted,) = json.loads((folder / "count.json").read_text())["files"].values()
    assert len(counted["executed_lines"]) == EXECUTED


def test_a_failed_test_is_a_failure_whatever_the_count(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "test_second.py").write_text("def test_second():\n    assert False\n")
    assert count(folder, 0) == pytest.ExitCode.TESTS_FAILED
    assert "package/code.py" in capfd.readouterr().out


def test_the_count_of_an_earlier_run_is_not_used(folder: Path) -> None:
    assert count(folder, 0) == 0
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --unknown\n")
    assert count(folder, 0) == pytest.ExitCode.USAGE_ERROR
    counted = json.loads((folder / "count.json").read_text())["files"].values()
    assert not any(file["executed_lines"] for file in counted)
