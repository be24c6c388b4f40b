"""A province with two departments, an office below one of them, and accounts in every role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action
from ckan.types import Context

from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.catalogue.reports import model as months
from ckanext.nd47.catalogue.reports.score import store
from ckanext.nd47.catalogue.reports.usage import counting
from ckanext.nd47.catalogue.reports.usage.model import OWN, UsageDay
from ckanext.nd47.desk.work_list.store import refresh
from ckanext.nd47.lib.calendar import dates
from tests.desk.conftest import LONG_AGO, World, delete_datasets
from tests.metadata.conftest import browse, new_name
from tests.support.fixtures import portal_and_app

__all__ = ["browse"]

PLUGINS = (
    "nd47_tables nd47_catalogue nd47_desk nd47 nd47_l10n scheming_datasets scheming_organizations"
)
OF_MONTHS = (months.texts, months.items, months.datasets, months.months)

Create = Callable[..., dict[str, Any]]


def clear() -> None:
    """Delete what was stored of months, which a trigger refuses otherwise, and all counts."""
    model.Session.rollback()
    for table in OF_MONTHS:
        model.Session.execute(sa.text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        model.Session.execute(sa.delete(table))
        model.Session.execute(sa.text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
    for name in ("nd47_usage_day", "nd47_usage_batch", "nd47_report_mail", "nd47_handover"):
        model.Session.execute(sa.text(f"DELETE FROM {name}"))  # noqa: S608 - a constant
    model.Session.commit()
    model.Session.remove()
    for key in connect_to_redis().scan_iter(f"{counting.prefix()}*"):
        connect_to_redis().delete(key)


portal, app = portal_and_app(PLUGINS, prepare=clear)


@pytest.fixture(scope="module")
def world(app: CKANTestApp) -> World:
    """Agencies and accounts.

    The leader leads the department, the office is below it, the foreign department is beside it.
    The compiler is an account of the compiling agency.
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
    for name, role in (("leader", account_roles.LEADER), ("compiler", account_roles.COMPILING)):
        accounts[name] = factories.User()["name"]
        call_action(
            "nd47_account_role_grant",
            Context(user=accounts["sysadmin"]),
            agency=own["id"],
            user=accounts[name],
            role=role,
        )
    return World(agencies, accounts)


def _below(parent: dict[str, Any], title: str, code: str) -> dict[str, Any]:
    return factories.Organization(
        title=title, identifier=code, groups=[{"name": parent["name"], "capacity": "public"}]
    )


@pytest.fixture(scope="module")
def create(world: World) -> Create:
    """Creates public datasets of an agency."""

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
        return create(agency, frequency="hang-nam", modified=LONG_AGO, **fields)

    return make


@pytest.fixture(autouse=True)
def empty(world: World) -> Iterator[None]:
    """Delete the datasets, counts and months of a test."""
    yield
    clear()
    delete_datasets()


def measure() -> None:
    """Measure what has changed, as the command of each day does."""
    refresh.refresh()
    store.refresh()


def used(dataset: dict[str, Any], day: dt.date, **counts: int) -> None:
    """Store how often a dataset was used on a day."""
    model.Session.merge(UsageDay(day=day, dataset_id=dataset["id"], source=OWN, **counts))
    model.Session.commit()


def month_ago(number: int) -> dt.date:
    """Return the first day of the month so many months ago."""
    day = dates.today().replace(day=1)
    for _ in range(number):
        day = (day - dt.timedelta(days=1)).replace(day=1)
    return day
