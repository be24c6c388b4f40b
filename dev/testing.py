"""`make test`: pytest on the local services, with databases, core and Redis database of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from dev import supervision
from dev.commands import new_steps, prepare_servers, programs, set_up, start_servers
from dev.console import say
from dev.instances import TEST, prepare
from dev.machine import PORTAL_NEEDS, TEST_NEEDS
from dev.run_folder import REPOSITORY, RUN, locked
from dev.toolchain import program

VARIABLES = {
    "sqlalchemy.url": "CKAN_SQLALCHEMY_URL",
    "ckan.datastore.write_url": "CKAN_DATASTORE_WRITE_URL",
    "ckan.datastore.read_url": "CKAN_DATASTORE_READ_URL",
    "ckan.redis.url": "CKAN_REDIS_URL",
    "solr_url": "CKAN_SOLR_URL",
    "ckan.storage_path": "CKAN_STORAGE_PATH",
}


def environment() -> dict[str, str]:
    """Return the variables that point test.ini at this run folder's services."""
    settings = TEST.settings()
    return {variable: settings[option] for option, variable in VARIABLES.items()}


def run_tests(arguments: Sequence[str]) -> int:
    """Set up what is missing, run pytest, and stop what was started for it."""
    steps = new_steps()
    with locked("test"):
        set_up(steps, (*PORTAL_NEEDS, *TEST_NEEDS))
        if not supervision.is_running():
            prepare_servers(steps)
    with supervision.session(programs()) as ours:
        if ours:
            start_servers(steps)
        prepare(TEST, steps)
        say("[ *] Tests ...")
        command = [program("python"), "-m", "pytest", *arguments]
        return subprocess.run(
            [str(part) for part in command],
            env={**os.environ, **environment(), "ND47_RUN": str(RUN)},
            cwd=REPOSITORY,
            check=False,
        ).returncode
