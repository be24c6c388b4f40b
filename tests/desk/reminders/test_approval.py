"""Reminders of what waits for approval, and of what came back."""

from __future__ import annotations

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.reminders import recipients
from tests.desk.approval.approval_office import decided, office, require, sent
from tests.desk.conftest import World
from tests.desk.reminders.mail_server import WEDNESDAY

__all__ = ["office"]


def told(office: World, kind: str) -> set[str]:
    """Return the names of the accounts that are told of a kind, as what they are to do."""
    model.Session.rollback()
    return {
        letter.account.name
        for letter in recipients.letters(WEDNESDAY)
        if any(thing.kind == kind for thing in letter.own)
    }


def test_those_who_decide_are_told_what_waits(office):
    sent(office)
    waiting = told(office, "waiting-approval")
    assert waiting == {office.accounts["approver"], office.accounts["second"]}


def test_those_of_the_step_are_told(office):
    require(office, "own", ["above"])
    sent(office)
    assert told(office, "waiting-approval") == {office.accounts["above"]}
    require(office, "own", ["compiling"])
    sent(office)
    assert office.accounts["compiling"] in told(office, "waiting-approval")
    require(office, "own", ["agency"])


def test_the_officers_are_told_what_came_back(office):
    decided(office, sent(office), decision="ask-changes", reason="Thiếu kỳ dữ liệu.")
    returned = told(office, "returned")
    assert office.accounts["editor"] in returned
    assert office.accounts["approver"] not in returned


def test_an_approver_who_left_is_not_told(office):
    sent(office)
    call_action("user_delete", id=office.accounts["second"])
    assert told(office, "waiting-approval") == {office.accounts["approver"]}
    user = model.User.get(office.accounts["second"])
    assert user is not None
    user.activate()
    model.Session.commit()
