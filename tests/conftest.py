"""What every test shares: the order of the tests, their two processes and the two portals."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from dev.testing import SECOND

pytest_plugins = [
    "tests.running",
    "tests.services",
    "tests.plugin_cache",
    "tests.jena",
    "tests.solr_commits",
]

# Quick tests first: who breaks a rule learns it before two portals have been started.
SLOW_LAST = ("portals", "browser", "benchmark")
WITH_PORTALS = ("tests/browser/", "tests/portals/")
IN_PARALLEL = "PYTEST_XDIST_WORKER" in os.environ

if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
    # Two processes on one database would empty it under each other's feet.
    os.environ.update(json.loads(os.environ[SECOND]))


def slowness(item: pytest.Item) -> int:
    """Return 0 for a quick test, more for one that has to wait for more."""
    marks = {mark.name for mark in item.iter_markers()}
    return max((SLOW_LAST.index(name) + 1 for name in marks & set(SLOW_LAST)), default=0)


def plugins_of_portal(item: pytest.Item) -> str:
    """Return the plugins of the portal that a test asks for, as its module or conftest has them."""
    if "portal" not in getattr(item, "fixturenames", ()):
        return ""
    fixtures = item.session._fixturemanager.getfixturedefs("portal", item)  # pyright: ignore[reportPrivateUsage] # pytest has no other way to ask
    names = getattr(fixtures[-1].func, "__globals__", {}).get("PLUGINS", "") if fixtures else ""
    return names if isinstance(names, str) else " ".join(names)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that need running portals behind all others, or before them.

    With two processes the first takes the tests with portals, which wait much, the other begins
    with the rest. Modules that want the same plugins follow each other: loading takes seconds.
    """
    plugins: dict[str, str] = {}
    for item in items:
        module = item.nodeid.split("::")[0]
        plugins[module] = max(plugins.get(module, ""), plugins_of_portal(item))
    items.sort(key=lambda item: plugins[item.nodeid.split("::")[0]])
    items.sort(key=slowness, reverse=IN_PARALLEL)


class ByModule(LoadScopeScheduling):
    """The tests of a module stay together, as they share a set-up; so do all with portals."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        return "portals" if path.startswith(WITH_PORTALS) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    """Tell pytest-xdist how to share the tests out."""
    return ByModule(config, log)


@pytest.fixture(autouse=True)
def own_loggers_at_work() -> None:
    """Turn our loggers on again: the migrations of CKAN's activity turn off all they find."""
    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith("ckanext.nd47") and isinstance(logger, logging.Logger):
            logger.disabled = False
