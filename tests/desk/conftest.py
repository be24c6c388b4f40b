"""A province with two departments, an office below one of them, and accounts in every role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action
from ckan.types import Context

from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.desk.work_list import model as tables
from ckanext.nd47.lib.calendar import dates
from tests.metadata.conftest import browse, new_name
from tests.support.fixtures import portal_and_app

__all__ = ["browse"]

PLUGINS = "nd47_desk nd47 nd47_l10n scheming_datasets scheming_organizations"
LONG_AGO = "2020-01-05"

Work = dict[str, Any]


@dataclass(frozen=True)
class World:
    """The agencies by what they are to the accounts, and the accounts by role."""

    agencies: dict[str, dict[str, Any]]
    accounts: dict[str, str]

    def call(self, account: str, action: str = "nd47_work_list", **data: Any) -> Any:
        """Call an action as an account, with its authorisation."""
        context: Any = {"user": self.accounts[account], "ignore_auth": False}
        return call_action(action, context, **data)

    def work(self, account: str, **data: Any) -> Work:
        """Return the work list of an account."""
        return self.call(account, **data)

    def headers(self, account: str) -> dict[str, str]:
        """Return headers with which an account is logged in."""
        return {"Authorization": factories.APIToken(user=self.accounts[account])["token"]}


portal, app = portal_and_app(PLUGINS, prepare=tables.reset)


@pytest.fixture(scope="module")
def world(app: CKANTestApp) -> World:
    """Agencies and accounts.

    The leader leads the department, the office is below it, and the foreign department is beside
    it. The member belongs to the department without the right to edit.
    """
    province = factories.Organization(title="Ủy ban nhân dân tỉnh Hải Sơn", identifier="H99")
    own = _below(province, "Sở Giáo dục và Đào tạo", "H99.02")
    agencies = {
        "province": province,
        "own": own,
        "below": _below(own, "Phòng Khảo thí", "H99.02.01"),
        "foreign": _below(province, "Sở Y tế", "H99.03"),
    }
    accounts: dict[str, str] = {
        "sysadmin": str(factories.Sysadmin()["name"]),
        "stranger": str(factories.User()["name"]),
    }
    for capacity in ("member", "editor", "admin"):
        accounts[capacity] = factories.User()["name"]
        call_action(
            "organization_member_create",
            id=own["id"],
            username=accounts[capacity],
            role=capacity,
        )
    leader = factories.User()
    accounts["leader"] = leader["name"]
    call_action(
        "nd47_account_role_grant",
        Context(user=accounts["sysadmin"]),
        agency=own["id"],
        user=leader["name"],
        role=account_roles.LEADER,
    )
    return World(agencies, accounts)


def _below(parent: dict[str, Any], title: str, code: str) -> dict[str, Any]:
    return factories.Organization(
        title=title, identifier=code, groups=[{"name": parent["name"], "capacity": "public"}]
    )


Create = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def create(world: World) -> Create:
    """Creates datasets of an agency; without more fields one that meets few rules."""

    def make(agency: str = "own", **fields: Any) -> dict[str, Any]:
        defaults = {
            "name": new_name(),
            "title": "Danh sách trường tiểu học",
            "owner_org": world.agencies[agency]["id"],
            "sharing_class": "du-lieu-mo",
        }
        return call_action("package_create", **{**defaults, **fields})

    return make


@pytest.fixture(scope="module")
def overdue(create: Create) -> Create:
    """Creates datasets whose data are overdue."""

    def make(agency: str = "own", **fields: Any) -> dict[str, Any]:
        return create(agency, **{"frequency": "hang-nam", "modified": LONG_AGO, **fields})

    return make


@pytest.fixture(scope="module")
def draft(world: World) -> Create:
    """Creates drafts."""

    def make(agency: str = "own", **fields: Any) -> dict[str, Any]:
        return call_action(
            "package_create",
            name=new_name(),
            title="Bản thảo",
            owner_org=world.agencies[agency]["id"],
            state="draft",
            **fields,
        )

    return make


@pytest.fixture(autouse=True)
def no_datasets(world: World) -> Iterator[None]:
    """Delete the datasets of a test."""
    yield
    delete_datasets()


def delete_datasets() -> None:
    """Delete all datasets; the search index, which no list asks, keeps them."""
    model.Session.rollback()
    for table in ("package_member", "package_tag", "resource_view", "resource"):
        model.Session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608 - a constant
    model.Session.execute(sa.text("DELETE FROM member WHERE table_name = 'package'"))
    model.Session.execute(sa.text("DELETE FROM package"))
    model.Session.commit()
    model.Session.remove()


def in_days(number: int) -> dt.date:
    """Return the day so many days from today, in Viet Nam."""
    return dates.today() + dt.timedelta(days=number)


def names(work: Work) -> set[str]:
    """Return the names of the datasets of a list."""
    return {item["dataset"]["name"] for item in work["results"] if item["dataset"]}
