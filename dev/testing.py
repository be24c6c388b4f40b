"""`make test`, `make test-quick` and `make bench`: with databases of their own, or without."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing

from dev.console import say
from dev.local.instances import BENCH, TEST, TEST_SECOND, Instance, prepare
from dev.local.machine import PORTAL_NEEDS, TEST_NEEDS, Need
from dev.local.run_folder import REPOSITORY, RUN
from dev.local.start import servers
from dev.local.toolchain import program

VARIABLES = {
    "sqlalchemy.url": "CKAN_SQLALCHEMY_URL",
    "ckan.datastore.write_url": "CKAN_DATASTORE_WRITE_URL",
    "ckan.datastore.read_url": "CKAN_DATASTORE_READ_URL",
    "ckan.redis.url": "CKAN_REDIS_URL",
    "solr_url": "CKAN_SOLR_URL",
    "ckan.storage_path": "CKAN_STORAGE_PATH",
}
SECOND = "ND47_SECOND"
"""Environment variable with the variables of the second process of pytest, as JSON."""

QUICK = "not services and not portals and not browser and not benchmark and not slow"
QUICK_RUN = "ND47_QUICK"
"""Environment variable for tests without services."""

LEAST_COVERAGE = 90
"""Of a hundred lines of the package, those that the whole suite executes at least. Lines that only
a portal in a process of its own executes do not count."""

NEEDS = (*PORTAL_NEEDS, *TEST_NEEDS)
"""What the machine has to have for the tests."""

STARTING_TABLE = "system_info"
"""The table that CKAN reads when it starts."""

NOWHERE = "127.0.0.1:9"
"""An address without a server."""

IN_TWO_PROCESSES = ("-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")


def with_bytecode(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a process that may store compiled modules.

    Images of containers often forbid it. pytest would then rewrite and compile every module of
    tests in each process of each run, which is a tenth of the quick tests.
    """
    return {name: text for name, text in variables.items() if name != "PYTHONDONTWRITEBYTECODE"}


def environment(instance: Instance) -> dict[str, str]:
    """Return the variables that point test.ini at this run folder's services."""
    settings = instance.settings()
    return {variable: settings[option] for option, variable in VARIABLES.items()}


def run_on_services(
    command: str, instances: Sequence[Instance], needs: tuple[Need, ...], *module: str
) -> int:
    """Run a Python module on instances that have databases but no web server.

    The process uses the first one, and gets the address of the second, if there is one.

    What is missing is set up first, what was started is stopped at the end.
    """
    with servers(command, needs) as steps:
        for instance in instances:
            prepare(instance, steps)
        variables = with_bytecode(os.environ) | environment(instances[0]) | {"ND47_RUN": str(RUN)}
        if len(instances) > 1:
            variables[SECOND] = json.dumps(environment(instances[1]))
        say(f"[ *] {module[0]} ...")
        return subprocess.run(
            [str(program("python")), "-m", *module],
            env=variables,
            cwd=REPOSITORY,
            check=False,
        ).returncode


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest with the given arguments; without any, the whole suite in two processes.

    The whole suite counts the lines that it executes, and too few of them are a failure.
    """
    if arguments:
        return run_on_services("test", (TEST,), NEEDS, "pytest", *arguments)
    whole = ("dev.coverage", str(LEAST_COVERAGE), *IN_TWO_PROCESSES)
    return run_on_services("test", (TEST, TEST_SECOND), NEEDS, *whole)


def run_coverage(arguments: Sequence[str]) -> int:
    """Run a part of the tests, and print the lines of the package that they do not execute."""
    return run_on_services("coverage", (TEST,), NEEDS, "dev.coverage", "0", *arguments)


def environment_without_services() -> dict[str, str]:
    """Return variables that let CKAN load its plugins while none of its services runs.

    CKAN reads a table at startup, and without it assumes that the database is broken. It has that
    table, empty, in SQLite; all other addresses lead nowhere. Another run may be using the file.
    """
    database = RUN / "quick.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS {STARTING_TABLE}"
            " (id INTEGER, key TEXT, value TEXT, state TEXT)"
        )
    # CKAN's validators want two accounts.
    write, read = (f"postgresql://{role}@{NOWHERE}/quick" for role in ("write", "read"))
    return {
        QUICK_RUN: "1",
        "CKAN_SQLALCHEMY_URL": f"sqlite:///{database}",
        "CKAN_DATASTORE_WRITE_URL": write,
        "CKAN_DATASTORE_READ_URL": read,
        "CKAN_REDIS_URL": f"redis://{NOWHERE}/0",
        "CKAN_SOLR_URL": f"http://{NOWHERE}/solr/quick",
        "CKAN_STORAGE_PATH": str(RUN / "storage" / "quick"),
    }


def run_quick_tests(arguments: Sequence[str]) -> int:
    """Run the tests that need neither services nor a browser, in two processes."""
    variables = with_bytecode(os.environ) | environment_without_services()
    variables |= {"ND47_RUN": str(RUN), SECOND: "{}"}
    command = [program("python"), "-m", "pytest", "-m", QUICK, *IN_TWO_PROCESSES, *arguments]
    return subprocess.run(
        list(map(str, command)), env=variables, cwd=REPOSITORY, check=False
    ).returncode


def run_docs() -> int:
    """Write the generated pages of the documentation."""
    return run_on_services("docs", (TEST,), PORTAL_NEEDS, "dev.docs")


def run_benchmarks(arguments: Sequence[str]) -> int:
    """Run the benchmarks on databases of their own."""
    return run_on_services("bench", (BENCH,), PORTAL_NEEDS, "bench", *arguments)
