"""An agency that publishes with approval: its officer, its approvers, those above and others."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckan.types import Context

from ckanext.nd47.desk.approval import model as approval_tables
from ckanext.nd47.lib.fields import values
from tests.desk.conftest import Create, World
from tests.metadata.conftest import new_name

APPROVERS = {
    "approver": ("own", "approver"),
    "second": ("own", "approver"),
    "above": ("province", "approver"),
    "compiling": ("foreign", "compiling-agency"),
    "neighbour": ("foreign", "approver"),
    "steward": ("own", "data-steward"),
}
"""Agency and role of each account."""

DRAFT, WAITING, ASKED, REFUSED, APPROVED = (
    "nhap",
    "cho-duyet",
    "yeu-cau-chinh-sua",
    "tu-choi",
    "da-duyet",
)
NOT_YET, SCHEDULED, PUBLISHED, SUSPENDED, WITHDRAWN = (
    "chua-cong-bo",
    "hen-gio",
    "da-cong-bo",
    "tam-dung",
    "thu-hoi",
)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[World]:
    """The world with approvers; the department publishes with the approval of one of them."""
    approval_tables.reset()
    accounts = dict(world.accounts)
    for account, (agency, role) in APPROVERS.items():
        accounts[account] = factories.User()["name"]
        grant(world, agency, accounts[account], role)
    office = World(world.agencies, accounts)
    require(office, "own", ["agency"])
    yield office
    require(office, "own", [], required="")


def grant(world: World, agency: str, user: str, role: str, verb: str = "grant") -> None:
    """Give a role to an account, or take it."""
    call_action(
        f"nd47_account_role_{verb}",
        Context(user=world.accounts["sysadmin"]),
        agency=world.agencies[agency]["id"],
        user=user,
        role=role,
    )


def require(world: World, agency: str, steps: list[str], required: str = "true") -> None:
    """Set whether an agency publishes with approval, and the steps."""
    world.call(
        "sysadmin",
        "nd47_approval_setting_update",
        agency=world.agencies[agency]["id"],
        required=required,
        chain=steps,
    )


def written(office: World, agency: str = "own", account: str = "editor", **fields: Any) -> str:
    """Return the id of a draft that an officer wrote."""
    data = {
        "name": new_name(),
        "title": "Danh sách trường mầm non",
        "owner_org": office.agencies[agency]["id"],
        "sharing_class": "du-lieu-mo",
        "state": "draft",
        **fields,
    }
    return office.call(account, "package_create", **data)["id"]


def sent(office: World, **fields: Any) -> str:
    """Return the id of a draft that waits for approval."""
    dataset_id = written(office, **fields)
    office.call("editor", "nd47_approval_send", id=dataset_id, note="Đã kiểm tra số liệu.")
    return dataset_id


def decided(
    office: World,
    dataset_id: str,
    account: str = "approver",
    decision: str = "approve",
    **more: Any,
) -> dict[str, Any]:
    """Return the result of a decision."""
    given = {"ids": [dataset_id], "decision": decision, **more}
    return office.call(account, "nd47_approval_decide", **given)["results"][0]


def approved(office: World, **fields: Any) -> str:
    """Return the id of a dataset that was approved and is public."""
    dataset_id = sent(office, **fields)
    result = decided(office, dataset_id)
    assert result["done"], result
    return dataset_id


def axes_of(office: World, dataset_id: str) -> tuple[str, str, str]:
    """Return the codes of the three axes of a dataset."""
    shown = office.call("sysadmin", "nd47_approval_show", id=dataset_id)
    return shown["approval"], shown["publication"], shown["validity"]


def is_public(dataset_id: str) -> bool:
    """Return whether the database has the dataset as public."""
    model.Session.rollback()
    model.Session.expire_all()
    package = model.Session.get_one(model.Package, dataset_id)
    return package.state == model.State.ACTIVE and not package.private


def later(minutes: int = 60) -> str:
    """Return a moment in Viet Nam from now."""
    moment = dt.datetime.now(values.VIETNAM) + dt.timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%d %H:%M")


def events(office: World, dataset_id: str) -> list[dict[str, Any]]:
    """Return the history of a dataset, the newest first."""
    return office.call("sysadmin", "nd47_approval_history", id=dataset_id)["results"]


def make_due(dataset_id: str) -> None:
    """Let the moment of a scheduled dataset be past."""
    model.Session.execute(
        sa.text(
            "UPDATE nd47_approval SET scheduled_at = now() - interval '1 minute' WHERE id = :id"
        ),
        {"id": dataset_id},
    )
    model.Session.commit()


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are in force, and one of them refuses what has no description."""
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules_from", "")
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules", "described: error")


__all__ = ["Create", "office", "strict"]
