"""What waits for approval is taken back by who sent it, or by the administrator of its agency."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.dcat.store.test_processes import ended, forked
from tests.desk.approval.approval_office import (
    DRAFT,
    NOT_YET,
    PUBLISHED,
    WAITING,
    approved,
    axes_of,
    decided,
    events,
    is_public,
    office,
    sent,
    written,
)
from tests.desk.conftest import World

__all__ = ["office"]

LICENCE = "license_id"


def proposed(office: World, **more: Any) -> str:
    """Return the id of a published dataset of which a new licence waits."""
    dataset_id = approved(office, license_id="cc-by", **more)
    office.call("editor", "package_patch", id=dataset_id, license_id="odc-by")
    return dataset_id


def shown(office: World, dataset_id: str, account: str = "editor") -> dict[str, Any]:
    return office.call(account, "nd47_approval_show", id=dataset_id)


class TestRequest:
    def test_becomes_a_draft_with_all_that_was_entered(self, office):
        dataset_id = sent(office, notes="Đủ cả")
        office.call("editor", "nd47_approval_discard", id=dataset_id, note="Còn thiếu tệp")
        assert axes_of(office, dataset_id)[:2] == (DRAFT, NOT_YET)
        assert call_action("package_show", id=dataset_id)["notes"] == "Đủ cả"
        assert office.call("approver", "nd47_approval_list")["count"] == 0

    def test_is_told_in_the_history_with_account_and_reason(self, office):
        dataset_id = sent(office)
        office.call("editor", "nd47_approval_discard", id=dataset_id, note="Còn thiếu tệp")
        last = events(office, dataset_id)[0]
        assert (last["event"], last["note"]) == ("discard", "Còn thiếu tệp")
        assert last["user"] == office.accounts["editor"]

    def test_can_be_sent_again_and_approved(self, office):
        dataset_id = sent(office)
        office.call("editor", "nd47_approval_discard", id=dataset_id)
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["done"]

    def test_that_was_taken_back_is_not_decided(self, office):
        dataset_id = sent(office)
        office.call("editor", "nd47_approval_discard", id=dataset_id)
        result = decided(office, dataset_id)
        assert not result["done"]
        assert not is_public(dataset_id)

    def test_is_taken_back_once(self, office):
        dataset_id = sent(office)
        office.call("admin", "nd47_approval_discard", id=dataset_id)
        with pytest.raises(tk.ValidationError):
            office.call("admin", "nd47_approval_discard", id=dataset_id)

    def test_that_was_decided_is_not_taken_back(self, office):
        dataset_id = sent(office)
        decided(office, dataset_id)
        with pytest.raises(tk.ValidationError) as error:
            office.call("editor", "nd47_approval_discard", id=dataset_id)
        approver = model.User.get(office.accounts["approver"])
        assert approver is not None
        assert approver.display_name in str(error.value.error_dict)
        assert is_public(dataset_id)

    def test_that_nobody_sent_is_not_taken_back(self, office):
        with pytest.raises(tk.ValidationError):
            office.call("admin", "nd47_approval_discard", id=written(office))

    def test_that_changed_since_the_page_was_opened_is_looked_at_again(self, office):
        dataset_id = sent(office)
        version = shown(office, dataset_id)["version"]
        office.call("editor", "package_patch", id=dataset_id, title="Đã đổi")
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_approval_discard", id=dataset_id, version=version)
        assert axes_of(office, dataset_id)[0] == WAITING


class TestChange:
    def test_is_discarded_and_the_dataset_stays_as_it_was(self, office):
        dataset_id = proposed(office)
        office.call("editor", "nd47_approval_send", id=dataset_id)
        after = office.call("editor", "nd47_approval_discard", id=dataset_id)
        assert after["pending"] == []
        assert axes_of(office, dataset_id)[:2] == (DRAFT, PUBLISHED)
        assert call_action("package_show", id=dataset_id)[LICENCE] == "cc-by"

    def test_is_discarded_before_it_is_sent_too(self, office):
        dataset_id = proposed(office)
        assert office.call("editor", "nd47_approval_discard", id=dataset_id)["pending"] == []
        assert is_public(dataset_id)

    def test_that_was_refused_is_discarded(self, office):
        dataset_id = proposed(office)
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id, decision="refuse", reason="Giữ giấy phép cũ")
        assert office.work("editor", kind="returned")["count"] == 1
        office.call("editor", "nd47_approval_discard", id=dataset_id)
        assert office.work("editor", kind="returned")["count"] == 0
        assert is_public(dataset_id)

    def test_stays_in_the_history(self, office):
        dataset_id = proposed(office)
        office.call("editor", "nd47_approval_discard", id=dataset_id)
        assert events(office, dataset_id)[0]["changes"] == {LICENCE: "odc-by"}

    def test_that_was_discarded_is_not_published_with_a_later_one(self, office):
        dataset_id = proposed(office)
        office.call("editor", "nd47_approval_discard", id=dataset_id)
        office.call("editor", "package_patch", id=dataset_id, sharing_class="du-lieu-dung-chung")
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        assert call_action("package_show", id=dataset_id)[LICENCE] == "cc-by"


class TestWho:
    @pytest.mark.parametrize("account", ["editor", "admin", "sysadmin"])
    def test_the_sender_and_administrators_may(self, office, account):
        dataset_id = sent(office)
        assert shown(office, dataset_id, account)["may"]["discard"]
        office.call(account, "nd47_approval_discard", id=dataset_id)
        assert axes_of(office, dataset_id)[0] == DRAFT

    @pytest.mark.parametrize("account", ["approver", "above", "member", "steward", "stranger"])
    def test_others_may_not(self, office, account):
        dataset_id = sent(office)
        with pytest.raises(tk.NotAuthorized):
            office.call(account, "nd47_approval_discard", id=dataset_id)
        assert axes_of(office, dataset_id)[0] == WAITING

    def test_nor_may_an_officer_who_did_not_send_it(self, office):
        office = World(office.agencies, {**office.accounts, "other": other_editor(office)})
        dataset_id = sent(office)
        assert not shown(office, dataset_id, "other")["may"]["discard"]
        with pytest.raises(tk.NotAuthorized):
            office.call("other", "nd47_approval_discard", id=dataset_id)

    def test_nor_a_sender_who_left_the_agency(self, office):
        name = other_editor(office)
        office = World(office.agencies, {**office.accounts, "other": name})
        dataset_id = written(office)
        office.call("other", "nd47_approval_send", id=dataset_id)
        own = office.agencies["own"]["id"]
        office.call("sysadmin", "organization_member_delete", id=own, username=name)
        with pytest.raises(tk.NotAuthorized):
            office.call("other", "nd47_approval_discard", id=dataset_id)


def other_editor(office: World) -> str:
    """Return the name of a second editor of the department."""
    name: str = factories.User()["name"]
    own = office.agencies["own"]["id"]
    call_action("organization_member_create", id=own, username=name, role="editor")
    return name


class TestPage:
    def form(self, app: Any, office: World, account: str, dataset_id: str) -> Any:
        reply = app.get(f"/dataset/{dataset_id}/approval", headers=office.headers(account))
        return BeautifulSoup(reply.body, "html.parser").select_one(
            "form[action$='/approval/discard']"
        )

    def test_takes_a_request_back(self, app, office):
        dataset_id = sent(office)
        form = self.form(app, office, "editor", dataset_id)
        data = {one["name"]: one["value"] for one in form.select("input[name=version]")}
        app.post(
            f"/dataset/{dataset_id}/approval/discard",
            headers=office.headers("editor"),
            data={**data, "note": "Gửi nhầm"},
        )
        assert axes_of(office, dataset_id)[0] == DRAFT

    def test_offers_it_to_nobody_else(self, app, office):
        dataset_id = sent(office)
        assert self.form(app, office, "approver", dataset_id) is None

    def test_of_before_a_change_discards_nothing(self, app, office):
        dataset_id = sent(office)
        path = f"/dataset/{dataset_id}/approval/discard"
        reply = app.post(path, headers=office.headers("editor"), data={"version": "0"})
        assert BeautifulSoup(reply.body, "html.parser").select_one(".alert-danger")
        assert axes_of(office, dataset_id)[0] == WAITING


def test_of_an_approval_and_a_discard_at_once_one_is_done(office):
    dataset_id = sent(office)
    child = forked(lambda: office.call("editor", "nd47_approval_discard", id=dataset_id))
    done = decided(office, dataset_id)["done"]
    was_discarded = ended(child) == 0
    assert done != was_discarded
    kinds = {one["event"] for one in events(office, dataset_id)}
    assert len(kinds & {"approve", "discard"}) == 1
    assert is_public(dataset_id) == done
