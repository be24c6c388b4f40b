"""Sending and deciding: what each does, and what it refuses."""

from __future__ import annotations

import io
from threading import Barrier, Thread
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp

from tests.desk.approval.approval_office import (
    APPROVED,
    ASKED,
    DRAFT,
    NOT_YET,
    PNG,
    PUBLISHED,
    REFUSED,
    WAITING,
    approved,
    axes_of,
    decided,
    events,
    grant,
    is_public,
    office,
    sent,
    strict,
    written,
)

__all__ = ["office", "strict"]


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
