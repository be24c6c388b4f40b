"""`make test-quick` runs a good part of the suite, and nothing in it can reach a service."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dev.run_folder import REPOSITORY, RUN
from dev.testing import QUICK, environment_without_services

LEAST = 1_000
TALKS_TO_A_SERVICE = """
from ckan.lib.redis import connect_to_redis
from ckan.lib.search.common import make_connection
from ckan.tests import factories

def test_database(): factories.User()
def test_index(): make_connection().search("*:*")
def test_queue(): connect_to_redis().ping()
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


@pytest.mark.slow
def test_a_test_that_talks_to_a_service_fails(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("quick") / "test_services.py"
    path.write_text(TALKS_TO_A_SERVICE)
    said = quick(str(path), "-c", str(REPOSITORY / "pyproject.toml"), "--rootdir", str(REPOSITORY))
    assert "3 failed" in said.splitlines()[-1]
