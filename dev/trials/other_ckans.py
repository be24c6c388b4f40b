"""Other versions of CKAN than the supported one, each in its own virtual environment."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dev.console import Steps, run
from dev.local.run_folder import REPOSITORY, RUN, is_done, mark_done
from dev.local.toolchain import LOCK, NO_INDEX, fingerprint

TOOLS = (
    *("ckanext-dcat", "ckanext-harvest", "ckanext-scheming", "ckanext-xloader"),
    # what the suite and those extensions need
    *(
        "ckantoolkit",
        "chardet",
        "crawler-user-agents",
        "holidays",
        "phonenumbers",
        "pyoxigraph",
        "zipstream-ng",
        "tabulator",
        "unidecode",
    ),
    # the sample province, and the tests
    *("beautifulsoup4", "defusedxml", "factory-boy", "faker", "fpdf2", "freezegun", "hypothesis"),
    *("openpyxl", "pytest", "pytest-factoryboy", "pytest-xdist", "responses", "xlrd"),
)
"""What is installed beside CKAN, in the versions of the lock file."""


@dataclass(frozen=True)
class OtherCkan:
    """A version of CKAN that is not in the lock file.

    Attributes:
        name: names its folder, and the log of the installation.
        requirement: the requirement for pip.
        tools: what is installed before it that its own requirements do not name.
        newest: whether pre-releases count, and the package index is queried each time.
    """

    name: str
    requirement: str
    tools: tuple[str, ...] = ()
    newest: bool = False

    @property
    def venv(self) -> Path:
        """The folder of the environment."""
        return RUN / f"venv-{self.name}"

    def program(self, name: str) -> Path:
        """Return the path of a program of the environment."""
        return self.venv / "bin" / name

    def version(self) -> str:
        """Return the version of CKAN that is installed."""
        code = "from importlib.metadata import version; print(version('ckan'))"
        command = [str(self.program("python")), "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def install(self, steps: Steps) -> None:
        """Install CKAN with its requirements, then the rest without changing any of those."""
        current_fingerprint = (
            fingerprint(LOCK, REPOSITORY / "setup.py", Path(__file__)) + self.requirement
        )
        step = f"python-{self.name}"
        if not self.newest and is_done(step, current_fingerprint) and self.program("ckan").exists():
            return
        with steps.step(f"{self.requirement} (in {self.venv.name})", step) as log:
            failed = "the Python packages could not be installed"
            if not self.program("pip").exists():
                shutil.rmtree(self.venv, ignore_errors=True)
                run([sys.executable, "-m", "venv", self.venv], log, failed)
            pip = [self.program("python"), "-m", "pip", "--disable-pip-version-check", "install"]
            options = ["--upgrade", "--pre"] if self.newest else []
            run([*pip, *options, self.requirement], log, failed, NO_INDEX)
            fixed = self._installed()
            run([*pip, "--constraint", fixed, *self.tools, *pinned()], log, failed, NO_INDEX)
            # With a build environment of its own: the packaging that CKAN 2.11 pins is too old.
            run([*pip, "--no-deps", "--editable", REPOSITORY], log, failed, NO_INDEX)
            mark_done(step, current_fingerprint)

    def _installed(self) -> Path:
        """Write what is installed now, as a constraint for what is installed next."""
        command = [str(self.program("python")), "-m", "pip", "freeze", "--exclude-editable"]
        requirements = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        path = RUN / "state" / f"{self.name}.constraint"
        path.parent.mkdir(parents=True, exist_ok=True)
        ours = re.compile("|".join(f"{name}==" for name in TOOLS))
        lines = [line for line in requirements.splitlines() if not ours.match(line)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def pinned() -> list[str]:
    """Return the tools with the versions that the lock file has."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    # After the version come a marker and the checksums.
    return [line.split()[0] for line in lines if line.partition("==")[0] in TOOLS]


# CKAN up to 2.11 imports pkg_resources, which setuptools 81 and newer do not have.
CKAN_211 = OtherCkan("ckan211", "ckan[requirements]==2.11.*", ("setuptools>=77,<81",))
CKAN_NEXT = OtherCkan("next", "ckan[requirements]>=2.12.0", ("setuptools>=77",), newest=True)
