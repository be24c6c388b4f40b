"""The steps of an approval, each in its turn, and approvers who left."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.approval import service
from tests.desk.approval.approval_office import (
    NOT_YET,
    PUBLISHED,
    WAITING,
    axes_of,
    decided,
    grant,
    office,
    require,
    sent,
    written,
)
from tests.desk.conftest import World

__all__ = ["office"]


class TestChain:
    @pytest.fixture
    def three(self, office: World) -> Any:
        require(office, "own", ["agency", "above", "compiling"])
        yield
        require(office, "own", ["agency"])

    def test_each_step_decides_in_its_turn(self, office, three):
        dataset_id = sent(office)
        for account in ("approver", "above"):
            assert decided(office, dataset_id, account)["done"]
            assert axes_of(office, dataset_id)[:2] == (WAITING, NOT_YET)
        assert decided(office, dataset_id, "compiling")["publication"] == PUBLISHED

    @pytest.mark.parametrize("account", ["above", "compiling"])
    def test_nobody_decides_before_their_turn(self, office, three, account):
        dataset_id = sent(office)
        result = decided(office, dataset_id, account)
        assert not result["done"]
        assert axes_of(office, dataset_id)[0] == WAITING

    def test_a_double_click_does_not_decide_the_next_step(self, office, three):
        dataset_id = sent(office)
        seen = office.call("sysadmin", "nd47_approval_show", id=dataset_id)["version"]
        results = [
            decided(office, dataset_id, "sysadmin", versions={dataset_id: seen})["done"]
            for _ in range(2)
        ]
        assert results == [True, False]

    def test_a_change_of_the_content_begins_again_at_the_first_step(self, office, three):
        dataset_id = sent(office)
        decided(office, dataset_id)
        office.call("editor", "package_patch", id=dataset_id, title="Tên khác")
        assert office.call("approver", "nd47_approval_show", id=dataset_id)["step"] == "agency"

    def test_a_changed_chain_is_for_the_next_request(self, office, three):
        dataset_id = sent(office)
        require(office, "own", ["agency"])
        assert decided(office, dataset_id)["approval"] == WAITING
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["publication"] == PUBLISHED

    def test_the_agency_below_follows_the_one_above_it(self, office):
        assert service.requires_approval(office.agencies["below"]["id"])
        assert not service.requires_approval(office.agencies["foreign"]["id"])

    def test_a_setting_of_its_own_goes_before(self, office):
        require(office, "below", [], "false")
        try:
            assert not service.requires_approval(office.agencies["below"]["id"])
        finally:
            require(office, "below", [], "")

    def test_the_portal_decides_for_all_others(self, office, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.nd47.approval", True)
        assert service.requires_approval(office.agencies["foreign"]["id"])
        assert service.requires_approval(None)

    @pytest.mark.parametrize(
        "given", [{"chain": ["x"]}, {"chain": ["agency", "agency"]}, {"agency": "khong-co"}]
    )
    def test_a_wrong_setting_is_refused(self, office, given):
        data = {"agency": office.agencies["own"]["id"], "required": "true", **given}
        with pytest.raises(tk.ValidationError):
            office.call("sysadmin", "nd47_approval_setting_update", **data)


class TestWhoLeft:
    def test_another_approver_decides_where_the_chosen_one_lost_the_role(self, office):
        name = factories.User()["name"]
        grant(office, "own", name, "approver")
        dataset_id = written(office)
        office.call("editor", "nd47_approval_send", id=dataset_id, approver=name)
        grant(office, "own", name, "approver", "revoke")
        assert decided(office, dataset_id)["done"]

    def test_an_approver_who_lost_the_role_decides_nothing(self, office):
        account = factories.User()["name"]
        gone = World(office.agencies, {**office.accounts, "gone": account})
        grant(office, "own", account, "approver")
        dataset_id = sent(office)
        grant(office, "own", account, "approver", "revoke")
        with pytest.raises(tk.NotAuthorized):
            decided(gone, dataset_id, "gone")

    def test_a_deleted_account_is_named_no_more(self, office):
        user = factories.User()
        grant(office, "own", user["name"], "approver")
        dataset_id = sent(office)
        call_action("user_delete", id=user["id"])
        shown = office.call("sysadmin", "nd47_approval_show", id=dataset_id)
        assert user["name"] not in {one["name"] for one in shown["steps"][0]["approvers"]}

    def test_an_administrator_decides_where_nobody_is_left(self, office):
        require(office, "below", ["agency"])
        try:
            dataset_id = written(office, "below", "sysadmin")
            office.call("sysadmin", "nd47_approval_send", id=dataset_id)
            shown = office.call("sysadmin", "nd47_approval_show", id=dataset_id)
            assert shown["steps"][0]["approvers"] == []
            other = factories.Sysadmin()["name"]
            admin = World(office.agencies, {**office.accounts, "other": other})
            assert decided(admin, dataset_id, "other")["done"]
        finally:
            require(office, "below", [], "")

    def test_a_dataset_of_a_deleted_agency_is_not_sent(self, office):
        agency = factories.Organization(identifier="H99.77")
        gone = World({**office.agencies, "gone": agency}, office.accounts)
        require(gone, "gone", ["agency"])
        dataset_id = written(office)
        call_action("organization_delete", id=agency["id"])
        model.Session.execute(
            sa.text("UPDATE package SET owner_org = :agency WHERE id = :id"),
            {"agency": agency["id"], "id": dataset_id},
        )
        model.Session.commit()
        assert service.requires_approval(agency["id"])
        with pytest.raises(tk.ValidationError):
            gone.call("sysadmin", "nd47_approval_send", id=dataset_id)
