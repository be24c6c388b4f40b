"""Apache Jena as a third parser of the export."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dev.console import Steps
from dev.local.run_folder import REPOSITORY, RUN
from dev.local.toolchain import JENA_LIBRARIES, install_jena

ReadAll = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="session")
def jena() -> ReadAll:
    """A function that reads each file of a folder: number of triples, or `error: …`, by name.

    Java is started once for a folder, since starting takes longer than parsing.
    """
    install_jena(Steps(RUN / "logs" / "setup"))
    program = REPOSITORY / "dev" / "local" / "jena" / "ReadRdf.java"
    command = ["java", "-Xmx512m", "-cp", f"{JENA_LIBRARIES}/*", str(program)]

    def read(folder: Path) -> dict[str, str]:
        done = subprocess.run(  # noqa: S603 - our own program
            [*command, str(folder)], capture_output=True, text=True, check=False
        )
        lines = (line.partition("\t") for line in done.stdout.splitlines())
        results = {name: result for name, _, result in lines}
        assert results, done.stderr
        return results

    return read
