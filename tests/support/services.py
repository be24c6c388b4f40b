"""Which tests need PostgreSQL, Solr or Redis: those whose fixtures do.

`make test-quick` runs the others. It gives them no address of a service, and a test that asks for
one nevertheless fails with one sentence, even where the code goes on without its answer.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from ckan import model
from ckan.config import environment
from ckan.lib import search

from dev.testing import QUICK_RUN, STARTING_TABLE

FIXTURES = frozenset(
    {
        # CKAN's
        *("clean_db", "non_clean_db", "reset_db", "migrate_db_for", "clean_index", "reset_index"),
        *("clean_queues", "reset_queues", "clean_redis", "reset_redis", "app", "make_app"),
        # ours
        *("services", "portal", "province", "national"),
    }
)
"""Fixtures whose tests need the services."""

WITHOUT_SERVICES = QUICK_RUN in os.environ
REMEDY = "use the fixture `services` if it needs the service, or mark it `sockets` if it runs one"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test that needs the services."""
    if FIXTURES & set(getattr(item, "fixturenames", ())):
        item.add_marker("services")


@pytest.fixture(scope="session")
def services() -> None:
    """PostgreSQL, Solr and Redis, for a test that uses them without a fixture of CKAN."""
    model.ensure_engine().connect().close()


class Watch:
    """The services that tests of a quick run requested.

    Attributes:
        requested: the first service that the current test requested.
        closed: whether a test is running that may not use services.
    """

    requested: str = ""
    closed: bool = False

    @classmethod
    def refuse(cls, what: str) -> None:
        """Record the service that a test requests, and refuse the connection."""
        if cls.closed:
            cls.requested = cls.requested or what
            raise ConnectionRefusedError(cls.sentence())

    @classmethod
    def sentence(cls) -> str:
        """Say what is wrong with the test, and what to do."""
        return f"a quick test asks for {cls.requested}: {REMEDY}"


def refusing(function: Callable[..., Any], describe: Callable[..., str]) -> Callable[..., Any]:
    """Return a function that is refused by the watch first."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if what := describe(*args, **kwargs):
            Watch.refuse(what)
        return function(*args, **kwargs)

    return call


def address_of(connection: socket.socket, address: Any, *_: Any) -> str:
    """Say where a socket is to be connected, if it is to another process by a network."""
    network = connection.family in {socket.AF_INET, socket.AF_INET6}
    return f"{address[0]}:{address[1]}" if network else ""


def statement_of(connection: sa.engine.Connection, _cursor: Any, statement: str, *_: Any) -> None:
    """Refuse statements to the portal's database, which is a placeholder with one table.

    Plugins look for tables when they are loaded, and go on where there are none.
    """
    stands_in = connection.dialect.name == "sqlite" and connection.engine is model.meta.engine
    looks = statement.startswith("PRAGMA") or STARTING_TABLE in statement
    if stands_in and not looks:
        Watch.refuse(f"the database ({' '.join(statement.split())[:60]} …)")


@pytest.fixture(scope="session", autouse=True)
def quick_tests_watched() -> Iterator[None]:
    """Have connections of quick tests refused."""
    if not WITHOUT_SERVICES:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            function = refusing(getattr(socket.socket, name), address_of)
            patch.setattr(socket.socket, name, function)
        database = refusing(psycopg2.connect, lambda *_, **__: "PostgreSQL")
        patch.setattr(psycopg2, "connect", database)
        # CKAN connects to both whenever plugins are loaded, and continues without them.
        patch.setattr(environment, "is_redis_available", lambda: False)
        patch.setattr(search, "is_available", lambda: False)
        event.listen(sa.engine.Engine, "before_cursor_execute", statement_of)
        yield
        event.remove(sa.engine.Engine, "before_cursor_execute", statement_of)


@contextmanager
def watched(item: pytest.Item) -> Iterator[None]:
    """Fail a test that requested a service during set-up or call."""
    Watch.requested, Watch.closed = "", item.get_closest_marker("sockets") is None
    try:
        yield
    except Exception:  # whatever the refused request led to: the sentence below names its cause
        if not Watch.requested:
            raise
    finally:
        Watch.closed = False
    if Watch.requested:
        raise pytest.fail.Exception(Watch.sentence(), pytrace=False) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Watch the fixtures of a test."""
    if not WITHOUT_SERVICES:
        return (yield)
    with watched(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Watch a test."""
    if not WITHOUT_SERVICES:
        return (yield)
    with watched(item):
        return (yield)
