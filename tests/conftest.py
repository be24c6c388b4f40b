"""What every test shares: the order of the tests, their two processes and the two portals."""

from __future__ import annotations

import json
import logging
import os

import pytest

from dev.testing import SECOND

pytest_plugins = ["tests.running", "tests.plugin_cache", "tests.jena"]

# Quick tests first: who breaks a rule learns it before two portals have been started.
SLOW_LAST = ("portals", "browser", "benchmark")
IN_PARALLEL = "PYTEST_XDIST_WORKER" in os.environ

if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
    # Two processes on one database would empty it under each other's feet.
    os.environ.update(json.loads(os.environ[SECOND]))


def slowness(item: pytest.Item) -> int:
    """Return 0 for a quick test, more for one that has to wait for more."""
    marks = {mark.name for mark in item.iter_markers()}
    return max((SLOW_LAST.index(name) + 1 for name in marks & set(SLOW_LAST)), default=0)


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in its own hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that need running portals behind all others, or beside them.

    With two processes one takes the tests with portals, which wait much, and the other begins with
    the rest; the tests of a module stay together, since they share what they have set up.
    """
    items.sort(key=slowness, reverse=IN_PARALLEL)
    if IN_PARALLEL:
        for item in items:
            group = "portals" if slowness(item) else item.nodeid.split("::")[0]
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(autouse=True)
def own_loggers_at_work() -> None:
    """Turn our loggers on again: the migrations of CKAN's activity turn off all they find."""
    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith("ckanext.nd47") and isinstance(logger, logging.Logger):
            logger.disabled = False
