"""Output on the terminal: numbered steps, a log file for each, and a final message."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class Stopped(Exception):  # noqa: N818 - the user reads it as a sentence, not as an error class
    """The command cannot continue; `str()` is the reason and `remedy` says what to do.

    Attributes:
        remedy: what the user can do about it, a sentence or a command line; may be empty.
        log: the file with the details, if there is one.
    """

    def __init__(self, sentence: str, remedy: str = "", log: Path | None = None) -> None:
        super().__init__(sentence)
        self.remedy = remedy
        self.log = log

    def report(self) -> str:
        """Return the lines to print."""
        lines = [f"Stopped: {self}"]
        if self.remedy:
            lines.append(f"  What to do: {self.remedy}")
        if self.log:
            lines.append(f"  Details: {self.log}")
        return "\n".join(lines)


def say(line: str = "") -> None:
    """Print a line immediately, so that the progress is visible."""
    print(line, flush=True)


class Steps:
    """Numbers the steps of a set-up and keeps a log file for each."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.done = 0
        logs.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def step(self, title: str, name: str) -> Iterator[Path]:
        """Print a step, yield its log file, and print its duration."""
        self.done += 1
        log = self.logs / f"{name}.log"
        say(f"[{self.done:2d}] {title} ...")
        started = time.monotonic()
        yield log
        took = time.monotonic() - started
        if took >= 1:
            say(f"     done in {took:.0f} s")


def run(  # noqa: PLR0913 - a command line has this many sides
    command: Sequence[str | Path],
    log: Path,
    sentence: str,
    remedy: str = "",
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
) -> None:
    """Run a program with its output in `log`.

    Raises:
        Stopped: the program failed; its last line of output joins `sentence`.
    """
    with log.open("ab") as output:
        output.write(f"$ {' '.join(str(part) for part in command)}\n".encode())
        output.flush()
        done = subprocess.run(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            input=(stdin or "").encode(),
            env={**os.environ, **(env or {})},
            cwd=cwd,
            check=False,
        )
    if done.returncode:
        raise Stopped(f"{sentence} ({last_line(log)})", remedy, log)


def last_line(log: Path) -> str:
    """Return the last line of a log that is not empty, shortened."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "no output"


def confirmed(question: str) -> bool:
    """Ask on the terminal; without one the answer is no, with YES=1 it is yes."""
    if os.environ.get("YES") == "1":
        return True
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes", "c", "co", "có"}
