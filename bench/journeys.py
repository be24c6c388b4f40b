"""How many of our own files three journeys enter: what a newcomer has to read to follow them.

1. A dataset is saved, until its change is in the feed (the worker's jobs run in between).
2. A visitor opens the page of a dataset; templates count as files.
3. An option gets another default: the files that name its key.

Run by `make bench`, or alone by `python -m bench.journeys` with the variables of a test database.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import uuid4

from rq import SimpleWorker

from ckan.lib import jobs
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from bench import empty_portal
from bench.rules import FIELDS
from ckanext.nd47.lib import config

PACKAGE = Path(config.__file__).parents[1]
OPTIONS = {"ckanext.nd47.rules_from": "2999-01-01", "ckan.views.default_views": ""}
LIMITS = {"save to feed": 45, "dataset page": 30, "option": 4}
"""Files at most."""


@dataclass
class Trace:
    """What a journey entered.

    Attributes:
        files: our own files, relative to the package.
        rooms: number of changes from a package to another.
        calls: calls of our own functions.
    """

    files: set[str] = field(default_factory=set)
    rooms: int = 0
    calls: int = 0
    room: str = ""

    def enter(self, path: Path) -> None:
        """Note that a function or template of a file was entered."""
        relative = path.relative_to(PACKAGE)
        self.files.add(str(relative))
        self.calls += 1
        room = relative.parts[0]
        self.rooms += bool(self.room) and room != self.room
        self.room = room


@contextmanager
def traced() -> Iterator[Trace]:
    """Follow every call of our own functions, and every template that is loaded or rendered."""
    trace, paths = Trace(), dict[str, Path | None]()

    def own(name: str) -> Path | None:
        if name not in paths:
            path = Path(name)
            paths[name] = path if path.is_relative_to(PACKAGE) else None
        return paths[name]

    def profile(frame: FrameType, event: str, _argument: Any) -> None:
        # A template is compiled to a function whose file is that of the template.
        if event == "call" and (path := own(frame.f_code.co_filename)):
            trace.enter(path)

    sys.setprofile(profile)
    try:
        yield trace
    finally:
        sys.setprofile(None)


def run_jobs() -> None:
    """Do in this process what a worker would do."""
    SimpleWorker(jobs.get_queue(), connection=jobs.get_queue().connection).work(burst=True)


def naming(option: str) -> set[str]:
    """Return the files of the repository, tests and translations aside, that name an option."""
    places = ["ckanext", "schemas", "docs", "dev/local/config"]
    command = ["git", "grep", "--files-with-matches", "--fixed-strings", "--word-regexp", option]
    result = subprocess.run(  # noqa: S603 - git, with words of ours
        [*command, "--", *places],
        cwd=PACKAGE.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


def journeys() -> Iterator[tuple[str, Trace]]:
    """Make each journey once untraced, so that what is loaded only once is not counted."""
    app = CKANTestApp(empty_portal(OPTIONS, ("activity", "nd47")))
    with app.flask_app.test_request_context("/"):
        owner = factories.Organization(title="Sở Y tế", identifier="H99.02")
        context = {"user": factories.Sysadmin()["name"], "ignore_auth": False}
        name = f"bo-du-lieu-{uuid4().hex}"
        call_action(
            "package_create",
            dict(context),
            name=name,
            title="Trạm y tế",
            owner_org=owner["id"],
            **FIELDS,
        )
        shown = call_action("package_show", id=name)
        run_jobs()
        app.get("/catalog/changes.trig")
        with traced() as trace:
            call_action("package_update", dict(context), **{**shown, "version": "2.0"})
            run_jobs()
            app.get("/catalog/changes.trig")
        yield "save to feed", trace
        app.get(f"/dataset/{name}")
        with traced() as trace:
            app.get(f"/dataset/{name}")
        yield "dataset page", trace
        yield "option", Trace(naming(config.DEFAULT_LICENSE))


def main(arguments: list[str]) -> int:
    """Print the figures; with `--files` the files too. Return 1 where a limit is broken."""
    broken = False
    for name, trace in journeys():
        limit = LIMITS[name]
        broken |= len(trace.files) > limit
        print(  # noqa: T201
            f"{name:<14} {len(trace.files):>4} files (at most {limit}), {trace.calls:>6} calls, "
            f"{trace.rooms:>5} changes of room"
        )
        if "--files" in arguments:
            print("  " + "\n  ".join(sorted(trace.files)))  # noqa: T201
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
