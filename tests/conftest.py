"""Hooks of all tests: their order, the two processes and the two portals."""

from __future__ import annotations

import gc
import json
import logging
import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from dev.testing import SECOND

pytest_plugins = [
    "tests.support.running",
    "tests.support.services",
    "tests.support.plugin_cache",
    "tests.support.jena",
    "tests.support.solr_commits",
]

# Quick tests first: a broken rule is reported before two portals are started.
SLOW_LAST = ("slow", "portals", "browser", "benchmark")
WITH_PORTALS = ("tests/browser/", "tests/portals/")
PLUGIN_OF_CKAN = "ckan"
"""The plugin of pytest that loads CKAN when the session starts."""

COLLECTOR = (5_000, 10, 10)
"""How many new objects the garbage collector waits for, and how often it looks at older ones."""

IN_PARALLEL = "PYTEST_XDIST_WORKER" in os.environ

if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
    # Two processes on the same database would delete each other's data.
    os.environ.update(json.loads(os.environ[SECOND]))


def pytest_configure(config: pytest.Config) -> None:
    """Have CKAN start in processes that run tests, not in the one that distributes them."""
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        config.pluginmanager.unregister(name=PLUGIN_OF_CKAN)


def slowness(item: pytest.Item) -> int:
    """Return 0 for a quick test, a higher number for tests that wait longer."""
    marks = {mark.name for mark in item.iter_markers()}
    return max((SLOW_LAST.index(name) + 1 for name in marks & set(SLOW_LAST)), default=0)


def plugins_of_portal(item: pytest.Item) -> str:
    """Return the plugins of the portal that a test requests: of `portal_and_app`, or `PLUGINS`."""
    if "portal" not in getattr(item, "fixturenames", ()):
        return ""
    fixtures = item.session._fixturemanager.getfixturedefs("portal", item)  # pyright: ignore[reportPrivateUsage] # pytest has no public way
    if not fixtures:
        return ""
    function: Any = fixtures[-1].func
    names = getattr(function, "plugins", "") or function.__globals__.get("PLUGINS", "")
    return names if isinstance(names, str) else " ".join(names)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests that need running portals after all others, or before them.

    With two processes the first runs the tests with portals, which mostly wait, the other begins
    with the rest. The short modules come last, so that both end at the same time: those without
    plugins, after those of all plugins, which walk over every route. Modules with the same plugins
    are adjacent, since loading needs seconds.
    """
    plugins: dict[str, str] = {}
    for item in items:
        module = item.nodeid.split("::")[0]
        plugins[module] = max(plugins.get(module, ""), plugins_of_portal(item))
    items.sort(key=lambda item: plugins[item.nodeid.split("::")[0]], reverse=IN_PARALLEL)
    items.sort(key=slowness, reverse=IN_PARALLEL)


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what lives until the end: modules, schemas and tests.

    With thousands of tests collected it took a third of the processor time of those that run.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR)


class ByModule(LoadScopeScheduling):
    """Groups the tests of a module, which share a set-up, and all tests with portals."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        return "portals" if path.startswith(WITH_PORTALS) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    """Set how pytest-xdist distributes the tests."""
    return ByModule(config, log)


def enable_own_loggers() -> None:
    """Enable the suite's loggers again: migrations of CKAN's activity plugin disable them."""
    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith("ckanext.nd47") and isinstance(logger, logging.Logger):
            logger.disabled = False


@pytest.fixture(autouse=True)
def own_loggers_at_work() -> None:
    """The suite's loggers write in each test, whatever an earlier one migrated."""
    enable_own_loggers()
