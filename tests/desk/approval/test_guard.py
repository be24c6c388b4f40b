"""With approval on nothing becomes public by another way, and what is public stays so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action
from ckan.types import Context

from ckanext.nd47.desk.approval.safeguards.guard import WAITING_KEY
from tests.desk.approval.approval_office import (
    approved,
    axes_of,
    decided,
    is_public,
    office,
    require,
    sent,
    written,
)
from tests.desk.conftest import World
from tests.metadata.conftest import new_name

__all__ = ["office"]

Way = Callable[[World, str], Any]


def _update(office: World, dataset_id: str, account: str = "editor", **fields: Any) -> Any:
    shown = office.call(account, "package_show", id=dataset_id)
    return office.call(account, "package_update", **{**shown, **fields})


def _with_file(office: World, dataset_id: str) -> Any:
    return office.call(
        "editor",
        "package_revise",
        match={"id": dataset_id},
        update={"state": "active", "resources": [{"url": "https://tep.example/a.csv"}]},
    )


def _form(office: World, dataset_id: str) -> Any:
    context: Any = {
        "user": office.accounts["editor"],
        "ignore_auth": False,
        "allow_state_change": True,
    }
    shown = office.call("editor", "package_show", id=dataset_id)
    return call_action("package_update", context, **{**shown, "state": "active"})


def _command(_office: World, dataset_id: str) -> Any:
    return call_action("package_patch", id=dataset_id, state="active")


def _model(_office: World, dataset_id: str) -> Any:
    package = model.Session.get_one(model.Package, dataset_id)
    package.state = model.State.ACTIVE
    model.Session.commit()


FROM_DRAFT: dict[str, Way] = {
    "update": lambda office, one: _update(office, one, state="active"),
    "patch": lambda office, one: office.call("editor", "package_patch", id=one, state="active"),
    "revise": _with_file,
    "form": _form,
    "administrator": lambda office, one: office.call(
        "sysadmin", "package_patch", id=one, state="active"
    ),
    "command": _command,
    "model": _model,
}


def _bulk(office: World, dataset_id: str) -> Any:
    owner = office.agencies["own"]["id"]
    return office.call("admin", "bulk_update_public", org_id=owner, datasets=[dataset_id])


def _visible(_office: World, dataset_id: str) -> Any:
    model.Session.get_one(model.Package, dataset_id).private = False
    model.Session.commit()


FROM_PRIVATE: dict[str, Way] = {
    "patch": lambda office, one: office.call("editor", "package_patch", id=one, private=False),
    "bulk": _bulk,
    "model": _visible,
}


@pytest.mark.parametrize("way", FROM_DRAFT)
def test_a_draft_is_not_published_by_another_way(office, way):
    dataset_id = written(office)
    with pytest.raises(tk.ValidationError) as error:
        FROM_DRAFT[way](office, dataset_id)
    assert "Sở Giáo dục và Đào tạo" in str(error.value.error_dict)
    assert not is_public(dataset_id)


@pytest.mark.parametrize("way", FROM_DRAFT)
def test_not_even_while_it_waits(office, way):
    dataset_id = sent(office)
    with pytest.raises(tk.ValidationError):
        FROM_DRAFT[way](office, dataset_id)
    assert not is_public(dataset_id)
    assert axes_of(office, dataset_id)[0] == "cho-duyet"


@pytest.mark.parametrize("way", FROM_PRIVATE)
def test_a_private_dataset_is_not_made_public_by_another_way(office, way):
    dataset_id = written(office, state="active", private=True)
    with pytest.raises(tk.ValidationError):
        FROM_PRIVATE[way](office, dataset_id)
    assert not is_public(dataset_id)


def test_a_new_dataset_is_not_public_at_once(office):
    with pytest.raises(tk.ValidationError):
        written(office, state="active")


def test_a_new_dataset_by_the_model_is_not_public_either(office):
    package = model.Package(
        name=new_name(), title="x", type="dataset", owner_org=office.agencies["own"]["id"]
    )
    model.Session.add(package)
    with pytest.raises(tk.ValidationError):
        model.Session.commit()
    model.Session.rollback()


def test_a_deleted_dataset_is_not_restored_by_another_way(office):
    dataset_id = approved(office)
    call_action("package_delete", Context(user=office.accounts["sysadmin"]), id=dataset_id)
    assert axes_of(office, dataset_id)[1] == "tam-dung"
    with pytest.raises(tk.ValidationError):
        office.call("sysadmin", "package_patch", id=dataset_id, state="active")
    assert not is_public(dataset_id)


def test_a_draft_is_not_published_by_moving_it_to_the_agency(office):
    dataset_id = written(office, "foreign", "sysadmin")
    owner = office.agencies["own"]["id"]
    with pytest.raises(tk.ValidationError):
        office.call("sysadmin", "package_patch", id=dataset_id, state="active", owner_org=owner)
    assert not is_public(dataset_id)


def test_drafts_and_private_datasets_are_saved_as_before(office):
    dataset_id = written(office)
    office.call("editor", "package_patch", id=dataset_id, title="Tên mới")
    assert office.call("editor", "package_show", id=dataset_id)["title"] == "Tên mới"
    private = written(office, state="active", private=True)
    office.call("editor", "package_patch", id=private, title="Tên mới")


def test_an_agency_without_approval_publishes_as_before(office):
    dataset_id = written(office, "foreign", "sysadmin")
    office.call("sysadmin", "package_patch", id=dataset_id, state="active")
    assert is_public(dataset_id)


def test_switched_off_everything_is_as_before(office):
    dataset_id = sent(office)
    require(office, "own", [], "false")
    try:
        office.call("editor", "package_patch", id=dataset_id, state="active")
        assert axes_of(office, dataset_id)[:2] == ("nhap", "da-cong-bo")
    finally:
        require(office, "own", ["agency"])


class TestPublished:
    """Changes of what is published: most at once, those of some fields after approval."""

    def test_a_new_period_is_published_at_once(self, office):
        dataset_id = approved(office)
        saved = office.call(
            "editor",
            "resource_create",
            package_id=dataset_id,
            url="https://tep.example/2.csv",
            name="Kỳ 2",
        )
        assert saved["id"]
        assert axes_of(office, dataset_id)[:2] == ("da-duyet", "da-cong-bo")

    def test_a_change_of_the_licence_waits(self, office):
        dataset_id = approved(office, license_id="vn-open-data-2023")
        saved = office.call(
            "editor", "package_patch", id=dataset_id, license_id="cc-by", title="Tên khác"
        )
        assert saved[WAITING_KEY] == ["license_id"]
        shown = call_action("package_show", id=dataset_id)
        assert (shown["license_id"], shown["title"]) == ("vn-open-data-2023", "Tên khác")
        assert is_public(dataset_id)
        assert axes_of(office, dataset_id)[:2] == ("nhap", "da-cong-bo")

    def test_it_is_published_by_its_approval(self, office):
        dataset_id = approved(office, license_id="vn-open-data-2023")
        office.call("editor", "package_patch", id=dataset_id, license_id="cc-by")
        office.call("editor", "nd47_approval_send", id=dataset_id)
        proposed = office.call("approver", "nd47_approval_show", id=dataset_id)["pending"]
        assert [one["field"] for one in proposed] == ["license_id"]
        assert decided(office, dataset_id)["done"]
        assert call_action("package_show", id=dataset_id)["license_id"] == "cc-by"
        assert axes_of(office, dataset_id)[:2] == ("da-duyet", "da-cong-bo")

    def test_what_is_published_meanwhile_is_kept(self, office):
        dataset_id = approved(office, license_id="vn-open-data-2023")
        office.call("editor", "package_patch", id=dataset_id, license_id="cc-by")
        office.call("editor", "nd47_approval_send", id=dataset_id)
        office.call("editor", "package_patch", id=dataset_id, title="Sửa trong lúc chờ")
        assert decided(office, dataset_id)["done"]
        shown = call_action("package_show", id=dataset_id)
        assert (shown["license_id"], shown["title"]) == ("cc-by", "Sửa trong lúc chờ")

    def test_a_refused_change_changes_nothing(self, office):
        dataset_id = approved(office, license_id="vn-open-data-2023")
        office.call("editor", "package_patch", id=dataset_id, license_id="cc-by")
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id, decision="refuse", reason="Không đổi")
        assert call_action("package_show", id=dataset_id)["license_id"] == "vn-open-data-2023"
        assert is_public(dataset_id)

    def test_a_wrong_value_is_refused_at_once(self, office):
        dataset_id = approved(office)
        with pytest.raises(tk.ValidationError) as error:
            office.call("editor", "package_patch", id=dataset_id, sharing_class="khong-co")
        assert "sharing_class" in error.value.error_dict
        assert axes_of(office, dataset_id)[0] == "da-duyet"

    @pytest.mark.parametrize("column", ["license_id", "owner_org"])
    def test_the_model_changes_such_a_field_no_more_than_the_api(self, office, column):
        dataset_id = approved(office)
        values = {"license_id": "cc-zero", "owner_org": office.agencies["foreign"]["id"]}
        setattr(model.Session.get_one(model.Package, dataset_id), column, values[column])
        with pytest.raises(tk.ValidationError):
            model.Session.commit()
        model.Session.rollback()

    def test_which_fields_wait_is_a_setting(self, office, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.nd47.approval_fields", "title")
        dataset_id = approved(office, license_id="vn-open-data-2023")
        saved = office.call(
            "editor", "package_patch", id=dataset_id, license_id="cc-by", title="Tên khác"
        )
        assert saved[WAITING_KEY] == ["title"]
        assert call_action("package_show", id=dataset_id)["license_id"] == "cc-by"

    def test_the_history_that_nobody_can_erase_names_no_contact(self, office, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.nd47.approval_fields", "title contact")
        dataset_id = approved(office)
        contact = [{"name": "Trịnh Thị Hạnh", "email": "hanh@so.example"}]
        office.call("editor", "package_patch", id=dataset_id, title="Tên khác", contact=contact)
        changes = office.call("editor", "nd47_approval_history", id=dataset_id)["results"][0]
        assert changes["changes"] == {"title": "Tên khác", "contact": "•••"}
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        assert call_action("package_show", id=dataset_id)["contact"] == contact
        told = repr(office.call("editor", "nd47_approval_history", id=dataset_id))
        assert "hanh@so.example" not in told

    def test_it_can_be_made_private_without_approval(self, office):
        dataset_id = approved(office)
        office.call("editor", "package_patch", id=dataset_id, private=True)
        assert axes_of(office, dataset_id)[1] == "tam-dung"

    def test_what_was_published_before_the_approval_stays_published(self, office):
        require(office, "own", [], "false")
        try:
            dataset_id = written(office, state="active")
        finally:
            require(office, "own", ["agency"])
        office.call("editor", "package_patch", id=dataset_id, title="Tên mới")
        assert is_public(dataset_id)


class TestReading:
    def test_an_approver_reads_what_waits(self, office):
        dataset_id = sent(office)
        assert office.call("approver", "package_show", id=dataset_id)["id"] == dataset_id

    def test_an_approver_reads_no_other_draft(self, office):
        with pytest.raises(tk.NotAuthorized):
            office.call("approver", "package_show", id=written(office))

    @pytest.mark.parametrize("account", ["neighbour", "stranger"])
    def test_nobody_else_does(self, office, account):
        dataset_id = sent(office)
        with pytest.raises(tk.NotAuthorized):
            office.call(account, "package_show", id=dataset_id)


def test_a_harvested_dataset_needs_approval_where_the_portal_wants_it(office, monkeypatch):
    monkeypatch.setattr(
        "ckanext.nd47.metadata.harvested.linked", lambda dataset_ids: set(dataset_ids)
    )
    dataset_id = written(office)
    office.call("sysadmin", "package_patch", id=dataset_id, state="active")
    assert is_public(dataset_id)
    monkeypatch.setitem(tk.config, "ckanext.nd47.approval_of_harvests", True)
    other = written(office)
    with pytest.raises(tk.ValidationError):
        office.call("sysadmin", "package_patch", id=other, state="active")


def test_a_draft_that_nobody_sent_has_no_row(office):
    dataset_id = written(office)
    count = model.Session.scalar(sa.text("SELECT count(*) FROM nd47_approval"))
    office.call("editor", "package_patch", id=dataset_id, title="Một")
    assert model.Session.scalar(sa.text("SELECT count(*) FROM nd47_approval")) == count
