"""Fixtures of the tests of the public pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.metadata.conftest import browse, without_rules
from tests.support.fixtures import portal_and_app

__all__ = ["browse", "without_rules"]

PLUGINS = "nd47_portal nd47 nd47_l10n scheming_datasets scheming_organizations"

Create = Callable[..., dict[str, Any]]


portal, app = portal_and_app(PLUGINS)


@pytest.fixture(scope="module")
def province(portal: None) -> dict[str, Any]:
    """A provincial committee."""
    return factories.Organization(
        title="Ủy ban nhân dân tỉnh Hải Sơn",
        title_en="People's Committee of Hai Son province",
        identifier="H99",
        agency_level="province",
    )


@pytest.fixture(scope="module")
def department(province: dict[str, Any]) -> dict[str, Any]:
    """A department of the province."""
    return factories.Organization(
        title="Sở Giáo dục và Đào tạo",
        title_en="Department of Education and Training",
        identifier="H99.02",
        agency_level="department",
        groups=[{"name": province["name"], "capacity": "public"}],
    )


@pytest.fixture(scope="module")
def create(department: dict[str, Any]) -> Create:
    """Creates datasets of the department."""

    def make(**fields: Any) -> dict[str, Any]:
        defaults = {
            "name": f"bo-du-lieu-{uuid4().hex[:12]}",
            "title": "Danh sách trường tiểu học",
            "owner_org": department["id"],
            "theme": ["giao-duc"],
            "resources": [{"url": "https://haison.example/truong.csv", "format": "CSV"}],
        }
        return call_action("package_create", **{**defaults, **fields})

    return make


@pytest.fixture(autouse=True)
def open_rules(portal: None, without_rules: None) -> None:
    """Publishing requires nothing."""
