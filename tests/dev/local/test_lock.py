"""The lock file of `make portal`: each package has a version and the checksums of its files."""

from __future__ import annotations

import re
from importlib.metadata import requires
from pathlib import Path

import pytest

from dev.console import Steps
from dev.local import toolchain
from dev.trials import other_ckans

ENTRY = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)(?: ; [^\\\n]+?)?"
    r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+"
)


def entries() -> list[str]:
    """Return the entries of the lock file with their checksums."""
    _comment, _, content = toolchain.LOCK.read_text("utf-8").partition("\n")
    return re.split(r"\n(?! )", content.strip())


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    return Steps(tmp_path)


def test_every_package_has_a_version_and_checksums_and_nothing_else():
    """An address of an index or a package from elsewhere would be something else."""
    assert len(entries()) > 100
    assert [entry for entry in entries() if not ENTRY.fullmatch(entry)] == []


def test_pip_refuses_files_with_other_checksums(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    calls: list[list[str]] = []
    monkeypatch.setattr(toolchain, "is_done", lambda *_: False)
    monkeypatch.setattr(toolchain, "is_usable", lambda: True)
    monkeypatch.setattr(toolchain, "mark_done", lambda *_: None)
    monkeypatch.setattr(toolchain, "run", lambda command, *_: calls.append([*map(str, command)]))
    toolchain.install_python(steps)
    [locked] = [call for call in calls if str(toolchain.LOCK) in call]
    assert {"--require-hashes", "--no-deps"} <= set(locked)


def test_the_environments_of_other_ckans_take_its_versions():
    assert {pin.partition("==")[0] for pin in other_ckans.pinned()} == set(other_ckans.TOOLS)
    assert [pin for pin in other_ckans.pinned() if not re.fullmatch(r"\S+==[\w.]+", pin)] == []


def test_the_environments_of_other_ckans_have_what_the_suite_requires():
    needed = [line for line in requires("ckanext-nd47") or () if "extra ==" not in line]
    names = {re.split(r"[^a-z0-9-]", line.lower())[0] for line in needed}
    assert len(names) > 3
    assert names - set(other_ckans.TOOLS) == set()
