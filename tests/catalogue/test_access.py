"""Who may do what: each role with its own, a subordinate and a foreign agency."""

from __future__ import annotations

from typing import Any

import pytest

import ckan.plugins.toolkit as tk

from tests.catalogue.conftest import (
    DECISION,
    dataset,
    drafted,
    issued,
    items_of,
    proposed,
    with_item,
)
from tests.desk.conftest import World

EVERYBODY = (
    "sysadmin",
    "compiler",
    "leader",
    "approver",
    "own_leader",
    "editor",
    "subordinate",
    "foreign",
    "stranger",
)
COMPILE = {"sysadmin", "compiler"}
ISSUE = {"sysadmin", "leader", "approver"}
AGENCIES = ("own", "below", "foreign")
PROPOSE = {
    "own": COMPILE | {"editor"},
    "below": COMPILE | {"subordinate"},
    "foreign": COMPILE | {"foreign"},
}


def may(world: World, account: str, action: str, **data: Any) -> bool:
    """Return whether an action does not refuse an account; other errors count as allowed."""
    try:
        world.call(account, f"nd47_catalogue_{action}", **data)
    except tk.NotAuthorized:
        return False
    except tk.ValidationError:
        return True
    return True


def who(world: World, action: str, **data: Any) -> set[str]:
    """Return the accounts that an action does not refuse; the data must change nothing."""
    return {account for account in EVERYBODY if may(world, account, action, **data)}


def test_the_catalogue_of_the_province_is_compiled_by_the_compiling_agency(world: World):
    draft = drafted(world)
    item = with_item(world, draft)
    nothing = {"id": draft["id"], "version": 99}
    assert who(world, "update", **nothing) == COMPILE
    assert who(world, "delete", **nothing) == COMPILE
    assert who(world, "propose", **nothing) == COMPILE
    assert who(world, "new_edition", id=draft["id"]) == COMPILE
    assert who(world, "match", catalogue=draft["id"]) == COMPILE
    assert who(world, "item_create", catalogue=draft["id"], name="") == COMPILE
    assert who(world, "item_update", id=item["id"], version=99, note="x") == COMPILE
    assert who(world, "item_delete", id=item["id"], version=99) == COMPILE


def test_the_leader_issues_and_returns(world: World):
    waiting = proposed(world)
    nothing = {"id": waiting["id"], "version": 99, "reason": "x", **DECISION}
    assert who(world, "issue", **nothing) == ISSUE
    assert who(world, "return", **nothing) == ISSUE | COMPILE


def test_a_leader_below_does_not_issue_the_catalogue_of_the_province(world: World):
    assert not may(world, "own_leader", "issue", id=proposed(world)["id"], **DECISION)


def test_a_leader_issues_the_catalogue_of_an_agency_below(world: World):
    draft = drafted(world, kind="agency", agency="below")
    with_item(world, draft, "below")
    world.call("subordinate", "nd47_catalogue_propose", id=draft["id"])
    made = world.call("own_leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)
    assert made["state"] == "issued"


@pytest.mark.parametrize("kind", ["sector", "agency"])
def test_an_agency_compiles_its_own_catalogue(world: World, kind: str):
    draft = drafted(world, kind=kind, agency="own")
    found = who(world, "update", id=draft["id"], version=99, description="x")
    assert found == COMPILE | {"editor"}


@pytest.mark.parametrize(
    ("kind", "agency", "allowed"),
    [
        ("province", "province", COMPILE),
        ("province", "own", COMPILE),
        ("sector", "own", COMPILE | {"editor"}),
        ("agency", "foreign", COMPILE | {"foreign"}),
    ],
)
def test_who_starts_a_catalogue(world: World, kind: str, agency: str, allowed: set[str]):
    agency_id = world.agencies[agency]["id"]
    assert who(world, "create", kind=kind, agency=agency_id, title="") == allowed


@pytest.mark.parametrize("agency", AGENCIES)
def test_an_agency_proposes_its_own_items(world: World, agency: str):
    draft = drafted(world)
    agency_id = world.agencies[agency]["id"]
    given = {"catalogue": draft["id"], "agency": agency_id, "name": ""}
    assert who(world, "item_propose", **given) == PROPOSE[agency]


@pytest.mark.parametrize("agency", AGENCIES)
def test_an_agency_proposes_changes_of_its_own_items_only(world: World, agency: str):
    draft = drafted(world)
    item = with_item(world, draft, agency)
    editors = {"own": "editor", "below": "subordinate", "foreign": "foreign"}
    for own, account in editors.items():
        given = {
            "catalogue": draft["id"],
            "id": item["line_id"],
            "agency": world.agencies[own]["id"],
            "note": "x",
            "description": "Mới",
        }
        assert may(world, account, "item_propose", **given) == (own == agency)


def test_an_agency_does_not_propose_items_in_the_name_of_another(world: World):
    draft = drafted(world)
    with pytest.raises(tk.ValidationError, match="provider"):
        world.call(
            "editor",
            "nd47_catalogue_item_propose",
            catalogue=draft["id"],
            agency=world.agencies["own"]["id"],
            name="Danh sách bệnh viện",
            provider_id=world.agencies["foreign"]["id"],
        )


@pytest.mark.parametrize(
    ("decision", "allowed"), [("merge", COMPILE), ("decline", COMPILE | {"editor"})]
)
def test_who_decides_about_a_proposal(world: World, decision: str, allowed: set[str]):
    draft = drafted(world)
    made = world.call(
        "editor",
        "nd47_catalogue_item_propose",
        catalogue=draft["id"],
        agency=world.agencies["own"]["id"],
        name="Danh sách trường",
    )
    given = {"ids": [made["id"]], "decision": decision, "reason": "x"}
    # A proposal is decided once; the others learn that it was.
    assert who(world, "proposal_decide", **given) == allowed


def test_a_draft_is_read_by_accounts_with_a_role(world: World):
    draft = drafted(world)
    assert who(world, "show", id=draft["id"]) == set(EVERYBODY) - {"stranger"}
    assert who(world, "item_list", catalogue=draft["id"]) == set(EVERYBODY) - {"stranger"}
    assert who(world, "history", id=draft["id"]) == set(EVERYBODY) - {"stranger"}
    assert who(world, "gaps") == set(EVERYBODY) - {"stranger"}


def test_what_is_issued_is_read_by_everybody(world: World):
    made = issued(world)
    item = items_of(world, made)[0]
    anonymous: Any = {"user": "", "ignore_auth": False}
    for action, data in (
        ("show", {"id": made["id"]}),
        ("list", {}),
        ("item_list", {"catalogue": made["id"]}),
        ("item_show", {"id": item["id"]}),
    ):
        assert tk.get_action(f"nd47_catalogue_{action}")(anonymous.copy(), data)


def test_the_list_for_visitors_has_no_draft(world: World):
    draft, made = drafted(world, title="Dự thảo"), issued(world)
    anonymous: Any = {"user": "", "ignore_auth": False}
    found = tk.get_action("nd47_catalogue_list")(anonymous, {})
    assert [one["id"] for one in found["results"]] == [made["id"]]
    assert draft["id"] not in str(found)


@pytest.mark.parametrize("agency", AGENCIES)
def test_the_status_is_set_by_the_providing_agency(world: World, agency: str):
    item = with_item(world, drafted(world), agency)
    given = {"id": item["id"], "status": "", "version": 99, "reason": "x"}
    assert who(world, "item_status", **given) == PROPOSE[agency]


@pytest.mark.parametrize("agency", AGENCIES)
def test_an_agency_links_its_own_datasets_with_its_own_items(world: World, agency: str):
    item = with_item(world, drafted(world), agency)
    own, foreign = dataset(world, agency), dataset(world, "science")
    assert who(world, "link", id=item["id"], datasets=[own["id"]]) == PROPOSE[agency]
    assert who(world, "unlink", id=item["id"], datasets=[own["id"]]) == PROPOSE[agency]
    assert who(world, "link", id=item["id"], datasets=[foreign["id"]]) == COMPILE


def test_a_private_dataset_is_not_linked_by_who_cannot_read_it(world: World):
    item = with_item(world, drafted(world), "own")
    hidden = dataset(world, "foreign", private=True)
    assert not may(world, "compiler", "link", id=item["id"], datasets=[hidden["id"]])
