"""What the tests of the room `migrate` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ckan.tests import factories

from ckanext.nd47.migrate.cli import migrate
from tests.migrate import old_portal
from tests.migrate.old_portal import SIMPLE
from tests.support.fixtures import portal_and_app

PLUGINS = "nd47 scheming_datasets scheming_organizations"

Make = Callable[..., list[str]]


portal, app = portal_and_app(PLUGINS)


@pytest.fixture(scope="module")
def departments(portal: None) -> list[dict[str, Any]]:
    """Two departments, without anything in the register."""
    return [
        factories.Organization(name=name, title=title)
        for name, title in (("so-y-te", "Sở Y tế"), ("so-noi-vu", "Sở Nội vụ"))
    ]


@pytest.fixture
def make(departments: list[dict[str, Any]]) -> Iterator[Make]:
    """Makes datasets of the two departments, which are gone after the test."""
    made: list[str] = []

    def do(count: int, **columns: Any) -> list[str]:
        ids = old_portal.make(count, [department["id"] for department in departments], **columns)
        made.extend(ids)
        return ids

    yield do
    old_portal.removed(made)


def command(*arguments: str | Path) -> Result:
    """Run a command of `ckan nd47 migrate`."""
    return CliRunner().invoke(migrate, [*map(str, arguments)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A map."""
    path = tmp_path / "map.yaml"
    path.write_text(SIMPLE, encoding="utf-8")
    return path


@pytest.fixture
def odd(make: Make) -> list[str]:
    """Datasets with a mistyped value and names that YAML has to quote."""
    return make(3, extras={"Tần suất": "hàng thánng", "x: [y": "'\"{", "Năm": "2023"})
