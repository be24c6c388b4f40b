"""The pinned programs: Python packages from the lock file, Solr's libraries from the Maven pom."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.console import Steps, run
from dev.local.run_folder import REPOSITORY, RUN, is_done, mark_done

VENV = RUN / "venv"
BIN = VENV / "bin"
SOLR_LIBRARIES = RUN / "solr-lib"
JENA_LIBRARIES = RUN / "jena-lib"
# The oldest Python that the suite supports; the lock file must suit it.
OLDEST_PYTHON = "3.10"
LOCK = REPOSITORY / "dev" / "requirements.lock"
NO_INDEX = "check the network and the package index that pip is set up for, then call make again"
NO_MAVEN = "check the network and the Maven repository that mvn is set up for, then call make again"


def fingerprint(*sources: Path) -> str:
    """Return a digest that changes when a pinned version, the interpreter or the folder does."""
    digest = hashlib.sha256(f"{sys.version} {VENV}".encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def program(name: str) -> Path:
    """Return the path of a program of the run folder's Python environment."""
    return BIN / name


def is_usable() -> bool:
    """Return whether the environment is whole and of the Python that runs this."""
    same = program("python").resolve() == Path(sys.executable).resolve()
    # A kill in the middle may leave an environment without pip: recreate, do not repair it.
    return same and program("pip").exists()


def install_python(steps: Steps) -> None:
    """Install the locked Python packages and this project, editable, into the run folder."""
    inputs = fingerprint(LOCK, REPOSITORY / "setup.py", REPOSITORY / "pyproject.toml")
    if is_done("python", inputs) and program("ckan").exists():
        return
    with steps.step("Python packages (pinned in dev/requirements.lock)", "python") as log:
        if not is_usable():
            shutil.rmtree(VENV, ignore_errors=True)
            run([sys.executable, "-m", "venv", VENV], log, "no Python environment could be made")
        failed = "the Python packages could not be installed"
        pip = [program("python"), "-m", "pip", "--disable-pip-version-check", "install"]
        run([*pip, "--no-deps", "--require-hashes", "-r", LOCK], log, failed, NO_INDEX)
        run(
            [*pip, "--no-deps", "--no-build-isolation", "-e", REPOSITORY],
            log,
            failed,
            NO_INDEX,
        )
        mark_done("python", inputs)


def pin(steps: Steps) -> None:
    """Write the lock file from `requirements.in`, with versions that every Python supports.

    Each version has the checksums of its files, and pip refuses a file with another one.

    A plain `pip freeze` would pin what the current Python gets: Debian 12's 3.11.2 is refused by
    packages that 3.11.5 may have.
    """
    requirements = LOCK.with_suffix(".in")
    with steps.step("Resolving dev/requirements.in", "lock") as log, TemporaryDirectory() as folder:
        run([sys.executable, "-m", "venv", folder], log, "no Python environment could be made")
        python = Path(folder) / "bin" / "python"
        run([python, "-m", "pip", "install", "uv"], log, "uv could not be installed", NO_INDEX)
        # uv does not read pip's settings; a configuration of pip applies to both.
        command = [str(python), "-m", "pip", "config", "get", "global.index-url"]
        index = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        run(
            [
                *(python, "-m", "uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header"),
                *("--universal", "--fork-strategy=fewest", f"--python-version={OLDEST_PYTHON}"),
                # Of every file of a version, so that the lock suits every machine.
                "--generate-hashes",
                *(requirements, "--output-file", LOCK),
            ],
            log,
            "the requirements do not fit together",
            env={"UV_INDEX_URL": index, "SSL_CERT_FILE": os.environ.get("PIP_CERT", "")}
            if index
            else {},
        )
        LOCK.write_text(f"# Pinned by make lock from {requirements.name}.\n{LOCK.read_text()}")


def catalogues() -> list[Path]:
    """Return the sources of translations, from which the merged catalogue is generated."""
    merged = "ckanext-nd47_l10n.po"
    return sorted(p for p in (REPOSITORY / "i18n").rglob("*.po") if p.name != merged)


def compile_translations(steps: Steps) -> None:
    """Compile the catalogues beside their sources, where an editable install reads them."""
    folder, sources = REPOSITORY / "i18n", catalogues()
    inputs = fingerprint(*sources)
    if is_done("translations", inputs) and all(p.with_suffix(".mo").exists() for p in sources):
        return
    with steps.step("Translations", "translations") as log:
        code = (
            "import pathlib, sys; "
            "from ckanext.nd47.lib.language.catalogues import compile_catalogues; "
            "compile_catalogues(pathlib.Path(sys.argv[1]))"
        )
        run([program("python"), "-c", code, folder], log, "the translations do not compile")
        mark_done("translations", inputs)


def install_solr(steps: Steps) -> None:
    """Copy Solr and Jetty with what they need from the Maven repository into the run folder."""
    _install_libraries(steps, "solr", "Solr 9", SOLR_LIBRARIES)


def install_jena(steps: Steps) -> None:
    """Copy Apache Jena, which only tests need, from the Maven repository into the run folder."""
    _install_libraries(steps, "jena", "Apache Jena", JENA_LIBRARIES)


def _install_libraries(steps: Steps, name: str, title: str, folder: Path) -> None:
    pom = REPOSITORY / "dev" / "local" / name / "pom.xml"
    inputs = fingerprint(pom)
    if is_done(name, inputs) and any(folder.glob(f"{name}-*.jar")):
        return
    with steps.step(f"{title} (pinned in dev/local/{name}/pom.xml)", name) as log:
        shutil.rmtree(folder, ignore_errors=True)
        command = ["mvn", "--batch-mode", "--no-transfer-progress", "-f", pom]
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        run([*command, *goal], log, f"the libraries of {title} could not be fetched", NO_MAVEN)
        mark_done(name, inputs)


def install(steps: Steps) -> None:
    """Bring everything pinned into the run folder; quick when nothing changed."""
    install_python(steps)
    compile_translations(steps)
    install_solr(steps)
