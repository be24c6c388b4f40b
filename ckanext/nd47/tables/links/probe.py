"""The process that asks addresses, on the public network alone.

It reads `{"allowed": [[host, port]], "own": host, "pause": seconds, "addresses": [...]}` and writes
a line `{"address": …, "outcome": …, "answer": …}` for each address as soon as it is known. A host
is asked by one thread at a time, with a pause between two requests; what its robots.txt forbids is
not asked. The portal's own robots.txt is for search engines and does not count.

Usage: python -m ckanext.nd47.tables.links.probe < what to ask > what was answered
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import requests
from urllib3.util import connection

from ckanext.nd47.lib.web.public_network import ForbiddenAddressError, guarded
from ckanext.nd47.tables.links.outcome import (
    FAILED,
    OK,
    REFUSED,
    RETRIED,
    host_of,
    outcome_of_status,
)

AGENT = "ckanext-nd47-link-check"
THREADS = 8
TIMEOUTS = (10, 20)
MOST_REDIRECTS = 5
ATTEMPTS = 2
LONGEST_ROBOTS = 200_000
"""Bytes of a robots.txt that are read."""

LONGEST_PAUSE = 10.0
"""Seconds: a host that asks for a longer pause than this gets this one."""

_lock = threading.Lock()


class Host:
    """A host: what it allows, and how long to wait between two requests."""

    def __init__(self, name: str, *, own: bool, pause: float) -> None:
        self._own = own
        self._pause = pause
        self._rules: dict[str, RobotFileParser] = {}
        self._last = 0.0
        self._session = requests.Session()
        # A proxy of the environment would connect in place of the guarded process.
        self._session.trust_env = False
        self._session.headers["User-Agent"] = AGENT
        self._session.max_redirects = MOST_REDIRECTS
        self.name = name

    def ask(self, address: str) -> tuple[str, str]:
        """Return the outcome of an address, and its status or what went wrong."""
        if not self.name:
            return FAILED, "address"
        if not self._own and not self._robots(address).can_fetch(AGENT, address):
            return REFUSED, "robots"
        outcome, answer = FAILED, ""
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(2 * self._pause)
            outcome, answer = self._ask_once(address)
            if outcome != FAILED or (answer.isdecimal() and int(answer) not in RETRIED):
                break
        return outcome, answer

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _ask_once(self, address: str) -> tuple[str, str]:
        try:
            status = self._status("HEAD", address)
            if outcome_of_status(status) != OK:
                # Many servers answer HEAD wrongly: the first byte decides.
                status = self._status("GET", address)
        except requests.RequestException as error:
            return FAILED, problem_of(error)
        except (ValueError, OSError):
            # Such as a name of a host that cannot exist.
            return FAILED, "address"
        return outcome_of_status(status), str(status)

    def _status(self, method: str, address: str) -> int:
        self._wait()
        headers = {"Range": "bytes=0-0"} if method == "GET" else {}
        answer = self._session.request(
            method, address, headers=headers, timeout=TIMEOUTS, allow_redirects=True, stream=True
        )
        with closing(answer):
            return answer.status_code

    def _wait(self) -> None:
        rest = self._last + self._pause - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        self._last = time.monotonic()

    def _robots(self, address: str) -> RobotFileParser:
        parts = urlsplit(address)
        base = f"{parts.scheme}://{parts.netloc}"
        if base not in self._rules:
            self._rules[base] = self._read_robots(base)
            delay = self._rules[base].crawl_delay(AGENT)
            if delay:
                self._pause = min(max(self._pause, float(delay)), LONGEST_PAUSE)
        return self._rules[base]

    def _read_robots(self, base: str) -> RobotFileParser:
        rules = RobotFileParser()
        lines: list[str] = []
        self._wait()
        try:
            answer = self._session.get(f"{base}/robots.txt", timeout=TIMEOUTS, stream=True)
            with closing(answer):
                if answer.status_code == requests.codes.ok:
                    content = next(answer.iter_content(LONGEST_ROBOTS), b"")
                    lines = content.decode("utf-8", "replace").splitlines()
        except (requests.RequestException, ValueError, OSError):
            # The address itself will say what is wrong.
            lines = []
        rules.parse(lines)
        return rules


def problem_of(error: BaseException) -> str:
    """Return what went wrong in a word."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop()
        if isinstance(current, ForbiddenAddressError):
            return "not-public"
        if id(current) in seen:
            continue
        seen.add(id(current))
        reason = getattr(current, "reason", None)
        parts = (*current.args, current.__cause__, current.__context__, reason)
        waiting += [part for part in parts if isinstance(part, BaseException)]
    if isinstance(error, requests.exceptions.SSLError):
        return "certificate"
    if isinstance(error, requests.Timeout):
        return "timeout"
    if isinstance(error, requests.TooManyRedirects):
        return "redirects"
    return "unreachable"


def main() -> None:
    """Ask the addresses, each host by one thread at a time."""
    content = json.load(sys.stdin)
    allowed = {(host, port) for host, port in content["allowed"]}
    connection.create_connection = guarded(connection.create_connection, allowed)
    by_host: dict[str, list[str]] = defaultdict(list)
    for address in content["addresses"]:
        by_host[host_of(address)].append(address)
    with ThreadPoolExecutor(THREADS) as pool:
        for name, addresses in by_host.items():
            pool.submit(_ask_host, name, addresses, content)


def _ask_host(name: str, addresses: list[str], content: dict[str, Any]) -> None:
    host = Host(name, own=name == content["own"], pause=float(content["pause"]))
    try:
        for address in addresses:
            outcome, answer = host.ask(address)
            _write({"address": address, "outcome": outcome, "answer": answer})
    finally:
        host.close()


def _write(line: dict[str, str]) -> None:
    with _lock:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
