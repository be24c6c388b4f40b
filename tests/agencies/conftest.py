"""Fixtures of the tests of the register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from tests.support.fixtures import portal_and_app

PLUGINS = "nd47 nd47_dcat dcat scheming_datasets scheming_organizations"

Create = Callable[..., dict[str, Any]]


portal, app = portal_and_app(PLUGINS)


@dataclass(frozen=True)
class People:
    """Accounts of the agency, of another agency, and of the portal."""

    sysadmin: dict[str, Any]
    admin: dict[str, Any]
    editor: dict[str, Any]
    member: dict[str, Any]
    foreign: dict[str, Any]
    nobody: dict[str, Any]


@pytest.fixture(scope="module")
def people(portal: None) -> People:
    """An account for each role."""
    return People(
        sysadmin=factories.SysadminWithToken(),
        **{
            name: factories.UserWithToken()
            for name in ("admin", "editor", "member", "foreign", "nobody")
        },
    )


@pytest.fixture(scope="module")
def province(portal: None) -> dict[str, Any]:
    """A provincial committee with an agency code and no mailbox."""
    return agency("Ủy ban nhân dân tỉnh Hải Sơn", identifier="H99", agency_level="province")


@pytest.fixture(scope="module")
def department(people: People, province: dict[str, Any]) -> dict[str, Any]:
    """A department with an administrator, an editor and a member."""
    return agency(
        "Sở Giáo dục và Đào tạo",
        identifier="H99.02",
        agency_level="department",
        email="vanthu@sgd.haison.example",
        groups=[{"name": province["name"]}],
        users=[
            {"name": people.admin["name"], "capacity": "admin"},
            {"name": people.editor["name"], "capacity": "editor"},
            {"name": people.member["name"], "capacity": "member"},
        ],
    )


@pytest.fixture(scope="module")
def neighbour(people: People) -> dict[str, Any]:
    """Another department, with its own administrator."""
    return agency(
        "Sở Y tế",
        identifier="H99.03",
        users=[{"name": people.foreign["name"], "capacity": "admin"}],
    )


def agency(title: str, **fields: Any) -> dict[str, Any]:
    """Create an organisation by the action."""
    name = f"co-quan-{uuid4().hex[:10]}"
    return factories.Organization(**{"name": name, "title": title, **fields})


def focal_point(agency_id: str, **fields: Any) -> dict[str, Any]:
    """Create a focal point."""
    defaults = {
        "role": "feedback",
        "full_name": "Nguyễn Thị Ánh",
        "position": "Trưởng phòng Dữ liệu",
        "function": "Tiếp nhận phản hồi về dữ liệu mở",
        "telephone": "0203 3835 123",
        "email": "dulieu@sgd.haison.example",
        "personal_telephone": "0912 345 678",
        "personal_email": "anh@rieng.example",
        "valid_from": "2025-01-01",
    }
    return call_action("nd47_focal_point_create", agency=agency_id, **{**defaults, **fields})


def dataset(owner: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Create a dataset of an agency."""
    defaults = {
        "name": f"bo-du-lieu-{uuid4().hex[:12]}",
        "title": "Danh sách trường tiểu học",
        "owner_org": owner["id"],
        "resources": [{"url": "https://tep.example/truong.csv", "format": "CSV"}],
    }
    return call_action("package_create", **{**defaults, **fields})


def api(app: CKANTestApp, user: dict[str, Any] | None, action: str, **data: Any) -> Any:
    """Call an action over the API as a user; return the response."""
    headers = {"Authorization": user["token"]} if user else {}
    return app.post(f"/api/3/action/{action}", json=data, headers=headers)


def stored(dataset_id: str) -> dict[str, Any]:
    """Return the extras of a dataset as the database has them."""
    package: Any = model.Package.get(dataset_id)
    return package.extras


def organisation_extras(organisation: dict[str, Any]) -> dict[str, Any]:
    """Return the extras of an organisation as the database has them."""
    group: Any = model.Group.get(organisation["id"])
    return group.extras


def result_of(reply: Any) -> Any:
    """Return the result of an action over the API."""
    return reply.json["result"]
