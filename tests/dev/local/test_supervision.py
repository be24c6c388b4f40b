"""Processes end with their supervisor, in good order or by kill -9."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dev.console import Stopped
from dev.local import run_folder, start, supervision
from dev.local.supervision import Program

pytestmark = [pytest.mark.sockets, pytest.mark.slow]

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


def in_background(programs: list[Program]) -> subprocess.Popen[bytes]:
    """Start a supervisor as `make portal BACKGROUND=1` does."""
    supervision.write_configuration(programs)
    return supervision.launch(detached=True)


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
    with supervision.session([SLEEPER], "make test") as ours:
        supervision.start("sleeper")
        child, own = pid_of("sleeper"), supervision.remote().getPID()
    assert ours
    assert ends(child)
    assert ends(own)


def test_session_leaves_a_supervisor_that_was_there_before():
    with supervision.session([SLEEPER], "make test"):
        with supervision.session([SLEEPER], "make test") as ours:
            assert not ours
        assert supervision.is_running()


def test_a_session_knows_its_command_and_a_supervisor_in_the_background_has_none():
    with supervision.session([SLEEPER], "make test"):
        assert supervision.owner() == "make test"
    in_background([SLEEPER])
    assert supervision.owner() == ""


def test_a_command_does_not_use_services_that_end_with_another():
    with (
        supervision.session([SLEEPER], "make test"),
        pytest.raises(Stopped, match="run for `make test`, which ends them"),
    ):
        start.refuse_lodgers()


def test_a_session_does_not_end_a_supervisor_that_another_command_started_meanwhile():
    with supervision.session([SLEEPER], "make test"):
        supervision.start("sleeper")
        child = pid_of("sleeper")
        # As when the first command's ports were no longer known to the second.
        (run_folder.RUN / "ports.json").unlink()
        run_folder.choose_ports()
        other = in_background([SLEEPER])
        supervision.start("sleeper")
    assert ends(child)
    assert supervision.is_running()
    assert is_alive(other.pid)
    assert is_alive(pid_of("sleeper"))


def test_the_supervisor_of_a_copy_of_the_run_folder_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    in_background([SLEEPER])
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("ports.json", "secrets.json"):
        shutil.copy(tmp_path / name, copy)
    with monkeypatch.context() as patch:
        patch.setattr(run_folder, "RUN", copy)
        patch.setattr(supervision, "RUN", copy)
        patch.setattr(supervision, "CONFIGURATION", copy / "supervisord.conf")
        assert supervision.remote().getState()["statename"] == "RUNNING"
        assert not supervision.is_running()
        supervision.shut_down()
    assert supervision.is_running()


def test_an_update_adds_and_changes_programs_and_leaves_alone_what_runs():
    in_background([SLEEPER, Program("other", ["sleep", "1"], folder=Path("/"))])
    supervision.start("sleeper")
    child = pid_of("sleeper")
    added = Program("added", ["sleep", "1000"], folder=Path("/"))
    changed = Program("other", ["sleep", "1000"], folder=Path("/"))
    supervision.update([SLEEPER, added, changed])
    supervision.start("added", "other")
    assert pid_of("sleeper") == child
    assert Path(f"/proc/{pid_of('added')}").exists()
    assert Path(f"/proc/{pid_of('other')}/cmdline").read_text().split("\0")[1] == "1000"


def test_killed_supervisor_takes_its_processes_along():
    with supervision.session([SLEEPER], "make test"):
        supervision.start("sleeper")
        child = pid_of("sleeper")
        os.kill(supervision.remote().getPID(), signal.SIGKILL)
        assert ends(child)


def test_lost_process_is_started_again():
    with supervision.session([SLEEPER], "make test"):
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
        supervision.session([broken], "make test"),
        pytest.raises(Stopped, match="broken does not start") as stopped,
    ):
        supervision.start("broken")
    assert stopped.value.log == supervision.LOGS / "broken.log"


def test_configuration_is_private():
    supervision.write_configuration([SLEEPER])
    assert supervision.CONFIGURATION.stat().st_mode & 0o077 == 0


def test_percent_sign_in_a_value_is_no_expansion():
    assert "100%%" in Program("p", ["echo", "100%"]).section()
