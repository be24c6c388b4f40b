"""Sending, deciding, scheduling, suspending: what each does, and what it refuses."""

from __future__ import annotations

import base64
import datetime as dt
import io
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.desk.approval import history, publication, service
from ckanext.nd47.lib import values
from tests.desk.approval_office import (
    approved,
    axes_of,
    decided,
    grant,
    is_public,
    office,
    require,
    sent,
    written,
)
from tests.desk.conftest import World

__all__ = ["office"]

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


def later(minutes: int = 60) -> str:
    """Return a moment in Viet Nam from now."""
    moment = dt.datetime.now(values.VIETNAM) + dt.timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%d %H:%M")


def events(office: World, dataset_id: str) -> list[dict[str, Any]]:
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


class TestSend:
    def test_a_draft_waits_and_is_not_public(self, office):
        dataset_id = sent(office)
        assert axes_of(office, dataset_id)[:2] == (WAITING, NOT_YET)
        assert not is_public(dataset_id)

    def test_the_note_and_the_sender_are_shown_to_the_approver(self, office):
        shown = office.call("approver", "nd47_approval_show", id=sent(office))
        assert shown["note"] == "Đã kiểm tra số liệu."
        assert shown["sender"] == office.accounts["editor"]
        assert shown["may"]["decide"]

    def test_it_is_sent_to_an_approver_who_sees_it_first(self, office):
        other, mine = sent(office), written(office)
        approver = office.accounts["second"]
        office.call("editor", "nd47_approval_send", id=mine, approver=approver)
        listed = office.call("second", "nd47_approval_list")
        assert [(one["id"], one["mine"]) for one in listed["results"]] == [
            (mine, True),
            (other, False),
        ]

    @pytest.mark.parametrize("account", ["editor", "neighbour", "above", "nobody"])
    def test_nobody_is_chosen_who_does_not_approve_there(self, office, account):
        name = office.accounts.get(account, account)
        with pytest.raises(tk.ValidationError) as error:
            office.call("editor", "nd47_approval_send", id=written(office), approver=name)
        assert "approver" in error.value.error_dict

    def test_without_approval_there_is_nothing_to_send(self, office):
        dataset_id = written(office, "foreign", "sysadmin")
        with pytest.raises(tk.ValidationError):
            office.call("sysadmin", "nd47_approval_send", id=dataset_id)

    def test_what_is_published_has_nothing_to_send(self, office):
        dataset_id = approved(office)
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_approval_send", id=dataset_id)

    def test_what_the_rules_refuse_is_not_sent(self, office, strict):
        dataset_id = written(office)
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_approval_send", id=dataset_id)
        assert axes_of(office, dataset_id)[0] == DRAFT

    def test_a_text_that_is_too_long_is_refused(self, office):
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_approval_send", id=written(office), note="x" * 3000)

    def test_a_dataset_that_does_not_exist_is_not_found(self, office):
        with pytest.raises(tk.ObjectNotFound):
            office.call("editor", "nd47_approval_send", id="khong-co")


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are in force, and one of them refuses what has no description."""
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules_from", "")
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules", "described: error")


class TestDecide:
    def test_an_approval_publishes(self, office):
        dataset_id = sent(office)
        result = decided(office, dataset_id)
        assert (result["done"], result["approval"], result["publication"]) == (
            True,
            APPROVED,
            PUBLISHED,
        )
        assert is_public(dataset_id)

    @pytest.mark.parametrize(("decision", "code"), [("ask-changes", ASKED), ("refuse", REFUSED)])
    def test_another_decision_publishes_nothing(self, office, decision, code):
        dataset_id = sent(office)
        assert decided(office, dataset_id, decision=decision, reason="Thiếu kỳ dữ liệu")["done"]
        assert axes_of(office, dataset_id)[:2] == (code, NOT_YET)
        assert not is_public(dataset_id)
        shown = office.call("editor", "nd47_approval_show", id=dataset_id)
        assert shown["reason"] == "Thiếu kỳ dữ liệu"

    @pytest.mark.parametrize("decision", ["ask-changes", "refuse"])
    @pytest.mark.parametrize("reason", ["", "   "])
    def test_its_reason_is_obligatory(self, office, decision, reason):
        dataset_id = sent(office)
        with pytest.raises(tk.ValidationError) as error:
            decided(office, dataset_id, decision=decision, reason=reason)
        assert "reason" in error.value.error_dict
        assert axes_of(office, dataset_id)[0] == WAITING

    def test_what_came_back_can_be_sent_again(self, office):
        dataset_id = sent(office)
        decided(office, dataset_id, decision="ask-changes", reason="Sửa tên")
        office.call("editor", "package_patch", id=dataset_id, title="Tên mới")
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["done"]

    def test_many_are_decided_at_once_each_for_itself(self, office):
        good, bad = sent(office), sent(office)
        decided(office, bad, decision="refuse", reason="Trùng")
        results = office.call(
            "approver", "nd47_approval_decide", ids=[good, bad], decision="approve"
        )["results"]
        assert [one["done"] for one in results] == [True, False]
        assert is_public(good)
        assert not is_public(bad)

    def test_number_date_and_file_are_in_the_history(self, office):
        dataset_id = sent(office)
        upload = FileStorage(io.BytesIO(PNG), "Quyết định 15.png")
        decided(
            office,
            dataset_id,
            decision_number="15/QĐ-SGDĐT",
            decision_date="05/04/2026",
            decision_upload=upload,
        )
        event = next(one for one in events(office, dataset_id) if one["event"] == "approve")
        assert event["decision_number"] == "15/QĐ-SGDĐT"
        assert event["decision_date"] == "2026-04-05"
        assert event["file_name"] == "Quyết định 15.png"

    @pytest.mark.parametrize(
        "given",
        [
            {"decision": "maybe"},
            {"decision_date": "hôm qua"},
            {"decision_number": "1" * 101},
            {"decision_upload": FileStorage(io.BytesIO(b"#!/bin/sh"), "a.pdf")},
            {"versions": "1"},
            {"versions": {"x": "y"}},
            {"ids": []},
            {"ids": [f"x{number}" for number in range(51)]},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, office, given):
        data = {"ids": [sent(office)], "decision": "approve", **given}
        with pytest.raises(tk.ValidationError):
            office.call("approver", "nd47_approval_decide", **data)

    def test_what_the_rules_refuse_by_then_still_waits(self, office, request):
        dataset_id = sent(office)
        request.getfixturevalue("strict")
        result = decided(office, dataset_id)
        assert not result["done"]
        assert result["message"]
        assert axes_of(office, dataset_id)[:2] == (WAITING, NOT_YET)
        assert [one["event"] for one in events(office, dataset_id)] == ["send"]

    @pytest.mark.parametrize("account", ["editor", "steward", "leader", "member", "neighbour"])
    def test_nobody_else_decides(self, office, account):
        dataset_id = sent(office)
        with pytest.raises(tk.NotAuthorized):
            decided(office, dataset_id, account)
        assert axes_of(office, dataset_id)[0] == WAITING

    def test_who_sent_it_does_not_approve_it(self, office):
        grant(office, "own", office.accounts["editor"], "approver")
        try:
            dataset_id = sent(office)
            result = decided(office, dataset_id, "editor")
        finally:
            grant(office, "own", office.accounts["editor"], "approver", "revoke")
        assert not result["done"]
        assert axes_of(office, dataset_id)[0] == WAITING

    def test_unless_the_portal_allows_it(self, office, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.nd47.approval_by_author", True)
        dataset_id = written(office, account="sysadmin")
        office.call("sysadmin", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id, "sysadmin")["done"]

    def test_what_changed_since_the_page_was_opened_is_looked_at_again(self, office):
        dataset_id = sent(office)
        seen = office.call("approver", "nd47_approval_show", id=dataset_id)["version"]
        office.call("editor", "package_patch", id=dataset_id, title="Đã đổi")
        result = decided(office, dataset_id, versions={dataset_id: seen})
        assert not result["done"]
        assert not is_public(dataset_id)

    def test_what_was_decided_is_told_to_the_second_approver(self, office):
        dataset_id = sent(office)
        decided(office, dataset_id)
        result = decided(office, dataset_id, "second", "refuse", reason="Không")
        assert not result["done"]
        first = model.User.get(office.accounts["approver"])
        assert first is not None
        assert first.display_name in result["message"]
        assert axes_of(office, dataset_id)[:2] == (APPROVED, PUBLISHED)

    def test_two_approvers_at_once_decide_once(self, office, app):
        dataset_id = sent(office)
        barrier, results = Barrier(2), list[dict[str, Any]]()

        def decide(account: str, decision: str) -> None:
            barrier.wait()
            try:
                results.append(decided(office, dataset_id, account, decision, reason="Lý do"))
            finally:
                model.Session.remove()

        threads = [
            Thread(target=in_app(app, decide), args=given)
            for given in (("approver", "approve"), ("second", "refuse"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(one["done"] for one in results) == [False, True]
        kinds = [one["event"] for one in events(office, dataset_id)]
        assert len({"approve", "refuse"} & set(kinds)) == 1


def in_app(app: CKANTestApp, function: Any) -> Any:
    """Return a function that runs as in a request of its own."""

    def run(*given: Any) -> None:
        with app.flask_app.test_request_context():
            function(*given)

    return run


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


class TestSchedule:
    def test_an_approved_dataset_waits_for_its_moment(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["publication"] == SCHEDULED
        assert not is_public(dataset_id)
        assert publication.publish_due() == (0, 0)

    def test_at_its_moment_it_is_published_once(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        make_due(dataset_id)
        assert publication.publish_due() == (1, 0)
        assert publication.publish_due() == (0, 0)
        assert is_public(dataset_id)
        assert axes_of(office, dataset_id)[:2] == (APPROVED, PUBLISHED)

    def test_a_moment_that_was_chosen_is_no_approval(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        make_due(dataset_id)
        assert publication.publish_due() == (0, 0)
        assert not is_public(dataset_id)

    def test_without_approval_a_moment_is_enough(self, office):
        dataset_id = written(office, "foreign", "sysadmin")
        office.call("sysadmin", "nd47_publication_schedule", id=dataset_id, at=later())
        make_due(dataset_id)
        assert publication.publish_due() == (1, 0)
        assert is_public(dataset_id)

    def test_what_needs_approval_since_is_not_published(self, office):
        dataset_id = written(office, "foreign", "sysadmin")
        office.call("sysadmin", "nd47_publication_schedule", id=dataset_id, at=later())
        require(office, "foreign", ["agency"])
        try:
            make_due(dataset_id)
            assert publication.publish_due() == (0, 1)
        finally:
            require(office, "foreign", [], "")
        assert not is_public(dataset_id)
        shown = office.call("sysadmin", "nd47_approval_show", id=dataset_id)
        assert shown["problem"]
        assert shown["publication"] == NOT_YET

    def test_what_the_rules_refuse_at_its_moment_comes_back(self, office, request):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        make_due(dataset_id)
        request.getfixturevalue("strict")
        assert publication.publish_due() == (0, 1)
        assert axes_of(office, dataset_id)[:2] == (APPROVED, NOT_YET)
        assert office.work("editor", kind="returned")["count"] == 1

    def test_a_change_after_the_approval_takes_it_back(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        office.call("editor", "package_patch", id=dataset_id, title="Khác hẳn")
        assert axes_of(office, dataset_id)[:2] == (DRAFT, NOT_YET)
        make_due(dataset_id)
        assert publication.publish_due() == (0, 0)

    def test_it_can_be_published_before_its_moment(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        office.call("editor", "nd47_publication_publish", id=dataset_id)
        assert is_public(dataset_id)

    def test_but_not_before_its_approval(self, office):
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_publication_publish", id=written(office))

    def test_the_moment_can_be_taken_away(self, office):
        dataset_id = written(office)
        for at in (later(), ""):
            office.call("editor", "nd47_publication_schedule", id=dataset_id, at=at)
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["publication"] == PUBLISHED

    @pytest.mark.parametrize("at", ["hôm nay", "2020-01-01 08:00", "2026-13-01 08:00", "9" * 50])
    def test_a_moment_that_is_past_or_none_is_refused(self, office, at):
        with pytest.raises(tk.ValidationError) as error:
            office.call("editor", "nd47_publication_schedule", id=written(office), at=at)
        assert "at" in error.value.error_dict

    def test_a_moment_without_a_zone_is_in_viet_nam(self, office):
        dataset_id = written(office)
        shown = office.call(
            "editor", "nd47_publication_schedule", id=dataset_id, at="31/12/2090 08:30"
        )
        moment = dt.datetime.fromisoformat(shown["scheduled_at"])
        assert moment == dt.datetime(2090, 12, 31, 1, 30, tzinfo=dt.timezone.utc)

    def test_what_is_published_is_not_scheduled(self, office):
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_publication_schedule", id=approved(office), at=later())


class TestStop:
    def test_a_suspended_dataset_is_private_until_it_is_resumed(self, office):
        dataset_id = approved(office)
        office.call("editor", "nd47_publication_suspend", id=dataset_id, reason="Đang sửa lỗi")
        assert axes_of(office, dataset_id)[1] == SUSPENDED
        assert not is_public(dataset_id)
        office.call("approver", "nd47_publication_resume", id=dataset_id)
        assert axes_of(office, dataset_id)[1] == PUBLISHED
        assert is_public(dataset_id)

    def test_an_officer_does_not_resume_what_needs_approval(self, office):
        dataset_id = approved(office)
        office.call("editor", "nd47_publication_suspend", id=dataset_id, reason="Đang sửa lỗi")
        with pytest.raises(tk.NotAuthorized):
            office.call("editor", "nd47_publication_resume", id=dataset_id)
        assert not is_public(dataset_id)

    def test_a_withdrawn_dataset_is_out_of_use_until_it_is_approved_again(self, office):
        dataset_id = approved(office)
        office.call("editor", "nd47_publication_withdraw", id=dataset_id, reason="Hết hiệu lực")
        assert axes_of(office, dataset_id)[1:] == (WITHDRAWN, "ngung-su-dung")
        assert not is_public(dataset_id)
        with pytest.raises(tk.ValidationError):
            office.call("approver", "nd47_publication_resume", id=dataset_id)
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["publication"] == PUBLISHED
        assert axes_of(office, dataset_id)[2] == "dang-su-dung"

    @pytest.mark.parametrize("verb", ["suspend", "withdraw"])
    def test_its_reason_is_obligatory(self, office, verb):
        dataset_id = approved(office)
        with pytest.raises(tk.ValidationError):
            office.call("editor", f"nd47_publication_{verb}", id=dataset_id, reason=" ")
        assert is_public(dataset_id)

    @pytest.mark.parametrize("verb", ["suspend", "withdraw"])
    def test_what_is_not_published_is_not_stopped(self, office, verb):
        with pytest.raises(tk.ValidationError):
            office.call("editor", f"nd47_publication_{verb}", id=written(office), reason="Vì thế")


class TestHistory:
    def test_every_event_is_there_in_its_order(self, office):
        dataset_id = sent(office)
        decided(office, dataset_id, decision="ask-changes", reason="Sửa")
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        kinds = [one["event"] for one in reversed(events(office, dataset_id))]
        assert kinds == ["send", "ask-changes", "send", "approve", "publish"]

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE nd47_approval_event SET note = 'x'",
            "DELETE FROM nd47_approval_event",
            "TRUNCATE nd47_approval_event",
        ],
    )
    def test_nobody_changes_it(self, office, statement):
        dataset_id = sent(office)
        with pytest.raises(IntegrityError):
            model.Session.execute(sa.text(statement))
        model.Session.rollback()
        assert events(office, dataset_id)

    def test_it_outlives_the_dataset(self, office):
        dataset_id = sent(office)
        call_action("dataset_purge", id=dataset_id)
        assert history.of_dataset(dataset_id, 10, 0)["count"] == 1

    def test_its_file_has_no_formula(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_approval_send", id=dataset_id, note="=HYPERLINK(1)")
        content = history.as_csv(history.of_dataset(dataset_id, 10, 0)["results"]).decode("utf-8")
        assert "'=HYPERLINK" in content or ",=HYPERLINK" not in content
