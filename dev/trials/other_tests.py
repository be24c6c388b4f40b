"""`make test-ckan211` and `make test-next`: the suite on other versions of CKAN."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from dev.console import Stopped, say
from dev.local.instances import Instance, prepare
from dev.local.machine import PORTAL_NEEDS
from dev.local.run_folder import REPOSITORY, RUN, locked
from dev.local.servers import bring_in_core
from dev.local.start import new_steps, servers, set_up
from dev.testing import QUICK, environment, environment_without_services
from dev.trials.other_ckans import CKAN_211, CKAN_NEXT, OtherCkan

L10N_PLUGINS = "nd47_l10n activity datastore"
WHAT_RUNS_ON_211 = ("tests/l10n", "tests/suite/test_guard.py")
QUICK_PART = ("tests/l10n", "tests/suite/test_floors.py", "tests/suite/test_guard.py")
TEST_211 = Instance(
    "ckan211", "test", 9, options=(("ckan.plugins", L10N_PLUGINS),), venv=CKAN_211.venv
)


def run_on_211(arguments: Sequence[str]) -> int:
    """Run the tests of `nd47_l10n` on CKAN 2.11, with databases and a Solr core of its own."""
    with servers("test-ckan211") as steps:
        CKAN_211.install(steps)
        bring_in_core(TEST_211.name, TEST_211.venv)
        prepare(TEST_211, steps)
        variables = {**os.environ, **environment(TEST_211), "ND47_RUN": str(RUN)}
        options = (f"--ckan-ini={test_ini(L10N_PLUGINS)}", "-m", "not whole_suite")
        return pytest(CKAN_211, variables, *options, *(arguments or WHAT_RUNS_ON_211))


def run_on_next(arguments: Sequence[str]) -> int:
    """Run a quick part of the tests on the newest CKAN of the index, pre-releases included."""
    steps = new_steps()
    with locked("test-next"):
        set_up(steps, PORTAL_NEEDS)
        CKAN_NEXT.install(steps)
    variables = {**os.environ, **environment_without_services(), "ND47_RUN": str(RUN)}
    return pytest(CKAN_NEXT, variables, "-m", QUICK, *(arguments or QUICK_PART))


def pytest(ckan: OtherCkan, variables: dict[str, str], *arguments: str) -> int:
    """Run pytest in the environment of another CKAN; return its exit code."""
    say(f"[ *] pytest, CKAN {ckan.version()} ...")
    command = [str(ckan.program("python")), "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, env=variables, cwd=REPOSITORY, check=False).returncode


def test_ini(plugins: str) -> Path:
    """Write the configuration of the tests with other plugins, and return its path."""
    text = (REPOSITORY / "test.ini").read_text(encoding="utf-8")
    changed, count = re.subn(r"(?m)^ckan\.plugins = .*$", f"ckan.plugins = {plugins}", text)
    if count != 1:
        raise Stopped("test.ini names no plugins, or names them twice")
    path = RUN / "test-ckan211.ini"
    path.write_text(changed, encoding="utf-8")
    return path
