"""Bad surroundings give one clear sentence and the remedy."""

from __future__ import annotations

import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from dev.console import Steps, Stopped
from dev.local import machine
from dev.local.machine import Need

MISSING = Need("a missing thing", "missing-package", lambda: False)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    return Steps(tmp_path)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record the command lines instead of running them."""
    made: list[list[str]] = []
    monkeypatch.setattr(machine, "run", lambda command, *_a, **_k: made.append(list(command)))
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    return made


def test_met_needs_install_nothing(steps: Steps, calls: list[list[str]]):
    machine.install_packages(steps, (Need("here", "here", lambda: True),))
    assert calls == []


def test_missing_package_is_installed_by_root_without_a_terminal(
    steps: Steps, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    state = iter([False, True])
    need = Need("a thing", "thing-package", lambda: next(state))
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine.sys.stdin, "isatty", lambda: False, raising=False)
    machine.install_packages(steps, (need,))
    assert "thing-package" in calls[-1]


def test_ordinary_user_who_declines_gets_the_exact_command_line(
    steps: Steps, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(machine, "confirmed", lambda _question: False)
    with pytest.raises(Stopped) as stopped:
        machine.install_packages(steps, (MISSING,))
    assert stopped.value.remedy == "sudo apt-get install -y missing-package"
    assert calls == []


def test_machine_without_apt_is_told_what_is_missing(steps: Steps, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine.shutil, "which", lambda _name: None)
    with pytest.raises(Stopped, match="a missing thing"):
        machine.install_packages(steps, (MISSING,))


def test_package_that_does_not_help_is_reported(
    steps: Steps, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(machine, "may_install", lambda **_: True)
    with pytest.raises(Stopped, match="still not found"):
        machine.install_packages(steps, (MISSING,))
    assert calls


def test_full_disk_stops_before_anything_is_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: Usage(10, 10, 1 << 20))
    with pytest.raises(Stopped, match="GB are free") as stopped:
        machine.check_disk(first=True)
    assert "ND47_RUN" in stopped.value.remedy


def test_second_start_needs_less_room(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: Usage(10, 9, 1 << 30))
    machine.check_disk(first=False)


def test_machine_without_java_has_version_zero(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine.shutil, "which", lambda _name: None)
    assert machine.java_version() == 0


@pytest.mark.parametrize(
    ("said", "version"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('openjdk version "21" 2023', 21), ("", 0)],
)
def test_java_version_is_read_from_what_java_says(
    said: str, version: int, monkeypatch: pytest.MonkeyPatch
):
    answer = subprocess.CompletedProcess([], 0, "", said)
    monkeypatch.setattr(machine.shutil, "which", lambda name: name)
    monkeypatch.setattr(machine.subprocess, "run", lambda *_a, **_k: answer)
    assert machine.java_version() == version


def test_old_python_is_refused_in_one_sentence():
    source = (Path(machine.__file__).parents[1] / "__main__.py").read_text()
    old = "import sys; sys.version_info = (3, 9, 0)\n" + source
    done = subprocess.run(["python3", "-c", old], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip().startswith("Python 3.10 or newer is needed")
