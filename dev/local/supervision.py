"""Starting, watching and ending the processes, all through supervisord.

Supervisord is told its programs by one file; its own XML-RPC interface, on the loopback address
and behind a random password, starts and stops them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.console import Stopped, last_line
from dev.local.run_folder import REPOSITORY, RUN, own_environment, ports, secret, write_private
from dev.local.toolchain import program

LOGS = RUN / "logs"
CONFIGURATION = RUN / "supervisord.conf"
NOBODY = "nd47"
"""Identifier of a supervisor that no command ends but `make stop`."""
# Ends a child when its parent is killed, so that nothing outlives a kill -9 of its supervisor.
DIES_WITH_PARENT = ["setpriv", "--pdeathsig"]


@dataclass(frozen=True)
class Program:
    """One supervised process.

    Attributes:
        name: its name in `make status` and of its log file.
        command: argument list; it must stay in the foreground.
        environment: variables beside the inherited ones.
        folder: its working directory.
        stop_signal: signal for an orderly shutdown.
        user: arguments of setpriv that give up root's identity, for PostgreSQL.
    """

    name: str
    command: Sequence[str | Path]
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = REPOSITORY
    stop_signal: str = "TERM"
    user: Sequence[str] = ()

    def section(self) -> str:
        """Return the program's section of the configuration file."""
        command = [*DIES_WITH_PARENT, self.stop_signal, *self.user, *map(str, self.command)]
        quoted = " ".join(f'"{part}"' if " " in part else part for part in command)
        variables = ",".join(f'{k}="{v}"' for k, v in self.environment.items())
        lines = {
            "command": quoted,
            "directory": self.folder,
            "umask": "077",
            "environment": variables,
            "autostart": "false",
            "autorestart": "true",
            "startsecs": 1,
            "startretries": 5,
            "stopsignal": self.stop_signal,
            "stopwaitsecs": 30,
            "stopasgroup": "false",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": LOGS / f"{self.name}.log",
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": 1,
        }
        body = "\n".join(f"{key}={escaped(value)}" for key, value in lines.items())
        return f"[program:{self.name}]\n{body}\n"


def escaped(value: object) -> str:
    """Return a value as supervisord reads it: a percent sign starts an expansion."""
    return str(value).replace("%", "%%")


def write_configuration(programs: Sequence[Program], owner: str = "") -> None:
    """Write the configuration file; it holds passwords, so it is private.

    Args:
        programs: what the supervisor may start.
        owner: the command that the supervisor ends with; empty when it outlives all of them.
    """
    LOGS.mkdir(mode=0o700, parents=True, exist_ok=True)
    port, password = ports()["supervisor"], secret("supervisor")
    user = "user=root\n" if os.geteuid() == 0 else ""
    head = (
        f"[supervisord]\nnodaemon=true\numask=077\n{user}"
        f"logfile={escaped(LOGS / 'supervisord.log')}\n"
        f"pidfile={escaped(RUN / 'supervisord.pid')}\nidentifier={escaped(owner or NOBODY)}\n"
        f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=nd47\npassword={password}\n"
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
    )
    write_private(CONFIGURATION, head + "".join(p.section() for p in programs))


def remote() -> Any:  # noqa: ANN401 - xmlrpc's proxy has no types
    """Return supervisord's own interface."""
    url = f"http://nd47:{secret('supervisor')}@127.0.0.1:{ports()['supervisor']}/RPC2"
    return xmlrpc.client.ServerProxy(url).supervisor


def is_running() -> bool:
    """Tell whether the supervisor of this run folder runs.

    A copy of the folder has the same ports and passwords, so the supervisor of one answers to the
    other. Ours is the one that was started with our configuration file.
    """
    if not (RUN / "ports.json").exists():
        return False
    try:
        command = Path(f"/proc/{remote().getPID()}/cmdline").read_text(encoding="utf-8")
        return str(CONFIGURATION) in command.split("\0")
    except (OSError, xmlrpc.client.Error):
        return False


def owner() -> str:
    """Return the command that stops the running supervisor, or an empty list."""
    identifier = remote().getIdentification()
    return "" if identifier == NOBODY else identifier


def launch(*, detached: bool) -> subprocess.Popen[bytes]:
    """Start supervisord and wait until it answers.

    Args:
        detached: it outlives this process (BACKGROUND=1); otherwise it ends with it, even on a
            kill -9.
    """
    command = [program("supervisord"), "-n", "-c", CONFIGURATION]
    guard = [] if detached else [*DIES_WITH_PARENT, "TERM"]
    log = LOGS / "supervisord.out"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in [*guard, *command]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=own_environment(),
            cwd=REPOSITORY,
        )
    for _ in range(100):
        if process.poll() is not None:
            raise Stopped(f"the process runner did not start ({last_line(log)})", log=log)
        if is_running():
            return process
        time.sleep(0.1)
    raise Stopped("the process runner does not answer", log=log)


def update(programs: Sequence[Program]) -> None:
    """Tell the running supervisor of programs that have changed; those that run go on as before."""
    write_configuration(programs, owner())
    ((added, changed, _),) = remote().reloadConfig()
    running = {name for name, state in states().items() if state in {"RUNNING", "STARTING"}}
    for name in {*added, *changed} - running:
        if name in changed:
            remote().removeProcessGroup(name)
        remote().addProcessGroup(name)


def states() -> dict[str, str]:
    """Return the state of each program, for example {"solr": "RUNNING"}."""
    return {each["name"]: each["statename"] for each in remote().getAllProcessInfo()}


def start(*names: str) -> None:
    """Start programs that do not run yet.

    Raises:
        Stopped: a program ended immediately; the message names its log.
    """
    current = states()
    for name in names:
        if current.get(name) in {"RUNNING", "STARTING"}:
            continue
        try:
            remote().startProcess(name)
        except xmlrpc.client.Fault as fault:
            log = LOGS / f"{name}.log"
            reason = last_line(log) if log.exists() else fault.faultString
            raise Stopped(f"{name} does not start ({reason})", log=log) from fault


def stop(*names: str) -> None:
    """Stop programs; programs that do not run are ignored."""
    for name in names:
        with contextlib.suppress(xmlrpc.client.Fault):
            remote().stopProcess(name)


def shut_down(process: subprocess.Popen[bytes] | None = None) -> None:
    """End a supervisor and with it every process it started; returns when all are gone.

    Args:
        process: the supervisor that this command started; without it, whichever runs here.
    """
    if process is not None:
        # Not by its interface: another command may have started a supervisor since.
        process.terminate()
        process.wait(timeout=60)
    elif is_running():
        with contextlib.suppress(OSError, xmlrpc.client.Error):
            pid = remote().getPID()
            remote().shutdown()
            wait_for_end(pid)


def wait_for_end(pid: int) -> None:
    """Wait up to a minute until a process is gone."""
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").exists() and " Z " in Path(f"/proc/{pid}/stat").read_text():
            return
        time.sleep(0.1)
    raise Stopped(f"process {pid} does not end", f"kill -9 {pid}")


@contextlib.contextmanager
def session(programs: Sequence[Program], owner: str) -> Iterator[bool]:
    """Run a supervisor during a block; an existing one is not stopped.

    Called while the run folder is locked, so that no other command starts a second one meanwhile.

    Args:
        programs: what the supervisor may start.
        owner: the command, as a user calls it.

    Yields:
        Whether the supervisor was started here.
    """
    if is_running():
        yield False
        return
    write_configuration(programs, owner)
    process = launch(detached=False)
    # SIGTERM must end in good order too: CI and service managers send it.
    earlier = signal.signal(signal.SIGTERM, raise_interrupt)
    try:
        yield True
    finally:
        signal.signal(signal.SIGTERM, earlier)
        shut_down(process)


def raise_interrupt(*_: object) -> None:
    """Turn SIGTERM into what Ctrl-C raises."""
    raise KeyboardInterrupt
