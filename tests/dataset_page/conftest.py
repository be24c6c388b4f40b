"""Fixtures of the tests of `dataset_page`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.support.fixtures import portal_and_app

PLUGINS = "nd47 activity scheming_datasets scheming_organizations"

Create = Callable[..., dict[str, Any]]


portal, app = portal_and_app(PLUGINS)


@pytest.fixture(scope="module")
def agency(portal: None) -> dict[str, Any]:
    """A department."""
    return factories.Organization(title="Sở Giáo dục và Đào tạo", identifier="H99.02")


@pytest.fixture(scope="module")
def sysadmin(portal: None) -> str:
    """Name of a sysadmin, the user of stored versions."""
    return factories.Sysadmin()["name"]


@pytest.fixture(scope="module")
def create(agency: dict[str, Any], sysadmin: str) -> Create:
    """Makes datasets of the department."""

    def make(**fields: Any) -> dict[str, Any]:
        values = {
            "name": f"bo-du-lieu-{uuid4().hex[:12]}",
            "title": "Danh sách trường tiểu học",
            "owner_org": agency["id"],
            **fields,
        }
        return call_action("package_create", {"user": sysadmin}, **values)

    return make


@pytest.fixture
def browse(app: Any) -> Callable[..., BeautifulSoup]:
    """Fetch a page and return it parsed."""

    def fetch(path: str, status: int = 200, **arguments: Any) -> BeautifulSoup:
        return BeautifulSoup(app.get(path, status=status, **arguments).body, "html.parser")

    return fetch
