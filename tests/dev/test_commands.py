"""Commands that are called at the same time: none ends what another one started."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import commands
from dev.console import Stopped
from dev.local import mail, run_folder, start, supervision
from dev.local.instances import PORTAL
from dev.local.supervision import Program

pytestmark = [pytest.mark.sockets, pytest.mark.slow]

SERVER = Program("server", ["sleep", "1000"], folder=Path("/"))
FRONT = Program("portal-front", ["sleep", "1000"], folder=Path("/"))
PAGES = Program("portal-web", ["sleep", "1000"], folder=Path("/"))
WORKER = Program("portal-worker", ["sleep", "1000"], folder=Path("/"))
TIMER = Program("portal-timer", ["sleep", "1000"], folder=Path("/"))
MAIL = [Program(name, ["sleep", "1000"], folder=Path("/")) for name in mail.MAIL]
PROGRAMS = [SERVER, FRONT, PAGES, WORKER, TIMER, *MAIL]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A run folder in which nothing has to be installed; its programs are sleepers."""
    for module in (run_folder, supervision, commands, start):
        monkeypatch.setattr(module, "RUN", tmp_path)
    monkeypatch.setattr(supervision, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(supervision, "CONFIGURATION", tmp_path / "supervisord.conf")
    for module in (commands, start):
        monkeypatch.setattr(module, "set_up", lambda *_: None)
        monkeypatch.setattr(module, "prepare_servers", lambda _: run_folder.choose_ports())
        monkeypatch.setattr(module, "programs", lambda: PROGRAMS)
        monkeypatch.setattr(module, "start_servers", lambda _: supervision.start("server"))
    monkeypatch.setattr(
        commands, "start_instance", lambda instance, _: supervision.start(*instance.processes)
    )
    monkeypatch.setattr(commands, "fill", lambda *_: None)
    monkeypatch.setattr(commands, "announce", lambda _: None)
    monkeypatch.setenv("BACKGROUND", "1")
    yield
    supervision.shut_down()


def running() -> set[str]:
    return {name for name, state in supervision.states().items() if state != "STOPPED"}


def test_tests_leave_a_portal_that_was_started_before_them() -> None:
    commands.portal(())
    with start.servers("test"):
        assert "server" in running()
    assert running() == {"server", *PORTAL.processes, *mail.MAIL}


def test_a_portal_is_refused_while_the_servers_end_with_the_tests() -> None:
    with start.servers("test"):
        supervisor = supervision.remote().getPID()
        with pytest.raises(Stopped, match="run for `make test`, which ends them"):
            commands.portal(())
        assert supervision.remote().getPID() == supervisor
        assert running() == {"server"}


def test_a_portal_is_added_to_servers_that_run_and_ends_nothing_of_theirs() -> None:
    commands.services(())
    supervisor = supervision.remote().getPID()
    with start.servers("test"):
        commands.portal(())
    assert supervision.remote().getPID() == supervisor
    assert running() == {"server", *PORTAL.processes, *mail.MAIL}


def test_a_portal_that_cannot_start_leaves_the_servers_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        supervision.start("portal-web")
        raise Stopped("no table")  # noqa: TRY003 - as dev does

    commands.services(())
    monkeypatch.setattr(commands, "start_instance", broken)
    with pytest.raises(Stopped, match="no table"):
        commands.portal(())
    assert running() == {"server"}


def test_a_portal_beside_servers_takes_the_port_that_the_user_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands.services(())
    before = run_folder.ports()
    wanted = run_folder.next_free(25400, set(before.values()))
    monkeypatch.setenv("ND47_PORT", str(wanted))
    commands.portal(())
    assert run_folder.ports() == {**before, "portal": wanted}


def test_commands_that_start_at_the_same_time_start_one_supervisor() -> None:
    refused = pytest.raises(Stopped, match="another make is setting up")
    with run_folder.locked("portal"), refused, start.servers("test"):
        pass
    assert not supervision.is_running()


def test_servers_end_with_the_command_that_started_them() -> None:
    with start.servers("test"):
        process = supervision.remote().getPID()
    done = subprocess.run(["ps", "-p", str(process)], check=False, capture_output=True)
    assert done.returncode
    assert not supervision.is_running()
