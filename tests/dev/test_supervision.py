"""Processes end with their supervisor, in good order or by kill -9."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from dev import run_folder, supervision
from dev.console import Stopped
from dev.supervision import Program

SLEEPER = Program("sleeper", ["sleep", "1000"], folder=Path("/"))


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # before, or while we read
        return False
    return " Z " not in state


def ends(pid: int, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_alive(pid):
            return True
        time.sleep(0.1)
    return False


def pid_of(name: str) -> int:
    return supervision.remote().getProcessInfo(name)["pid"]


@pytest.fixture(autouse=True)
def own_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run_folder, "RUN", tmp_path)
    for name, value in {
        "RUN": tmp_path,
        "LOGS": tmp_path / "logs",
        "CONFIGURATION": tmp_path / "supervisord.conf",
    }.items():
        monkeypatch.setattr(supervision, name, value)
    yield
    supervision.shut_down()


def test_nothing_runs_before_the_first_start():
    assert not supervision.is_running()


def test_session_ends_every_process_it_started():
    with supervision.session([SLEEPER]) as ours:
        supervision.start("sleeper")
        child, own = pid_of("sleeper"), supervision.remote().getPID()
    assert ours
    assert ends(child)
    assert ends(own)


def test_session_leaves_a_supervisor_that_was_there_before():
    with supervision.session([SLEEPER]):
        with supervision.session([SLEEPER]) as ours:
            assert not ours
        assert supervision.is_running()


def test_killed_supervisor_takes_its_processes_along():
    with supervision.session([SLEEPER]):
        supervision.start("sleeper")
        child = pid_of("sleeper")
        os.kill(supervision.remote().getPID(), signal.SIGKILL)
        assert ends(child)


def test_lost_process_is_started_again():
    with supervision.session([SLEEPER]):
        supervision.start("sleeper")
        first = pid_of("sleeper")
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 15
        while pid_of("sleeper") in {0, first} and time.monotonic() < deadline:
            time.sleep(0.2)
        assert pid_of("sleeper") not in {0, first}


def test_program_that_fails_at_once_is_reported_with_its_log():
    broken = Program("broken", ["sh", "-c", "echo cannot start; exit 1"], folder=Path("/"))
    with (
        supervision.session([broken]),
        pytest.raises(Stopped, match="broken does not start") as stopped,
    ):
        supervision.start("broken")
    assert stopped.value.log == supervision.LOGS / "broken.log"


def test_configuration_is_private():
    supervision.write_configuration([SLEEPER])
    assert supervision.CONFIGURATION.stat().st_mode & 0o077 == 0


def test_percent_sign_in_a_value_is_no_expansion():
    assert "100%%" in Program("p", ["echo", "100%"]).section()
