"""The programs of the pages for developers run as they are pasted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def read(address: str) -> BeautifulSoup:
    """Return a page as a visitor gets it."""
    answer = requests.get(address, timeout=60)
    answer.raise_for_status()
    return BeautifulSoup(answer.text, "html.parser")


def run(*command: str) -> str:
    """Run a command and return what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def page(classic: Site) -> BeautifulSoup:
    """The page for developers."""
    return read(f"{classic.url}/developers")


@pytest.fixture(scope="module")
def table(classic: Site, page: BeautifulSoup) -> BeautifulSoup:
    """The page of the table that it leads to."""
    (link,) = page.select('a[href*="/developers/table/"]')
    return read(f"{classic.url}{link['href']}")


def programs(page: BeautifulSoup, name: str) -> list[str]:
    """Return the programs of a page in a language."""
    return [one.get_text() for one in page.select(f'code[data-nd47-program="{name}"]')]


@pytest.mark.parametrize("shown", ["page", "table"])
def test_commands_of_curl_answer(request: pytest.FixtureRequest, shown: str):
    assert shutil.which("curl")
    commands = programs(request.getfixturevalue(shown), "curl")
    assert commands
    for command in commands:
        answer: dict[str, Any] = json.loads(
            run("bash", "-ec", f'curl() {{ command curl -sf "$@"; }}; {command}')
        )
        assert answer["success"]
        assert answer["result"].get("records") != []


@pytest.mark.parametrize("shown", ["page", "table"])
def test_programs_in_python_print_data(request: pytest.FixtureRequest, shown: str):
    found = programs(request.getfixturevalue(shown), "python")
    assert found
    for program in found:
        assert run(sys.executable, "-c", program).strip()


@pytest.mark.parametrize("name", ["r", "excel"])
def test_addresses_in_other_languages_answer(table: BeautifulSoup, name: str):
    for program in programs(table, name):
        (address,) = [part for part in program.split('"') if part.startswith("http")]
        assert requests.get(address, timeout=60).json()["result"]["records"]
