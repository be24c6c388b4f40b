"""Who sees whose work: each role with its own, a subordinate and a foreign agency."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.desk.conftest import Create, World, delete_datasets, names

SEES = {
    "stranger": set[str](),
    "member": set[str](),
    "editor": {"own"},
    "admin": {"own"},
    "leader": {"own", "below"},
    "sysadmin": {"own", "below", "foreign"},
}
EDITS = {role: seen for role, seen in SEES.items() if role != "leader"} | {"leader": set[str]()}
AGENCIES = ("own", "below", "foreign")


@pytest.fixture(scope="class")
def made(overdue: Create, draft: Create) -> Iterator[dict[str, dict[str, str]]]:
    """Names of an overdue dataset and a draft of each agency, for all tests of a class."""
    yield {
        "overdue": {agency: overdue(agency)["name"] for agency in AGENCIES},
        "draft": {agency: draft(agency)["name"] for agency in AGENCIES},
    }
    delete_datasets()


@pytest.mark.parametrize("role", SEES)
class TestEachRole:
    @pytest.fixture(autouse=True)
    def no_datasets(self) -> None:
        """The datasets stay for the other tests of the class."""

    def test_sees_the_published_work_of_its_agencies(self, world: World, made, role):
        work = world.work(role, kind="overdue")
        assert names(work) == {made["overdue"][agency] for agency in SEES[role]}
        assert work["counts"]["overdue"] == len(SEES[role])

    def test_sees_drafts_only_where_it_edits(self, world: World, made, role):
        work = world.work(role, kind="draft")
        assert names(work) == {made["draft"][agency] for agency in EDITS[role]}
        assert work["counts"]["draft"] == len(EDITS[role])

    def test_is_offered_a_form_only_where_it_edits(self, world: World, made, role):
        editable = {world.agencies[agency]["id"] for agency in EDITS[role]}
        for item in world.work(role)["results"]:
            if item["dataset"]:
                forms = ("/edit/", "/resources/", "/new-period")
                is_form = any(part in item["url"] for part in forms)
                assert is_form == (item["agency"]["id"] in editable)

    @pytest.mark.parametrize("agency", AGENCIES)
    def test_may_ask_for_its_agencies_only(self, world: World, made, role, agency):
        asked = {"kind": "overdue", "agency": world.agencies[agency]["name"]}
        if agency in SEES[role]:
            assert names(world.work(role, **asked)) == {made["overdue"][agency]}
        else:
            with pytest.raises(tk.NotAuthorized):
                world.work(role, **asked)

    def test_counts_agencies_that_it_sees(self, world: World, made, role):
        table = world.call(role, "nd47_work_agencies", kind="overdue")
        ids = {world.agencies[agency]["id"] for agency in SEES[role]}
        assert {row["agency"]["id"] for row in table["results"]} == ids
        assert table["count"] == len(ids)

    def test_counts_drafts_of_agencies_that_it_edits(self, world: World, made, role):
        table = world.call(role, "nd47_work_agencies")
        ids = {row["agency"]["id"] for row in table["results"] if row["counts"]["draft"]}
        assert ids == {world.agencies[agency]["id"] for agency in EDITS[role]}

    def test_chooses_levels_only_as_administrator_of_the_portal(self, world: World, role):
        agency, user = world.agencies["own"]["id"], world.accounts["stranger"]
        calls = {
            "nd47_rule_effects": {},
            "nd47_account_role_list": {},
            "nd47_account_role_revoke": {"agency": agency, "user": user},
        }
        for action, data in calls.items():
            if role == "sysadmin":
                world.call(role, action, **data)
            else:
                with pytest.raises(tk.NotAuthorized):
                    world.call(role, action, **data)

    def test_does_not_make_itself_a_leader(self, world: World, role):
        if role == "sysadmin":
            return
        agency = world.agencies["province"]["id"]
        with pytest.raises(tk.NotAuthorized):
            world.call(role, "nd47_account_role_grant", agency=agency, user=world.accounts[role])


class TestVisitors:
    @pytest.mark.parametrize("action", ["nd47_work_list", "nd47_work_agencies"])
    def test_see_no_list(self, world: World, overdue: Create, action):
        overdue()
        with pytest.raises(tk.NotAuthorized):
            call_action(action, {"user": "", "ignore_auth": False})

    def test_get_nothing_by_the_api(self, app, overdue: Create):
        name = overdue()["name"]
        answer = app.get("/api/3/action/nd47_work_list", status=403)
        assert name not in answer.body

    def test_are_sent_to_log_in_and_back(self, app):
        answer = app.get("/work?kind=overdue", follow_redirects=False)
        assert answer.status_code == 302  # noqa: PLR2004
        assert "/user/login" in answer.headers["Location"]
        assert "kind%3Doverdue" in answer.headers["Location"]


class TestLeaders:
    def test_see_no_more_once_the_role_is_taken(self, world: World, overdue: Create):
        name = overdue()["name"]
        data = {"agency": world.agencies["own"]["id"], "user": world.accounts["leader"]}
        assert names(world.work("leader")) == {name}
        world.call("sysadmin", "nd47_account_role_revoke", **data)
        assert world.work("leader")["agencies"] == 0
        world.call("sysadmin", "nd47_account_role_grant", **data)
        assert names(world.work("leader")) == {name}

    def test_have_the_role_once(self, world: World):
        data = {"agency": world.agencies["own"]["id"], "user": world.accounts["leader"]}
        once = world.call("sysadmin", "nd47_account_role_grant", **data)
        assert world.call("sysadmin", "nd47_account_role_grant", **data) == once

    def test_the_history_of_the_register_tells_who_made_one_and_when(self, world: World):
        data = {"agency": world.agencies["below"]["id"], "user": world.accounts["stranger"]}
        for action in ("nd47_account_role_grant", "nd47_account_role_revoke"):
            for _ in range(2):
                world.call("sysadmin", action, **data)
        history = call_action("nd47_register_history", agency=data["agency"])["results"]
        taken, given = [entry for entry in history if entry["subject"] == "account_role"]
        role = {"account": data["user"], "role": "leader"}
        assert (given["action"], given["before"], given["after"]) == ("create", {}, role)
        assert (taken["action"], taken["before"], taken["after"]) == ("delete", role, {})
        assert given["user"] == taken["user"] == world.accounts["sysadmin"]
        assert given["moment"] < taken["moment"]

    @pytest.mark.parametrize(
        ("field", "value"), [("agency", "khong-co"), ("user", "khong-co"), ("role", "vua")]
    )
    def test_are_real_accounts_of_real_agencies(self, world: World, field, value):
        data = {"agency": world.agencies["own"]["id"], "user": world.accounts["leader"]}
        with pytest.raises(tk.ValidationError) as error:
            world.call("sysadmin", "nd47_account_role_grant", **{**data, field: value})
        assert field in error.value.error_dict

    def test_of_a_deleted_agency_see_nothing(self, world: World):
        agency = factories.Organization(title="Sở cũ")
        user = world.accounts["stranger"]
        world.call("sysadmin", "nd47_account_role_grant", agency=agency["id"], user=user)
        assert world.work("stranger")["agencies"] == 1
        call_action("organization_delete", id=agency["id"])
        assert world.work("stranger")["agencies"] == 0

    def test_a_mailbox_makes_nobody_leader(self, world: World, overdue: Create):
        overdue()
        leader = model.User.get(world.accounts["leader"])
        user = model.User.get(world.accounts["stranger"])
        assert leader is not None
        assert user is not None
        leader.email, user.email = "khac@so.example", leader.email
        model.Session.flush([leader])
        model.Session.commit()
        assert names(world.work("stranger")) == set()


class TestStates:
    def test_private_datasets_are_on_no_list(self, world: World, overdue: Create):
        overdue(private=True)
        assert names(world.work("sysadmin")) == set()

    def test_deleted_datasets_are_on_no_list(self, world: World, overdue: Create):
        call_action("package_delete", id=overdue()["id"])
        assert names(world.work("sysadmin")) == set()

    def test_a_dataset_goes_with_its_agency(self, world: World, overdue: Create):
        dataset = overdue("own")
        call_action("package_patch", id=dataset["id"], owner_org=world.agencies["foreign"]["id"])
        assert names(world.work("editor")) == set()

    def test_a_purged_dataset_leaves_nothing(self, world: World, overdue: Create):
        dataset = overdue()
        call_action("dataset_purge", id=dataset["id"])
        assert names(world.work("sysadmin")) == set()
