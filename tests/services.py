"""Which tests need PostgreSQL, Solr or Redis: those whose fixtures do.

`make test-quick` runs the others. It gives them no address of a service, so a test that talks to
one without a fixture that says so fails there.
"""

from __future__ import annotations

import pytest

from ckan import model

FIXTURES = frozenset(
    {
        # CKAN's
        *("clean_db", "non_clean_db", "reset_db", "migrate_db_for", "clean_index", "reset_index"),
        *("clean_queues", "reset_queues", "clean_redis", "reset_redis", "app", "make_app"),
        # ours
        *("services", "portal", "province", "national"),
    }
)
"""Whoever asks for one of them, or for a fixture that does, needs the services."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test that needs the services."""
    if FIXTURES & set(getattr(item, "fixturenames", ())):
        item.add_marker("services")


@pytest.fixture(scope="session")
def services() -> None:
    """PostgreSQL, Solr and Redis, for a test that uses them without a fixture of CKAN."""
    model.ensure_engine().connect().close()
