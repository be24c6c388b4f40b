"""The run folder `.run/`, with everything that a portal on one machine generates."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dev.console import Stopped, say

REPOSITORY = Path(__file__).resolve().parents[2]
RUN = Path(os.environ.get("ND47_RUN", REPOSITORY / ".run"))

# Only ports of addresses for users can be set in the environment.
WEB_PORTS = {"portal": ("ND47_PORT", 5000), "national": ("ND47_NATIONAL_PORT", 5001)}
SERVER_PORTS = {
    "postgres": 15470,
    "redis": 16470,
    "solr": 18470,
    "supervisor": 19470,
    "sample": 15000,
    "harvester": 15001,
    "storm": 15002,
    "shelter": 15003,
    "plain": 15004,
    "multi": 15005,
    "multi-a": 15006,
    "multi-b": 15007,
    "portal-behind": 15008,
    "sample-behind": 15009,
    "mail": 15025,
    "mail-page": 15080,
}


def own_environment() -> dict[str, str]:
    """Return the environment without CKAN's own variables, which outdo any configuration file.

    The tests set them for their own databases; a user may have them for another CKAN.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("CKAN_")}


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file, empty if it is missing or was cut off in writing."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def secret(name: str) -> str:
    """Return a random secret that stays the same for this run folder."""
    path = RUN / "secrets.json"
    secrets_by_name = read_json(path)
    if name not in secrets_by_name:
        secrets_by_name[name] = secrets.token_urlsafe(24)
        write_private(path, json.dumps(secrets_by_name, indent=2))
    return secrets_by_name[name]


def is_free(port: int) -> bool:
    """Return whether a port of the loopback address is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def next_free(port: int, used: set[int]) -> int:
    """Return the first free port from `port` on that is not promised to another server."""
    for candidate in range(port, port + 200):
        if candidate not in used and is_free(candidate):
            return candidate
    raise Stopped(f"no port between {port} and {port + 199} is free on 127.0.0.1")


def web_port(name: str, taken: set[int]) -> int:
    """Return the port that a portal's web server gets; the user may have named it.

    Raises:
        Stopped: the user's port is not a number, or in use.
    """
    variable, default = WEB_PORTS[name]
    chosen = os.environ.get(variable)
    if chosen and not chosen.isdigit():
        raise Stopped(f"{variable}={chosen} is not a port number", f"for example {variable}=8080")
    preferred = int(chosen) if chosen else default
    if chosen and not is_free(preferred):
        remedy = f"end the program that uses it, or choose another {variable}"
        raise Stopped(f"port {preferred} on 127.0.0.1 is taken", remedy)
    port = next_free(preferred, taken)
    if port != preferred:
        say(f"     port {preferred} is taken: {name} uses {port} ({variable} sets it)")
    return port


def choose_web_port(name: str) -> None:
    """Choose one portal's port again, while servers run on the others."""
    other_ports = {other: port for other, port in ports().items() if other != name}
    chosen = {**other_ports, name: web_port(name, set(other_ports.values()))}
    write_private(RUN / "ports.json", json.dumps(chosen, indent=2))


def choose_ports() -> dict[str, int]:
    """Choose a port for each server, keep the earlier choice where it is still free.

    Called when none of our servers runs. A port that the user named must be free; a default that
    is in use is replaced by the next free port, and this is printed.
    """
    earlier: dict[str, int] = read_json(RUN / "ports.json")
    chosen: dict[str, int] = {}
    for name in WEB_PORTS:
        chosen[name] = web_port(name, set(chosen.values()))
    for name, default in SERVER_PORTS.items():
        chosen[name] = next_free(earlier.get(name, default), set(chosen.values()))
    write_private(RUN / "ports.json", json.dumps(chosen, indent=2))
    return chosen


def ports() -> dict[str, int]:
    """Return the ports in use, as chosen when the servers were started last.

    A port for a server that did not exist then is chosen now: the others may run on theirs.
    """
    chosen: dict[str, int] = read_json(RUN / "ports.json")
    if not chosen:
        return choose_ports()
    missing = {name: port for name, port in SERVER_PORTS.items() if name not in chosen}
    if missing:
        for name, default in missing.items():
            chosen[name] = next_free(default, set(chosen.values()))
        write_private(RUN / "ports.json", json.dumps(chosen, indent=2))
    return chosen


def is_done(step: str, fingerprint: str) -> bool:
    """Return whether a step of the set-up was finished with the same input."""
    path = RUN / "state" / step
    return path.exists() and path.read_text(encoding="utf-8") == fingerprint


def mark_done(step: str, fingerprint: str) -> None:
    """Record that a step was finished; called last, so that a kill repeats the step."""
    write_private(RUN / "state" / step, fingerprint)


def make_run_folder() -> None:
    """Create the run folder; PostgreSQL's own account must be able to pass through it."""
    RUN.mkdir(parents=True, exist_ok=True)
    RUN.chmod(0o711)
    close_to_others()


def close_to_others() -> None:
    """Restrict the run folder and everything below it to its owner."""
    for path in RUN.iterdir():
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            path.chmod(mode & 0o700)


@contextmanager
def locked(purpose: str) -> Iterator[None]:
    """Lock the run folder for a set-up; the lock ends with the process."""
    make_run_folder()
    with (RUN / "lock").open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"another make is setting up {RUN} at this moment"
            raise Stopped(msg, f"wait for it, then call make {purpose} again") from error
        try:
            yield
        finally:
            close_to_others()
