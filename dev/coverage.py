"""`python -m dev.coverage LEAST ...` runs pytest and counts the lines that the tests execute.

SlipCover's `--fail-under` reads the counts of the processes of pytest-xdist when it compares, and
deletes them: the table that it prints afterwards has the lines of the first process alone. Here
the count is written to a file first, and printed and compared from there.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dev.local.run_folder import REPOSITORY, RUN

PACKAGE = "ckanext/nd47"
OMITTED = "*/migration/*"
SLIPCOVER = (sys.executable, "-m", "slipcover")


def count(
    least: float,
    arguments: Sequence[str],
    *,
    folder: Path = REPOSITORY,
    source: str = PACKAGE,
    file: Path = RUN / "coverage.json",
) -> int:
    """Run pytest, print the lines that were not executed, and return an exit code.

    Args:
        least: of a hundred lines, how many must be executed; 0 for a part of the tests.
        arguments: those of pytest.
        folder: where pytest runs.
        source: the folder with the lines that count, seen from there.
        file: receives the count as JSON.

    Returns:
        The code of pytest, or 2 if the tests pass and too few lines were executed.
    """
    file.unlink(missing_ok=True)
    counted = ("--source", source, "--omit", OMITTED, "--json", "--out", str(file))
    tests = run(folder, *counted, "-m", "pytest", *arguments)
    if not file.exists():
        return tests or 1
    enough = ("--fail-under", str(least), "--skip-covered", "--missing-width", "60")
    printed = run(folder, *enough, "--out", str(file), "--merge", str(file))
    return tests or printed


def run(folder: Path, *arguments: str) -> int:
    """Run SlipCover and return its exit code."""
    return subprocess.run([*SLIPCOVER, *arguments], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(count(float(sys.argv[1]), sys.argv[2:]))
