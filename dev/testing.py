"""`make test` and `make bench`: on the local services, with databases and a core of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from dev import supervision
from dev.console import say
from dev.instances import BENCH, TEST, Instance, prepare
from dev.machine import PORTAL_NEEDS, TEST_NEEDS, Need
from dev.run_folder import REPOSITORY, RUN, locked
from dev.start import new_steps, prepare_servers, programs, set_up, start_servers
from dev.toolchain import program

VARIABLES = {
    "sqlalchemy.url": "CKAN_SQLALCHEMY_URL",
    "ckan.datastore.write_url": "CKAN_DATASTORE_WRITE_URL",
    "ckan.datastore.read_url": "CKAN_DATASTORE_READ_URL",
    "ckan.redis.url": "CKAN_REDIS_URL",
    "solr_url": "CKAN_SOLR_URL",
    "ckan.storage_path": "CKAN_STORAGE_PATH",
}


def environment(instance: Instance) -> dict[str, str]:
    """Return the variables that point test.ini at this run folder's services."""
    settings = instance.settings()
    return {variable: settings[option] for option, variable in VARIABLES.items()}


def run_on_services(instance: Instance, needs: tuple[Need, ...], *module: str) -> int:
    """Run a Python module on an instance that has databases but no web server.

    What is missing is set up first, what was started is stopped at the end.
    """
    steps = new_steps()
    with locked("this"):
        set_up(steps, needs)
        if not supervision.is_running():
            prepare_servers(steps)
    with supervision.session(programs()) as ours:
        if ours:
            start_servers(steps)
        prepare(instance, steps)
        say(f"[ *] {module[0]} ...")
        return subprocess.run(
            [str(program("python")), "-m", *module],
            env={**os.environ, **environment(instance), "ND47_RUN": str(RUN)},
            cwd=REPOSITORY,
            check=False,
        ).returncode


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest with the given arguments."""
    return run_on_services(TEST, (*PORTAL_NEEDS, *TEST_NEEDS), "pytest", *arguments)


def run_benchmarks(arguments: Sequence[str]) -> int:
    """Run the benchmarks on databases of their own."""
    return run_on_services(BENCH, PORTAL_NEEDS, "bench", *arguments)
