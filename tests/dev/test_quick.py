"""`make test-quick` runs a good part of the suite, and nothing in it can reach a service."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev.local.run_folder import REPOSITORY, RUN
from dev.testing import QUICK, environment_without_services

LEAST = 1_000
TALKS_TO_A_SERVICE = """
from ckan.lib.redis import connect_to_redis
from ckan.lib.search.common import make_connection
from contextlib import suppress
from urllib.request import urlopen

import psycopg2
import pytest

from ckan import model
from ckan.tests import factories

def test_database(): factories.User()
def test_rows(): model.Session.query(model.Package).all()
def test_datastore(): psycopg2.connect("postgresql://nobody@127.0.0.1:9/datastore")
def test_index(): make_connection().search("*:*")
def test_queue(): connect_to_redis().ping()
def test_unnoticed():
    with suppress(OSError):
        urlopen("http://127.0.0.1:9/")
@pytest.fixture
def page():
    with suppress(OSError):
        urlopen("http://127.0.0.1:9/")
def test_fixture(page): pass
"""
TALKS_TO_ITS_OWN_SERVER = """
import socket
import pytest

def test_no_server(): pass
@pytest.mark.sockets
def test_server():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
"""


def quick(*arguments: str) -> str:
    """Run pytest as `make test-quick` does, in one process; return what it prints."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        env={**own, **environment_without_services(), "ND47_RUN": str(RUN)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.slow
def test_it_collects_much_and_nothing_of_what_needs_more() -> None:
    lines = quick("-m", QUICK, "--collect-only").splitlines()
    tests = [line for line in lines if "::" in line]
    assert len(tests) > LEAST
    assert not [test for test in tests if test.startswith(("tests/browser/", "tests/portals/"))]
    assert "tests/agencies/test_access.py::test_matrix" not in {t.split("[")[0] for t in tests}


def run(text: str, folder: Path) -> list[str]:
    """Run a module of tests as quick ones; return what is printed."""
    path = folder / "test_services.py"
    path.write_text(text)
    own = ("-c", str(REPOSITORY / "pyproject.toml"), "--rootdir", str(REPOSITORY))
    return quick("-p", "tests.support.services", str(path), *own).splitlines()


@pytest.mark.slow
def test_a_test_that_talks_to_a_service_fails_with_one_sentence(tmp_path: Path) -> None:
    said = run(TALKS_TO_A_SERVICE, tmp_path)
    assert "6 failed" in said[-1]
    assert "1 error" in said[-1]
    sentences = [line for line in said if line.startswith("a quick test asks for")]
    assert len(sentences) == 7
    assert [line for line in sentences if "the database" in line]
    assert [line for line in sentences if "PostgreSQL" in line]
    assert all("mark it `sockets`" in line for line in sentences)


@pytest.mark.slow
def test_a_test_with_its_own_server_says_so_by_a_mark(tmp_path: Path) -> None:
    assert "2 passed" in run(TALKS_TO_ITS_OWN_SERVER, tmp_path)[-1]
