"""The page before a publication where the agency publishes with approval."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import CKANTestApp

from tests.desk.approval.approval_office import axes_of, decided, is_public, office, sent, written
from tests.desk.conftest import World

__all__ = ["office"]

LATER = "2999-01-01 08:00"


def buttons(app: CKANTestApp, office: World, dataset_id: str) -> set[str]:
    """Return the names of the buttons that an editor finds on the page."""
    path = f"/dataset/{dataset_id}/publish"
    page = BeautifulSoup(app.get(path, headers=office.headers("editor")).get_data(), "html.parser")
    return {str(button["name"]) for button in page.select("form.nd47-review-part button")}


def press(app: CKANTestApp, office: World, dataset_id: str, button: str) -> None:
    """Send the form of the page by one of its buttons."""
    path = f"/dataset/{dataset_id}/publish"
    app.post(path, headers=office.headers("editor"), data={button: "1"}, follow_redirects=False)


class TestButtons:
    def test_a_draft_is_sent_and_not_published(self, app, office):
        assert buttons(app, office, written(office)) == {"send"}

    def test_what_waits_is_not_sent_again(self, app, office):
        assert buttons(app, office, sent(office)) == set()

    def test_what_was_approved_can_be_published_or_get_a_moment(self, app, office):
        assert buttons(app, office, approved_without_moment(office)) == {
            "publish-approved",
            "schedule",
        }


class TestSending:
    def test_the_draft_waits_for_the_approver(self, app, office):
        dataset_id = written(office)
        press(app, office, dataset_id, "send")
        assert axes_of(office, dataset_id)[0] == axes_of(office, sent(office))[0]

    def test_the_button_of_another_page_publishes_nothing(self, app, office):
        dataset_id = written(office)
        press(app, office, dataset_id, "publish")
        assert not is_public(dataset_id)

    def test_the_action_publishes_nothing(self, office):
        dataset_id = written(office)
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_dataset_publish", id=dataset_id)
        assert not is_public(dataset_id)


class TestApproved:
    def test_it_is_published_by_the_page(self, app, office):
        dataset_id = approved_without_moment(office)
        press(app, office, dataset_id, "publish-approved")
        assert is_public(dataset_id)

    def test_what_was_not_approved_is_not(self, app, office):
        dataset_id = sent(office)
        press(app, office, dataset_id, "publish-approved")
        assert not is_public(dataset_id)


def approved_without_moment(office: World) -> str:
    """Return the id of a dataset that was approved for a moment which was then taken away."""
    dataset_id = written(office)
    office.call("editor", "nd47_publication_schedule", id=dataset_id, at=LATER)
    office.call("editor", "nd47_approval_send", id=dataset_id)
    assert decided(office, dataset_id)["done"]
    office.call("editor", "nd47_publication_schedule", id=dataset_id, at="")
    return dataset_id
