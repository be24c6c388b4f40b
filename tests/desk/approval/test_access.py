"""Who may do what: each role with an own, a subordinate and a foreign agency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from tests.desk.approval.approval_office import office, require, written
from tests.desk.conftest import World, delete_datasets

__all__ = ["office"]

AGENCIES = ("own", "below", "foreign")
ALL = frozenset(AGENCIES)
NONE = frozenset[str]()
OWN, BELOW, FOREIGN = (frozenset({one}) for one in AGENCIES)
DOWN = OWN | BELOW

# The editor and the administrator belong to the department, the latter also to what is below. The
# approver approves for the department, and as the superior agency for the office below; `above`
# approves for the province, and so for the departments.
EDITS = {"editor": OWN, "admin": DOWN, "sysadmin": ALL}
DECIDES = {
    "approver": DOWN,
    "second": DOWN,
    "above": OWN | FOREIGN,
    "neighbour": FOREIGN,
    "compiling": ALL,
    "sysadmin": ALL,
}
ROLES = (
    "stranger",
    "member",
    "editor",
    "admin",
    "leader",
    "steward",
    "approver",
    "above",
    "neighbour",
    "compiling",
    "sysadmin",
)


def both(role: str) -> frozenset[str]:
    """Agencies whose datasets a role edits or decides about."""
    return EDITS.get(role, NONE) | DECIDES.get(role, NONE)


MAY = {
    "nd47_approval_show": both,
    "nd47_approval_history": both,
    "nd47_approval_send": lambda role: EDITS.get(role, NONE),
    "nd47_approval_discard": lambda role: EDITS.get(role, NONE) if role != "editor" else NONE,
    "nd47_approval_decide": lambda role: DECIDES.get(role, NONE),
    "nd47_publication_schedule": both,
    "nd47_publication_publish": both,
    "nd47_publication_suspend": both,
    "nd47_publication_withdraw": both,
    "nd47_publication_resume": lambda role: DECIDES.get(role, NONE),
}
"""By action, the agencies for which a role may call it."""


@pytest.fixture(scope="module")
def drafts(office: World) -> Iterator[dict[str, str]]:
    """A draft of each agency, all of which publish with approval."""
    for agency in AGENCIES:
        require(office, agency, ["agency"])
    yield {agency: written(office, agency, "sysadmin") for agency in AGENCIES}
    for agency in AGENCIES:
        require(office, agency, [], "")
    delete_datasets()


@pytest.fixture(autouse=True)
def no_datasets() -> None:
    """The datasets stay for all tests of the module."""


@pytest.mark.parametrize("agency", AGENCIES)
@pytest.mark.parametrize("action", MAY)
@pytest.mark.parametrize("role", ROLES)
def test_matrix(office: World, drafts: dict[str, str], role: str, action: str, agency: str):
    data: dict[str, Any] = {"id": drafts[agency], "ids": [drafts[agency]]}
    allowed = agency in MAY[action](role)
    user = model.User.get(office.accounts[role])
    context: Any = {"user": office.accounts[role], "auth_user_obj": user, "ignore_auth": False}
    if allowed:
        assert tk.check_access(action, context, data)
    else:
        with pytest.raises(tk.NotAuthorized):
            tk.check_access(action, context, data)


@pytest.mark.parametrize("action", [*MAY, "nd47_approval_list"])
def test_visitors_do_nothing(office: World, drafts: dict[str, str], action: str):
    data: dict[str, Any] = {"id": drafts["own"], "ids": [drafts["own"]]}
    with pytest.raises(tk.NotAuthorized):
        call_action(action, {"user": "", "ignore_auth": False}, **data)


@pytest.mark.parametrize("role", [one for one in ROLES if one != "sysadmin"])
@pytest.mark.parametrize("action", ["nd47_approval_setting_list", "nd47_approval_setting_update"])
def test_only_administrators_say_who_needs_approval(office: World, role: str, action: str):
    with pytest.raises(tk.NotAuthorized):
        office.call(role, action, agency=office.agencies["own"]["id"], required="false")


def test_one_foreign_dataset_among_many_is_refused(office: World, drafts: dict[str, str]):
    given = {"ids": [drafts["own"], drafts["foreign"]], "decision": "approve"}
    with pytest.raises(tk.NotAuthorized):
        office.call("approver", "nd47_approval_decide", **given)
