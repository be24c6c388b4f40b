"""The timer of `make portal`: runs what a timer of the system runs on a server.

One process loads CKAN once, since each start of `ckan` takes seconds of the processor. What the
tasks are, and how often, is said to administrators in `docs/maintenance.md`.

Usage: python -m dev.local.timer INI
"""

from __future__ import annotations

import datetime as dt
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click

import ckan.plugins as p
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.lib import app_globals

from ckanext.nd47.lib.fields.values import VIETNAM
from ckanext.nd47.lib.plugins import nd47

HOUR, DAY = 60, 24 * 60
PAUSE = 5.0
"""Seconds between two looks at the clock."""

Slot = tuple[dt.date, int]


@dataclass(frozen=True)
class Task:
    """A command that runs again and again.

    Attributes:
        command: words after `ckan nd47`.
        every: minutes from one run to the next.
        begin: minute of the day of the first run, in Viet Nam.
        end: minute of the day of the last one.
    """

    command: str
    every: int
    begin: int = 0
    end: int = DAY - 1

    def slot(self, now: dt.datetime) -> Slot | None:
        """Return the place of a moment among the runs; None before the first and after the last."""
        minute = now.hour * HOUR + now.minute
        if not self.begin <= minute <= self.end:
            return None
        return now.date(), (minute - self.begin) // self.every


TASKS = (
    Task("work refresh", DAY, begin=30),
    Task("publish-scheduled", 1),
    Task("remind", 15, begin=7 * HOUR + 30, end=16 * HOUR + 45),
    Task("files check --waiting", HOUR),
    Task("usage flush", HOUR),
    Task("report take", DAY, begin=45),
    Task("report mail", DAY, begin=8 * HOUR),
    Task("tables check-links", DAY, begin=HOUR),
    Task("bulk resume", 15),
)


class Timer:
    """Runs each task once in each of its slots, at the first look too."""

    def __init__(self, run: Callable[[str], None], tasks: Sequence[Task] = TASKS) -> None:
        """Make a timer.

        Args:
            run: runs a command.
            tasks: what it runs, in this order.
        """
        self._run = run
        self._tasks = tasks
        self._last: dict[str, Slot] = {}

    def look(self, now: dt.datetime) -> None:
        """Run what is due at a moment; a slot that was slept through is left out."""
        for task in self._tasks:
            slot = task.slot(now)
            if slot is not None and self._last.get(task.command) != slot:
                self._last[task.command] = slot
                self._run(task.command)


def run(command: str) -> None:
    """Run a command of the suite in this process; what it raises is written to the log."""
    try:
        # As before each request: what an administrator has set on another process counts.
        app_globals.app_globals._check_uptodate()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # CKAN's own way
        nd47.main(command.split(), prog_name="ckan nd47", standalone_mode=False)
    except click.ClickException as error:
        print(f"ckan nd47 {command}: {error.format_message()}", flush=True)
    except Exception:  # noqa: BLE001 - the next task, and the next run, go on
        traceback.print_exc()
    finally:
        model.Session.rollback()
        model.Session.remove()


def main() -> None:
    """Load CKAN and run the tasks until the process is ended."""
    make_app(load_config(sys.argv[1]))
    for plugin in p.PluginImplementations(p.IClick):
        plugin.get_commands()
    timer = Timer(run)
    while True:
        timer.look(dt.datetime.now(VIETNAM))
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
