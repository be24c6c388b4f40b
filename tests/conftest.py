"""What every test shares: the order of the tests and the two portals."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.running", "tests.plugin_cache"]

# Quick tests first: who breaks a rule learns it before two portals have been started.
SLOW_LAST = ("portals", "browser", "benchmark")


def slowness(item: pytest.Item) -> int:
    """Return 0 for a quick test, more for one that has to wait for more."""
    marks = {mark.name for mark in item.iter_markers()}
    return max((SLOW_LAST.index(name) + 1 for name in marks & set(SLOW_LAST)), default=0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that need running portals behind all others."""
    items.sort(key=slowness)
