"""Fixtures of the tests of `metadata`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.support.fixtures import portal_and_app

PLUGINS = "nd47 scheming_datasets scheming_organizations"

Create = Callable[..., dict[str, Any]]

PROPOSED: dict[str, Any] = {
    "license_id": "vn-open-data-2023",
    "applicable_legislation": ["luat-20-2023", "nd-194-2025"],
    "language": ["vi"],
    "access_rights": "cong-khai",
    "sharing_class": "du-lieu-mo",
}
"""Values that the form proposes for a dataset."""


def new_name() -> str:
    """Return a name that no dataset has."""
    return f"bo-du-lieu-{uuid4().hex[:12]}"


portal, app = portal_and_app(PLUGINS)


@pytest.fixture
def without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing requires nothing: the rules have their own tests."""
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules_from", "2999-01-01")


@pytest.fixture(scope="module")
def province(portal: None) -> dict[str, Any]:
    """A provincial committee with an agency code and no mailbox."""
    return factories.Organization(
        title="Ủy ban nhân dân tỉnh Hải Sơn", identifier="H99", agency_level="province"
    )


@pytest.fixture(scope="module")
def department(province: dict[str, Any]) -> dict[str, Any]:
    """A department of the province, with an agency code, a mailbox and a number."""
    return factories.Organization(
        title="Sở Giáo dục và Đào tạo",
        identifier="H99.02",
        agency_level="department",
        email="dulieu@sgd.haison.example",
        telephone="0203 3835 123",
        groups=[{"name": province["name"], "capacity": "public"}],
    )


@pytest.fixture(scope="module")
def create(department: dict[str, Any]) -> Create:
    """Creates datasets of the department by the action."""

    def make(**fields: Any) -> dict[str, Any]:
        defaults = {
            "name": new_name(),
            "title": "Danh sách trường tiểu học",
            "owner_org": department["id"],
        }
        return call_action("package_create", **{**defaults, **fields})

    return make


@pytest.fixture(scope="module")
def officer(department: dict[str, Any]) -> dict[str, str]:
    """Headers of an editor of the department."""
    user = factories.User()
    call_action(
        "organization_member_create", id=department["id"], username=user["name"], role="editor"
    )
    return {"Authorization": factories.APIToken(user=user["name"])["token"]}


@pytest.fixture
def browse(app: Any) -> Callable[..., BeautifulSoup]:
    """Fetch a page and return it parsed."""

    def fetch(path: str, status: int = 200, **arguments: Any) -> BeautifulSoup:
        return BeautifulSoup(app.get(path, status=status, **arguments).body, "html.parser")

    return fetch
