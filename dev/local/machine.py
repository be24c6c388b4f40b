"""Checks the machine: installs missing Debian packages, reports other problems."""

from __future__ import annotations

import ctypes.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dev.console import Steps, Stopped, confirmed, run, say
from dev.local.run_folder import RUN

MINIMAL_JAVA = 17
# Measured: a run folder of the sample province takes 1.6 GB, most of it Python packages.
GIB = 1 << 30
FREE_FOR_SETUP = 3 * GIB
FREE_FOR_START = GIB // 4
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Need:
    """Something a portal needs from the system.

    Attributes:
        what: how a message names it.
        package: the Debian and Ubuntu package that brings it.
        present: returns whether it is installed, from any source.
    """

    what: str
    package: str
    present: Callable[[], bool]


def postgres_programs() -> Path | None:
    """Return the folder of the newest installed PostgreSQL server, 12 or newer."""
    folders = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    initdb = shutil.which("initdb")
    if initdb:
        folders.append(Path(initdb).resolve().parent)
    return max(folders, key=lambda p: [int(n) for n in re.findall(r"\d+", str(p))], default=None)


def java_version() -> int:
    """Return the major version of the Java compiler and machine on the path, 0 without one."""
    if not (shutil.which("java") and shutil.which("javac")):
        return 0
    output = subprocess.run(
        ["java", "-version"], capture_output=True, text=True, check=False
    ).stderr
    number = re.search(r'version "(\d+)', output)
    return int(number.group(1)) if number else 0


def browser() -> str | None:
    """Return the path of a Chromium for the browser tests."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def office() -> str | None:
    """Return the path of LibreOffice for the tests of documents."""
    return shutil.which("soffice")


def has_serif_font() -> bool:
    """Return whether a font as wide as Times New Roman is installed."""
    return any(Path("/usr/share/fonts").rglob("LiberationSerif-Regular.ttf"))


def has_python_headers() -> bool:
    """Return whether C extensions can be built: psycopg2 comes as source."""
    return Path(sysconfig.get_paths()["include"], "Python.h").exists()


def has_font() -> bool:
    """Return whether a font that has all Vietnamese letters is installed."""
    return any(Path("/usr/share/fonts").rglob("DejaVuSans.ttf"))


PORTAL_NEEDS = (
    Need("Python's venv", "python3-venv", lambda: find_spec("ensurepip") is not None),
    Need("Python's C headers", "python3-dev", has_python_headers),
    Need("a C compiler", "gcc", lambda: shutil.which("gcc") is not None),
    Need("libpq's headers", "libpq-dev", lambda: shutil.which("pg_config") is not None),
    Need("libmagic", "libmagic1", lambda: ctypes.util.find_library("magic") is not None),
    Need("PostgreSQL", "postgresql", lambda: postgres_programs() is not None),
    Need("Redis", "redis-server", lambda: shutil.which("redis-server") is not None),
    Need("nginx", "nginx-light", lambda: shutil.which("nginx") is not None),
    Need("Java 17", "openjdk-17-jdk-headless", lambda: java_version() >= MINIMAL_JAVA),
    Need("Maven", "maven", lambda: shutil.which("mvn") is not None),
    Need("a font with Vietnamese letters", "fonts-dejavu-core", has_font),
)
TEST_NEEDS = (
    Need("Chromium", "chromium", lambda: browser() is not None),
    # Without a window and recommended packages: 49 packages.
    Need("LibreOffice Writer", "libreoffice-writer-nogui", lambda: office() is not None),
    Need("pdftoppm", "poppler-utils", lambda: shutil.which("pdftoppm") is not None),
    Need("fonts like Times New Roman", "fonts-liberation", has_serif_font),
)


def check_disk(*, first: bool) -> None:
    """Stop before the disk is full rather than in the middle of a step."""
    needed = FREE_FOR_SETUP if first else FREE_FOR_START
    free = shutil.disk_usage(RUN.parent).free
    if free < needed:
        msg = f"{free / GIB:.1f} GB are free at {RUN.parent}, {needed / GIB:.1f} GB are needed"
        raise Stopped(msg, "free some space, or point ND47_RUN to a folder on another disk")


def install_packages(steps: Steps, needs: tuple[Need, ...]) -> None:
    """Install the Debian packages behind the needs that are not met.

    Raises:
        Stopped: they may not be installed from here; the remedy is the exact command line.
    """
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    command = ["apt-get", "install", "-y", *(need.package for need in missing)]
    by_hand = f"sudo {' '.join(command)}"
    names = ", ".join(need.what for need in missing)
    if not shutil.which("apt-get"):
        raise Stopped(f"not found on this machine: {names}", "install them, then call make again")
    is_root = os.geteuid() == 0
    say(f"Missing on this machine: {names}")
    say(f"  {by_hand if not is_root else ' '.join(command)}")
    if not may_install(is_root=is_root):
        raise Stopped("these Debian packages are missing", by_hand)
    prefix = [] if is_root else ["sudo"]
    with steps.step(f"Debian packages ({len(missing)})", "packages") as log:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        refused = "the package manager refused"
        run([*prefix, "apt-get", "update"], log, refused, "see the details", env=quiet)
        run([*prefix, *command, "--no-install-recommends"], log, refused, by_hand, env=quiet)
    still = [need.what for need in needs if not need.present()]
    if still:
        raise Stopped(f"still not found after the installation: {', '.join(still)}", by_hand)


def may_install(*, is_root: bool) -> bool:
    """Return whether packages may be installed: asked once, root without a terminal need not be."""
    if is_root and not sys.stdin.isatty():
        return True
    if not is_root and not shutil.which("sudo"):
        return False
    return confirmed("Install them now?")
