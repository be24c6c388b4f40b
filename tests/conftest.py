"""What every test shares: the order of the tests, and the suite's own plugins migrated."""

from __future__ import annotations

import pytest

# Quick tests first: who breaks a rule learns it before two portals have been started.
SLOW_LAST = ("portals", "browser", "benchmark")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that need running portals behind all others, browser tests last."""
    items.sort(
        key=lambda item: max(
            (SLOW_LAST.index(m.name) + 1 for m in item.iter_markers() if m.name in SLOW_LAST),
            default=0,
        )
    )
