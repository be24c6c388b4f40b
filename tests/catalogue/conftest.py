"""A province with a compiling agency, departments, and accounts in every role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action
from ckan.types import Context

from ckanext.nd47.agencies.access import account_roles
from tests.desk.conftest import World, delete_datasets
from tests.metadata.conftest import new_name
from tests.support.databases import empty_catalogues
from tests.support.fixtures import portal_and_app

PLUGINS = "nd47_catalogue nd47_desk nd47 nd47_l10n scheming_datasets scheming_organizations"

MEMBERS = {"editor": "own", "subordinate": "below", "foreign": "foreign", "compiler": "science"}
"""Editors by agency."""

ROLES = {
    "compiler": ("science", account_roles.COMPILING),
    "leader": ("province", account_roles.LEADER),
    "own_leader": ("own", account_roles.LEADER),
    "approver": ("province", account_roles.APPROVER),
}

DECISION = {
    "decision_number": "804/QĐ-UBND",
    "decision_date": "05/03/2026",
    "issuer": "Ủy ban nhân dân tỉnh Hải Sơn",
    "signatory": "Trần Văn Minh",
}


portal, app = portal_and_app(PLUGINS, prepare=empty_catalogues)


@pytest.fixture(scope="module")
def world(app: CKANTestApp) -> World:
    """Agencies and accounts; the leader leads the province, with all agencies below it."""
    province = factories.Organization(title="Ủy ban nhân dân tỉnh Hải Sơn", identifier="H99")
    own = _below(province, "Sở Giáo dục và Đào tạo", "H99.02")
    agencies = {
        "province": province,
        "own": own,
        "below": _below(own, "Phòng Khảo thí", "H99.02.01"),
        "foreign": _below(province, "Sở Y tế", "H99.03"),
        "science": _below(province, "Sở Khoa học và Công nghệ", "H99.04"),
    }
    accounts: dict[str, str] = {
        "sysadmin": str(factories.Sysadmin()["name"]),
        "stranger": str(factories.User()["name"]),
    }
    for account in {*MEMBERS, *ROLES}:
        accounts[account] = factories.User()["name"]
    for account, agency in MEMBERS.items():
        call_action(
            "organization_member_create",
            id=agencies[agency]["id"],
            username=accounts[account],
            role="editor",
        )
    for account, (agency, role) in ROLES.items():
        call_action(
            "nd47_account_role_grant",
            Context(user=accounts["sysadmin"]),
            agency=agencies[agency]["id"],
            user=accounts[account],
            role=role,
        )
    return World(agencies, accounts)


def _below(parent: dict[str, Any], title: str, code: str) -> dict[str, Any]:
    return factories.Organization(
        title=title, identifier=code, groups=[{"name": parent["name"], "capacity": "public"}]
    )


@pytest.fixture(autouse=True)
def no_catalogues(request: pytest.FixtureRequest) -> Iterator[None]:
    """Delete the catalogues and the datasets of a test."""
    yield
    if "world" in request.fixturenames:
        empty_catalogues()
        delete_datasets()


def drafted(world: World, kind: str = "province", agency: str = "province", **more: Any) -> Any:
    """Return a draft without items."""
    data = {"title": "Danh mục dữ liệu mở tỉnh Hải Sơn", "kind": kind, **more}
    if kind == "sector":
        data.setdefault("sector", "giao-duc")
    return world.call(
        "compiler", "nd47_catalogue_create", agency=world.agencies[agency]["id"], **data
    )


def with_item(world: World, draft: Any, agency: str = "own", **fields: Any) -> Any:
    """Return an item added to a draft."""
    data = {"name": "Danh sách trường tiểu học", "provider_id": world.agencies[agency]["id"]}
    return world.call(
        "compiler", "nd47_catalogue_item_create", catalogue=draft["id"], **{**data, **fields}
    )


def proposed(world: World, **more: Any) -> Any:
    """Return a catalogue with an item that waits for the leader."""
    draft = drafted(world, **more)
    with_item(world, draft, code="GD.01")
    return world.call("compiler", "nd47_catalogue_propose", id=draft["id"])


def issued(world: World, **more: Any) -> Any:
    """Return an issued catalogue with one item."""
    waiting = proposed(world, **more)
    return world.call("leader", "nd47_catalogue_issue", id=waiting["id"], **DECISION)


def items_of(world: World, catalogue: Any, **filters: Any) -> list[Any]:
    """Return the items of a catalogue."""
    found = world.call("compiler", "nd47_catalogue_item_list", catalogue=catalogue["id"], **filters)
    return found["results"]


def dataset(world: World, agency: str = "own", **fields: Any) -> Any:
    """Return a public dataset."""
    data = {
        "name": new_name(),
        "title": "Danh sách trường tiểu học",
        "owner_org": world.agencies[agency]["id"],
        "sharing_class": "du-lieu-mo",
    }
    return call_action("package_create", **{**data, **fields})


FILE = {"url": "https://du-lieu.example/truong.csv", "format": "CSV", "name": "Tệp"}
